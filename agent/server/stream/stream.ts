import type { Block } from '../../frame/block.ts';
import { endEvent } from '../../frame/events.ts';
import type { Ids } from '../../frame/filter.ts';
import { slicesOf } from '../../frame/slices.ts';
import type { Cursor, LentBlock } from '../../journal/journal.ts';
import type { Log } from '../../journal/store.ts';
import { isFinished } from '../../words/log.ts';
import type { Gap, PartialRows } from '../../words/wire.ts';
import type { Outlet } from '../socket/outlet.ts';
import { eventChunk, type SharedChunk } from '../socket/shared-chunk.ts';
import type { BlockBudget } from './block-budget.ts';
import type { Feeds, Subscriber } from './feed.ts';
import type { Filtered } from './filtered.ts';
import type { Format } from './format.ts';
import type { PartialNews } from './partials.ts';
import type { Range } from './range.ts';
import type { Skim } from './skim.ts';
import { statusOf } from './status.ts';
import { Subscription } from './subscription.ts';

/** A response with lines: a position in the journal that moves toward its end. */
export interface Stream {
  /** Whether the client has everything there is and waits for more. */
  isCaughtUp(): boolean;
  /** Id of the next line that it will send, or look at. */
  readonly nextId: number;
  /**
   * Sends what is asked for; resolves when that has been done or the client is gone, rejects when the journal can't
   * be read.
   */
  run(): Promise<void>;
  /** Sends an event between two blocks of lines, unless the client is behind. */
  send(chunk: SharedChunk): void;
  /** Ends it when it has caught up; until then it sends what it has to send. */
  stop(): void;
}

export interface StreamOptions {
  log: Log;
  feeds: Feeds;
  range: Range;
  format: Format;
  outlet: Outlet;
  skim?: Skim;
  /** Where lines are left out. */
  filtered?: Filtered;
  /** Begin with the last so many of the lines that the filtered lets through. */
  tail?: number;
  /** Goes on after the end of the log until the client leaves or `stop` is called. */
  stays?: boolean;
  blocks: BlockBudget;
  /** Called whenever it has caught up. */
  onCaughtUp?(): void;
}

/** A client that takes longer is stalled, or so slow that reading a block anew doesn't matter. */
const longestKeepMs = 250;
/** A client that takes a block sooner is lent the next one as a whole. */
const quickMs = 20;

export function createStream(options: StreamOptions): Stream {
  return new LogStream(options);
}

