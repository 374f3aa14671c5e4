import type { Journal } from '../../journal/journal.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import type { KnownLevels } from '../known-levels.ts';
import { levelCodes } from '../lines/levels.ts';
import { lineScanner } from '../lines/line-scanner.ts';
import { type Chunk, chunkLines, isFull, levelCodeAt, pack } from './chunk.ts';
import { type ChunkBuilder, createChunkBuilder } from './chunk-builder.ts';
import { countLines } from './histogram.ts';
import type { KeptSurvey } from './kept.ts';
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

/** Chunks whose problems are all kept, and how many are kept of each where there are more chunks. */
const untrimmed = 16;
const mostTrimmed = 100;
/** Times kept of each where there are more chunks: together as many as any picture of the log has columns. */
const mostTimesTrimmed = 512;
/** Chunks that are read in one go, after the newest ones: whoever wants another one meanwhile waits for them. */
const mostAtOnce = 8;
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
    const end = Math.min((index + 1) * chunkLines, journal.lastId);
    if (end < startOf(index)) return undefined;
    const known = chunks.get(index) ?? (await recalled(index));
    if (known !== undefined && known.lastId >= end) return known;
    await readChunks(journal, [builderOf(index)], finish);
    return chunks.get(index);
  }

  /** Looks at a chunk and those before it that nobody has looked at, all in one go. Returns the first of them. */
  async function lookBack(last: number, most: number): Promise<number> {
    const first = indexOf(journal.firstId);
    let index = last;
    for (; index >= first && index > last - most; index--) {
      if (chunks.has(index) || (await recalled(index)) !== undefined) break;
    }
    if (index === last) {
      await look(last);
      return last;
    }
    const indexes = Array.from({ length: last - index }, (_, i) => index + 1 + i);
    await readChunks(journal, indexes.map(builderOf), finish);
    return index + 1;
  }

  function builderOf(index: number): ChunkBuilder {
    // A chunk of a long log keeps no more than it will be left.
    const isLong = journal.lastId - journal.firstId >= untrimmed * chunkLines;
    const options = { scanner: lineScanner(), ...(isLong && { mostTimes: mostTimesTrimmed }) };
    return builders.get(index) ?? createChunkBuilder(startOf(index), options);
  }

  async function finish(builder: ChunkBuilder): Promise<void> {
    const { chunk } = builder;
    const index = indexOf(chunk.firstId);
    chunks.set(index, chunk);
    if (!isFull(chunk)) {
      builders.set(index, builder);
      return;
    }
    pack(chunk);
    builders.delete(index);
    if (++unkept === keptAtOnce) await keep();
    trim(chunk);
    countLines(chunk);
  }

  async function recalled(index: number): Promise<Chunk | undefined> {
    const found = (await kept?.recall(index * chunkLines + 1)) ?? [];
    for (const chunk of found) {
      if (chunks.has(indexOf(chunk.firstId))) continue;
      chunks.set(indexOf(chunk.firstId), chunk);
      trim(chunk);
      countLines(chunk);
    }
    return chunks.get(index);
  }

  async function keep(): Promise<void> {
    if (unkept === 0) return;
    unkept = 0;
    await kept?.keep((id) => chunks.get(indexOf(id)));
  }

  /** Of a log with very many problems only those at its ends are shown, and of its times not every one. */
  function trim(chunk: Chunk): void {
    const { size } = chunks;
    if (size === untrimmed + 1) for (const each of chunks.values()) trimOne(each);
    else if (size > untrimmed) trimOne(chunk);
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
      let atOnce = 1;
      for (let index = last; index >= first; ) {
        await giveWay();
        const most = atOnce;
        const next = index;
        index = (await inTurn(() => lookBack(next, most))) - 1;
        atOnce = Math.min(2 * atOnce, mostAtOnce);
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

function trimOne(chunk: Chunk): void {
  if (!isFull(chunk)) return;
  if (thinTimes(chunk, mostTimesTrimmed)) countLines(chunk);
  if (chunk.problems.length <= mostTrimmed) return;
  const firstError = chunk.problems.findIndex(({ level }) => level === 'error');
  const kept = chunk.problems.slice(0, mostTrimmed);
  chunk.problems = firstError < mostTrimmed ? kept : [...kept, ...chunk.problems.slice(firstError, firstError + 1)];
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

function startOf(index: number): number {
  return index * chunkLines + 1;
}

function indexOf(id: number): number {
  return Math.floor((id - 1) / chunkLines);
}
