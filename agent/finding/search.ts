import type { Block } from '../frame/block.ts';
import { idAt, originAt, originBefore } from '../frame/scan.ts';
import { gapFrom } from '../journal/gaps.ts';
import type { Cursor, Journal } from '../journal/journal.ts';
import type { Level } from '../text/level.ts';
import { defined } from '../words/defined.ts';
import type { Gap } from '../words/wire.ts';
import { idsIn } from './excerpt.ts';
import { createIdFinder, createLineFinder } from './find-lines.ts';
import type { Beginning, KnownLines, KnownRange } from './known-lines.ts';
import { knownLevel, leveled, leveledFinder } from './leveled.ts';
import type { Found, LineFinder } from './line-finder.ts';
import {
  isTimed,
  type LineQuery,
  mayBeOfTime,
  primingOf,
  reachBefore,
  reachBeforeKnown,
  recordReach,
} from './line-query.ts';
import { lastPiecesIn, startBefore } from './records/piece-reach.ts';

/** A search over lines that are in the journal. Plain data, as it crosses threads. */
export interface SearchRequest {
  query: LineQuery;
  /** Ids of the first and the last line to look at. */
  from: number;
  to: number;
  /** End after so many matches. */
  limit?: number;
  /** The last so many matches of the range instead of all. */
  tail?: number;
  /** Send only so many matches, and count the rest. */
  show?: number;
  /** The client has what comes before `from`: lines after a match there are still owed to it. */
  isResumed?: boolean;
  /** No match before this one was asked for, though the client has what comes before `from`. */
  firstMatch?: number;
  /** No match after this one is asked for, only what comes with it: see `amidContextOf`. */
  lastMatch?: number;
  /** Name of the source of lines whose origin names none. */
  firstSource?: string;
  /** Nothing that comes after the range will be asked for: a line that has not ended there is one as it is. */
  isComplete?: boolean;
}

/** How far a search has come. */
export interface SearchProgress {
  /** Lines looked at, and how many there are to look at. */
  scanned: number;
  of: number;
  matches: number;
  /** When the agent read the line that the search has come to; 0 where it is not known. */
  time: number;
}

export type SearchNews =
  /** Lines found: whole events that begin with an origin. `safeId`: see `LineFinder`. */
  | { type: 'lines'; bytes: Buffer; matches: number; safeId: number }
  /** Of the last so many matches, where there are others before: the first line that is sent, or could have been. */
  | { type: 'start'; id: number }
  | { type: 'gap'; gap: Gap }
  | { type: 'progress'; progress: SearchProgress; safeId: number };

/** Where a search ended: a client that has all of it continues after `safeId`. */
export interface SearchEnd {
  /** Everything up to this line was looked at. */
  lastId: number;
  safeId: number;
  matches: number;
  /** Id of the last match, where lines that come with it are still to come. */
  amidContextOf?: number;
  /** A line has not ended: whoever goes on reads it from its beginning. */
  isAmidLine: boolean;
  progress: SearchProgress;
  /** It ended before it was done. */
  isCancelled: boolean;
}

export interface SearchControl {
  /** Takes news; the search continues when what it returns has resolved. */
  send(news: SearchNews): Promise<void> | void;
  readonly isCancelled: boolean;
}

const progressMs = 250;
/** Of a search backwards: the next ones are larger, so that a long way costs no more than its reading. */
const firstWindowLines = 2000;
const largestWindowLines = 100_000;
/** Nearer lines are read on the way. */
const worthSeeking = 10_000;

/**
 * Looks through a range of a journal at the speed of its reading.
 *
 * @param known what is known of the journal's lines: a search by level reads only what it finds
 * @throws SseTailError kind `usage` where a pattern is none, `journal` where the journal can't be read
 */
