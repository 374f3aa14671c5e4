import type { Block } from '../frame/block.ts';
import { eventEndAfter, idAt, lastFrameStart, originAt, originBefore, visitEvents } from '../frame/scan.ts';
import type { Origin } from '../words/line.ts';
import type { BlockFacts, Hit } from './block-facts.ts';
import { createExcerpt } from './excerpt.ts';
import type { HitFinder } from './hits.ts';
import type { StampFinder } from './known-lines.ts';
import { type EventFinder, type Found, nothingFound } from './line-finder.ts';
import { type LineQuery, reachBefore } from './line-query.ts';
import { createRecordMembers, type RecordMembers } from './records/members.ts';

/** Of all the lines before a match that may have to come with it: a search must not hold a log in memory. */
const mostKeptBytes = 1024 * 1024;

/** A line that is looked at now, or that a match after it may ask for. */
interface Candidate extends Hit {
  /** Where its event is. */
  bytes: Buffer;
  /** These are of a line of an earlier block, and its own. */
  isCopied: boolean;
  isMatch: boolean;
  /** It is among the lines after a match, or of the record of one. */
  isWanted: boolean;
  record: object | undefined;
}

/** See `LineFinderOptions`. */
interface ContextFinderOptions {
  firstId: number;
  firstMatch?: number | undefined;
  lastMatch?: number | undefined;
}

/** Finds lines with those around them, or those of their records, as context. */
export class ContextFinder implements EventFinder {
  readonly #query: LineQuery;
  readonly #hitFinder: HitFinder;
  readonly #firstId: number;
  readonly #firstMatch: number;
  readonly #lastMatch: number;
  /** How many lines before a match may be asked for, and how many of the last lines are kept for that. */
  readonly #reach: number;
  readonly #kept: number;
  #recent: Candidate[] = [];
  #members: RecordMembers | undefined;
  #afterLeft = 0;
  #newestMatch = 0;
  /** A further match came than was asked for: nothing of the last ones is waited for. */
  #isFull = false;
  #nextId = 0;
  #sentId: number;
  #inForce: Origin | undefined;

  constructor(
    query: LineQuery,
    hitFinder: HitFinder,
    { firstId, firstMatch = 0, lastMatch = Number.POSITIVE_INFINITY }: ContextFinderOptions,
  ) {
    this.#query = query;
    this.#hitFinder = hitFinder;
    this.#firstId = firstId;
    this.#firstMatch = firstMatch;
    this.#lastMatch = lastMatch;
    this.#reach = reachBefore(query);
    this.#kept = this.#reach + hitFinder.reachBack;
    this.#sentId = firstId - 1;
  }

  get amidContextOf(): number | undefined {
    return this.#isAmidContext() ? this.#newestMatch : undefined;
  }

