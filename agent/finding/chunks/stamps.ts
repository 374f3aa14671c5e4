import type { Origin } from '../../words/line.ts';
import type { TimeSpan } from '../known-lines.ts';
import {
  createLineReader,
  type LineReader,
  type SpeakersStamp,
  type Stamp,
  timeAfter,
} from '../records/line-reader.ts';
import { speakerOf } from '../records/speaker.ts';
import { type Chunk, type ChunkStamps, isFull, lost, noStamps, type SaidStamp } from './chunk.ts';

/*
 * A line that says no time is of that of its speaker's last stamp, wherever that is. What each chunk remembers of
 * stamps makes it the same for whoever begins to read anywhere. Where more speakers than are remembered say their times
 * in one chunk, some of what follows is from its arrival instead, and its chunks say that nothing is certain. Where
 * retention cuts a step of a chunk, what was said in the part of it that is gone is not remembered: up to the next
 * stamp of its speaker, lines of that step go by the last one before the step.
 */

/** The last stamp of a speaker: null where there is none, `lost` where it can't be known, undefined where not yet. */
export type FoundStamp = Stamp | null | typeof lost | undefined;

/** Whoever begins to read a chunk can begin at a multiple of so many lines. */
export const stepLines = 2048;
/** More are not remembered of a chunk; nor more stamps, of all its steps. */
const mostSpeakers = 256;
const mostSaid = 512;

/** Notes what the lines of a chunk, which are read in order, say and need of stamps. */
export interface StampNotes {
  /** What the lines are read by, also those before the chunk's. */
  reader: LineReader;
  /** Line `id` is read next. */
  beginAt(id: number): void;
  /** Lines up to this one, which is the chunk's, are read. @param origin left out where they can't be read */
  passed(id: number, origin?: Origin): void;
  /** How many lines of this origin may be read at once from line `id` on. */
  mostFrom(id: number, origin: Origin): number;
}

/** @param before the last stamp of a speaker before the chunk */
export function createStampNotes(
  chunk: Pick<Chunk, 'firstId' | 'lastId' | 'stamps'>,
  before: (speaker: string) => FoundStamp,
): StampNotes {
  const { firstId, stamps } = chunk;
  const reader = createLineReader({
    stampBefore: (speaker) => stampIn(before(speaker)),
    needsStamp(speaker, stamp) {
      // Of the chunk's own lines.
      if (isBegun) noteNeeded(stamps, speaker, stamp ?? before(speaker));
    },
  });
  let isBegun = false;
  let nextStep = stepLines;
  let firstSpeaker: string | undefined;
  let lastOrigin: Origin | undefined;

  function noteSpeaker(origin: Origin): void {
    lastOrigin = origin;
    const speaker = speakerOf(origin);
    firstSpeaker ??= speaker;
    if (firstSpeaker !== speaker) stamps.isOfOne = false;
  }

  return {
    reader,
    beginAt(id) {
      if (isBegun || id < firstId) return;
      isBegun = true;
      reader.mark();
    },
    passed(id, origin) {
      if (stamps.isOfOne && origin !== undefined && origin !== lastOrigin) noteSpeaker(origin);
      chunk.lastId = id;
      for (; id - firstId + 1 >= nextStep; nextStep += stepLines) noteSaid(stamps, nextStep, reader.takeStamps());
    },
    // Of a speaker's first line it matters whether it says its time.
    mostFrom: (id, origin) => (reader.isNew(origin) ? 1 : firstId + nextStep - id),
  };
}

/** Adds what was said before a step. */
function noteSaid(stamps: ChunkStamps, at: number, said: readonly SpeakersStamp[]): void {
  for (const one of said) stamps.said.push({ at, ...one });
  if (stamps.said.length <= mostSaid) return;
  const last = new Map<string, SaidStamp>();
  for (const one of stamps.said) {
    // In the order in which they were last said.
    last.delete(one.speaker);
    last.set(one.speaker, { ...one, at });
  }
  stamps.said = [...last.values()].slice(-mostSpeakers);
  stamps.stepsFrom = at;
  if (last.size > mostSpeakers) stamps.haveOthersSaid = true;
}

