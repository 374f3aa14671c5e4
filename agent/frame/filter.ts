import type { Origin } from '../words/line.ts';
import type { Block } from './block.ts';
import { frameEnd, idAt, nextOrigin, originAt } from './scan.ts';

/** Lets some lines through. */
export interface LineFilter {
  /**
   * The parts of a block that are let through, in order. A block that begins with no origin is the next slice of the
   * one before.
   */
  stretches(block: Block): Stretch[];
}

/** Lines that follow each other in a block, with their `origin` event where it is in the block. */
export interface Stretch {
  /** Where they are in the block's bytes. */
  start: number;
  end: number;
  firstId: number;
  /** `firstId - 1` where there is but the origin of what the next slice begins with. */
  lastId: number;
}

/** What is let through of a block: whole events, or no bytes at all. */
export interface Part {
  bytes: Buffer;
  lines: number;
  /** Id of the last of these lines; `firstId - 1` of the block when there is none. */
  lastLine: number;
  /** The block was looked through up to this line. */
  lastId: number;
}

/**
 * A filter that goes by the lines' origins. It looks at no line: from one origin to the next all lines have the same
 * fate, and how many they are is told by their ids.
 */
export function createOriginFilter(isWanted: (origin: Origin) => boolean): LineFilter {
  /** Whether what comes under the origin in force is let through. */
  let isLetThrough = false;

  return {
    stretches({ bytes, firstId, lastId }) {
      const stretches: Stretch[] = [];
      let open: Stretch | undefined;
      for (let start = 0; start < bytes.length; ) {
        const end = nextOrigin(bytes, start) ?? bytes.length;
        const found = originAt(bytes, start);
        if (found !== undefined) isLetThrough = isWanted(found.origin);
        const first = found === undefined ? firstId : idAt(bytes, found.end);
        if (first !== undefined || end === bytes.length) {
          if (open !== undefined && first !== undefined) open.lastId = first - 1;
          open = isLetThrough ? { start, end, firstId: first ?? lastId + 1, lastId } : undefined;
          if (open !== undefined) stretches.push(open);
        }
        start = end;
      }
      return stretches;
    },
  };
}

/** What a filter lets through of a block, at most `most` lines. */
export function partOf(block: Block, filter: LineFilter, most: number): Part {
  const { bytes, firstId, lastId } = block;
  const runs: { start: number; end: number }[] = [];
  let lines = 0;
  let lastLine = firstId - 1;
  for (const stretch of filter.stretches(block)) {
    if (lines === most) break;
    const count = Math.min(most - lines, stretch.lastId - stretch.firstId + 1);
    lines += count;
    if (count > 0) lastLine = stretch.firstId + count - 1;
    const end = count > 0 && lastLine < stretch.lastId ? frameEnd(bytes, stretch.start, lastLine) : stretch.end;
    const before = runs.at(-1);
    if (before?.end === stretch.start) before.end = end;
    else runs.push({ start: stretch.start, end });
  }
  const pieces = runs.map(({ start, end }) => bytes.subarray(start, end));
  const [first = Buffer.alloc(0)] = pieces;
  return {
    bytes: pieces.length > 1 ? Buffer.concat(pieces) : first.length === bytes.length ? bytes : first,
    lines,
    lastLine,
    lastId: lines === most ? lastLine : lastId,
  };
}

/** Ids, both included. */
export interface Ids {
  from: number;
  to: number;
}
