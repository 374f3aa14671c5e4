import type { Level } from '../text/level.ts';
import type { Stamp } from './records/line-reader.ts';

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
  /**
   * The first line whose level may be said by one that is still to come, of those near the end of what is known up to
   * line `to`; infinite where there is none.
   */
  undecidedFrom(to: number): number;
  /** Whether all lines from one id to another are known to be seen just as their bytes are. */
  areVisibleAsIs(from: number, to: number): boolean;
  /** Whether all lines from one id to another are known not to go on in another one. */
  areWhole(from: number, to: number): boolean;
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

/** What to begin with so that it is known when some lines are from. Plain data, as it crosses threads. */
export interface EarlierStamps {
  /** Id of the first line to read: not after the first of these lines. */
  from: number;
  /** Id of the last of these lines. */
  to: number;
  /** The last stamp before line `from` of each speaker that needs one up to line `to`; undefined if there is none. */
  stamps: [speaker: string, stamp: Stamp | undefined][];
}

/** Where nothing was said before line `from`, as before a log's first one. */
export function noEarlierStamps(from: number): EarlierStamps {
  return { from, to: Number.POSITIVE_INFINITY, stamps: [] };
}

/** Finds the stamps for a reading that goes on with lines which nobody knew when it began. */
export interface ReadingStamps {
  find: StampFinder;
  /** A line after those that the stamps are for needs another one: the reading has to begin anew. */
  readonly isMissing: boolean;
}

/** @param earlier of lines that are read from its `from` on, in order */
export function createReadingStamps({ to, stamps }: EarlierStamps): ReadingStamps {
  const known = new Map(stamps);
  const asked = new Set<string>();
  let isMissing = false;

  return {
    get isMissing() {
      return isMissing;
    },
    find(speaker, id) {
      // Whose stamp is asked for once more was forgotten meanwhile, and what it has said since.
      if (id > to && (!known.has(speaker) || asked.has(speaker))) isMissing = true;
      asked.add(speaker);
      return known.get(speaker);
    },
  };
}

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
