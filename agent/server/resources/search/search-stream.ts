import { type BlockFacts, factsOf, sharedFactsOf } from '../../../finding/block-facts.ts';
import { type EarlierStamps, noEarlierStamps } from '../../../finding/known-lines.ts';
import type { Found } from '../../../finding/line-finder.ts';
import {
  asksForLevels,
  isCheap,
  isTimed,
  type LineQuery,
  primingOf,
  reachBefore,
  recordLines,
} from '../../../finding/line-query.ts';
import { isAmidLine, lastPiecesIn, startBefore } from '../../../finding/records/piece-reach.ts';
import type { SearchEnd, SearchNews, SearchProgress, SearchRequest } from '../../../finding/search.ts';
import type { Finder } from '../../../finding/thread/finder.ts';
import type { Block } from '../../../frame/block.ts';
import { idAt, lastFrameStart } from '../../../frame/scan.ts';
import { gapFrom } from '../../../journal/gaps.ts';
import type { Log } from '../../../journal/store.ts';
import { defined } from '../../../words/defined.ts';
import { isFinished } from '../../../words/log.ts';
import type { Gap } from '../../../words/wire.ts';
import type { Outlet } from '../../socket/outlet.ts';
import type { SharedChunk } from '../../socket/shared-chunk.ts';
import type { Feeds, Subscriber } from '../../stream/feed.ts';
import type { Format } from '../../stream/format.ts';
import type { Range } from '../../stream/range.ts';
import type { Skim } from '../../stream/skim.ts';
import type { Stream } from '../../stream/stream.ts';
import { Subscription } from '../../stream/subscription.ts';
import { LiveFinder } from './live-finder.ts';
import { createSearchWriter, type SearchWriter } from './search-writer.ts';

export interface SearchStreamOptions {
  log: Log;
  feeds: Feeds;
  finder: Finder;
  query: LineQuery;
  range: Range;
  /** The range ends where the client says, and not where the log ends now. */
  isClosed: boolean;
  format: Format;
  outlet: Outlet;
  skim?: Skim;
  /** Begin with the last so many matches. */
  tail?: number;
  /** The client has what comes before the range. */
  isResumed: boolean;
  /** The first line that it asked for. */
  from?: number;
  /** Goes on after the end of the log until the client leaves or `stop` is called. */
  stays: boolean;
  /** Milliseconds that one look through history may take; what takes longer is cut off, and the client may resume. */
  searchMs: number;
  /** Called whenever it has caught up. */
  onCaughtUp(): void;
}

/** So few lines are looked through here: the way to the search thread and back takes longer. */
const mostInline = 2000;
/** So few lines more than those that are announced are looked through here for any pattern, as these are. */
const mostLive = 100;
const progressMs = 250;

/**
 * A response with the lines of a log that are found: history by the search thread, what is appended then right here.
 */
export function createSearchStream(options: SearchStreamOptions): Stream {
  return new SearchStream(options);
}

class SearchStream implements Stream, Subscriber {
  readonly #options: SearchStreamOptions;
  readonly #outlet: Outlet;
  readonly #writer: SearchWriter;
  readonly #subscription: Subscription;
  /** Looks through what is appended, once it has seen everything before `#nextId`. */
  readonly #live: LiveFinder;
  /** Everything before this line was looked through. */
  #nextId: number;
  #isResumed: boolean;
  #tail: number | undefined;
  #matchesLeft: number;
  /** Until it looks at them: the last match that was sent, if lines that come with it are still to come. */
  #owedTo: number | undefined;
  /** A line has not ended before `#nextId`, for what is to look at it next; undefined where that is not known. */
  #isAmidLine: boolean | undefined;
  /** The search thread has seen what comes before `#nextId`: what it says of that takes no time. */
  #isLookedAt = false;
  #isStopping = false;
  /** Of the search that is under way. */
  #searching: AbortController | undefined;

  constructor(options: SearchStreamOptions) {
    const { log, feeds, query, format, outlet, range, tail, isResumed } = options;
    this.#options = options;
    this.#outlet = outlet;
    this.#writer = createSearchWriter({ log, format, outlet, firstId: range.nextId });
    this.#subscription = new Subscription(this, feeds, log);
    this.#live = new LiveFinder(query);
    this.#nextId = range.nextId;
    this.#matchesLeft = range.lineLimit;
    this.#tail = tail;
    this.#isResumed = isResumed;
  }

