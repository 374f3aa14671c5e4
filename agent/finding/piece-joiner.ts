import type { Block } from '../frame/block.ts';
import type { Origin } from '../words/line.ts';
import type { BlockFacts, JoinedBlock } from './block-facts.ts';
import type { LineQuery } from './line-query.ts';
import { blockOf, type OpenLines } from './pieces.ts';
import { mostBetween } from './records/piece-reach.ts';

/** Joins the pieces of blocks that are passed in order. */
export interface PieceJoiner {
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

/**
 * Leaves them as they are where the query asks for that.
 *
 * @param cutFrom see `joinPieces`
 */
export function createPieceJoiner({ isByPiece }: Pick<LineQuery, 'isByPiece'>, cutFrom: number): PieceJoiner {
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
