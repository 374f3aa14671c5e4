import type { Block } from '../../frame/block.ts';
import { headlineOf, headlineOfObject, messageIn } from '../../text/headline.ts';
import { withoutPrefix } from '../../text/line-prefix.ts';
import type { Marker } from '../../text/marker.ts';
import { createMarkerReader, type MarkerReader } from '../../text/markers.ts';
import { type FoundPlace, isInstalled, type Place, placeIn } from '../../text/place.ts';
import type { Problem } from '../../words/finding.ts';
import type { Origin } from '../../words/line.ts';
import { createBlockLines } from '../lines/block-lines.ts';
import { codeOf, levelCodes, levelOfCode } from '../lines/levels.ts';
import type { LineScanner, ScanLimits } from '../lines/line-scanner.ts';
import { createSpeakersRecords, type RecordNotes } from '../lines/record-notes.ts';
import type { LineReader, LineRecord } from '../records/line-reader.ts';
import {
  type Chunk,
  chunkLines,
  continuing,
  everybody,
  noStamps,
  type PlacedMarker,
  runKey,
  runStarted,
} from './chunk.ts';
import { createFailedTests } from './failed-tests.ts';
import { createGoTestReader, type GoTestReader } from './go-tests.ts';
import { longestText, own } from './own.ts';
import { endsOf } from './problems.ts';
import { createStampNotes, type FoundStamp, type StampNotes } from './stamps.ts';
import { createTimes, type TimeNotes } from './times.ts';

/** Builds a chunk from blocks that are passed in order. */
export interface ChunkBuilder {
  readonly chunk: Chunk;
  /**
   * Lines before the chunk's first one are only looked at for what they say about later ones.
   *
   * @param inForce the origin of its first line, where the block begins with none
   * @returns the origin of its last line
   */
  take(block: Block, inForce?: Origin): Origin;
  /** These lines can't be read. */
  lose(from: number, to: number): void;
  /** The first line from this one on whose level a line that is still to come may say; infinite where there is none. */
  undecidedFrom(id: number): number;
}

/** More problems of one chunk are counted only, after it was passed. */
const mostProblems = 1000;

/** What was found out about a line that is looked at closely. */
interface ReadLine {
  continues: boolean;
  code: number;
  visible: string;
  origin: Origin;
}

interface ChunkBuilderOptions {
  /** Saves a look at each line: see `createBlockLines`. */
  scanner?: LineScanner | undefined;
  /** So many are remembered. */
  mostTimes?: number;
  mostMarkers?: number;
  /** Which problems are left where there are too many. */
  fewer?: (problems: Problem[]) => Problem[];
  /** The last stamp of a speaker before the chunk. */
  stampBefore?: (speaker: string) => FoundStamp;
}