  isCaughtUp(): boolean {
    return this.#subscription.hasJoined;
  }

  get nextId(): number {
    return this.#nextId;
  }

  async run(): Promise<void> {
    const { log, stays, query } = this.#options;
    try {
      while (this.#outlet.isOpen) {
        if (this.#outlet.isBehind) await this.#outlet.ready();
        else if (!this.#isDone() && this.#nextId <= this.#lastReady()) await this.#catchUp();
        else if (this.#isDone() || (isFinished(log.status) && !stays) || this.#isStopping) {
          await this.#endLines();
          this.#finish();
          return;
        }
        // What is announced may be the rest of a line.
        else if (this.#isAmidLine === undefined) this.#isAmidLine = await isAmidLine(log.journal, this.#nextId, query);
        else if (this.#isAmidLine && !this.#live.hasBegun && this.#canBeLive()) await this.#beginAmidLine();
        // Between finding that there is nothing more to read and joining the feed nothing can be appended: no await.
        else await this.#follow();
      }
    } catch (error) {
      // Who has left gets no answer, and the agent may be stopping.
      if (this.#outlet.isOpen) throw error;
    } finally {
      this.#writer.close();
      this.#subscription.end();
    }
  }

  send(chunk: SharedChunk): void {
    if (!this.#options.format.hasEvents || !this.#outlet.isOpen || this.#outlet.isBehind) return;
    this.#writer.progress();
    this.#outlet.share(chunk);
    this.#leaveUnlessReady();
  }

  stop(): void {
    this.#isStopping = true;
    if (!this.#outlet.isOpen) this.#searching?.abort();
    this.#subscription.leave();
  }

  block(block: Block): void {
    if (block.lastId < this.#nextId) return;
    const { skim, range } = this.#options;
    const isNext = block.firstId === this.#nextId && block.lastId <= range.endId;
    if (!isNext || !this.#live.hasBegun) {
      this.#subscription.leave();
      return;
    }
    const facts = sharedFactsOf(block);
    const found = this.#live.take(block, this.#matchesLeft, facts);
    if (found === undefined || (skim !== undefined && skim.allowance() < found.matches)) {
      this.#live.drop();
      this.#subscription.leave();
      return;
    }
    this.#writer.share(found, this.#nextId);
    this.#taken(facts, found, this.#live.safeId);
    this.#writer.progressSoon();
    if (this.#isDone() || this.#nextId > range.endId) this.#subscription.leave();
    else this.#leaveUnlessReady();
  }

  status(chunk: SharedChunk): void {
    this.#writer.saidStatus();
    this.send(chunk);
  }

  /** What is not a line yet can't be found. */
  partial(): void {}

  finished(): void {
    this.#subscription.leave();
  }

  #isDone(): boolean {
    const isLimited = this.#matchesLeft <= 0 && this.#amidContextOf() === undefined;
    return isLimited || this.#nextId > this.#options.range.endId;
  }

  #amidContextOf(): number | undefined {
    return this.#owedTo ?? this.#live.amidContextOf;
  }

  /** What comes before it is no match. */
  #firstMatch(): number | undefined {
    const { isResumed, from, range } = this.#options;
    return isResumed ? from : range.nextId;
  }

  /** No match after it is asked for. */
  #lastMatch(): number | undefined {
    return this.#matchesLeft > 0 ? undefined : this.#amidContextOf();
  }

  #lastReady(): number {
    return Math.min(this.#options.log.journal.lastId, this.#options.range.endId);
  }

  async #catchUp(): Promise<void> {
    const { log, range, query, skim } = this.#options;
    const { firstId } = log.journal;
    if (this.#nextId < firstId) {
      this.#addGap({ from: this.#nextId, to: Math.min(firstId - 1, range.endId), reason: 'retention' });
      return;
    }
    const tail = this.#tail ?? (await this.#skimmedTail(skim));
    const to = this.#lastReady();
    // What a line says may be part of a record that goes on after the range, which the search thread has seen.
    const isEnclosed = asksForLevels(query) && range.endId <= log.journal.lastId;
    const isFar = isTimed(query) && !this.#isLookedAt;
    const mostLines = isCheap(query) ? mostInline : this.#isNear(to) ? mostLive : 0;
    const isShort = to - this.#nextId < mostLines && !isEnclosed && !isFar;
    if (isShort && tail === undefined) await this.#readOn(to);
    else await this.#searchTo(to, tail);
  }

  /** Little more than what comes has to be looked through to go on where the search thread has ended. */
  #isNear(to: number): boolean {
    return this.#live.hasBegun || (this.#isLookedAt && to - this.#readFrom() < mostLive + 2 * recordLines);
  }

  /** Of more lines than the client can read, the newest matches are enough. */
  async #skimmedTail(skim: Skim | undefined): Promise<number | undefined> {
    if (skim === undefined || this.#lastReady() - this.#nextId < skim.allowance()) return undefined;
    await this.#outlet.pause(skim.waitMs());
    return Math.max(1, skim.allowance());
  }

  /** Looks through what is left by itself, with the finder that then takes what is appended. */
  async #readOn(to: number): Promise<void> {
    const { log } = this.#options;
    const start = this.#nextId;
    const from = this.#live.hasBegun ? start : await this.#beginLive(to);
    if (from === undefined) {
      this.#giveUp();
      return;
    }
    const cursor = log.journal.read(Math.max(log.journal.firstId, from), to);
    try {
      while (this.#outlet.isOpen && this.#nextId <= to && !this.#isDone()) {
        const reading = await cursor.next();
        if (reading === undefined) break;
        if (reading.type === 'gap') this.#takeGap(reading);
        else {
          const isTaken = this.#takeBlock(reading, await this.#lastPiecesIn(reading));
          reading.release();
          if (!isTaken) return;
        }
        if (this.#outlet.isBehind) await this.#outlet.ready();
      }
      // The journal holds these lines and doesn't give them: it was closed.
      if (this.#nextId === start && !this.#isDone()) this.#outlet.cut();
    } finally {
      cursor.close();
    }
  }

  /**
   * Returns the line to read from, for lines up to `to`: some before those that are looked for say what they are part
   * of, and when they are from. Undefined where that takes too long, or the client has left.
   */
  async #beginLive(to: number): Promise<number | undefined> {
    const { log, query } = this.#options;
    const lines = primingOf(query, this.#isResumed);
    const primed = await startBefore(log.journal, this.#writer.safeId + 1, lines, query);
    const from = Math.max(log.journal.firstId, primed);
    const earlier = isTimed(query) ? await this.#stampsFor({ from, to }) : noEarlierStamps(from);
    if (earlier === undefined) return undefined;
    this.#startLive(earlier);
    return earlier.from;
  }

  /** They may be up to lines that are far away: whoever waits sees that it is at work, and may leave. */
  async #stampsFor(lines: { from: number; to: number }): Promise<EarlierStamps | undefined> {
    const { log, finder, searchMs } = this.#options;
    const endsAt = performance.now() + searchMs;
    const patience = new AbortController();
    const timer = setInterval(() => {
      if (!this.#outlet.isOpen || performance.now() >= endsAt) patience.abort();
      else if (!this.#outlet.isBehind) this.#writer.progressUnderWay();
    }, progressMs);
    try {
      return await finder.stamps(log.journal, lines, patience.signal);
    } finally {
      clearInterval(timer);
    }
  }

  #startLive(earlier: EarlierStamps): void {
    const { log } = this.#options;
    this.#live.begin(earlier, {
      firstId: this.#writer.safeId + 1,
      firstSource: log.sources[0],
      firstMatch: this.#firstMatch(),
      lastMatch: this.#lastMatch(),
    });
  }

  #readFrom(): number {
    return this.#writer.safeId + 1 - primingOf(this.#options.query, this.#isResumed);
  }

  /** Where nothing before says anything about what comes, what is announced can be looked through from now on. */
  #beginLiveUnlessPrimed(): void {
    if (this.#isAmidLine === false && this.#canBeLive()) this.#startLive(noEarlierStamps(this.#nextId));
  }

  /** Whether nothing before, but for the pieces of a line, says anything about what comes. */
  #canBeLive(): boolean {
    const { query, log } = this.#options;
    // Which source an origin leaves out is known with the first line.
    if (log.sources.length === 0) return false;
    const isPrimed = this.#isAmidLine
      ? primingOf(query, this.#isResumed) + reachBefore(query) === 0
      : Math.max(log.journal.firstId, this.#readFrom()) === this.#nextId;
    // What retention took has said times, too.
    return isPrimed && (!isTimed(query) || this.#nextId === 1);
  }

  /** A line has not ended: its pieces are read again, once, for what will look at the rest of it. */
  async #beginAmidLine(): Promise<void> {
    const { log, query } = this.#options;
    const to = this.#nextId - 1;
    const from = await startBefore(log.journal, this.#nextId, 0, query);
    this.#startLive(noEarlierStamps(from));
    const cursor = log.journal.read(Math.max(log.journal.firstId, from), to);
    try {
      for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
        if (reading.type === 'gap') this.#live.endLines(0);
        else {
          this.#live.take(reading, this.#matchesLeft);
          reading.release();
        }
      }
    } finally {
      cursor.close();
    }
    this.#isAmidLine = false;
  }

  /** Returns whether it was taken: not where it needs what was said before all that was read. */
  #takeBlock(block: Block, lastPieces: ReadonlySet<number>): boolean {
    const facts = factsOf(block);
    const found = this.#live.take(block, this.#matchesLeft, facts, lastPieces);
    if (found === undefined) return false;
    if (block.lastId >= this.#nextId) this.#owedTo = undefined;
    this.#writer.lines(found, this.#nextId);
    this.#taken(facts, found, this.#live.safeId);
    return true;
  }

  #lastPiecesIn(block: Block): Promise<ReadonlySet<number>> {
    const { query, log, range } = this.#options;
    const isComplete = this.#isComplete(this.#lastReady());
    return lastPiecesIn(log.journal, block, query, { to: range.endId, isComplete });
  }

  #taken({ lastOrigin }: BlockFacts, { matches, lastId }: Found, safeId: number): void {
    const lines = Math.max(0, lastId - this.#nextId + 1);
    const { total } = this.#writer;
    this.#writer.count(sum(total, { scanned: lines, of: lines, matches, time: lastOrigin?.time ?? total.time }));
    this.#spend(matches);
    this.#nextId = Math.max(this.#nextId, lastId + 1);
    this.#writer.settle(safeId);
  }

  #spend(matches: number): void {
    this.#matchesLeft -= matches;
    this.#options.skim?.spend(matches);
  }

  async #searchTo(to: number, tail: number | undefined): Promise<void> {
    const { log, range, format, stays, finder, query, searchMs } = this.#options;
    const outlet = this.#outlet;
    const endsAt = performance.now() + searchMs;
    const request: SearchRequest = {
      query,
      from: this.#writer.safeId + 1,
      to,
      isResumed: this.#isResumed,
      ...(Number.isFinite(this.#matchesLeft) && { limit: this.#matchesLeft }),
      ...defined({ tail, firstSource: log.sources[0], lastMatch: this.#lastMatch(), firstMatch: this.#firstMatch() }),
      isComplete: this.#isComplete(to),
    };
    // What it knows is of lines that the search looks at again.
    this.#live.drop();
    const before = this.#writer.total;
    const start = this.#nextId;
    const control = {
      send: (news: SearchNews) => this.#takeNews(news, before),
      get isCancelled() {
        return !outlet.isOpen || performance.now() >= endsAt;
      },
    };
    this.#searching = new AbortController();
    const end = await finder.search(log.journal, request, control, this.#searching.signal);
    this.#searching = undefined;
    this.#tail = undefined;
    this.#ended(end, before);
    if (!end.isCancelled && this.#nextId === start && !this.#isDone()) await this.#readWithoutThread(to);
    if (!end.isCancelled || !outlet.isOpen) return;
    const isFollowing = to < range.endId && (stays || !isFinished(log.status));
    if (tail !== undefined && isFollowing && format.hasEvents) this.#passOverTo(to);
    else this.#giveUp();
  }

  /** The journal holds these lines and the search thread can't read them: it would be asked for ever. */
  async #readWithoutThread(to: number): Promise<void> {
    if (to - this.#nextId < mostInline) await this.#readOn(to);
    else this.#outlet.cut();
  }

  /**
   * A client that came back for the last matches would look for them again, and for as long: it gets what comes from
   * now on.
   */
  #passOverTo(to: number): void {
    this.#writer.skip(this.#writer.safeId + 1, to);
    this.#nextId = Math.max(this.#nextId, to + 1);
  }

  /** The response must not look complete; with the id of the progress a client continues where it was given up. */
  #giveUp(): void {
    this.#writer.lastProgress();
    this.#outlet.cut();
  }

  async #takeNews(news: SearchNews, before: SearchProgress): Promise<void> {
    const writer = this.#writer;
    if (news.type === 'gap') this.#takeGap(news.gap);
    else if (news.type === 'start') this.#startAt(news.id);
    else if (news.type === 'lines') {
      writer.lines({ bytes: news.bytes, lastLine: lastIdIn(news.bytes) }, this.#nextId);
      writer.settle(news.safeId);
      this.#spend(news.matches);
    } else {
      writer.count(sum(before, news.progress));
      writer.settle(news.safeId);
      writer.progressUnderWay();
    }
    if (this.#outlet.isBehind) await this.#outlet.ready();
  }

  /** There were more matches than are sent. */
  #startAt(id: number): void {
    if (this.#tail === undefined) this.#writer.skip(this.#nextId, id - 1);
    else this.#writer.startAt(id);
  }

  #ended({ lastId, safeId, amidContextOf, isAmidLine, progress }: SearchEnd, before: SearchProgress): void {
    this.#writer.count(sum(before, progress));
    this.#writer.settle(safeId);
    this.#nextId = Math.max(this.#nextId, lastId + 1);
    this.#isResumed = true;
    this.#isLookedAt = true;
    this.#owedTo = amidContextOf;
    this.#isAmidLine = isAmidLine;
    this.#live.drop();
  }

  /** Lines before are read again for what they say of those after them, and may have been there before. */
  #takeGap(read: Gap): void {
    const gap = gapFrom(this.#nextId, read);
    if (gap !== undefined) this.#addGap(gap);
  }

  /** The lines before are missing: what is found from now on has nothing to do with them. */
  #addGap(gap: Gap): void {
    this.#takeEnded(this.#live.endLines(this.#matchesLeft));
    this.#isAmidLine = false;
    this.#writer.gap(gap);
    this.#writer.settle(gap.to);
    this.#nextId = Math.max(this.#nextId, gap.to + 1);
  }

  /** The log is finished, or the range: a line that has not ended will not go on. */
  async #endLines(): Promise<void> {
    if (!this.#isComplete(this.#nextId - 1) || this.#matchesLeft <= 0) return;
    const safeId = this.#writer.safeId;
    if (this.#live.hasBegun) this.#takeEnded(this.#live.endLines(this.#matchesLeft));
    else if (this.#isAmidLine && safeId < this.#lastReady()) {
      this.#nextId = safeId + 1;
      await this.#searchTo(this.#lastReady(), undefined);
    }
  }

  /** Whether nothing is asked for that comes after line `to`, up to which all lines are there. */
  #isComplete(to: number): boolean {
    const { log, range, isClosed } = this.#options;
    return (isClosed && to >= range.endId) || isFinished(log.status);
  }

  #takeEnded(found: Found | undefined): void {
    const { total } = this.#writer;
    if (found === undefined || found.matches === 0) return;
    this.#writer.lines(found, found.lastLine);
    this.#writer.count({ ...total, matches: total.matches + found.matches });
    this.#spend(found.matches);
  }

  /** Gets what is announced from now on; resolves when it has to read for itself again, or is done. */
  #follow(): Promise<void> {
    // What comes from now on is new, also where there was nothing that the last matches could be of.
    this.#tail = undefined;
    this.#writer.sayGap();
    this.#writer.progress();
    this.#writer.status();
    if (!this.#live.hasBegun) this.#beginLiveUnlessPrimed();
    if (this.#outlet.isBehind || !this.#outlet.isOpen) return Promise.resolve();
    const left = this.#subscription.join();
    this.#options.onCaughtUp();
    return left;
  }

  #leaveUnlessReady(): void {
    if (this.#outlet.isBehind || !this.#outlet.isOpen) this.#subscription.leave();
  }

  #finish(): void {
    this.#writer.end(this.#nextId - 1, this.#isDone());
  }
}

/** What was looked through before, and since. */
function sum(before: SearchProgress, { scanned, of, matches, time }: SearchProgress): SearchProgress {
  return {
    scanned: before.scanned + scanned,
    of: before.of + of,
    matches: before.matches + matches,
    time,
  };
}

function lastIdIn(events: Buffer): number {
  const start = lastFrameStart(events, events.length);
  return (start === undefined ? undefined : idAt(events, start)) ?? 0;
}
