import type { Journal } from '../../journal/journal.ts';
import { type Chunk, chunkLines, indexOf, isFull, setCodes, startOf } from '../chunks/chunk.ts';
import { endsOf } from '../chunks/problems.ts';
import {
  areStampsKnown,
  areTimesKnown,
  type FoundStamp,
  findStamp,
  type Reading,
  retime,
  stampIn,
} from '../chunks/stamps.ts';
import { thinTimes } from '../chunks/times.ts';
import { countLines } from './histogram.ts';

/** Chunks whose problems are all kept, and how many are kept of each where there are more chunks. */
export const untrimmed = 16;
const mostTrimmed = 100;
/** Times kept of each where there are more chunks: together as many as any picture of the log has columns. */
export const mostTimesTrimmed = 512;
/** Markers kept of one chunk, of all of them together, and of one once these are too many. */
const mostMarkers = 20_000;
const mostMarkersInAll = 100_000;
const leastMarkers = 100;

/** Speakers of a chunk of which it takes no time to find out what each has said before. */
const few = 8;

export type KnownChunks = ReturnType<typeof createKnownChunks>;

/** What is known of a log, by the chunks' numbers, within bounds. */
export function createKnownChunks(journal: Journal) {
  const chunks = new Map<number, Chunk>();
  /** Of which first chunk everything is found out that the chunks say about each other. */
  let resolvedFor: number | undefined;

  /** What a record says in a chunk counts for its lines in the one before, too. */
  function carry(index: number): void {
    const before = chunks.get(index - 1);
    const carried = chunks.get(index)?.carried ?? [];
    if (before !== undefined && setCodes(before, carried)) countLines(before);
  }

  /** The last stamp of a speaker before a line. */
  function stampBefore(
    speaker: string,
    reading: Reading,
    rather: (index: number) => Chunk | undefined = () => undefined,
  ): FoundStamp {
    return findStamp(speaker, reading, indexOf(journal.firstId), (index) => rather(index) ?? chunks.get(index));
  }

  function resolve(index: number, chunk: Chunk): void {
    const { stamps } = chunk;
    for (const one of stamps.needed) {
      if (one.stamp !== undefined) continue;
      const found = stampBefore(one.speaker, allBefore(index));
      if (found !== undefined) one.stamp = found;
      const stamp = stampIn(found);
      if (stamp === undefined) continue;
      if (isFull(chunk) && stamps.isOfOne && stamps.said.length === 0) {
        retime(chunk, stamp);
        countLines(chunk);
      } else stamps.isStale = true;
    }
  }

  /** What retention took is of no use. */
  function forget(): void {
    for (const index of chunks.keys()) if ((index + 1) * chunkLines < journal.firstId) chunks.delete(index);
  }

  /** A log may hold nothing but markers: those of ten million lines would end the thread. */
  function roomForMarkers(): number {
    let markers = 0;
    for (const chunk of chunks.values()) markers += chunk.markers.length;
    return Math.max(leastMarkers, Math.min(mostMarkers, (mostMarkersInAll - markers) >> 1));
  }

  return {
    get: (index: number) => chunks.get(index),
    roomForMarkers,
    stampBefore,

    add(chunk: Chunk): void {
      const index = indexOf(chunk.firstId);
      chunks.set(index, chunk);
      resolvedFor = undefined;
      carry(index);
      carry(index + 1);
    },

    /**
     * Finds out what chunks need to know of the stamps before them. Returns the numbers of those that have to be read
     * again, in order: once all that they need is known, so that it is once for each.
     *
     * @param isQuick only what chunks need that need little
     */
    resolve(isQuick = false): number[] {
      forget();
      const first = indexOf(journal.firstId);
      if (resolvedFor === first) return [];
      const indexes = [...chunks.keys()].sort((a, b) => a - b);
      const stale = indexes.filter((index) => {
        const chunk = chunks.get(index) as Chunk;
        if (!areTimesKnown(chunk) && (!isQuick || chunk.stamps.needed.length <= few)) resolve(index, chunk);
        return chunk.stamps.isStale && areStampsKnown(chunk);
      });
      if (stale.length === 0 && !isQuick) resolvedFor = first;
      return stale;
    },

    /** Of a log with very many problems only those at its ends are shown, and of its times not every one. */
    reduce(chunk: Chunk): void {
      if (!isFull(chunk)) return;
      const { size } = chunks;
      if (size === untrimmed + 1) for (const each of chunks.values()) trim(each);
      else if (size > untrimmed) trim(chunk);
      countLines(chunk);
      forget();
    },

    /** Those that follow each other up to the newest one. */
    known(): Chunk[] {
      forget();
      const found: Chunk[] = [];
      const indexes = [...chunks.keys()].sort((a, b) => b - a);
      for (const index of indexes) {
        const chunk = chunks.get(index) as Chunk;
        const next = found[0];
        if (next !== undefined && chunk.lastId !== next.firstId - 1) break;
        found.unshift(chunk);
      }
      // Whoever has all of it asks for no more.
      if (found[0]?.firstId === startOf(indexOf(journal.firstId)) && !found.every(areTimesKnown)) found.shift();
      return found;
    },
  };
}

function trim(chunk: Chunk): void {
  if (!isFull(chunk)) return;
  if (thinTimes(chunk, mostTimesTrimmed)) countLines(chunk);
  if (chunk.problems.length > mostTrimmed) chunk.problems = endsOf(chunk.problems, mostTrimmed);
}

/** Where a chunk is read from its beginning. */
export function allBefore(index: number): Reading {
  return { of: index - 1, from: index - 1, unread: Number.POSITIVE_INFINITY };
}