export function createChunkBuilder(
  firstId: number,
  {
    scanner,
    mostTimes = 2048,
    mostMarkers = Number.POSITIVE_INFINITY,
    fewer = fewerProblems,
    stampBefore = () => undefined,
  }: ChunkBuilderOptions = {},
): ChunkBuilder {
  const chunk = emptyChunk(firstId);
  const { reader, ...stamps } = createStampNotes(chunk, stampBefore);
  const records = createSpeakersRecords();
  const entered = enteredOf(records, chunk);
  const readersOf = createSpeakersReaders();
  const failedTests = createFailedTests(chunk.mentions);
  const { set: setLevel, setAll: setLevels } = createLevels(chunk);
  const times = createTimes(chunk, mostTimes);
  const limitsFrom = createLimits(firstId, { reader, ...stamps }, times);
  const lines = createBlockLines(reader, { entered, plain, plainRun, limitsFrom, other, colored }, scanner);

  function other(id: number, text: string, visible: string, origin: Origin): void {
    const head = records.text();
    stamps.beginAt(id);
    const { record, time, continues } = reader.read(text, visible, origin, head);
    const code = codeOf(record.level);
    if (id >= firstId) {
      stamps.passed(id, origin);
      if (visible !== text) chunk.isVisibleAsIs = false;
      times.note(id, time);
      setLevel(id, code | (continues ? continuing : 0));
    }
    // What lines before the chunk's own say may be about these, too.
    const { marker, goTests } = readersOf(origin);
    const { record: before } = records.current;
    const notes = records.turnTo(record, before !== undefined && before !== record && reader.isOpen(before, origin));
    noteRecord(id, record, notes, { continues, code, visible, origin });
    const markers = marker.read(text, visible, id);
    const place = goTests.read(visible, record);
    if (id < firstId) return;
    failedTests.read(id, visible, origin);
    if (place !== undefined) setPlace(records.current, place, true);
    if (origin.kind === 'notice') noteRun(chunk, id, time, visible);
    for (const marker of counted(markers, id, code, origin, chunk.markers.at(-1))) noteMarker(id, time, marker, origin);
  }

  function noteRecord(id: number, of: LineRecord, notes: RecordNotes, line: ReadLine): void {
    const { continues, code, visible } = line;
    if (!continues || notes.record !== of) begin(notes, id, of, levelCodes.none, line.origin, visible);
    else if (notes.code === levelCodes.none) hear(notes, id, visible, records.text);
    if (code !== notes.code) sayLevel(id, notes, line);
    if (continues && notes.problem !== undefined) addTo(notes.problem, notes, visible);
  }

  /** What the record is was only said now, by line `id`. */
  function sayLevel(id: number, notes: RecordNotes, { code, visible, origin }: ReadLine): void {
    const { ids } = notes;
    for (const [i, at] of ids.entries()) {
      const lineCode = code | (i > 0 ? continuing : 0);
      if (at >= firstId && at < id) setLevel(at, lineCode);
      else if (at < firstId && id >= firstId) chunk.carried.push({ id: at, code: lineCode });
    }
    ids.length = 1;
    notes.code = code;
    if (code !== levelCodes.error && code !== levelCodes.warn) return;
    // Where it was said before this chunk it is a problem of the one before.
    if (id < firstId) return;
    const text = withoutPrefix(records.text());
    notes.headline ??= headlineOf(text);
    notes.problem = problemOf(ids[0] as number, code, notes.headline?.text ?? text);
    failedTests.problem(notes.problem, text, withoutPrefix(visible), origin);
    notePlace(notes.problem, notes, text);
    noteProblem(chunk, notes.problem, fewer);
  }

  function plain(id: number, code: number, stamp: number | undefined, origin: Origin, text: () => string): void {
    stamps.beginAt(id);
    const facts = reader.pass(levelOfCode(code), stamp, origin);
    begin(records.current, id, facts.record, code, origin, text);
    if (id < firstId) return;
    stamps.passed(id, origin);
    times.note(id, facts.time);
    setLevel(id, code);
  }

  function plainRun(id: number, run: LineScanner, origin: Origin, text: () => string): void {
    const lastId = id + run.lines - 1;
    const code = run.codes[run.lines - 1] as number;
    const { record } = reader.pass(levelOfCode(code), run.isStamped ? run.time : undefined, origin);
    begin(records.current, lastId, record, code, origin, text);
    if (id < firstId) return;
    stamps.passed(lastId, origin);
    setLevels(id, run.codes.subarray(0, run.lines));
    times.noteAll(id, run);
  }

  function colored(lastId: number): void {
    if (lastId >= firstId) chunk.isVisibleAsIs = false;
  }

  function noteMarker(id: number, time: number, found: Marker, origin: Origin): void {
    if (found.type !== 'problem' && chunk.markers.length >= mostMarkers) return;
    const marker = ownTexts(found);
    if (marker.type === 'problem') {
      const { level, text, file, line: at } = marker;
      const place = file === undefined ? ownPlaceIn(text) : { file, ...(at && { line: at }) };
      // The line says so itself, in its own words.
      const { problem } = records.current;
      if (problem?.id === id) {
        records.current.headline = undefined;
        records.current.isOwnPlace = place.file !== undefined;
        delete problem.file;
        delete problem.line;
        Object.assign(problem, { text }, place);
      } else noteProblem(chunk, { id, level, text, ...place }, fewer);
    } else {
      const flow = 'flow' in marker ? (marker.flow ?? '') : '';
      chunk.markers.push({ id, time, speaker: { stream: streamOf(origin), flow }, marker });
    }
  }

  return {
    chunk,
    take(block, inForce) {
      const origin = lines.take(block, inForce);
      // The block is its reader's, and gone after it.
      records.text();
      times.publish();
      return origin;
    },
    lose(from, to) {
      for (let id = Math.max(from, firstId); id <= to; id++) setLevel(id, levelCodes.unread);
      chunk.lost += Math.max(0, to - Math.max(from, firstId) + 1);
      stamps.beginAt(to + 1);
      if (to > chunk.lastId) stamps.passed(to);
    },
    undecidedFrom: (id) => firstUndecided(records.all(), reader, id),
  };
}

