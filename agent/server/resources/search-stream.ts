import { type BlockFacts, factsOf, sharedFactsOf } from '../../finding/block-facts.ts';
import { createLineFinder } from '../../finding/find-lines.ts';
import type { Found, LineFinder } from '../../finding/line-finder.ts';
import { isCheap, type LineQuery, primingOf } from '../../finding/line-query.ts';
import type { SearchEnd, SearchNews, SearchProgress, SearchRequest } from '../../finding/search.ts';
import type { Finder } from '../../finding/thread/finder.ts';
import type { Block } from '../../frame/block.ts';
import { endEvent, eventText, progressText } from '../../frame/events.ts';
import { idAt, lastFrameStart, visitEvents } from '../../frame/scan.ts';
import type { Log } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import { isFinished } from '../../words/log.ts';
import type { Gap, StreamProgress } from '../../words/wire.ts';
import type { Outlet } from '../socket/outlet.ts';
import { createSharedChunk, eventChunk, type SharedChunk } from '../socket/shared-chunk.ts';
import type { Feed, Feeds, Subscriber } from '../stream/feed.ts';
import type { Format } from '../stream/format.ts';
import type { Range } from '../stream/range.ts';
import type { Skim } from '../stream/skim.ts';
import { statusOf } from '../stream/status.ts';
import type { Stream } from '../stream/stream.ts';

export interface SearchStreamOptions {
  log: Log;
  feeds: Feeds;
  finder: Finder;
  query: LineQuery;
  range: Range;
  format: Format;
  outlet: Outlet;
  skim?: Skim;
  /** Begin with the last so many matches. */
  tail?: number;
  /** The client has what comes before the range. */
  isResumed: boolean;
  /** Goes on after the end of the log until the client leaves or `stop` is called. */
  stays: boolean;
  /** Milliseconds that one look through history may take; what takes longer is cut off, and the client may resume. */
  searchMs: number;
  /** Called whenever it has caught up. */
  onCaughtUp(): void;
}

/** So few lines are looked through here: the way to the search thread and back takes longer. */
const mostInline = 2000;
const progressMs = 1000;

/**
 * A response with the lines of a log that are found: history by the search thread, what is appended then right here.
 */
export function createSearchStream(options: SearchStreamOptions): Stream {
  return new SearchStream(options);
}

class SearchStream implements Stream, Subscriber {
  readonly #options: SearchStreamOptions;
  readonly #outlet: Outlet;
  /** Everything before this line was looked through. */
  #nextId: number;
  /**
   * Everything up to this line was sent: less than was looked through where lines before a match may have to be sent
   * yet.
   */
  #safeId: number;
  /** What the client knows to have come to. */
  #knownId: number;
  #isResumed: boolean;
  #tail: number | undefined;
  #matchesLeft: number;
  #linesSent = 0;
  /** Looks through what is appended; it has seen everything before `#nextId`. */
  #live: LineFinder | undefined;
  readonly #total: SearchProgress;
  #saidAt = performance.now();
  #hasSaidAll = true;
  #progressTimer: NodeJS.Timeout | undefined;
  #unsentGap: Gap | undefined;
  #sentStatus: string;
  #knownSources: number;
  #feed: Feed | undefined;
  #isStopping = false;
  /** Set while it follows: what then waits for the end of that. */
  #wake: (() => void) | undefined;

  constructor(options: SearchStreamOptions) {
    const { range, tail, isResumed } = options;
    this.#options = options;
    this.#outlet = options.outlet;
    this.#nextId = range.nextId;
    this.#safeId = this.#knownId = range.nextId - 1;
    this.#matchesLeft = range.lineLimit;
    this.#tail = tail;
    this.#isResumed = isResumed;
    this.#total = { scanned: 0, of: 0, matches: 0, time: 0 };
    this.#sentStatus = this.#statusNow();
    this.#knownSources = options.log.sources.length;
  }

  isCaughtUp(): boolean {
    return this.#wake !== undefined;
  }

  get nextId(): number {
    return this.#nextId;
  }

