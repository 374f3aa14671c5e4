import type { Block } from '../frame/block.ts';
import type { BlockFacts } from './block-facts.ts';
import type { StampFinder } from './known-lines.ts';

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
export interface LineFinder extends EventFinder {
  /** As for lines that are an event each. `lastPieces`: those that do not go on, if known (`lastPiecesIn`). */
  take(block: Block, most: number, facts?: BlockFacts, lastPieces?: ReadonlySet<number>): Found;
  /** What is found where lines that have not ended will not go on. What comes next has nothing to do with them. */
  endLines(most: number): Found;
  /** A line has not ended: whoever goes on with another finder reads it from its beginning, see `startBefore`. */
  readonly isAmidLine: boolean;
}

/** The same for lines that are an event each. */
export interface EventFinder {
  /**
   * What is found in the next block, at most `most` matches. A block that begins with no origin is the next slice of
   * the one before. `facts` are the block's, where others need them, too.
   */
  take(block: Block, most: number, facts?: BlockFacts): Found;
  /**
   * The next block is from elsewhere in the log. Lines before line `id` are known not to be found; they may come with
   * one that is.
   */
  moveTo(id: number, stampBefore: StampFinder): void;
  /** Id of the last match, where lines that come with it are still to come. */
  readonly amidContextOf: number | undefined;
  /** Everything that could be asked for up to this line was passed on: lines before a match may have to come yet. */
  readonly safeId: number;
}

export function nothingFound(lastId: number): Found {
  return { bytes: Buffer.alloc(0), matches: 0, lastLine: 0, lastId };
}