function enteredOf({ enter }: ReturnType<typeof createSpeakersRecords>, chunk: Chunk): (origin: Origin) => void {
  return (origin) => {
    enter(origin);
    if (origin.continued) chunk.isWhole = false;
  };
}

function firstUndecided(all: Iterable<RecordNotes>, { mayGoOn }: Pick<LineReader, 'mayGoOn'>, from: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { record, code, origin, ids } of all) {
    const unsaid = code === levelCodes.none ? ids.find((each) => each >= from) : undefined;
    if (unsaid === undefined || record === undefined || !mayGoOn(record, origin)) continue;
    first = Math.min(first, unsaid);
  }
  return first;
}

/** How much a scanner may read at once. */
function createLimits(firstId: number, { reader, beginAt, mostFrom }: StampNotes, times: TimeNotes) {
  const limits: ScanLimits = { lines: 0, times: 0, time: 0, noted: 0, precisionMs: 0 };

  return (id: number, origin: Origin): ScanLimits => {
    beginAt(id);
    limits.time = reader.timeFor(origin);
    const isBefore = id < firstId;
    limits.lines = isBefore ? firstId - id : mostFrom(id, origin);
    // The next piece of a long line is not a line.
    if (origin.continued === true) limits.lines = 1;
    limits.times = isBefore ? 1 : times.room;
    limits.noted = isBefore ? 0 : times.last;
    limits.precisionMs = isBefore ? Number.POSITIVE_INFINITY : times.precisionMs;
    return limits;
  };
}

/** Those of a line's markers that are noted. Whose line it is, most others say as well. */
function counted(
  markers: readonly Marker[],
  id: number,
  code: number,
  origin: Origin,
  last: PlacedMarker | undefined,
): readonly Marker[] {
  const [said, other] = markers;
  if (said?.type !== 'said' || code === levelCodes.error || code === levelCodes.warn) return markers;
  if (other !== undefined) return markers.slice(1);
  return continuesTurn(last, id, said.flow, origin) ? [] : [{ ...said, to: id }];
}

/** Lines of a flow that follow each other, and say no more than that, are one marker. */
function continuesTurn(last: PlacedMarker | undefined, id: number, flow: string, origin: Origin): boolean {
  if (last?.marker.type !== 'said' || last.marker.to !== id - 1) return false;
  if (last.speaker.flow !== flow || last.speaker.stream !== streamOf(origin)) return false;
  last.marker.to = id;
  return true;
}

function problemOf(id: number, code: number, text: string): Problem {
  // Of a part of an object none could say what it says.
  const said = text.length > longestText ? messageIn(text) : undefined;
  return { id, level: code === levelCodes.error ? 'error' : 'warn', text: own(said ?? text) };
}

function noteProblem(chunk: Chunk, problem: Problem, fewer: (problems: Problem[]) => Problem[]): void {
  if (problem.level === 'error') chunk.errors++;
  else chunk.warnings++;
  chunk.problems.push(problem);
  if (chunk.problems.length >= 2 * mostProblems) chunk.problems = fewer(chunk.problems);
}

function fewerProblems(problems: Problem[]): Problem[] {
  return endsOf(problems, mostProblems);
}

/**
 * A line continues a record of which no line has said yet what it is.
 *
 * @param first the record's first line
 */
function hear(notes: RecordNotes, id: number, visible: string, first: () => string): void {
  if (notes.ids.length === 1) notes.headline = headlineOfObject(withoutPrefix(first()));
  notes.ids.push(id);
  notes.headline?.after(withoutPrefix(visible));
}