  async run(): Promise<void> {
    const { log, feeds, stays } = this.#options;
    try {
      while (this.#outlet.isOpen) {
        if (this.#outlet.isBehind) await this.#outlet.ready();
        else if (!this.#isDone() && this.#nextId <= this.#lastReady()) await this.#catchUp();
        else if (this.#isDone() || (isFinished(log.status) && !stays) || this.#isStopping) return this.#finish();
        // Between finding that there is nothing more to read and joining the feed nothing can be appended: no await.
        else await this.#follow();
      }
    } catch (error) {
      // Who has left gets no answer, and the agent may be stopping.
      if (this.#outlet.isOpen) throw error;
    } finally {
      clearTimeout(this.#progressTimer);
      this.#leaveFeed();
      if (this.#feed !== undefined) feeds.release(this.#feed);
    }
  }

  send(chunk: SharedChunk): void {
    if (!this.#options.format.hasEvents || !this.#outlet.isOpen || this.#outlet.isBehind) return;
    this.#sendProgress();
    this.#outlet.share(chunk);
    this.#leaveFeedUnlessReady();
  }

  stop(): void {
    this.#isStopping = true;
    this.#leaveFeed();
  }

  block(block: Block): void {
    if (block.lastId < this.#nextId) return;
    const { skim, range } = this.#options;
    const isNext = block.firstId === this.#nextId && block.lastId <= range.endId;
    if (!isNext || this.#live === undefined) {
      this.#leaveFeed();
      return;
    }
    const facts = sharedFactsOf(block);
    const found = this.#live.take(block, this.#matchesLeft, facts);
    if (skim !== undefined && skim.allowance() < found.matches) {
      this.#live = undefined;
      this.#leaveFeed();
      return;
    }
    this.#shareLines(found);
    this.#taken(facts, found, this.#live.safeId);
    this.#sendProgressSoon();
    if (this.#isDone() || this.#nextId > range.endId) this.#leaveFeed();
    else this.#leaveFeedUnlessReady();
  }

  status(chunk: SharedChunk): void {
    this.#sentStatus = this.#statusNow();
    this.send(chunk);
  }

  /** What is not a line yet can't be found. */
  partial(): void {}

  finished(): void {
    this.#leaveFeed();
  }

  #isDone(): boolean {
    const isLimited = this.#matchesLeft <= 0 && this.#live?.isAmidContext !== true;
    return isLimited || this.#nextId > this.#options.range.endId;
  }

  #lastReady(): number {
    return Math.min(this.#options.log.journal.lastId, this.#options.range.endId);
  }

  #statusNow(): string {
    return JSON.stringify(statusOf(this.#options.log));
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
    const isEnclosed = query.level !== undefined && range.endId <= log.journal.lastId;
    const isShort = to - this.#nextId < mostInline && isCheap(query) && !isEnclosed;
    if (isShort && tail === undefined) await this.#readOn(to);
    else await this.#searchTo(to, tail);
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
    const from = this.#live === undefined ? this.#beginLive() : start;
    const cursor = log.journal.read(Math.max(log.journal.firstId, from), to);
    try {
      while (this.#outlet.isOpen && this.#nextId <= to && !this.#isDone()) {
        const reading = await cursor.next();
        if (reading === undefined) break;
        if (reading.type === 'gap') this.#addGap(reading);
        else {
          this.#takeBlock(reading);
          reading.release();
        }
        if (this.#outlet.isBehind) await this.#outlet.ready();
      }
      // The journal holds these lines and doesn't give them: it was closed.
      if (this.#nextId === start) this.#outlet.cut();
    } finally {
      cursor.close();
    }
  }

  /** Returns the line to read from: some before those that are looked for say what they are part of. */
  #beginLive(): number {
    this.#live = createLineFinder(this.#options.query, {
      firstId: this.#safeId + 1,
      firstSource: this.#options.log.sources[0],
    });
    return this.#readFrom();
  }

  #readFrom(): number {
    return this.#safeId + 1 - primingOf(this.#options.query, this.#isResumed);
  }

  /** Where nothing before says anything about what comes, what is announced can be looked through from now on. */
  #beginLiveUnlessPrimed(): void {
    const { journal, sources } = this.#options.log;
    // Which source an origin leaves out is known with the first line.
    if (sources.length === 0) return;
    if (Math.max(journal.firstId, this.#readFrom()) === this.#nextId) this.#beginLive();
  }

  #takeBlock(block: Block): void {
    const live = this.#live as LineFinder;
    const facts = factsOf(block);
    const found = live.take(block, this.#matchesLeft, facts);
    this.#sendLines(found.bytes, found.lastLine);
    this.#taken(facts, found, live.safeId);
  }

  #taken({ lastOrigin }: BlockFacts, { matches, lastId }: Found, safeId: number): void {
    const lines = Math.max(0, lastId - this.#nextId + 1);
    this.#total.scanned += lines;
    this.#total.of += lines;
    this.#total.matches += matches;
    this.#total.time = lastOrigin?.time ?? this.#total.time;
    this.#hasSaidAll = false;
    this.#spend(matches);
    this.#nextId = Math.max(this.#nextId, lastId + 1);
    this.#safeId = Math.max(this.#safeId, safeId);
  }

  #spend(matches: number): void {
    this.#matchesLeft -= matches;
    this.#options.skim?.spend(matches);
  }

  #sendLines(bytes: Buffer, lastLine: number): void {
    if (bytes.length === 0) return;
    this.#sendGap();
    this.#outlet.write(this.#options.format.block({ bytes, firstId: this.#nextId, lastId: lastLine }));
    this.#linesSent += countLines(bytes);
    this.#knownId = Math.max(this.#knownId, lastLine);
  }

  /** As `sendLines`: others find the same in what is announced, and are passed the same bytes. */
  #shareLines({ bytes, lastLine }: Found): void {
    if (bytes.length === 0) return;
    if (!this.#options.format.isJournal) {
      this.#sendLines(bytes, lastLine);
      return;
    }
    this.#sendGap();
    const { chunk, lines } = excerptOf(bytes);
    this.#outlet.share(chunk);
    this.#linesSent += lines;
    this.#knownId = Math.max(this.#knownId, lastLine);
  }

  async #searchTo(to: number, tail: number | undefined): Promise<void> {
    const { log, range, format, stays, finder, query, searchMs } = this.#options;
    const outlet = this.#outlet;
    const endsAt = performance.now() + searchMs;
    const request: SearchRequest = {
      query,
      from: this.#safeId + 1,
      to,
      isResumed: this.#isResumed,
      ...(Number.isFinite(this.#matchesLeft) && { limit: this.#matchesLeft }),
      ...defined({ tail, firstSource: log.sources[0] }),
    };
    const before = { ...this.#total };
    const start = this.#nextId;
    const end = await finder.search(log.journal, request, {
      send: (news) => this.#takeNews(news, before),
      get isCancelled() {
        return !outlet.isOpen || performance.now() >= endsAt;
      },
    });
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
    const from = this.#safeId + 1;
    if (from <= to) this.#outlet.write(this.#options.format.skip({ from, to }));
    this.#nextId = Math.max(this.#nextId, to + 1);
    this.#safeId = this.#knownId = Math.max(this.#safeId, to);
  }

  /** The response must not look complete; with the id of the progress a client continues where it was given up. */
  #giveUp(): void {
    this.#sendProgress();
    this.#outlet.cut();
  }

  async #takeNews(news: SearchNews, before: SearchProgress): Promise<void> {
    if (news.type === 'gap') this.#addGap(news.gap);
    else if (news.type === 'start') this.#startAt(news.id);
    else if (news.type === 'lines') {
      this.#sendLines(news.bytes, lastIdIn(news.bytes));
      this.#safeId = news.safeId;
      this.#spend(news.matches);
    } else {
      this.#addTo(before, news.progress);
      this.#safeId = Math.max(this.#safeId, news.safeId);
      this.#sendProgress(true);
    }
    if (this.#outlet.isBehind) await this.#outlet.ready();
  }

  /** There were more matches than are sent. */
  #startAt(id: number): void {
    if (this.#tail === undefined && id > this.#nextId) {
      this.#sendGap();
      this.#outlet.write(this.#options.format.skip({ from: this.#nextId, to: id - 1 }));
    }
    this.#safeId = this.#knownId = id - 1;
  }

  #ended({ lastId, safeId, progress }: SearchEnd, before: SearchProgress): void {
    this.#addTo(before, progress);
    this.#hasSaidAll = false;
    this.#nextId = Math.max(this.#nextId, lastId + 1);
    this.#safeId = Math.max(this.#safeId, safeId);
    this.#isResumed = true;
    this.#live = undefined;
  }

  #addTo(before: SearchProgress, { scanned, of, matches, time }: SearchProgress): void {
    this.#total.scanned = before.scanned + scanned;
    this.#total.of = before.of + of;
    this.#total.matches = before.matches + matches;
    this.#total.time = time;
  }

  /** The lines before are missing: what is found from now on has nothing to do with them. */
  #addGap({ from, to, reason }: Gap): void {
    if (this.#unsentGap !== undefined && this.#unsentGap.reason !== reason) this.#sendGap();
    this.#unsentGap = { from: this.#unsentGap?.from ?? from, to, reason };
    this.#nextId = Math.max(this.#nextId, to + 1);
    this.#safeId = Math.max(this.#safeId, to);
  }

  #sendGap(): void {
    if (this.#unsentGap !== undefined) this.#outlet.write(this.#options.format.gap(this.#unsentGap));
    this.#unsentGap = undefined;
  }

  /** Not for each batch in which nothing is found. */
  #sendProgressSoon(): void {
    this.#progressTimer ??= setTimeout(
      () => {
        this.#progressTimer = undefined;
        if (this.#outlet.isOpen && !this.#outlet.isBehind) this.#sendProgress();
      },
      Math.max(0, this.#saidAt + progressMs - performance.now()),
    );
  }

  /** How far it has come; with an id where a client may resume there. */
  #sendProgress(isUnderWay = false): void {
    if (!this.#options.format.hasEvents || (this.#hasSaidAll && !isUnderWay)) return;
    this.#sendGap();
    this.#saidAt = performance.now();
    this.#hasSaidAll = true;
    const progress: StreamProgress = {
      to: Math.max(this.#safeId, this.#knownId),
      ...this.#total,
      ...this.#newSources(),
    };
    const isNew = progress.to > this.#knownId;
    this.#outlet.write(Buffer.from(isNew ? progressText(progress) : eventText('progress', progress)));
    this.#knownId = progress.to;
  }

  #newSources(): { sources?: string[] } {
    const sources = this.#options.log.sources.slice(this.#knownSources);
    this.#knownSources += sources.length;
    return sources.length > 0 ? { sources } : {};
  }

  /** Gets what is announced from now on; resolves when it has to read for itself again, or is done. */
  #follow(): Promise<void> {
    const { log, feeds, onCaughtUp } = this.#options;
    // What comes from now on is new, also where there was nothing that the last matches could be of.
    this.#tail = undefined;
    this.#sendGap();
    this.#sendProgress();
    this.#sendStatus();
    if (this.#live === undefined) this.#beginLiveUnlessPrimed();
    this.#feed ??= feeds.take(log);
    const feed = this.#feed;
    if (this.#outlet.isBehind || !this.#outlet.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      feed.join(this);
      onCaughtUp();
    });
  }

  #leaveFeed(): void {
    const wake = this.#wake;
    if (wake === undefined || this.#feed === undefined) return;
    this.#wake = undefined;
    this.#feed.leave(this);
    wake();
  }

  #leaveFeedUnlessReady(): void {
    if (this.#outlet.isBehind || !this.#outlet.isOpen) this.#leaveFeed();
  }

  /** What became of the log while lines were looked through. */
  #sendStatus(): void {
    const status = this.#statusNow();
    if (!this.#options.format.hasEvents || this.#sentStatus === status) return;
    this.#sentStatus = status;
    this.#outlet.share(eventChunk('status', statusOf(this.#options.log)));
  }

  #finish(): void {
    const { log, format } = this.#options;
    this.#sendGap();
    this.#sendProgress();
    const isWholeLog = this.#nextId > log.journal.lastId && isFinished(log.status);
    if (format.hasEvents && isWholeLog) this.#outlet.share(eventChunk('status', statusOf(log)));
    if (format.hasEvents && (isWholeLog || this.#isDone())) {
      this.#outlet.write(endEvent(Math.min(this.#nextId - 1, log.journal.lastId), this.#linesSent));
    }
    this.#outlet.write(format.end());
    this.#outlet.end();
  }
}

/** Lines that are sent to many. */
interface ExcerptChunk {
  chunk: SharedChunk;
  lines: number;
}

/** Shared by all clients that find the same, and gone with its bytes. */
const excerpts = new WeakMap<Buffer, ExcerptChunk>();

function excerptOf(bytes: Buffer): ExcerptChunk {
  let excerpt = excerpts.get(bytes);
  if (excerpt === undefined) {
    excerpt = { chunk: createSharedChunk(bytes), lines: countLines(bytes) };
    excerpts.set(bytes, excerpt);
  }
  return excerpt;
}

function countLines(events: Buffer): number {
  let lines = 0;
  visitEvents(events, {
    origin: () => undefined,
    line() {
      lines++;
    },
  });
  return lines;
}

function lastIdIn(events: Buffer): number {
  const start = lastFrameStart(events, events.length);
  return (start === undefined ? undefined : idAt(events, start)) ?? 0;
}
