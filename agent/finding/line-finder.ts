import type { Block } from '../frame/block.ts';
import { eventEndAfter, idAt, lastFrameStart, originAt, originBefore, visitEvents } from '../frame/scan.ts';
import type { Origin } from '../words/line.ts';
import { createExcerpt, type Excerpt } from './excerpt.ts';
import { createFindHits, type FindHits, type Hit } from './hits.ts';
import type { KnownLevels } from './known-levels.ts';
import { type LineQuery, selectedBy } from './line-query.ts';

/** What was found in a block. */
export interface Found {
  /** The lines found, with their context: whole events that begin with an origin, or no bytes at all. */
  bytes: Buffer;
  matches: number;
  /** Id of the last line in `bytes`; 0 where there is none. */
  lastLine: number;
  /** The block was looked through up to this line. */
  lastId: number;
}

/** Finds lines in blocks that are passed in order, and remembers what lines have to do with those before them. */
export interface LineFinder {
  /**
   * What is found in the next block, at most `most` matches. A block that begins with no origin is the next slice of
   * the one before.
   */
  take(block: Block, most: number): Found;
  /** Whether lines after the last match are still to come. */
  readonly isAmidContext: boolean;
  /** Everything that could be asked for up to this line was passed on: lines before a match may have to come yet. */
  readonly safeId: number;
}

export interface LineFinderOptions {
  /** Lines before this one are only looked at for what they say about later ones. */
  firstId: number;
  /** Name of the source of lines whose origin names none. */
  firstSource: string | undefined;
  /** The levels of all lines that will be passed, where somebody knows them. */
  levels?: KnownLevels | undefined;
  areVisibleAsIs?: KnownLevels['areVisibleAsIs'];
}

/** @throws SseTailError kind `usage` where a pattern is none */
export function createLineFinder(query: LineQuery, options: LineFinderOptions): LineFinder {
  const { firstSource, levels, areVisibleAsIs } = options;
  const findHits = createFindHits(query, selectedBy(query, firstSource), levels, areVisibleAsIs);
  if (query.before + query.after > 0) return new ContextFinder(query, findHits, options.firstId);
  return plainFinder(findHits, options.firstId);
}

function plainFinder(findHits: FindHits, firstId: number): LineFinder {
  let safeId = firstId - 1;
  return {
    isAmidContext: false,
    get safeId() {
      return safeId;
    },
    take(block, most) {
      const excerpt = createExcerpt();
      let matches = 0;
      let lastLine = 0;
      for (const { id, start, end, origin } of findHits(block)) {
        if (id < firstId) continue;
        if (matches === most) break;
        excerpt.add(block.bytes, start, end, origin);
        matches++;
        lastLine = id;
      }
      safeId = matches === most ? lastLine : block.lastId;
      return { bytes: excerpt.take(), matches, lastLine, lastId: safeId };
    },
  };
}

/** A line that a match after it may ask for. */
interface KeptLine {
  id: number;
  bytes: Buffer;
  origin: Origin;
}

class ContextFinder implements LineFinder {
  readonly #query: LineQuery;
  readonly #findHits: FindHits;
  readonly #firstId: number;
  #kept: KeptLine[] = [];
  #afterLeft = 0;
  #nextId = 0;
  #sentId: number;
  #inForce: Origin | undefined;

  constructor(query: LineQuery, findHits: FindHits, firstId: number) {
    this.#query = query;
    this.#findHits = findHits;
    this.#firstId = firstId;
    this.#sentId = firstId - 1;
  }

  get isAmidContext(): boolean {
    return this.#afterLeft > 0;
  }

  get safeId(): number {
    return Math.max(this.#sentId, this.#nextId - 1 - this.#query.before);
  }

  take(block: Block, most: number): Found {
    if (block.firstId !== this.#nextId) {
      this.#kept = [];
      this.#afterLeft = 0;
    }
    const hits = [...this.#findHits(block)];
    if (hits.length === 0 && this.#afterLeft === 0) return this.#passOver(block);
    const excerpt = createExcerpt();
    let next = 0;
    let matches = 0;
    let lastLine = 0;
    let lastId = block.lastId;
    for (const line of linesOf(block, this.#inForce)) {
      const isHit = hits[next]?.id === line.id;
      if (isHit) next++;
      if (matches === most && this.#afterLeft === 0) {
        lastId = line.id - 1;
        break;
      }
      const isMatch = isHit && matches < most;
      if (isMatch && line.id >= this.#firstId) matches++;
      if (this.#send(excerpt, block.bytes, line, isMatch)) lastLine = line.id;
      this.#inForce = line.origin;
    }
    this.#kept = this.#kept.map(detached);
    this.#nextId = lastId + 1;
    if (lastLine > 0) this.#sentId = lastLine;
    return { bytes: excerpt.take(), matches, lastLine, lastId };
  }

  /** Only its last lines may be asked for by a match in the next block. */
  #passOver(block: Block): Found {
    const { before } = this.#query;
    const { bytes } = block;
    let start = bytes.length;
    for (let lines = 0; lines < before && start > 0; lines++) start = lastFrameStart(bytes, start - 1) ?? 0;
    const rest = bytes.subarray(start);
    const lines = linesOf({ ...block, bytes: rest }, originAtOrBefore(bytes, start) ?? this.#inForce);
    const kept = lines
      .filter(({ id }) => id >= this.#firstId)
      .map((line) => ({ id: line.id, bytes: rest.subarray(line.start, line.end), origin: line.origin }));
    this.#kept = before === 0 ? [] : [...this.#kept, ...kept].slice(-before).map(detached);
    this.#inForce = originAtOrBefore(bytes, bytes.length) ?? this.#inForce;
    this.#nextId = block.lastId + 1;
    return { bytes: Buffer.alloc(0), matches: 0, lastLine: 0, lastId: block.lastId };
  }

  /** Whether the line goes out. */
  #send(excerpt: Excerpt, bytes: Buffer, line: Hit, isMatch: boolean): boolean {
    const { before, after } = this.#query;
    const isWanted = line.id >= this.#firstId;
    if (isMatch) {
      if (isWanted) {
        for (const kept of this.#kept) excerpt.add(kept.bytes, 0, kept.bytes.length, contextOf(kept.origin));
        excerpt.add(bytes, line.start, line.end, line.origin);
      }
      this.#kept = [];
      this.#afterLeft = after;
      return isWanted;
    }
    if (this.#afterLeft > 0) {
      this.#afterLeft--;
      if (isWanted) excerpt.add(bytes, line.start, line.end, contextOf(line.origin));
      return isWanted;
    }
    if (before > 0 && isWanted) {
      this.#kept.push({ id: line.id, bytes: bytes.subarray(line.start, line.end), origin: line.origin });
      if (this.#kept.length > before) this.#kept.shift();
    }
    return false;
  }
}

/** The block's memory is used again. */
function detached(line: KeptLine): KeptLine {
  return { ...line, bytes: Buffer.from(line.bytes) };
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
