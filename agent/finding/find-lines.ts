import type { Block } from '../frame/block.ts';
import { type BlockFacts, factsOf, type Hit } from './block-facts.ts';
import { ContextFinder } from './context-finder.ts';
import { createHitFinder, type HitFinder } from './hits.ts';
import type { KnownLines, StampFinder } from './known-lines.ts';
import { type EventFinder, type Found, type LineFinder, nothingFound } from './line-finder.ts';
import { type LineQuery, reachBefore, selectedBy } from './line-query.ts';
import { createPieceJoiner, type PieceJoiner } from './piece-joiner.ts';

export interface LineFinderOptions extends HitOptions {
  /** Lines before this one are only looked at for what they say about later ones. */
  firstId: number;
  /** Lines before this one are no matches, but may come with one. */
  firstMatch?: number | undefined;
  /** Lines after this one are no matches, but may come with one. */
  lastMatch?: number | undefined;
}

interface HitOptions {
  /** Name of the source of lines whose origin names none. */
  firstSource: string | undefined;
  /** The levels of all lines that will be passed, where somebody knows them. */
  levels?: KnownLines | undefined;
  areVisibleAsIs?: KnownLines['areVisibleAsIs'];
  /** What was said before the first line that will be passed. */
  stampBefore?: StampFinder;
}

/** @throws SseTailError kind `usage` where a pattern is none */
export function createLineFinder(query: LineQuery, options: LineFinderOptions): LineFinder {
  return new WholeLineFinder(query, options);
}

/** What it passes on are lines that are an event each, unless pieces are asked for. */
class WholeLineFinder implements LineFinder {
  readonly #query: LineQuery;
  readonly #options: LineFinderOptions;
  readonly #finder: EventFinder;
  readonly #joiner: PieceJoiner;
  #sentId = 0;

  constructor(query: LineQuery, options: LineFinderOptions) {
    this.#query = query;
    this.#options = options;
    this.#joiner = createPieceJoiner(query, options.firstId);
    const hitFinder = hitFinderOf(query, options);
    const hasContext = reachBefore(query) + query.after > 0;
    this.#finder = hasContext ? new ContextFinder(query, hitFinder, options) : plainFinder(hitFinder, options);
  }

  get amidContextOf(): number | undefined {
    return this.#finder.amidContextOf;
  }

  /** A line that has not ended may be found as it is, where nothing after it was sent. */
  get safeId(): number {
    return Math.max(this.#sentId, Math.min(this.#finder.safeId, this.#joiner.openFrom - 1));
  }

  get isAmidLine(): boolean {
    return Number.isFinite(this.#joiner.openFrom);
  }

  moveTo(id: number, stampBefore: StampFinder): void {
    this.#joiner.clear();
    this.#finder.moveTo(id, stampBefore);
  }

  take(block: Block, most: number, facts = blockFacts(block, this.#options), lastPieces?: ReadonlySet<number>): Found {
    const ended = this.#ofLines(this.#joiner.endBefore(block.firstId), most);
    const whole = this.#joiner.join(block, facts, lastPieces);
    const found = this.#sent(this.#finder.take(whole.block, most - ended.matches, whole.facts));
    if (ended.matches === 0) return found;
    const lastLine = Math.max(ended.lastLine, found.lastLine);
    const bytes = Buffer.concat([ended.bytes, found.bytes]);
    return { ...found, bytes, matches: ended.matches + found.matches, lastLine };
  }

  endLines(most: number): Found {
    return this.#ofLines(this.#joiner.end(), most);
  }

  /** By themselves: what came after them has been looked at, and was sent before them if it was found. */
  #ofLines(lines: Block | undefined, most: number): Found {
    if (lines === undefined || most <= 0) return nothingFound(0);
    const options = { ...this.#options, firstId: Math.max(this.#options.firstId, this.#sentId + 1) };
    return this.#sent(plainFinder(hitFinderOf(this.#query, options), options).take(lines, most));
  }

  #sent(found: Found): Found {
    this.#sentId = Math.max(this.#sentId, found.lastLine);
    return found;
  }
}

/** Finds the ids of lines in blocks that are passed in order. */
export interface IdFinder {
  /** `lastPieces`: see `LineFinder`. */
  idsIn(block: Block, lastPieces?: ReadonlySet<number>): Iterable<number>;
  moveTo(id: number, stampBefore: StampFinder): void;
}

/**
 * @param firstId lines before this one are only looked at for what they say about later ones
 * @throws SseTailError kind `usage` where a pattern is none
 */
export function createIdFinder(query: LineQuery, firstId: number, options: HitOptions): IdFinder {
  const hitFinder = hitFinderOf(query, options);
  const joiner = createPieceJoiner(query, firstId);
  return {
    *idsIn(block, lastPieces) {
      const whole = joiner.join(block, blockFacts(block, options), lastPieces);
      for (const { id } of hitFinder.find(whole.block, whole.facts)) yield id;
    },
    moveTo(id, stampBefore) {
      joiner.clear();
      hitFinder.moveTo(id, stampBefore);
    },
  };
}

function blockFacts(block: Block, { areVisibleAsIs }: HitOptions): BlockFacts {
  return factsOf(block, areVisibleAsIs?.(block.firstId, block.lastId));
}

function hitFinderOf(query: LineQuery, options: HitOptions): HitFinder {
  const { firstSource, levels, areVisibleAsIs, stampBefore } = options;
  return createHitFinder(query, selectedBy(query, firstSource), levels, areVisibleAsIs, stampBefore);
}

function plainFinder(hitFinder: HitFinder, { firstId }: LineFinderOptions): EventFinder {
  let safeId = firstId - 1;
  let sentId = firstId - 1;
  return {
    amidContextOf: undefined,
    moveTo: hitFinder.moveTo,
    get safeId() {
      return safeId;
    },
    take(block, most, facts = factsOf(block)) {
      const hits: Hit[] = [];
      for (const hit of hitFinder.find(block, facts)) {
        // Also what is found late, where a later line was sent: a client that resumes after an id has all before it.
        if (hit.id <= sentId) continue;
        if (hits.length === most) break;
        hits.push(hit);
      }
      const lastLine = hits.at(-1)?.id ?? 0;
      const lastId = hits.length === most ? lastLine : block.lastId;
      sentId = Math.max(sentId, lastLine);
      safeId = Math.max(sentId, Math.min(lastId, hitFinder.undecidedFrom - 1));
      return { bytes: facts.excerptOf(hits), matches: hits.length, lastLine, lastId };
    },
  };
}