/** What there is to go by. */
export function stampIn(found: FoundStamp): Stamp | undefined {
  return found === null || found === lost ? undefined : found;
}

/** Adds that a line needs a stamp from before the chunk. */
function noteNeeded(stamps: ChunkStamps, speaker: string, stamp: FoundStamp): void {
  const { needed } = stamps;
  if (needed.some((one) => one.speaker === speaker)) return;
  if (needed.length === mostSpeakers) {
    stamps.areOthersNeeded = true;
    return;
  }
  needed.push({
    speaker,
    ...(stamp !== undefined && { stamp: ownStamp(stamp) }),
  });
}

function ownStamp<Found extends FoundStamp>(found: Found): Found | Stamp {
  if (found === undefined || found === null || found === lost) return found;
  return { time: found.time, arrived: found.arrived };
}

/** Whether what can be known of the stamps that a chunk needs is; its times may not be by them yet. */
export function areStampsKnown({ stamps }: Chunk): boolean {
  return stamps.needed.every(({ stamp }) => stamp !== undefined);
}

/** Whether it is known when all of the chunk's lines are from. */
export function areTimesKnown(chunk: Chunk): boolean {
  return !chunk.stamps.isStale && areStampsKnown(chunk);
}

const always = { earliest: Number.NEGATIVE_INFINITY, latest: Number.POSITIVE_INFINITY };

/** Between which times all of a chunk's lines are for certain. */
export function knownSpan(chunk: Chunk): TimeSpan {
  const { areOthersNeeded, needed } = chunk.stamps;
  const isCertain = areTimesKnown(chunk) && !areOthersNeeded && needed.every(({ stamp }) => stamp !== lost);
  return isCertain ? chunk.span : always;
}

/** Where in a chunk to begin to read, so that what is in force there is known: not after line `id`, which is known. */
export function stepBefore({ firstId, lastId, stamps }: Chunk, id: number): number {
  const at = id - firstId;
  const step = at - (at % stepLines);
  if (step < stamps.stepsFrom) return firstId;
  const next = step + stepLines;
  // The same all over the step.
  if (lastId >= firstId + next - 1 && !stamps.said.some((one) => one.at === next)) return id;
  return firstId + step;
}

/** Where a line is, and where the reading of it began: no stamp of its speaker is between these. */
export interface Reading {
  /** Numbers of the chunks. */
  of: number;
  from: number;
  /** Of the chunk where it began: how many of its lines were not read. */
  unread: number;
}

/**
 * The last stamp of a speaker before a line.
 *
 * @param first number of the log's first chunk
 */
export function findStamp(
  speaker: string,
  { of, from, unread }: Reading,
  first: number,
  chunkAt: (index: number) => Chunk | undefined,
): FoundStamp {
  for (let i = of; i >= first; i--) {
    const chunk = chunkAt(i);
    const end = i > from ? 0 : i === from ? unread : Number.POSITIVE_INFINITY;
    // Its last lines may say another time.
    if (i <= from && (chunk === undefined || (end === Number.POSITIVE_INFINITY && !isFull(chunk)))) return undefined;
    const { said, needed, haveOthersSaid } = chunk?.stamps ?? noStamps();
    const stamp = said.findLast((one) => one.at <= end && one.speaker === speaker);
    if (stamp !== undefined) return ownStamp(stamp);
    // It may have said one after the one that it needed.
    if (haveOthersSaid && end > 0) return lost;
    const found = needed.find((one) => one.speaker === speaker);
    if (found !== undefined) return ownStamp(found.stamp);
  }
  return null;
}

/** When lines are from that are a chunk's of one speaker who says no time in it, once it is known what is in force. */
export function retime(chunk: Chunk, stamp: Stamp): void {
  const timeOf = (arrived: number) => timeAfter(stamp, arrived);
  const { starts, times } = chunk.times;
  chunk.times = { starts, times: Float64Array.from(times, timeOf) };
  chunk.span = { earliest: timeOf(chunk.span.earliest), latest: timeOf(chunk.span.latest) };
  for (const marker of chunk.markers) marker.time = timeOf(marker.time);
}
