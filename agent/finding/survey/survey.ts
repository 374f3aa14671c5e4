import type { Journal } from '../../journal/journal.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import type { KnownLevels } from '../known-levels.ts';
import { levelCodes } from '../lines/levels.ts';
import {
  type Chunk,
  type ChunkBuilder,
  chunkLines,
  createChunkBuilder,
  isFull,
  levelCodeAt,
  pack,
  thinTimes,
} from './chunk.ts';
import { countLines } from './histogram.ts';
import type { KeptSurvey } from './kept.ts';

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

const primingLines = 200;
/** Chunks whose problems are all kept, and how many are kept of each where there are more chunks. */
const untrimmed = 16;
const mostTrimmed = 100;
/** Times kept of each where there are more chunks: together as many as any picture of the log has columns. */
const mostTimesTrimmed = 512;
/** What was found out about so many full chunks is kept before all of the log is known. */
const keptAtOnce = 64;

export interface SurveyOptions {
  /** Waited for before each chunk that nobody asked for in particular. */
  giveWay?: () => Promise<void>;
  kept?: KeptSurvey;
}

export function createSurvey(journal: Journal, { giveWay = async () => {}, kept }: SurveyOptions = {}): Survey {
  const chunks = new Map<number, Chunk>();
  /** Of those that are not full yet: a builder holds on to the text around its last lines. */
  const builders = new Map<number, ChunkBuilder>();
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
    const start = index * chunkLines + 1;
    const end = Math.min(start + chunkLines - 1, journal.lastId);
    if (end < start) return undefined;
    const known = chunks.get(index) ?? (await recalled(index));
    if (known !== undefined && known.lastId >= end) return known;
    const builder = builders.get(index) ?? createChunkBuilder(start);
    const { chunk } = builder;
    const from = chunk.lastId + 1;
    await readInto(builder, from, end, from === start);
    chunks.set(index, chunk);
    if (isFull(chunk)) {
      pack(chunk);
      builders.delete(index);
      if (++unkept === keptAtOnce) await keep();
    } else builders.set(index, builder);
    trim();
    if (isFull(chunk)) countLines(chunk);
    return chunk;
  }

  async function recalled(index: number): Promise<Chunk | undefined> {
    const found = (await kept?.recall(index * chunkLines + 1)) ?? [];
    for (const chunk of found) if (!chunks.has(indexOf(chunk.firstId))) chunks.set(indexOf(chunk.firstId), chunk);
    if (found.length > 0) trim();
    for (const chunk of found) countLines(chunk);
    return chunks.get(index);
  }

  async function keep(): Promise<void> {
    if (unkept === 0) return;
    unkept = 0;
    await kept?.keep((id) => chunks.get(indexOf(id)));
  }

  async function readInto(builder: ChunkBuilder, from: number, to: number, isFirst: boolean): Promise<void> {
    const primedFrom = isFirst ? Math.max(Math.min(from, journal.firstId), from - primingLines) : from;
    const cursor = journal.read(primedFrom, to);
    try {
      for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
        if (reading.type === 'gap') builder.lose(reading.from, reading.to);
        else {
          builder.take(reading);
          reading.release();
        }
      }
    } finally {
      cursor.close();
    }
  }

  /** Of a log with very many problems only those at its ends are shown, and of its times not every one. */
  function trim(): void {
    if (chunks.size <= untrimmed) return;
    for (const chunk of chunks.values()) {
      if (!isFull(chunk)) continue;
      if (thinTimes(chunk, mostTimesTrimmed)) countLines(chunk);
      if (chunk.problems.length <= mostTrimmed) continue;
      const firstError = chunk.problems.findIndex(({ level }) => level === 'error');
      const kept = chunk.problems.slice(0, mostTrimmed);
      chunk.problems = firstError < mostTrimmed ? kept : [...kept, ...chunk.problems.slice(firstError, firstError + 1)];
    }
  }

  /** What retention took is of no use. */
  function forget(): void {
    for (const index of chunks.keys()) {
      if ((index + 1) * chunkLines >= journal.firstId) continue;
      chunks.delete(index);
      builders.delete(index);
    }
  }

  async function completeAll(): Promise<void> {
    while (isAskedAgain) {
      isAskedAgain = false;
      const last = indexOf(journal.lastId);
      const first = indexOf(journal.firstId);
      for (let index = last; index >= first; index--) {
        await giveWay();
        await inTurn(() => look(index));
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

    known() {
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

    complete() {
      isAskedAgain = true;
      completing ??= completeAll().finally(() => {
        completing = undefined;
      });
      return completing;
    },
  };
}

/** The levels that a survey knows. */
export function levelsOf(survey: Survey): KnownLevels {
  const known = new BoundedMap<number, Chunk>(mostAtHand);

  return {
    async know(id) {
      const chunk = await survey.chunkFor(id);
      if (chunk === undefined || id > chunk.lastId) return undefined;
      known.set(indexOf(id), chunk);
      return { from: chunk.firstId, to: chunk.lastId, isDamaged: chunk.lost > 0 };
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

function indexOf(id: number): number {
  return Math.floor((id - 1) / chunkLines);
}
