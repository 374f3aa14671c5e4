import type { Block } from '../../frame/block.ts';
import type { Ids } from '../../frame/filter.ts';
import { slicesOf } from '../../frame/slices.ts';
import type { Cursor, LentBlock } from '../../journal/journal.ts';
import type { Log } from '../../journal/store.ts';
import { isFinished } from '../../words/log.ts';
import type { Gap, Partial } from '../../words/wire.ts';
import { statusOf } from '../resources/events.ts';
import type { Outlet } from '../socket/outlet.ts';
import { eventParcel, type Parcel } from '../socket/parcel.ts';
import type { Feed, Feeds, Follower } from './feed.ts';
import type { Form } from './format.ts';
import type { PartialNews } from './partials.ts';
import type { Range } from './range.ts';
import type { Sieve } from './sieve.ts';
import type { Skim } from './skim.ts';

/** A response that gives lines: a position in the journal that moves towards its end. */
export interface Stream {
  /** Whether the client has everything there is and waits for more. */
  isCaughtUp(): boolean;
  /** Gives what is asked for; resolves when that has been done or the client is gone, rejects when the journal can't be read. */
  run(): Promise<void>;
  /** Gives an event between two blocks of lines, unless the client is behind. */
  tell(parcel: Parcel): void;
  /** Ends it when it has caught up; it goes on with what it has to give until then. */
  stop(): void;
}

export interface StreamOptions {
  log: Log;
  feeds: Feeds;
  range: Range;
  form: Form;
  outlet: Outlet;
  skim?: Skim;
  /** Where lines are left out. */
  sieve?: Sieve;
  /** Begin with the last so many of the lines that the sieve lets through. */
  tail?: number;
  /** Goes on after the end of the log until the client leaves or `stop` is called. */
  stays?: boolean;
  /** Asked before it waits with a block in hand or lends one. Returns the way to say that it does no more; undefined: it may not. */
  keepBlock(why: 'waits' | 'lends'): (() => void) | undefined;
  /** Called whenever it has caught up. */
  onCaughtUp?(): void;
}

/** A client that takes longer is stalled, or so slow that reading a block anew doesn't matter. */
const longestKeepMs = 250;

export function createStream(options: StreamOptions): Stream {
  return new LogStream(options);
}