/** What a line says about the problem of its record. */
function addTo(problem: Problem, notes: RecordNotes, line: string): void {
  const visible = withoutPrefix(line);
  const said = notes.headline?.after(visible);
  if (said !== undefined) problem.text = own(said);
  notePlace(problem, notes, visible);
}

/** The first place, or the last of a trace that ends where it happened; those in the user's own code before others. */
function notePlace(problem: Problem, notes: RecordNotes, visible: string): void {
  if (notes.isOwnPlace && notes.headline?.isLast !== true) return;
  const { file, ...place } = placeIn(visible);
  if (file === undefined) return;
  const isOwn = !isInstalled(visible);
  if (problem.file !== undefined && !isOwn) return;
  setPlace(notes, { file, ...place }, isOwn);
}

function setPlace(notes: RecordNotes, { file, ...place }: FoundPlace, isOwn: boolean): void {
  if (notes.problem !== undefined) Object.assign(notes.problem, { file: own(file), ...place });
  notes.isOwnPlace = isOwn;
}

function begin(
  notes: RecordNotes,
  id: number,
  record: LineRecord,
  code: number,
  origin: Origin,
  text: RecordNotes['text'],
): void {
  notes.record = record;
  notes.origin = origin;
  notes.ids.length = 1;
  notes.ids[0] = id;
  notes.code = code;
  notes.text = text;
  notes.problem = undefined;
  notes.headline = undefined;
  notes.isOwnPlace = false;
}

/** A log that several runs continue is divided by what sse-tail says of them. */
function noteRun(chunk: Chunk, id: number, time: number, visible: string): void {
  if (!visible.startsWith(runStarted)) return;
  chunk.markers.push({ id, time, speaker: everybody, marker: { type: 'section', title: own(visible), key: runKey } });
}

function createLevels(chunk: Chunk) {
  let levels = new Uint8Array(1024);
  chunk.levels = levels;

  function makeRoom(length: number): void {
    if (length <= levels.length) return;
    const larger = new Uint8Array(chunkLines);
    larger.set(levels);
    levels = larger;
    chunk.levels = levels;
  }

  return {
    set(id: number, code: number): void {
      makeRoom(id - chunk.firstId + 1);
      levels[id - chunk.firstId] = code;
    },
    /** Of the line `id` and those after it. */
    setAll(id: number, codes: Uint8Array): void {
      makeRoom(id - chunk.firstId + codes.length);
      levels.set(codes, id - chunk.firstId);
    },
  };
}

const mostSpeakers = 1000;

/** What reads those of a speaker's lines that are looked at closely, in order. */
interface SpeakersReaders {
  marker: MarkerReader;
  goTests: GoTestReader;
}

function createSpeakersReaders(): (origin: Origin) => SpeakersReaders {
  const readers = new Map<string, SpeakersReaders>();

  return (origin) => {
    const name = streamOf(origin);
    let found = readers.get(name);
    if (found === undefined) {
      if (readers.size > mostSpeakers) readers.clear();
      found = { marker: createMarkerReader(), goTests: createGoTestReader() };
      readers.set(name, found);
    }
    return found;
  };
}

function streamOf({ stream, source }: Origin): string {
  return `${stream ?? ''}:${source ?? ''}`;
}

function emptyChunk(firstId: number): Chunk {
  return {
    firstId,
    lastId: firstId - 1,
    levels: new Uint8Array(0),
    times: { starts: [], times: [] },
    span: { earliest: Number.POSITIVE_INFINITY, latest: Number.NEGATIVE_INFINITY },
    stamps: noStamps(),
    markers: [],
    problems: [],
    mentions: [],
    errors: 0,
    warnings: 0,
    lost: 0,
    isVisibleAsIs: true,
    isWhole: true,
    carried: [],
  };
}

function ownPlaceIn(visible: string): Place {
  const { file, ...place } = placeIn(withoutPrefix(visible));
  return file === undefined ? place : { file: own(file), ...place };
}

function ownTexts<Of extends Marker>(marker: Of): Of {
  // One for each line, where flows take turns.
  if (marker.type === 'said') return { ...marker, flow: own(marker.flow) };
  const fields = Object.entries(marker).map(([name, value]) => [name, typeof value === 'string' ? own(value) : value]);
  return Object.fromEntries(fields) as Of;
}