export async function search(
  journal: Journal,
  request: SearchRequest,
  control: SearchControl,
  known?: KnownLines,
): Promise<SearchEnd> {
  const range = { from: Math.max(1, request.from), to: Math.min(request.to, journal.lastId) };
  if (control.isCancelled) return notBegun(range);
  const run = new Run(journal, { ...request, ...range }, control, known);
  if (request.query.level !== undefined) await run.knowLast();
  return request.tail === undefined ? run.forwards(range.from) : run.lastMatches(request.tail);
}

/** Nobody has waited for it: not even its pattern was compiled. */
function notBegun({ from, to }: { from: number; to: number }): SearchEnd {
  const progress = { scanned: 0, of: Math.max(0, to - from + 1), matches: 0, time: 0 };
  return { lastId: from - 1, safeId: from - 1, matches: 0, isAmidLine: false, progress, isCancelled: true };
}

class Run {
  readonly #journal: Journal;
  readonly #request: SearchRequest;
  readonly #control: SearchControl;
  readonly #known: KnownLines | undefined;
  readonly #wantedLevels: ReadonlySet<Level> | undefined;
  /** Where the query asks for levels. */
  readonly #levels: KnownLines | undefined;
  /** Where the query asks for times. */
  readonly #times: KnownLines | undefined;
  /** Where the query asks for levels or times: what can't be found by them is not read. */
  readonly #places: KnownLines | undefined;
  readonly #progress: SearchProgress;
  #matches = 0;
  /** Of the last so many matches, where there are others before it: those are only sent as lines around them. */
  #firstMatch: number | undefined;
  #hasSaidStart = false;
  #isLastKnown = false;
  /** The first line that may be found yet, by what is still to come. */
  #undecidedFrom = Number.POSITIVE_INFINITY;
  #saidAt = performance.now();

  constructor(journal: Journal, request: SearchRequest, control: SearchControl, known: KnownLines | undefined) {
    this.#journal = journal;
    this.#request = request;
    this.#control = control;
    this.#known = known;
    this.#wantedLevels = request.query.level && new Set(request.query.level);
    this.#levels = request.query.level && known;
    this.#times = isTimed(request.query) ? known : undefined;
    this.#places = this.#times ?? this.#levels;
    this.#progress = { scanned: 0, of: Math.max(0, request.to - request.from + 1), matches: 0, time: 0 };
  }