/** A class, as there are thousands of them: closures of its own cost each client 2 KB more. */
class LogStream implements Stream, Subscriber {
  readonly #options: StreamOptions;
  readonly #outlet: Outlet;
  readonly #format: Format;
  // What each batch is looked at for stands here and not in the options, whose fields V8 looks up by name in each of a
  // thousand: that took a tenth of what sending does.
  readonly #filtered: Filtered | undefined;
  readonly #skim: Skim | undefined;
  readonly #endId: number;
  readonly #getsJournal: boolean;
  readonly #subscription: Subscription;
  #nextId: number;
  #linesLeft: number;
  #linesSent = 0;
  #sentStatus: string;
  #seenPartials = 0;
  /** Lines that can't be given: told once it is known where they end, as a range may be found out bit by bit. */
  #unsentGap: Gap | undefined;
  #isStopping = false;
  /** The client took the last block in no time. */
  #isQuick = false;
  #progressTimer: NodeJS.Timeout | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#outlet = options.outlet;
    this.#format = options.format;
    this.#filtered = options.filtered;
    this.#skim = options.skim;
    this.#endId = options.range.endId;
    this.#getsJournal = options.format.isJournal;
    this.#subscription = new Subscription(this, options.feeds, options.log);
    this.#nextId = options.range.nextId;
    this.#linesLeft = options.range.lineLimit;
    this.#sentStatus = this.#statusNow();
  }

  isCaughtUp(): boolean {
    return this.#subscription.hasJoined;
  }

  get nextId(): number {
    return this.#nextId;
  }

  async run(): Promise<void> {
    const { log, tail, stays = false } = this.#options;
    const filtered = this.#filtered;
    try {
      if (filtered !== undefined && tail !== undefined) {
        this.#nextId = Math.max(this.#nextId, await this.#startOfLast(tail, filtered));
      }
      while (this.#outlet.isOpen) {
        if (this.#outlet.isBehind) await this.#outlet.ready();
        else if (this.#nextId <= this.#lastReady()) await this.#catchUp();
        else if (this.#nextId > this.#lastWanted() || (isFinished(log.status) && !stays) || this.#isStopping) {
          return this.#finish();
        }
        // Between finding that there is nothing more to read and joining the feed nothing can be appended: no await.
        else await this.#follow();
      }
    } finally {
      clearTimeout(this.#progressTimer);
      this.#subscription.end();
    }
  }

  send(chunk: SharedChunk): void {
    if (!this.#format.hasEvents || !this.#outlet.isOpen || this.#outlet.isBehind) return;
    this.#sendProgress();
    this.#outlet.share(chunk);
    this.#leaveFeedUnlessReady();
  }

  stop(): void {
    this.#isStopping = true;
    this.#leaveFeed();
  }

  block(block: Block, chunk: SharedChunk): void {
    if (block.lastId < this.#nextId) return;
    const filtered = this.#filtered;
    const skim = this.#skim;
    const part = filtered?.take(block, this.#linesLeft);
    const lines = part?.lines ?? block.lastId - block.firstId + 1;
    const isWanted = block.firstId === this.#nextId && block.lastId <= this.#lastWanted();
    if (!isWanted || (skim !== undefined && skim.allowance() < lines)) {
      this.#leaveFeed();
      return;
    }
    const bytes = part?.bytes ?? block.bytes;
    if (this.#getsJournal && bytes === block.bytes) this.#outlet.share(chunk);
    else this.#outlet.write(this.#format.block({ ...block, bytes }));
    this.#taken(part?.lastId ?? block.lastId, lines);
    if (filtered !== undefined) this.#sendProgressSoon(filtered);
    if (this.#nextId > this.#lastWanted()) this.#leaveFeed();
    else this.#leaveFeedUnlessReady();
  }

  status(chunk: SharedChunk): void {
    this.#sentStatus = this.#statusNow();
    this.send(chunk);
  }

  partial({ partial, chunk }: PartialNews): void {
    if (this.#isShown(partial)) this.send(chunk);
  }

  finished(): void {
    this.#leaveFeed();
  }

  burst(): void {
    this.#leaveFeed();
  }

  #lastWanted(): number {
    if (this.#filtered !== undefined) return this.#linesLeft > 0 ? this.#endId : this.#nextId - 1;
    return Math.min(this.#endId, this.#nextId + this.#linesLeft - 1);
  }

  #lastReady(): number {
    return Math.min(this.#options.log.journal.lastId, this.#lastWanted());
  }

  #statusNow(): string {
    return JSON.stringify(statusOf(this.#options.log));
  }

  /** Reads the journal from `nextId` at the client's own pace. */
  async #catchUp(): Promise<void> {
    const { journal } = this.#options.log;
    const skim = this.#skim;
    if (this.#nextId < journal.firstId) {
      this.#noteGap({ from: this.#nextId, to: Math.min(journal.firstId - 1, this.#endId), reason: 'retention' });
      return;
    }
    if (skim !== undefined) await this.#skimAhead(skim);
    const untilId = skim === undefined ? this.#lastWanted() : Math.min(this.#lastReady(), this.#lastAllowed(skim));
    if (!this.#outlet.isOpen || untilId < this.#nextId) return;

    const startId = this.#nextId;
    const cursor = journal.read(startId, Number.isFinite(untilId) ? untilId : undefined);
    try {
      while (this.#outlet.isOpen && this.#nextId <= Math.min(untilId, this.#lastReady())) {
        if (this.#outlet.isBehind) await this.#untilReady(cursor);
        else if (!(await this.#sendNext(cursor))) break;
      }
      // The journal holds these lines and doesn't give them: it was closed.
      if (this.#nextId === startId) this.#outlet.cut();
    } finally {
      cursor.close();
    }
  }

  #lastAllowed(skim: Skim): number {
    const allowance = skim.allowance();
    const isAnyRange = this.#filtered !== undefined && allowance > 0;
    return isAnyRange ? Number.POSITIVE_INFINITY : this.#nextId + allowance - 1;
  }

  /** Passes over what is more than the client can read, once it is clear that it is. */
  async #skimAhead(skim: Skim): Promise<void> {
    const filtered = this.#filtered;
    const isExcess = () => this.#available().to - this.#nextId + 1 > skim.allowance();
    if (!isExcess()) return;
    await this.#outlet.pause(skim.waitMs());
    const allowance = skim.allowance();
    if (!isExcess() || allowance < 1) return;
    const start = filtered ? await this.#startOfLast(allowance, filtered) : this.#available().to - allowance + 1;
    if (start <= this.#nextId) return;
    this.#sendGap();
    this.#outlet.write(this.#format.skip({ from: this.#nextId, to: start - 1 }));
    this.#nextId = start;
  }

  #startOfLast(lines: number, filtered: Filtered): Promise<number> {
    return filtered.startOfLast(lines, this.#available(), () => this.#outlet.isOpen);
  }

  /** What could be given now. */
  #available(): Ids {
    const { journal } = this.#options.log;
    return { from: Math.max(this.#nextId, journal.firstId), to: Math.min(journal.lastId, this.#endId) };
  }

  /** In a function of its own: one that waits for a stalled client would hold on to the block that it gave last. */
  async #sendNext(cursor: Cursor): Promise<boolean> {
    const reading = await cursor.next();
    if (reading === undefined) return false;
    if (reading.type === 'gap') this.#noteGap(reading);
    else await this.#sendBlock(reading, cursor);
    return true;
  }

  async #sendBlock(block: LentBlock, cursor: Cursor): Promise<void> {
    this.#sendGap();
    const startedAt = performance.now();
    if (!this.#isQuick || !(await this.#sendWhole(block, cursor))) await this.#sendSlices(block, cursor);
    this.#isQuick =
      performance.now() - startedAt < quickMs && this.#nextId > Math.min(block.lastId, this.#lastWanted());
    block.release();
  }

  /**
   * Without a copy, and in one write: for clients that have been quick so far, unless many of those were not as quick
   * any more.
   */
  async #sendWhole(block: LentBlock, cursor: Cursor): Promise<boolean> {
    if (this.#filtered !== undefined || block.lastId > this.#lastWanted()) return false;
    const done = this.#options.blocks.hold('lends');
    if (done === undefined) return false;
    this.#outlet.lend(this.#format.block(block));
    this.#taken(block.lastId, block.lastId - block.firstId + 1);
    await this.#untilReady(cursor);
    done();
    return true;
  }

  /**
   * Piece by piece, as far as the client takes it. The rest is read again later: there may be a thousand clients that
   * take nothing.
   */
  async #sendSlices(block: LentBlock, cursor: Cursor): Promise<void> {
    for (const slice of slicesOf(block)) {
      this.#sendSlice(slice);
      const isWhole = this.#nextId > Math.min(block.lastId, this.#lastWanted());
      if (isWhole || !this.#outlet.isOpen || (this.#outlet.isBehind && !(await this.#isSoonReady()))) break;
    }
    cursor.seek(this.#nextId);
  }

  #sendSlice(slice: Block): void {
    const part = this.#filtered?.take(slice, this.#linesLeft);
    this.#outlet.write(this.#format.block(part === undefined ? slice : { ...slice, bytes: part.bytes }));
    this.#taken(part?.lastId ?? slice.lastId, part?.lines ?? slice.lastId - slice.firstId + 1);
    this.#sendProgress();
  }

  /** Waits until the client has taken everything. */
  async #untilReady(cursor: Cursor): Promise<void> {
    if (!this.#outlet.isBehind || (await this.#outlet.ready(longestKeepMs))) return;
    cursor.rest();
    await this.#outlet.ready();
  }

  /** Waits with a block in hand. */
  async #isSoonReady(): Promise<boolean> {
    const done = this.#options.blocks.hold('waits');
    if (done === undefined) return false;
    const isReady = await this.#outlet.ready(longestKeepMs);
    done();
    return isReady;
  }

  #noteGap({ from, to, reason }: Gap): void {
    if (this.#unsentGap?.reason !== reason) this.#sendGap();
    this.#unsentGap = { from: this.#unsentGap?.from ?? from, to, reason };
    this.#nextId = to + 1;
  }

  #sendGap(): void {
    if (this.#unsentGap !== undefined) this.#outlet.write(this.#format.gap(this.#unsentGap));
    this.#unsentGap = undefined;
  }

  #taken(lastId: number, lines: number): void {
    this.#nextId = lastId + 1;
    this.#linesLeft -= lines;
    this.#linesSent += lines;
    this.#skim?.spend(lines);
  }

  /** Not for each batch of lines that it is not given. */
  #sendProgressSoon(filtered: Filtered): void {
    this.#progressTimer ??= setTimeout(() => {
      this.#progressTimer = undefined;
      if (this.#outlet.isOpen && !this.#outlet.isBehind) this.#sendProgress();
    }, filtered.progressWaitMs());
  }

  /** Where it is given no line, a client is told how far it has come. */
  #sendProgress(): void {
    const filtered = this.#filtered;
    if (filtered === undefined || !this.#format.hasEvents) return;
    const progress = filtered.progress(this.#nextId - 1);
    if (progress === undefined) return;
    this.#sendGap();
    this.#outlet.write(progress);
  }

  /** Gets what is announced from now on; resolves when it has to read for itself again, or is done. */
  #follow(): Promise<void> {
    this.#sendGap();
    this.#sendProgress();
    this.#sendNews();
    if (this.#outlet.isBehind || !this.#outlet.isOpen) return Promise.resolve();
    const left = this.#subscription.join();
    this.#options.onCaughtUp?.();
    return left;
  }

  #leaveFeed(): void {
    if (this.#subscription.leave()) this.#seenPartials = this.#subscription.feed.partials.version;
  }

  #leaveFeedUnlessReady(): void {
    if (this.#outlet.isBehind || !this.#outlet.isOpen) this.#leaveFeed();
  }

  /** What happened beside the lines while it read them. */
  #sendNews(): void {
    const { partials } = this.#subscription.feed;
    if (!this.#format.hasEvents) return;
    const status = this.#statusNow();
    if (this.#sentStatus !== status) {
      this.#sentStatus = status;
      this.#outlet.share(eventChunk('status', statusOf(this.#options.log)));
    }
    for (const { partial, chunk } of partials.since(this.#seenPartials)) {
      if (this.#isShown(partial)) this.#outlet.share(chunk);
    }
    this.#seenPartials = partials.version;
  }

  #isShown(partial: PartialRows): boolean {
    return this.#filtered?.isShown(partial) ?? true;
  }

  #finish(): void {
    const { log } = this.#options;
    this.#sendGap();
    this.#sendProgress();
    const isWholeLog = this.#nextId > log.journal.lastId && isFinished(log.status);
    if (this.#format.hasEvents && isWholeLog) this.#outlet.share(eventChunk('status', statusOf(log)));
    if (this.#format.hasEvents && (isWholeLog || this.#nextId > this.#lastWanted())) {
      this.#outlet.write(endEvent(Math.min(this.#nextId - 1, log.journal.lastId), this.#linesSent));
    }
    this.#outlet.write(this.#format.end());
    this.#outlet.end();
  }
}
