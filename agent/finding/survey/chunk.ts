import type { Block } from '../../frame/block.ts';
import type { Level } from '../../text/level.ts';
import { createMarkerReader, type Marker, type MarkerReader } from '../../text/markers.ts';
import { withoutTime } from '../../text/time-prefix.ts';
import type { Problem } from '../../words/finding.ts';
import type { Origin } from '../../words/line.ts';
import { createLineReader, type LineRecord } from '../line-reader.ts';
import { createBlockLines } from '../lines/block-lines.ts';
import { codeOf, levelCodes, levelOfCode } from '../lines/levels.ts';
import { type Place, placeIn } from './place.ts';

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
}

/** From line `firstId + starts[i]` on lines are from `times[i]`. */
interface Times {
  starts: ArrayLike<number>;
  times: ArrayLike<number>;
}

export function isFull({ firstId, lastId }: Chunk): boolean {
  return lastId === firstId + chunkLines - 1;
}

/** The line belongs to the one before it. */
const continuing = 8;
const codeMask = 7;

export function levelCodeAt(chunk: Chunk, id: number): number {
  return codeAt(chunk, id - chunk.firstId) & codeMask;
}

function codeAt({ levels, isPacked }: Chunk, index: number): number {
  if (!isPacked) return levels[index] as number;
  return ((levels[index >>> 1] as number) >>> (4 * (index & 1))) & 15;
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

/** What takes ids. */
interface Ids {
  add(id: number): void;
}

interface IdRange {
  from: number;
  to: number;
}

/** Builds a chunk from blocks that are passed in order. */
export interface ChunkBuilder {
  readonly chunk: Chunk;
  /** Lines before the chunk's first one are only looked at for what they say about later ones. */
  take(block: Block): void;
  /** These lines can't be read. */
  lose(from: number, to: number): void;
}

const longestText = 500;
/** More problems of one chunk are counted only. */
const mostProblems = 1000;
const mostMarkers = 20_000;
/** A time for each of so many lines: where there are more, times that are near each other become one. */
const mostTimes = 2048;

export function createChunkBuilder(firstId: number): ChunkBuilder {
  const reader = createLineReader();
  const lines = createBlockLines(reader, { plain, other, colored });
  const markerReaders = new Map<string, MarkerReader>();
  const chunk = emptyChunk(firstId);
  const noteTime = createTimes(chunk);
  let record: LineRecord | undefined;
  let recordStart = firstId;
  let recordCode: number = levelCodes.none;
  /** Most are never wanted. */
  let recordText: string | (() => string) = '';
  let recordProblem: Problem | undefined;

  function setLevel(id: number, code: number): void {
    const index = id - firstId;
    if (index >= chunk.levels.length) {
      const larger = new Uint8Array(Math.min(chunkLines, chunk.levels.length * 4));
      larger.set(chunk.levels);
      chunk.levels = larger;
    }
    chunk.levels[index] = code;
  }

  function readerOf(origin: Origin): MarkerReader {
    const name = speakerOf(origin);
    let found = markerReaders.get(name);
    if (found === undefined) {
      if (markerReaders.size > 1000) markerReaders.clear();
      found = createMarkerReader();
      markerReaders.set(name, found);
    }
    return found;
  }

  function noteProblem(problem: Problem): void {
    if (problem.level === 'error') chunk.errors++;
    else chunk.warnings++;
    if (chunk.problems.length < mostProblems) chunk.problems.push(problem);
  }

  function other(id: number, text: string, visible: string, origin: Origin): void {
    textOfRecord();
    const facts = reader.read(text, visible, origin);
    if (id < firstId) return;
    chunk.lastId = id;
    if (visible !== text) chunk.isVisibleAsIs = false;
    const code = codeOf(facts.record.level);
    noteTime(id, facts.time);
    setLevel(id, code | (facts.continues ? continuing : 0));
    noteRecord(id, facts.record, facts.continues, code, visible);
    if (origin.kind === 'notice') noteRun(id, facts.time, visible);
    for (const marker of readerOf(origin).read(text, visible)) noteMarker(id, facts.time, marker, origin);
  }

  function noteRecord(id: number, of: LineRecord, continues: boolean, code: number, visible: string): void {
    const isSame = continues && of === record;
    if (!isSame) {
      record = of;
      recordStart = id;
      recordText = visible;
      recordProblem = undefined;
      recordCode = levelCodes.none;
    } else if (recordProblem !== undefined && recordProblem.file === undefined)
      Object.assign(recordProblem, ownPlaceIn(visible));
    if (code === recordCode) return;
    // What the record is was only said now.
    for (let at = recordStart; at < id; at++) setLevel(at, code | (at > recordStart ? continuing : 0));
    recordCode = code;
    if (code !== levelCodes.error && code !== levelCodes.warn) return;
    recordProblem = {
      id: recordStart,
      level: code === levelCodes.error ? 'error' : 'warn',
      text: own(withoutTime(textOfRecord())),
      ...ownPlaceIn(textOfRecord()),
    };
    noteProblem(recordProblem);
  }

  function plain(id: number, code: number, stamp: number | undefined, origin: Origin, text: () => string): void {
    const facts = reader.pass(levelOfCode(code), stamp, origin);
    if (id < firstId) return;
    chunk.lastId = id;
    noteTime(id, facts.time);
    setLevel(id, code);
    record = facts.record;
    recordStart = id;
    recordCode = code;
    recordText = text;
    recordProblem = undefined;
  }

  function colored(lastId: number): void {
    if (lastId >= firstId) chunk.isVisibleAsIs = false;
  }

  function textOfRecord(): string {
    if (typeof recordText === 'function') recordText = recordText();
    return recordText;
  }

  function noteMarker(id: number, time: number, found: Marker, origin: Origin): void {
    const marker = ownTexts(found);
    if (marker.type === 'problem') {
      const { level, text, file, line: at } = marker;
      const place = file === undefined ? ownPlaceIn(text) : { file, ...(at && { line: at }) };
      // The line says so itself, in its own words.
      if (recordProblem?.id === id) {
        delete recordProblem.file;
        delete recordProblem.line;
        Object.assign(recordProblem, { text }, place);
      } else noteProblem({ id, level, text, ...place });
    } else if (chunk.markers.length < mostMarkers) {
      const flow = 'flow' in marker ? (marker.flow ?? '') : '';
      chunk.markers.push({ id, time, speaker: { stream: speakerOf(origin), flow }, marker });
    }
  }

  /** A log that several runs continue is divided by what sse-tail says of them. */
  function noteRun(id: number, time: number, visible: string): void {
    if (!visible.startsWith(runStarted)) return;
    chunk.markers.push({ id, time, speaker: everybody, marker: { type: 'section', title: own(visible), key: runKey } });
  }

  return {
    chunk,
    take(block) {
      lines.take(block);
      // The block is its reader's, and gone after it.
      textOfRecord();
    },
    lose(from, to) {
      for (let id = Math.max(from, firstId); id <= to; id++) setLevel(id, levelCodes.unread);
      chunk.lost += Math.max(0, to - Math.max(from, firstId) + 1);
      chunk.lastId = Math.max(chunk.lastId, to);
    },
  };
}

function speakerOf({ stream, source }: Origin): string {
  return `${stream ?? ''}:${source ?? ''}`;
}

function emptyChunk(firstId: number): Chunk {
  return {
    firstId,
    lastId: firstId - 1,
    levels: new Uint8Array(1024),
    isPacked: false,
    times: { starts: [], times: [] },
    markers: [],
    problems: [],
    errors: 0,
    warnings: 0,
    lost: 0,
    isVisibleAsIs: true,
  };
}

/** A text's beginning, copied: a part of a string keeps all of it in memory, and a line may have 256 KiB. */
function own(text: string): string {
  return Buffer.from(text.slice(0, longestText)).toString();
}

function ownPlaceIn(visible: string): Place {
  const { file, ...place } = placeIn(withoutTime(visible));
  return file === undefined ? place : { file: own(file), ...place };
}

function ownTexts<Of extends Marker>(marker: Of): Of {
  const fields = Object.entries(marker).map(([name, value]) => [name, typeof value === 'string' ? own(value) : value]);
  return Object.fromEntries(fields) as Of;
}

/** What begins a run in a log of several: see `run started` in the agent. */
const runStarted = 'run started';
export const runKey = 'run';
/** What holds the groups of all. */
export const everybody: Speaker = { stream: '', flow: '' };

/** Notes when lines are from, in order. */
function createTimes(chunk: Chunk): (id: number, time: number) => void {
  let starts: number[] = [];
  let times: number[] = [];
  let precisionMs = 1;

  return (id, time) => {
    const last = times.at(-1);
    if (last !== undefined && Math.abs(time - last) < precisionMs) return;
    starts.push(id - chunk.firstId);
    times.push(time);
    if (times.length > mostTimes) {
      precisionMs *= 4;
      ({ starts, times } = thinned(starts, times, precisionMs));
    }
    chunk.times = { starts, times };
  };
}

function thinned(starts: readonly number[], times: readonly number[], precisionMs: number) {
  const kept: { starts: number[]; times: number[] } = { starts: [], times: [] };
  for (const [i, time] of times.entries()) {
    const last = kept.times.at(-1);
    if (last !== undefined && Math.abs(time - last) < precisionMs) continue;
    kept.starts.push(starts[i] as number);
    kept.times.push(time);
  }
  return kept;
}

/** A chunk that is full takes no more memory than what it says. */
export function pack(chunk: Chunk): void {
  const { starts, times } = chunk.times;
  chunk.times = { starts: Uint16Array.from(starts), times: Float64Array.from(times) };
  const codes = chunk.levels;
  chunk.levels = new Uint8Array((chunk.lastId - chunk.firstId + 2) >>> 1);
  for (let at = 0; at <= chunk.lastId - chunk.firstId; at++) {
    const byte = chunk.levels[at >>> 1] as number;
    chunk.levels[at >>> 1] = byte | ((codes[at] as number) << (4 * (at & 1)));
  }
  chunk.isPacked = true;
}

/** Leaves a packed chunk at most so many times: some that are near each other become one. Whether it had more. */
export function thinTimes(chunk: Chunk, most: number): boolean {
  let { starts, times } = chunk.times;
  if (times.length <= most) return false;
  // Not by their span: one line without a time of its own may be a year away from all others.
  for (let precisionMs = 1; times.length > most; precisionMs *= 1.5)
    ({ starts, times } = thinned(Array.from(starts), Array.from(times), precisionMs));
  chunk.times = { starts: Uint16Array.from(starts), times: Float64Array.from(times) };
  return true;
}

/** When line `id` is from. */
export function timeAt({ firstId, times: { starts, times } }: Chunk, id: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (firstId + (starts[middle] as number) <= id) low = middle + 1;
    else high = middle;
  }
  return times[Math.max(0, low - 1)] ?? 0;
}