  /**
   * Before levels are asked for: the last lines of the range may belong to a record that was not all there when they
   * were looked at.
   */
  async knowLast(): Promise<void> {
    if (this.#isLastKnown) return;
    this.#isLastKnown = true;
    const { query, to } = this.#request;
    const { lastId } = this.#journal;
    const reach = to + recordReach(query);
    await this.#known?.know(Math.min(reach, lastId));
    if (this.#levels !== undefined && reach > lastId) this.#undecidedFrom = this.#levels.undecidedFrom(lastId);
  }

  /** Sends what is found from line `start` on. */
  async forwards(start: number): Promise<SearchEnd> {
    const { to, limit = Number.POSITIVE_INFINITY } = this.#request;
    const beginning = await this.#primedFrom(start);
    const finder = this.#finderFrom(start, beginning);
    const cursor = this.#journal.read(beginning.from, to);
    let lastId = start - 1;
    /** Lines up to this one are known not to be asked for. */
    let passedTo = start - 1;
    let sentId = start - 1;
    const decidedTo = this.#undecidedFrom - 1 - reachBefore(this.#request.query);
    const isAmidContext = () => finder.amidContextOf !== undefined;
    const safeId = () => Math.max(sentId, Math.min(Math.max(finder.safeId, passedTo), decidedTo));
    try {
      while (!this.#control.isCancelled && (lastId < start || this.#matches < limit || isAmidContext())) {
        if (!isAmidContext()) passedTo = Math.max(passedTo, await this.#passOver(cursor, finder, to));
        lastId = Math.max(lastId, passedTo);
        const reading = await cursor.next();
        if (reading === undefined) break;
        if (reading.type === 'gap') {
          lastId = Math.max(lastId, reading.to);
          const gap = gapFrom(start, reading);
          if (gap === undefined) continue;
          await this.#sayStart(gap.from);
          await this.#control.send({ type: 'gap', gap });
          continue;
        }
        await this.#knowLines(reading);
        if (this.#control.isCancelled) {
          // What is known of its lines may not be all: none of them was looked at.
          reading.release();
          break;
        }
        const lastPieces = await this.#lastPiecesIn(reading);
        const found = finder.take(reading, limit - this.#matches, undefined, lastPieces);
        const time = this.#isProgressDue() || reading.lastId >= to ? lastTime(reading) : undefined;
        reading.release();
        lastId = Math.max(lastId, found.lastId);
        sentId = Math.max(sentId, found.lastLine);
        await this.#sendFound(found, safeId());
        // A client that resumed before it was said where it begins would not learn what is left out.
        const isStartOwed = this.#firstMatch !== undefined && !this.#hasSaidStart;
        await this.#say(lastId, isStartOwed ? 0 : safeId(), time);
      }
    } finally {
      cursor.close();
    }
    this.#advance(lastId, this.#progress.time);
    const isCancelled = this.#control.isCancelled && lastId < to && this.#matches < limit;
    if (!isCancelled) await this.#sayStart(to + 1);
    return {
      lastId,
      safeId: safeId(),
      matches: this.#matches,
      ...defined({ amidContextOf: finder.amidContextOf }),
      isAmidLine: finder.isAmidLine,
      progress: this.#progress,
      isCancelled,
    };
  }

  async #sendFound({ bytes, matches }: Found, safeId: number): Promise<void> {
    const isShown = this.#matches < (this.#request.show ?? Number.POSITIVE_INFINITY);
    this.#matches += matches;
    if (bytes.length === 0 || !isShown) return;
    const sent = await this.#withLevels(bytes);
    await this.#sayStart(firstIdIn(sent));
    await this.#control.send({ type: 'lines', bytes: sent, matches, safeId });
  }

  /** Looks backwards until enough is found, and sends it in the log's order. */
  async lastMatches(count: number): Promise<SearchEnd> {
    const { from, query } = this.#request;
    const first = await this.#startOfLast(count);
    if (first > from) this.#firstMatch = first;
    const reach = first > from && count > 0 ? reachBefore(query) : 0;
    const start = reach > 0 ? await this.#startBefore(first, reach) : first;
    const end = await this.forwards(Math.max(start, Math.min(first, Math.max(from, this.#journal.firstId))));
    return { ...end, lastId: Math.max(end.lastId, this.#request.to) };
  }

  /** Id of the first of the last `count` matches where others are before it; else of the range's first line. */
  async #startOfLast(count: number): Promise<number> {
    const { from, to } = this.#request;
    if (count === 0) return to + 1;
    let left = count;
    let oldest = to + 1;
    let windowLines = firstWindowLines;
    for (let end = to; end >= from && !this.#control.isCancelled; ) {
      const windowStart = Math.max(from, end - windowLines + 1);
      const { ids, time } = await this.#idsAmong(windowStart, end);
      if (this.#control.isCancelled) break;
      this.#progress.scanned = to - windowStart + 1;
      this.#progress.matches = Math.min(count, count - left + ids.length);
      this.#progress.time = time || this.#progress.time;
      if (ids.length > left) return left === 0 ? oldest : (ids[ids.length - left] as number);
      left -= ids.length;
      oldest = ids[0] ?? oldest;
      if (this.#isProgressDue()) await this.#sayNow(0);
      end = windowStart - 1;
      // Whether there is another one is often said by the lines right before.
      windowLines = left === 0 && ids.length > 0 ? firstWindowLines : Math.min(2 * windowLines, largestWindowLines);
    }
    return from;
  }

  /** Of lines whose levels or times are known only those from the first to the last that may be found are read. */
  async #idsAmong(from: number, to: number): Promise<{ ids: number[]; time: number }> {
    if (this.#places === undefined) return this.#idsIn(from, to);
    let first = to + 1;
    let last = from - 1;
    for (let id = from; id <= to; ) {
      const range = await this.#know(id);
      const end = Math.min(range?.to ?? to, to);
      const found = this.#firstCandidate(range, id, end);
      if (found !== undefined) {
        first = Math.min(first, found);
        last = end;
        while (!this.#isOfLevel(last)) last--;
      }
      id = end + 1;
    }
    return first > last ? { ids: [], time: 0 } : this.#idsIn(first, last);
  }

  async #idsIn(from: number, to: number): Promise<{ ids: number[]; time: number }> {
    const ids: number[] = [];
    let time = 0;
    const { query, firstSource } = this.#request;
    const { from: start, stampBefore } = await this.#primedFrom(from);
    const areVisibleAsIs = this.#known?.areVisibleAsIs;
    const finder = createIdFinder(query, from, {
      firstSource,
      levels: this.#levels,
      stampBefore,
      ...defined({ areVisibleAsIs }),
    });
    const cursor = this.#journal.read(start, to);
    try {
      for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
        if (reading.type === 'gap') continue;
        time ||= firstTime(reading);
        await this.#knowLines(reading);
        const lastPieces = await this.#lastPiecesIn(reading);
        if (!this.#control.isCancelled) {
          for (const id of finder.idsIn(reading, lastPieces)) if (id >= from) ids.push(id);
        }
        reading.release();
        if (this.#control.isCancelled) break;
      }
    } finally {
      cursor.close();
    }
    return { ids, time };
  }

  /** What is known of line `id` and those around it, as far as the query asks for it. */
  async #know(id: number): Promise<KnownRange | undefined> {
    await this.#knowTimes(id);
    return this.#places?.know(id);
  }

  /** It may be up to lines that are far away: whoever waits sees how far it has come, and may leave. */
  async #knowTimes(id: number): Promise<void> {
    while (this.#times !== undefined && !this.#control.isCancelled && !(await this.#times.settle(id))) {
      if (this.#isProgressDue()) await this.#sayNow(0);
    }
  }

  /** The levels and times of a block's lines are found out before it is looked through. */
  async #knowLines({ firstId, lastId }: Block): Promise<void> {
    for (let id = firstId; this.#places !== undefined && id <= lastId && !this.#control.isCancelled; )
      id = ((await this.#know(id))?.to ?? lastId) + 1;
  }

  /**
   * Moves on to the next line that may be found, where it is far away. Returns the last line that can't be, 0 where it
   * is not known.
   */
  async #passOver(cursor: Cursor, finder: LineFinder, to: number): Promise<number> {
    const { query } = this.#request;
    const start = cursor.nextId;
    let next = start;
    while (this.#places !== undefined && next <= to && !this.#control.isCancelled) {
      // Nothing may be found for long: whoever waits sees how far it has come, and may leave.
      if (this.#isProgressDue()) await this.#say(next - 1, 0, this.#progress.time);
      const range = await this.#know(next);
      if (range === undefined || range.isDamaged) break;
      const found = this.#firstCandidate(range, next, range.to);
      next = found ?? range.to + 1;
      if (found !== undefined) break;
    }
    const reach = reachBeforeKnown(query);
    if (Math.min(next, to + 1) - reach - start < worthSeeking) return 0;
    const target = await this.#startBefore(Math.min(next, to + 1), reach);
    if (target - start < worthSeeking) return 0;
    const beginning = await this.#beginBefore(target);
    // Where many say their times, that may be far before it, and has been read already.
    if (beginning.from - start < worthSeeking) return 0;
    cursor.seek(beginning.from);
    finder.moveTo(next, beginning.stampBefore);
    return target - 1;
  }

  /** The first line, of a range that is known, that may be found by its level and time. */
  #firstCandidate(range: KnownRange | undefined, from: number, to: number): number | undefined {
    if (range !== undefined && !range.isDamaged && !mayBeOfTime(range, this.#request.query)) return undefined;
    for (let id = from; id <= to; id++) if (this.#isOfLevel(id)) return id;
    return undefined;
  }

  /** Whether a line, whose level is known, is of a level that the query asks for; any is where it asks for none. */
  #isOfLevel(id: number): boolean {
    const levels = this.#wantedLevels;
    return levels === undefined || this.#levels === undefined || this.#levels.isOf(levels, id);
  }

  /** What is found, as it was asked for. The levels of lines that are not found need not be known. */
  async #withLevels(found: Buffer): Promise<Buffer> {
    const known = this.#known;
    if (!this.#request.query.hasLevels || known === undefined) return found;
    await this.knowLast();
    let knownTo = 0;
    for (const id of idsIn(found)) if (id > knownTo) knownTo = (await known.know(id))?.to ?? id;
    return leveled(found, (id) => knownLevel(known, id));
  }

  #finderFrom(firstId: number, { stampBefore }: Beginning): LineFinder {
    const { query, firstSource, firstMatch, lastMatch } = this.#request;
    const finder = createLineFinder(query, {
      firstId,
      firstMatch: this.#firstMatch ?? firstMatch,
      lastMatch,
      firstSource,
      levels: this.#levels,
      stampBefore,
      ...defined({ areVisibleAsIs: this.#known?.areVisibleAsIs }),
    });
    return query.hasLevels && this.#known === undefined ? leveledFinder(finder, query) : finder;
  }

  async #primedFrom(start: number): Promise<Beginning> {
    const { query, isResumed = false } = this.#request;
    const primed = await this.#startBefore(start, primingOf(query, isResumed));
    return this.#beginBefore(Math.max(Math.min(start, this.#journal.firstId), primed));
  }

  #lastPiecesIn(block: Block): Promise<ReadonlySet<number>> {
    const { query, to, isComplete = false } = this.#request;
    return lastPiecesIn(this.#journal, block, query, { to, isComplete });
  }

  #startBefore(id: number, lines: number): Promise<number> {
    return startBefore(this.#journal, id, lines, this.#request.query, this.#known?.areWhole);
  }

  /** Where to begin to read so that what is asked for is known of line `id` and those after it. */
  async #beginBefore(id: number): Promise<Beginning> {
    if (this.#times === undefined) return { from: id, stampBefore: () => undefined };
    await this.#knowTimes(id);
    return this.#times.beginBefore(id);
  }

  /** Before anything else is sent of the last matches: it begins with line `id`, or with the first of them. */
  async #sayStart(id: number): Promise<void> {
    if (this.#firstMatch === undefined || this.#hasSaidStart) return;
    this.#hasSaidStart = true;
    await this.#control.send({ type: 'start', id: Math.min(id, this.#firstMatch) });
  }

  async #say(lastId: number, safeId: number, time: number | undefined): Promise<void> {
    this.#advance(lastId, time ?? this.#progress.time);
    if (time !== undefined && this.#isProgressDue()) await this.#sayNow(safeId);
  }

  #isProgressDue(): boolean {
    return performance.now() - this.#saidAt >= progressMs;
  }

  #advance(lastId: number, time: number): void {
    const { from, tail } = this.#request;
    if (tail === undefined) this.#progress.scanned = Math.max(0, lastId - from + 1);
    this.#progress.matches = this.#matches;
    this.#progress.time = time;
  }

  async #sayNow(safeId: number): Promise<void> {
    this.#saidAt = performance.now();
    await this.#control.send({ type: 'progress', progress: { ...this.#progress }, safeId });
  }
}

function firstTime({ bytes }: Block): number {
  return originAt(bytes, 0)?.origin.time ?? 0;
}

/** Of whole events that begin with an origin. */
function firstIdIn(bytes: Buffer): number {
  return idAt(bytes, originAt(bytes, 0)?.end ?? 0) ?? 0;
}

function lastTime({ bytes }: Block): number {
  const at = originBefore(bytes, bytes.length);
  return at === undefined ? 0 : (originAt(bytes, at)?.origin.time ?? 0);
}
