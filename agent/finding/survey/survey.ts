import type { Journal } from '../../journal/journal.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import type { KnownLevels } from '../known-levels.ts';
import { levelCodes } from '../lines/levels.ts';
import { lineScanner } from '../lines/line-scanner.ts';
import { type Chunk, chunkLines, isFull, levelCodeAt, pack, setCodes } from './chunk.ts';
import { type ChunkBuilder, createChunkBuilder } from './chunk-builder.ts';
import { countLines } from './histogram.ts';
import { endsOf } from './problems.ts';
import { readChunks } from './read-chunks.ts';
import { thinTimes } from './times.ts';

/** What is remembered of a log's lines, by chunks. Each is looked at once; the newest one as it grows. */
export interface Survey {
  /** The chunk that holds line `id`, as far as the log goes; undefined where there is no such line. */
  chunkFor(id: number): Promise<Chunk | undefined>;
  /** What is known so far, in order and without a gap, up to the log's last line that was looked at. */
  known(): Chunk[];
  /** The chunk that holds line `id`, where it was looked at. */
  knownChunk(id: number): Chunk | undefined;
  /** Looks at all of the log as it is now, the newest part first. Who asks meanwhile waits for the same. */
  complete(): Promise<void>;
}

/** Where a survey outlives the process: what is kept is derived from the journal, and may be missing at any time. */
export interface KeptSurvey {
  /**
   * The chunks that are kept of those that begin in the segment of line `id`. None where nothing is kept of the segment
   * as it is now, and where it was asked before. Never rejects.
   */
  recall(id: number): Promise<Chunk[]>;
  /** Keeps what is new of what is known. Never rejects. */
  keep(chunkAt: (id: number) => Chunk | undefined): Promise<void>;
}

/** Chunks whose problems are all kept, and how many are kept of each where there are more chunks. */
const untrimmed = 16;
const mostTrimmed = 100;
/** Times kept of each where there are more chunks: together as many as any picture of the log has columns. */
const mostTimesTrimmed = 512;
/** Markers kept of one chunk, of all of them together, and of one once these are too many. */
const mostMarkers = 20_000;
const mostMarkersInAll = 100_000;
const leastMarkers = 100;
/** Chunks that are read in one go, after the newest ones: whoever wants another one meanwhile waits for them. */
const mostAtOnce = 32;
/** A chunk whose builder is gone is read once more. */
const mostBuilders = 16;
/** What was found out about so many full chunks is kept before all of the log is known. */
const keptAtOnce = 256;

export interface SurveyOptions {
  /**
   * Waited for before chunks that nobody asked for in particular. Returns whether to give way again, which is asked
   * after each of them.
   */
  giveWay?: () => Promise<() => boolean>;
  kept?: KeptSurvey;
}

