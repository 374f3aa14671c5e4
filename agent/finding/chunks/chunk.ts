import type { Level } from '../../text/level.ts';
import type { Marker } from '../../text/marker.ts';
import type { Problem } from '../../words/finding.ts';
import type { TimeSpan } from '../known-lines.ts';
import { levelCodes } from '../lines/levels.ts';
import {
  codeIn,
  type PackedCodes,
  packCodes,
  unpackCodes,
  visitWanted,
  type WantedCodes,
  wantedCodes,
} from '../lines/packed-codes.ts';
import type { SpeakersStamp, Stamp } from '../records/line-reader.ts';
import type { Times } from './times.ts';

/** Lines of a chunk; its first id is one more than a multiple of it. */
export const chunkLines = 32_768;

/** The number of the chunk with line `id`. */
export function indexOf(id: number): number {
  return Math.floor((id - 1) / chunkLines);
}

/** Id of a chunk's first line. */
export function startOf(index: number): number {
  return index * chunkLines + 1;
}

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

export function isSame(a: Speaker, b: Speaker): boolean {
  return a.stream === b.stream && a.flow === b.flow;
}

/** What is remembered of consecutive lines. */
export interface Chunk {
  readonly firstId: number;
  /** Id of the last line that was looked at. */
  lastId: number;
  /** A code for each line from `firstId` on (see `levelCodes`): a byte each, or packed where all lines are there. */
  levels: Uint8Array | PackedCodes;
  times: Times;
  span: TimeSpan;
  stamps: ChunkStamps;
  markers: PlacedMarker[];
  /** Those that say again what others say are among them, and counted: see `saidAgain`. */
  problems: Problem[];
  mentions: Mention[];
  errors: number;
  warnings: number;
  /** Its lines that can't be read. */
  lost: number;
  /** All lines so far are seen just as their bytes are. */
  isVisibleAsIs: boolean;
  /** None of its lines so far goes on in another one: see `joinPieces`. */
  isWhole: boolean;
  /** Lines of the chunk before, and the codes that they have by what their records say in this one. */
  carried: CarriedLevel[];
}

/**
 * A problem that is a failed test, an error, a warning, a sum of what has failed (an announcement where it stands
 * before that) or of warnings, or where a run of pytest begins or ends, or one of the command starts: of another run it
 * is another failure.
 */
export interface Mention {
  id: number;
  kind: 'progress' | 'section' | 'reason' | 'summary' | 'run' | 'start' | SummedKind;
  /** Hashes. Of two tests with the same one as many problems are listed as of two of the same name. */
  source: number;
  test: number;
}

type SummedKind = 'error' | 'sum' | 'announcement' | 'warning' | 'warnings';

/** What a chunk remembers of the times that its lines say. */
export interface ChunkStamps {
  /** In order: each is its speaker's last one before the line `firstId + at`. Not again where nothing more was said. */
  said: SaidStamp[];
  /** From this step on `said` has all that was in force at a step; before it only what was at the chunk's beginning. */
  stepsFrom: number;
  /** Others have said one, too, which is not remembered. */
  haveOthersSaid: boolean;
  /** Of speakers with lines before the first of their own stamps. */
  needed: NeededStamp[];
  /** Others have such lines, too, and are not remembered. */
  areOthersNeeded: boolean;
  /** All its lines are of one speaker. */
  isOfOne: boolean;
  /** Its times are not by the stamps that are needed. */
  isStale: boolean;
}

export interface SaidStamp extends SpeakersStamp {
  at: number;
}

export interface NeededStamp {
  speaker: string;
  /** In force at the chunk's beginning; null where there is none. Left out while that is not known. */
  stamp?: Stamp | null | typeof lost;
}

/** A stamp that was said, or may have been, and is not remembered. */
export const lost = 'lost';

export function noStamps(): ChunkStamps {
  return {
    said: [],
    stepsFrom: 0,
    haveOthersSaid: false,
    needed: [],
    areOthersNeeded: false,
    isOfOne: true,
    isStale: false,
  };
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

function codeAt({ levels }: Chunk, index: number): number {
  return 'steps' in levels ? codeIn(levels, index) : (levels[index] as number);
}

/** Replaces the codes of those of its lines that were looked at. Returns whether any was another one. */
export function setCodes(chunk: Chunk, codes: readonly CarriedLevel[]): boolean {
  const { levels, firstId, lastId } = chunk;
  const others = codes.filter(({ id, code }) => id >= firstId && id <= lastId && codeAt(chunk, id - firstId) !== code);
  if (others.length === 0) return false;
  const unpacked = 'steps' in levels ? unpackCodes(levels) : levels;
  for (const { id, code } of others) unpacked[id - firstId] = code;
  if ('steps' in levels) chunk.levels = packCodes(unpacked);
  return true;
}

/** What `addIdsOf` looks for. */
export function codesOf(levels: readonly Level[]): WantedCodes {
  return wantedCodes(atAnyPlace(levels.map((level) => levelCodes[level])));
}

/** Of a record's first line, and of those that continue it. */
function atAnyPlace(codes: readonly number[]): number[] {
  return codes.flatMap((code) => [code, code | continuing]);
}

/** Adds the lines of these levels from one id to another. */
export function addIdsOf(chunk: Chunk, wanted: WantedCodes, { from, to }: IdRange, ids: Ids): void {
  visitCodes(chunk, wanted, from, to, (id) => ids.add(id));
}

const notable = wantedCodes(atAnyPlace([levelCodes.error, levelCodes.warn, levelCodes.unread]));

/** Visits the lines that are errors or warnings, or can't be read. */
export function visitNotable(chunk: Chunk, visit: (id: number, code: number) => void): void {
  visitCodes(chunk, notable, chunk.firstId, chunk.lastId, (id, code) => visit(id, code & codeMask));
}

const heads = wantedCodes([levelCodes.error, levelCodes.warn]);

/** How many records of its lines from one id on are errors, and warnings. */
export function countsFrom(chunk: Chunk, from: number): { errors: number; warnings: number } {
  const counts = { errors: 0, warnings: 0 };
  visitCodes(chunk, heads, from, chunk.lastId, (_, code) => {
    if (code === levelCodes.error) counts.errors++;
    else counts.warnings++;
  });
  return counts;
}

function visitCodes(
  { firstId, levels }: Chunk,
  wanted: WantedCodes,
  from: number,
  to: number,
  visit: (id: number, code: number) => void,
): void {
  if ('steps' in levels) {
    visitWanted(levels, wanted, from - firstId, to - firstId, (index, code) => visit(firstId + index, code));
    return;
  }
  for (let id = from; id <= to; id++) {
    const code = levels[id - firstId] as number;
    if (wanted.codes[code] === 1) visit(id, code);
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
  if (!('steps' in chunk.levels)) chunk.levels = packCodes(chunk.levels);
}

export const runKey = 'run';
/** What begins a run in a log of several: see `run started` in the agent. */
export const runStarted = 'run started';
/** What holds the groups of all. */
export const everybody: Speaker = { stream: '', flow: '' };