  get safeId(): number {
    const nextMatch = Math.min(this.#nextId, this.#hitFinder.undecidedFrom);
    return Math.max(this.#sentId, Math.min(nextMatch - this.#reach, this.#reachFrom(nextMatch)) - 1);
  }

  /** The first line that a match at line `id` may ask for. Lines that were in pieces have several ids. */
  #reachFrom(id: number): number {
    const last = this.#recent.findLastIndex((line) => line.id < id);
    return this.#recent[Math.max(0, last - this.#reach + 1)]?.id ?? id;
  }

  moveTo(id: number, stampBefore: StampFinder): void {
    this.#hitFinder.moveTo(id, stampBefore);
  }

  take(block: Block, most: number, facts?: BlockFacts): Found {
    if (block.firstId !== this.#nextId) this.#begin(block.firstId);
    const hits = [...this.#hitFinder.find(block, facts)].filter(({ id }) => id >= this.#firstMatch);
    if (hits.length === 0 && !this.#isAmidContext()) return this.#passOver(block);
    this.#readRecent();
    const { lines, matches, lastId } = this.#lookAt(block, hits, most);
    this.#wantBefore(lines);
    const excerpt = createExcerpt();
    let lastLine = 0;
    for (const line of lines) {
      if (line.id <= this.#sentId || !this.#isAskedFor(line)) continue;
      excerpt.add(line.bytes, line.start, line.end, line.isMatch ? line.origin : contextOf(line.origin));
      lastLine = line.id;
    }
    if (lastLine > 0) this.#sentId = lastLine;
    const found = { bytes: excerpt.take(), matches, lastLine, lastId };
    this.#keep(lines);
    return found;
  }

  #isAmidContext(): boolean {
    if (this.#isFull) return false;
    return this.#afterLeft > 0 || this.#members?.isAmid(this.#nextId) === true;
  }

  /** What is found has nothing to do with the lines before it. */
  #begin(firstId: number): void {
    this.#recent = [];
    this.#members = undefined;
    this.#afterLeft = 0;
    this.#isFull = false;
    this.#nextId = firstId;
  }

  /** Records begin before the lines that ask for them: the lines that were passed over are looked at now. */
  #readRecent(): void {
    if (!this.#query.hasRecords || this.#members !== undefined) return;
    this.#members = createRecordMembers();
    for (const line of this.#recent) line.record = this.#members.read(line);
  }

  #lookAt(block: Block, hits: readonly Hit[], most: number) {
    const lines = this.#recent;
    let next = 0;
    let matches = this.#takeLate(hits, most);
    while ((hits[next]?.id ?? block.firstId) < block.firstId) next++;
    for (const hit of linesOf(block, this.#inForce)) {
      const { id, origin } = hit;
      const line = candidateOf(hit, block.bytes);
      line.record = this.#members?.read(line);
      const isHit = hits[next]?.id === id;
      if (isHit) next++;
      // A further match is not passed over: whoever asks for more begins with it.
      const isTooMany = isHit && this.#afterLeft === 0 && !this.#isOfWanted(line);
      // What was sent before counts no more.
      const isOwn = id >= this.#firstId;
      if (isOwn && matches === most && (isTooMany || !this.#isAmidContext())) {
        this.#isFull = true;
        return { lines, matches, lastId: id - 1 };
      }
      if (isHit && id <= this.#lastMatch && (matches < most || !isOwn)) {
        line.isMatch = true;
        if (isOwn) matches++;
        this.#newestMatch = id;
        this.#afterLeft = this.#query.after;
        this.#members?.want(line);
      } else if (this.#afterLeft > 0) {
        this.#afterLeft--;
        line.isWanted = true;
      }
      lines.push(line);
      this.#inForce = origin;
      this.#nextId = id + 1;
    }
    // After its last line another origin may begin, which the next slice of it does not repeat.
    this.#inForce = originAtOrBefore(block.bytes, block.bytes.length) ?? this.#inForce;
    this.#nextId = block.lastId + 1;
    return { lines, matches, lastId: block.lastId };
  }

  /** Lines of earlier blocks whose records have only now said a level. Returns how many of them are asked for. */
  #takeLate(hits: readonly Hit[], most: number): number {
    let matches = 0;
    for (const { id, bytes } of hits) {
      if (bytes === undefined || matches === most) break;
      const at = this.#recent.findIndex((line) => line.id === id);
      const line = this.#recent[at];
      if (line === undefined || id > this.#lastMatch) continue;
      line.isMatch = true;
      // Where it was sent as context, or a later one was sent, only what comes after that may be sent with it.
      if (id > this.#sentId) matches++;
      // A newer one may be owed more.
      this.#newestMatch = Math.max(this.#newestMatch, id);
      this.#members?.want(line);
      for (const after of this.#recent.slice(at + 1, at + 1 + this.#query.after)) after.isWanted = true;
      this.#afterLeft = Math.max(this.#afterLeft, this.#query.after - (this.#recent.length - 1 - at));
    }
    return matches;
  }

  #wantBefore(lines: readonly Candidate[]): void {
    let left = 0;
    for (let i = lines.length - 1; i >= 0; i--) {
      const line = lines[i] as Candidate;
      if (line.isMatch) left = this.#query.before;
      else if (left > 0) {
        left--;
        line.isWanted = true;
      }
    }
  }

  #isAskedFor(line: Candidate): boolean {
    return line.isMatch || line.isWanted || this.#isOfWanted(line);
  }

  #isOfWanted({ record }: Candidate): boolean {
    return record !== undefined && this.#members?.isWanted(record) === true;
  }

  /** The block's memory is used again. */
  #keep(lines: readonly Candidate[]): void {
    this.#recent = lines.slice(this.#startOfReach(lines));
    for (const line of this.#recent) {
      line.isMatch = false;
      if (line.isCopied) continue;
      line.bytes = Buffer.from(line.bytes.subarray(line.start, line.end));
      line.start = 0;
      line.end = line.bytes.length;
      line.isCopied = true;
    }
  }

  #startOfReach(lines: readonly Candidate[]): number {
    const first = Math.max(0, lines.length - this.#kept);
    let bytes = 0;
    for (let at = lines.length - 1; at >= first; at--) {
      const { start, end } = lines[at] as Candidate;
      bytes += end - start;
      // The newest one may be longer than that by itself.
      if (bytes > mostKeptBytes) return Math.min(at + 1, lines.length - 1);
    }
    return first;
  }

  /** Only its last lines may be asked for by a match in the next block. */
  #passOver(block: Block): Found {
    const { bytes, lastId } = block;
    let start = bytes.length;
    for (let lines = 0; lines < this.#kept && start > 0; lines++) start = lastFrameStart(bytes, start - 1) ?? 0;
    const rest = bytes.subarray(start);
    const lines = linesOf({ ...block, bytes: rest }, originAtOrBefore(bytes, start) ?? this.#inForce);
    this.#keep([...this.#recent, ...lines.map((hit) => candidateOf(hit, rest))]);
    this.#members = undefined;
    this.#inForce = originAtOrBefore(bytes, bytes.length) ?? this.#inForce;
    this.#nextId = lastId + 1;
    return nothingFound(lastId);
  }
}

function candidateOf(hit: Hit, bytes: Buffer): Candidate {
  return { ...hit, bytes, isCopied: false, isMatch: false, isWanted: false, record: undefined };
}

const contexts = new WeakMap<Origin, Origin>();

/** The same object for the same origin, so that it is written once. */
function contextOf(origin: Origin): Origin {
  let context = contexts.get(origin);
  if (context === undefined) {
    context = { ...origin, context: true };
    contexts.set(origin, context);
  }
  return context;
}

function originAtOrBefore(bytes: Buffer, place: number): Origin | undefined {
  const at = originBefore(bytes, place);
  return at === undefined ? undefined : originAt(bytes, at)?.origin;
}

function linesOf({ bytes }: Block, inForce: Origin | undefined): Hit[] {
  const lines: Hit[] = [];
  let origin = inForce ?? { time: 0 };
  visitEvents(bytes, {
    origin(next) {
      origin = next;
    },
    line(_start, textEnd, start) {
      lines.push({ id: idAt(bytes, start) ?? 0, start, end: eventEndAfter(bytes, textEnd), origin });
    },
  });
  return lines;
}
