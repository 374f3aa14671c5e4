import type { Level } from '../text/level.ts';
import type { Stamp } from './line-reader.ts';

/** What is remembered of the levels and times of a log's lines, so that they need not be read again. */
export interface KnownLines {
  /** Finds out the levels and times of line `id` and those around it. Undefined where there is no such line. */
  know(id: number): Promise<KnownRange | undefined>;
  /**
   * Finds out when line `id` and those around it are from. Returns whether that is known, or can't be; to be called
   * again where it is not.
   */
  settle(id: number): Promise<boolean>;
  /** Where to begin to read so that it is known when line `id` and those after it are from. */
  beginBefore(id: number): Beginning;
  /** Whether line `id`, which is known, is of one of these levels. */
  isOf(levels: ReadonlySet<Level>, id: number): boolean;
  /** Whether all lines from one id to another are known to be seen just as their bytes are. */
  areVisibleAsIs(from: number, to: number): boolean;
}

export interface Beginning {
  /** Id of the first line to read. */
  from: number;
  stampBefore: StampFinder;
}

/**
 * The last stamp of a speaker before line `id`, where none of its lines that say a time was read since the reading
 * began. Undefined where there is none.
 */
export type StampFinder = (speaker: string, id: number) => Stamp | undefined;

/** Lines whose levels are known, both ids included, and between which times all of them are. */
export interface KnownRange extends TimeSpan {
  from: number;
  to: number;
  /** Some of them can't be read. */
  isDamaged: boolean;
}

/** In milliseconds since the epoch: no line is from before the one or after the other. */
export interface TimeSpan {
  earliest: number;
  latest: number;
}
