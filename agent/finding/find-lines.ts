import type { Block } from '../frame/block.ts';
import type { Origin } from '../words/line.ts';
import { type BlockFacts, factsOf, type Hit, type JoinedBlock } from './block-facts.ts';
import { ContextFinder } from './context-finder.ts';
import { createHitFinder, type HitFinder } from './hits.ts';
import type { KnownLines, StampFinder } from './known-lines.ts';
import { type EventFinder, type Found, type LineFinder, nothingFound } from './line-finder.ts';
import { type LineQuery, reachBefore, selectedBy } from './line-query.ts';
import { blockOf, mostBetween, type OpenLines } from './pieces.ts';

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
    this.#joiner = createPieceJoiner(query.isByPiece === true, options.firstId);
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
  const joiner = createPieceJoiner(query.isByPiece === true, firstId);
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

/** Joins the pieces of blocks that are passed in order. */
interface PieceJoiner {
  /** A block that begins with no origin is the next slice of the one before. `lastPieces`: see `joinPieces`. */
  join(block: Block, facts: BlockFacts, lastPieces?: ReadonlySet<number>): Omit<JoinedBlock, 'open'>;
  /**
   * The first of the last pieces of lines that have not ended, of those that whoever begins to read here would still
   * see (see `startBefore`); infinite where there is none. A line that never ends holds up nobody.
   */
  readonly openFrom: number;
  /** Lines that have not ended and will not go on, as a block; undefined where there is none. */
  end(): Block | undefined;
  /** Those of them that will not because line `id` is too far from their last pieces. */
  endBefore(id: number): Block | undefined;
  /** What is passed next is from elsewhere. */
  clear(): void;
}

/** @param isByPiece leaves them as they are @param cutFrom see `joinPieces` */
function createPieceJoiner(isByPiece: boolean, cutFrom: number): PieceJoiner {
  let open: OpenLines = new Map();
  let lastId = 0;
  let before: BlockFacts | undefined;
  let inForce: Origin | undefined;

  function clear(): void {
    open = new Map();
    before = undefined;
    inForce = undefined;
  }

  return {
    join(block, facts, lastPieces) {
      if (isByPiece) return { block, facts };
      // Asked for only where the block is a slice: then the one before is still there.
      inForce = facts.firstOrigin === undefined ? (before?.lastOrigin ?? inForce) : undefined;
      before = facts;
      lastId = block.lastId;
      if (open.size === 0 && !inForce?.continued && !facts.hasContinued) return { block, facts };
      const joined = facts.joined(open, inForce, cutFrom, lastPieces);
      open = joined.open;
      return joined;
    },
    get openFrom() {
      // In the order of their last pieces.
      for (const { ids } of open.values()) {
        const last = ids.at(-1) ?? 0;
        if (last > lastId - mostBetween) return last;
      }
      return Number.POSITIVE_INFINITY;
    },
    end() {
      const lines = blockOf([...open.values()]);
      clear();
      return lines;
    },
    endBefore(id) {
      const ended = [...open].filter(([, { ids }]) => (ids.at(-1) ?? 0) < id - mostBetween);
      if (ended.length > 0) open = new Map([...open].filter((one) => !ended.includes(one)));
      return blockOf(ended.map(([, line]) => line));
    },
    clear,
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