export function createSurvey(
  journal: Journal,
  { giveWay = async () => () => false, kept }: SurveyOptions = {},
): Survey {
  const chunks = createChunks(journal);
  /** Of those that are not full yet: a builder holds on to the text around its last lines. */
  const builders = new BoundedMap<number, ChunkBuilder>(mostBuilders);
  /** One at a time: two that want the same chunk get it from one look. */
  let working: Promise<unknown> = Promise.resolve();
  let completing: Promise<void> | undefined;
  let isAskedAgain = false;
  let unkept = 0;

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = working.then(work);
    working = result.catch(() => undefined);
    return result;
  }

  async function look(index: number): Promise<Chunk | undefined> {
    const end = Math.min((index + 1) * chunkLines, journal.lastId);
    if (end < startOf(index)) return undefined;
    const known = chunks.get(index) ?? (await recalled(index));
    if (known !== undefined && known.lastId >= end) return known;
    await readChunks(journal, [builderOf(index)], finish);
    return chunks.get(index);
  }

  /**
   * Looks at a chunk and those before it that nobody has looked at, in one go. Returns the one before them: the next to
   * look at; the same chunk again where it was enough before all of them were looked at.
   */
  async function lookBack(last: number, most: number, isEnough: () => boolean): Promise<number> {
    const first = indexOf(journal.firstId);
    let index = last;
    for (; index >= first && index > last - most; index--) {
      if (chunks.get(index) !== undefined || (await recalled(index)) !== undefined) break;
    }
    if (index === last) {
      await look(last);
      return last - 1;
    }
    const indexes = Array.from({ length: last - index }, (_, i) => index + 1 + i);
    return (await readChunks(journal, indexes.map(builderOf), finish, isEnough)) ? index : last;
  }

  function isKnown(index: number): boolean {
    const known = chunks.get(index);
    return known !== undefined && known.lastId >= Math.min((index + 1) * chunkLines, journal.lastId);
  }

  function builderOf(index: number): ChunkBuilder {
    // A chunk of a long log keeps no more than it will be left.
    const isLong = journal.lastId - journal.firstId >= untrimmed * chunkLines;
    const options = { scanner: lineScanner(), mostMarkers: chunks.roomForMarkers() };
    return (
      builders.get(index) ??
      createChunkBuilder(startOf(index), { ...options, ...(isLong && { mostTimes: mostTimesTrimmed }) })
    );
  }

  async function finish(builder: ChunkBuilder): Promise<void> {
    const { chunk } = builder;
    const index = indexOf(chunk.firstId);
    if (isFull(chunk)) {
      pack(chunk);
      builders.delete(index);
      unkept++;
    } else builders.set(index, builder);
    chunks.add(chunk);
    if (unkept === keptAtOnce) await keep();
    chunks.reduce(chunk);
  }

  async function recalled(index: number): Promise<Chunk | undefined> {
    const found = (await kept?.recall(index * chunkLines + 1)) ?? [];
    for (const chunk of found) {
      if (chunks.get(indexOf(chunk.firstId)) !== undefined) continue;
      chunk.markers.length = Math.min(chunk.markers.length, chunks.roomForMarkers());
      chunks.add(chunk);
      chunks.reduce(chunk);
    }
    return chunks.get(index);
  }

  async function keep(): Promise<void> {
    if (unkept === 0) return;
    unkept = 0;
    await kept?.keep((id) => chunks.get(indexOf(id)));
  }

  async function completeAll(): Promise<void> {
    while (isAskedAgain) {
      isAskedAgain = false;
      const last = indexOf(journal.lastId);
      const first = indexOf(journal.firstId);
      let atOnce = 1;
      for (let index = last; index >= first; ) {
        if (isKnown(index)) {
          index--;
          continue;
        }
        const isEnough = await giveWay();
        const most = atOnce;
        const next = index;
        index = await inTurn(() => lookBack(next, most, isEnough));
        atOnce = index === next ? 1 : Math.min(2 * atOnce, mostAtOnce);
      }
    }
    // Nobody waits for it.
    void inTurn(keep);
  }

  return {
    async chunkFor(id) {
      const known = chunks.get(indexOf(id));
      return known !== undefined && isFull(known) ? known : inTurn(() => look(indexOf(id)));
    },

    knownChunk: (id) => chunks.get(indexOf(id)),

    known: chunks.known,

    complete() {
      isAskedAgain = true;
      completing ??= completeAll().finally(() => {
        completing = undefined;
      });
      return completing;
    },
  };
}

/** What is known of a log, by the chunks' numbers, within bounds. */
function createChunks(journal: Journal) {
  const chunks = new Map<number, Chunk>();

  /** What a record says in a chunk counts for its lines in the one before, too. */
  function carry(index: number): void {
    const before = chunks.get(index - 1);
    const carried = chunks.get(index)?.carried ?? [];
    if (before !== undefined && setCodes(before, carried)) countLines(before);
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

    add(chunk: Chunk): void {
      const index = indexOf(chunk.firstId);
      chunks.set(index, chunk);
      carry(index);
      carry(index + 1);
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
      return found;
    },
  };
}

function trim(chunk: Chunk): void {
  if (!isFull(chunk)) return;
  if (thinTimes(chunk, mostTimesTrimmed)) countLines(chunk);
  if (chunk.problems.length > mostTrimmed) chunk.problems = endsOf(chunk.problems, mostTrimmed);
}

/** The levels that a survey knows. */
export function levelsOf(survey: Survey): KnownLevels {
  const known = new BoundedMap<number, Chunk>(mostAtHand);

  return {
    async know(id) {
      const chunk = await survey.chunkFor(id);
      if (chunk === undefined || id > chunk.lastId) return undefined;
      // It says of which level a record is that begins at the end of this one.
      if (survey.knownChunk(chunk.lastId + 1) === undefined) await survey.chunkFor(chunk.lastId + 1);
      known.set(indexOf(id), chunk);
      return { from: chunk.firstId, to: chunk.lastId, isDamaged: chunk.lost > 0, ...chunk.span };
    },
    isOf(levels, id) {
      const chunk = known.get(indexOf(id));
      if (chunk === undefined || id > chunk.lastId) return false;
      const code = levelCodeAt(chunk, id);
      for (const level of levels) if (levelCodes[level] === code) return true;
      return false;
    },
    areVisibleAsIs(from, to) {
      for (let id = from; id <= to; ) {
        const chunk = survey.knownChunk(id);
        if (!chunk?.isVisibleAsIs || chunk.lastId < Math.min(to, chunk.firstId + chunkLines - 1)) return false;
        id = chunk.firstId + chunkLines;
      }
      return true;
    },
  };
}

/** A block of very short lines may reach over several chunks. */
const mostAtHand = 16;

function startOf(index: number): number {
  return index * chunkLines + 1;
}

function indexOf(id: number): number {
  return Math.floor((id - 1) / chunkLines);
}