/** A class, as there are thousands of them: closures of its own cost each client 2 KB more. */
class LogStream implements Stream, Follower {
  readonly #options: StreamOptions;
  readonly #outlet: Outlet;
  readonly #form: Form;
  #nextId: number;
  #linesLeft: number;
  #toldStatus: string;
  #seenPartials = 0;
  /** Lines that can't be given: told once it is known where they end, as a range may be found out bit by bit. */
  #untoldGap: Gap | undefined;
  /** Taken when it has caught up for the first time: most responses give a part of the log and never do. */
  #feed: Feed | undefined;
  #isStopping = false;
  /** The client took the last block at once. */
  #isQuick = false;
  #progressTimer: NodeJS.Timeout | undefined;
  /** Set while it follows: what then waits for the end of that. */
  #wake: (() => void) | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#outlet = options.outlet;
    this.#form = options.form;
    this.#nextId = options.range.nextId;
    this.#linesLeft = options.range.lineLimit;
    this.#toldStatus = this.#statusNow();
  }

  isCaughtUp(): boolean {
    return this.#wake !== undefined;
  }

  async run(): Promise<void> {
    const { log, feeds, sieve, tail, stays = false } = this.#options;
    try {
      if (sieve !== undefined && tail !== undefined) this.#nextId = await this.#startOfLast(tail, sieve);
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
      this.#leaveFeed();
      if (this.#feed !== undefined) feeds.release(this.#feed);
    }
  }

  tell(parcel: Parcel): void {
    if (!this.#form.hasEvents || !this.#outlet.isOpen || this.#outlet.isBehind) return;
    this.#tellProgress();
    this.#outlet.share(parcel);
    this.#leaveFeedUnlessReady();
  }

  stop(): void {
    this.#isStopping = true;
    this.#leaveFeed();
  }

  block(block: Block, parcel: Parcel): void {
    if (block.lastId < this.#nextId) return;
    const { skim, sieve } = this.#options;
    const part = sieve?.take(block, this.#linesLeft);
    const lines = part?.lines ?? block.lastId - block.firstId + 1;
    const isWanted = block.firstId === this.#nextId && block.lastId <= this.#lastWanted();
    if (!isWanted || (skim !== undefined && skim.allowance() < lines)) {
      this.#leaveFeed();
      return;
    }
    if (part === undefined || part.bytes === block.bytes) this.#outlet.share(this.#form.shared(block, parcel));
    else this.#outlet.write(this.#form.block({ ...block, bytes: part.bytes }));
    this.#taken(part?.lastId ?? block.lastId, lines);
    if (sieve !== undefined) this.#tellProgressSoon(sieve);
    if (this.#nextId > this.#lastWanted()) this.#leaveFeed();
    else this.#leaveFeedUnlessReady();
  }

  status(parcel: Parcel): void {
    this.#toldStatus = this.#statusNow();
    this.tell(parcel);
  }

  partial({ partial, parcel }: PartialNews): void {
    if (this.#isShown(partial)) this.tell(parcel);
  }

  finished(): void {
    this.#leaveFeed();
  }

  #lastWanted(): number {
    const { range, sieve } = this.#options;
    if (sieve !== undefined) return this.#linesLeft > 0 ? range.endId : this.#nextId - 1;
    return Math.min(range.endId, this.#nextId + this.#linesLeft - 1);
  }

  #lastReady(): number {
    return Math.min(this.#options.log.journal.lastId, this.#lastWanted());
  }

  #statusNow(): string {
    return JSON.stringify(statusOf(this.#options.log));
  }

  /** Reads the journal from `nextId` at the client's own pace. */
  async #catchUp(): Promise<void> {
    const { log, range, skim } = this.#options;
    const { journal } = log;
    if (this.#nextId < journal.firstId) {
      this.#giveGap({ from: this.#nextId, to: Math.min(journal.firstId - 1, range.endId), reason: 'retention' });
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
        else if (!(await this.#giveNext(cursor))) break;
      }
      // The journal holds these lines and doesn't give them: it was closed.
      if (this.#nextId === startId) this.#outlet.cut();
    } finally {
      cursor.close();
    }
  }

  #lastAllowed(skim: Skim): number {
    const allowance = skim.allowance();
    const isAnyRange = this.#options.sieve !== undefined && allowance > 0;
    return isAnyRange ? Number.POSITIVE_INFINITY : this.#nextId + allowance - 1;
  }

  /** Passes over what is more than the client can read, once it is clear that it is. */
  async #skimAhead(skim: Skim): Promise<void> {
    const { sieve } = this.#options;
    const isExcess = () => this.#available().to - this.#nextId + 1 > skim.allowance();
    if (!isExcess()) return;
    await this.#outlet.pause(skim.waitMs());
    const allowance = skim.allowance();
    if (!isExcess() || allowance < 1) return;
    const start = sieve ? await this.#startOfLast(allowance, sieve) : this.#available().to - allowance + 1;
    if (start <= this.#nextId) return;
    this.#tellGap();
    this.#outlet.write(this.#form.skip({ from: this.#nextId, to: start - 1 }));
    this.#nextId = start;
  }

  #startOfLast(lines: number, sieve: Sieve): Promise<number> {
    return sieve.startOfLast(lines, this.#available(), () => this.#outlet.isOpen);
  }

  /** What could be given now. */
  #available(): Ids {
    const { log, range } = this.#options;
    return { from: Math.max(this.#nextId, log.journal.firstId), to: Math.min(log.journal.lastId, range.endId) };
  }

  /** In a function of its own: one that waits for a stalled client would hold on to the block that it gave last. */
  async #giveNext(cursor: Cursor): Promise<boolean> {
    const reading = await cursor.next();
    if (reading === undefined) return false;
    if (reading.type === 'gap') this.#giveGap(reading);
    else await this.#giveBlock(reading, cursor);
    return true;
  }

  async #giveBlock(block: LentBlock, cursor: Cursor): Promise<void> {
    this.#tellGap();
    if (!this.#isQuick || !(await this.#giveWhole(block, cursor))) await this.#giveSlices(block, cursor);
    block.release();
  }

  /** Without a copy, and in one write: for clients that have been quick so far, unless many of those were not as quick any more. */
  async #giveWhole(block: LentBlock, cursor: Cursor): Promise<boolean> {
    if (this.#options.sieve !== undefined || block.lastId > this.#lastWanted()) return false;
    const done = this.#options.keepBlock('lends');
    if (done === undefined) return false;
    this.#outlet.lend(this.#form.block(block));
    this.#taken(block.lastId, block.lastId - block.firstId + 1);
    this.#isQuick = !this.#outlet.isBehind;
    await this.#untilReady(cursor);
    done();
    return true;
  }

  /** Piece by piece, as far as the client takes it. The rest is read again later: there may be a thousand clients that take nothing. */
  async #giveSlices(block: LentBlock, cursor: Cursor): Promise<void> {
    this.#isQuick = true;
    for (const slice of slicesOf(block)) {
      this.#giveSlice(slice);
      this.#isQuick &&= !this.#outlet.isBehind;
      const isWhole = this.#nextId > Math.min(block.lastId, this.#lastWanted());
      if (isWhole || !this.#outlet.isOpen || (this.#outlet.isBehind && !(await this.#isSoonReady()))) break;
    }
    cursor.seek(this.#nextId);
  }

  #giveSlice(slice: Block): void {
    const part = this.#options.sieve?.take(slice, this.#linesLeft);
    this.#outlet.write(this.#form.block(part === undefined ? slice : { ...slice, bytes: part.bytes }));
    this.#taken(part?.lastId ?? slice.lastId, part?.lines ?? slice.lastId - slice.firstId + 1);
    this.#tellProgress();
  }

  /** Waits until the client has taken everything. */
  async #untilReady(cursor: Cursor): Promise<void> {
    if (!this.#outlet.isBehind || (await this.#outlet.ready(longestKeepMs))) return;
    cursor.rest();
    await this.#outlet.ready();
  }

  /** Waits with a block in hand. */
  async #isSoonReady(): Promise<boolean> {
    const done = this.#options.keepBlock('waits');
    if (done === undefined) return false;
    const isReady = await this.#outlet.ready(longestKeepMs);
    done();
    return isReady;
  }

  #giveGap({ from, to, reason }: Gap): void {
    if (this.#untoldGap?.reason !== reason) this.#tellGap();
    this.#untoldGap = { from: this.#untoldGap?.from ?? from, to, reason };
    this.#nextId = to + 1;
  }

  #tellGap(): void {
    if (this.#untoldGap !== undefined) this.#outlet.write(this.#form.gap(this.#untoldGap));
    this.#untoldGap = undefined;
  }

  #taken(lastId: number, lines: number): void {
    this.#nextId = lastId + 1;
    this.#linesLeft -= lines;
    this.#options.skim?.spend(lines);
  }

  /** Not for each batch of lines that it is not given. */
  #tellProgressSoon(sieve: Sieve): void {
    this.#progressTimer ??= setTimeout(() => {
      this.#progressTimer = undefined;
      if (this.#outlet.isOpen && !this.#outlet.isBehind) this.#tellProgress();
    }, sieve.progressWaitMs());
  }

  /** Where it is given no line, a client is told how far it has come. */
  #tellProgress(): void {
    const { sieve } = this.#options;
    if (sieve === undefined || !this.#form.hasEvents) return;
    const progress = sieve.progress(this.#nextId - 1);
    if (progress === undefined) return;
    this.#tellGap();
    this.#outlet.write(progress);
  }

  /** Gets what is announced from now on; resolves when it has to read for itself again, or is done. */
  #follow(): Promise<void> {
    const { log, feeds, onCaughtUp } = this.#options;
    this.#tellGap();
    this.#tellProgress();
    this.#feed ??= feeds.take(log);
    const feed = this.#feed;
    this.#tellNews(feed);
    if (this.#outlet.isBehind || !this.#outlet.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      feed.join(this);
      onCaughtUp?.();
    });
  }

  #leaveFeed(): void {
    const wake = this.#wake;
    if (wake === undefined || this.#feed === undefined) return;
    this.#wake = undefined;
    this.#feed.leave(this);
    this.#seenPartials = this.#feed.partials.version;
    wake();
  }

  #leaveFeedUnlessReady(): void {
    if (this.#outlet.isBehind || !this.#outlet.isOpen) this.#leaveFeed();
  }

  /** What happened beside the lines while it read them. */
  #tellNews({ partials }: Feed): void {
    if (!this.#form.hasEvents) return;
    const status = this.#statusNow();
    if (this.#toldStatus !== status) {
      this.#toldStatus = status;
      this.#outlet.share(eventParcel('status', statusOf(this.#options.log)));
    }
    for (const { partial, parcel } of partials.since(this.#seenPartials)) {
      if (this.#isShown(partial)) this.#outlet.share(parcel);
    }
    this.#seenPartials = partials.version;
  }

  #isShown(partial: Partial): boolean {
    return this.#options.sieve?.isShown(partial) ?? true;
  }

  #finish(): void {
    const { log } = this.#options;
    this.#tellGap();
    this.#tellProgress();
    const isWholeLog = this.#nextId > log.journal.lastId && isFinished(log.status);
    if (this.#form.hasEvents && isWholeLog) this.#outlet.share(eventParcel('status', statusOf(log)));
    this.#outlet.write(this.#form.end());
    this.#outlet.end();
  }
}
