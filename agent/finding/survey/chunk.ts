import type { Level } from '../../text/level.ts';
import type { Marker } from '../../text/markers.ts';
import type { Problem } from '../../words/finding.ts';
import { levelCodes } from '../lines/levels.ts';
import type { Times } from './times.ts';

/** Lines of a chunk; its first id is one more than a multiple of it. */
export const chunkLines = 32_768;

/** A marker and the line that it stands in. */
export interface PlacedMarker {
  id: number;
  /** When the line is from. */
  time: number;
  /**
   * Source, stream and flow: groups of others have nothing to do with its own, but those of its stream without a flow
   * hold it.
   */
  speaker: Speaker;
  marker: Marker;
}

export interface Speaker {
  stream: string;
  flow: string;
}

/** What is remembered of consecutive lines. */
export interface Chunk {
  readonly firstId: number;
  /** Id of the last line that was looked at. */
  lastId: number;
  /** A code for each line from `firstId` on (see `levelCodes`): a byte each, or half of one where it is packed. */
  levels: Uint8Array;
  isPacked: boolean;
  times: Times;
  markers: PlacedMarker[];
  problems: Problem[];
  errors: number;
  warnings: number;
  /** Its lines that can't be read. */
  lost: number;
  /** All lines so far are seen just as their bytes are. */
  isVisibleAsIs: boolean;
  /** Lines of the chunk before, and the codes that they have by what their records say in this one. */
  carried: CarriedLevel[];
}

export interface CarriedLevel {
  id: number;
  code: number;
}

export function isFull({ firstId, lastId }: Chunk): boolean {
  return lastId === firstId + chunkLines - 1;
}

/** The line belongs to the one before it. */
export const continuing = 8;
const codeMask = 7;

export function levelCodeAt(chunk: Chunk, id: number): number {
  return codeAt(chunk, id - chunk.firstId) & codeMask;
}

function codeAt({ levels, isPacked }: Chunk, index: number): number {
  if (!isPacked) return levels[index] as number;
  return ((levels[index >>> 1] as number) >>> (4 * (index & 1))) & 15;
}

/** Replaces the code of a line that was looked at. */
export function setCodeAt({ levels, isPacked, firstId }: Chunk, id: number, code: number): void {
  const index = id - firstId;
  if (!isPacked) levels[index] = code;
  else {
    const shift = 4 * (index & 1);
    levels[index >>> 1] = ((levels[index >>> 1] as number) & (0xf0 >>> shift)) | (code << shift);
  }
}

/** Adds the lines of these levels from one id to another: 1 ns for each line of the range. */
export function addIdsOf(chunk: Chunk, of: readonly Level[], range: IdRange, ids: Ids): void {
  const { firstId } = chunk;
  const wanted = new Uint8Array(2 * continuing);
  for (const level of of) wanted.fill(1, levelCodes[level], levelCodes[level] + 1);
  wanted.copyWithin(continuing, 0, continuing);
  // Two lines at a time, most of which are of none.
  const wantedPair = new Uint8Array(256).map(
    (_, pair) => (wanted[pair & 15] as number) | (wanted[pair >>> 4] as number),
  );
  for (let at = range.from - firstId; at <= range.to - firstId; at++) {
    if (chunk.isPacked && (at & 1) === 0) {
      while (at + 1 < range.to - firstId && wantedPair[chunk.levels[at >>> 1] as number] === 0) at += 2;
    }
    if (wanted[codeAt(chunk, at)] === 1) ids.add(firstId + at);
  }
}

const isNotable = new Uint8Array(2 * continuing);
for (const code of [levelCodes.error, levelCodes.warn, levelCodes.unread]) isNotable.fill(1, code, code + 1);
isNotable.copyWithin(continuing, 0, continuing);
const isNotablePair = new Uint8Array(256).map((_, pair) => Number(isNotable[pair & 15] || isNotable[pair >>> 4]));

/** Visits the lines that are errors or warnings, or can't be read: of most pairs of lines none is. */
export function visitNotable(chunk: Chunk, visit: (id: number, code: number) => void): void {
  const { firstId, lastId, levels, isPacked } = chunk;
  const length = lastId - firstId + 1;
  for (let at = 0; at < length; at++) {
    if (isPacked && (at & 1) === 0) while (at < length && isNotablePair[levels[at >>> 1] as number] === 0) at += 2;
    if (at < length && isNotable[codeAt(chunk, at)] === 1) visit(firstId + at, codeAt(chunk, at) & codeMask);
  }
}

/** What takes ids. */
interface Ids {
  add(id: number): void;
}

export interface IdRange {
  from: number;
  to: number;
}

/** A chunk that is full takes no more memory than what it says. */
export function pack(chunk: Chunk): void {
  const { starts, times } = chunk.times;
  chunk.times = { starts: Uint16Array.from(starts), times: Float64Array.from(times) };
  const codes = chunk.levels;
  const packed = new Uint8Array((chunk.lastId - chunk.firstId + 2) >>> 1);
  for (let at = 0; at < packed.length; at++)
    packed[at] = (codes[2 * at] as number) | ((codes[2 * at + 1] as number) << 4);
  chunk.levels = packed;
  chunk.isPacked = true;
}

export const runKey = 'run';
/** What holds the groups of all. */
export const everybody: Speaker = { stream: '', flow: '' };
