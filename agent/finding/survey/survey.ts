import type { Journal } from '../../journal/journal.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { type Chunk, chunkLines, indexOf, isFull, levelCodeAt } from '../chunks/chunk.ts';
import { hasty, type Manners } from '../chunks/read-chunks.ts';
import { areTimesKnown, knownSpan, type Reading, stampIn, stepBefore } from '../chunks/stamps.ts';
import type { KnownLines } from '../known-lines.ts';
import { levelCodes } from '../lines/levels.ts';
import type { Stamp } from '../records/line-reader.ts';
import { createGivingWay, type Way } from './giving-way.ts';
import { createKnownChunks } from './known-chunks.ts';
import { createLooks, type KeptSurvey, mostAtOnce } from './looks.ts';

/** What is remembered of a log's lines, by chunks. Each is looked at once; the newest one as it grows. */
export interface Survey {
  /** The chunk that holds line `id`, as far as the log goes; undefined where there is no such line. */
  chunkFor(id: number): Promise<Chunk | undefined>;
  /** What is known so far, in order and without a gap, up to the log's last line that was looked at. */
  known(): Chunk[];
  /** The chunk that holds line `id`, where it was looked at. */
  knownChunk(id: number): Chunk | undefined;
  /** See `KnownLines`. */
  undecidedFrom(to: number): number;
  /**
   * Looks on until it is known when the lines of the chunk with line `id` are from: what says no time is from that of a
   * line before, which may be far away. Returns whether it is known, or can't be; to be called again where it is not.
   */
  settle(id: number): Promise<boolean>;
  /** The last stamp of a speaker before a line, as far as it is known. */
  stampBefore(speaker: string, reading: Reading): Stamp | undefined;
  /** Looks at all of the log as it is now, the newest part first. Who asks meanwhile waits for the same. */
  complete(): Promise<void>;
}

export interface SurveyOptions {
  /** Waited for before chunks that nobody asked for in particular, and amid them where that is taken. */
  giveWay?: (mostMs?: number) => Promise<Way>;
  kept?: KeptSurvey;
}

const free: Way = { leftMs: 0, isTaken: () => false };

export function createSurvey(journal: Journal, { giveWay = async () => free, kept }: SurveyOptions = {}): Survey {
  const chunks = createKnownChunks(journal);
  const { look, read, recalled, settle, settleSome, keep, undecidedFrom } = createLooks(journal, chunks, kept);
  const givingWay = createGivingWay(giveWay);
  /** One at a time: two that want the same chunk get it from one look. */
  let working: Promise<unknown> = Promise.resolve();
  let completing: Promise<void> | undefined;
  let isAskedAgain = false;
  /** Chunks that are looked at in one go until it is known when lines are from. */
  let settleAtOnce = 1;

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = working.then(work);
    working = result.catch(() => undefined);
    return result;
  }

  /**
   * Looks at a chunk and those before it that nobody has looked at, in one go. Returns the one before them: the next to
   * look at; the same chunk again where it was enough before all of them were looked at.
   */
  async function lookBack(last: number, most: number, manners: Manners = hasty): Promise<number> {
    const first = indexOf(journal.firstId);
    let index = last;
    for (; index >= first && index > last - most; index--) {
      if (chunks.get(index) !== undefined || (await recalled(index)) !== undefined) break;
    }
    if (index === last) {
      await look(last);
      return last - 1;
    }
    const isDone = await read(
      Array.from({ length: last - index }, (_, i) => index + 1 + i),
      manners,
    );
    // Who asks meanwhile sees what is known by now.
    chunks.resolve(true);
    return isDone ? index : last;
  }

  /**
   * Looks at some chunks that it is up to when the lines of another one are from. Returns whether to look on: not where
   * that is known, or no more can be found out, as where the journal is closed.
   */
  async function lookForStamps(index: number): Promise<boolean> {
    if (await isSettled(index)) return false;
    let missing = index - 1;
    while (isKnown(missing)) missing--;
    const first = indexOf(journal.firstId);
    if (missing < first) return false;
    await lookBack(missing, settleAtOnce);
    settleAtOnce = Math.min(2 * settleAtOnce, mostAtOnce);
    return !(await isSettled(index)) && (isKnown(missing) || missing < indexOf(journal.firstId));
  }

  async function isSettled(index: number): Promise<boolean> {
    await settle(index);
    const chunk = chunks.get(index);
    return chunk === undefined || areTimesKnown(chunk);
  }

  function isKnown(index: number): boolean {
    const known = chunks.get(index);
    return known !== undefined && known.lastId >= Math.min((index + 1) * chunkLines, journal.lastId);
  }

  async function completeAll(): Promise<void> {
    while (isAskedAgain) {
      isAskedAgain = false;
      await lookAtAll();
      for (let isMore = true; isMore; ) {
        const manners = await givingWay.begin();
        isMore = await inTurn(() => settleSome(manners));
      }
    }
    // Nobody waits for it.
    void inTurn(keep);
  }

  async function lookAtAll(): Promise<void> {
    const last = indexOf(journal.lastId);
    const first = indexOf(journal.firstId);
    let atOnce = 1;
    for (let index = last; index >= first; ) {
      if (isKnown(index)) {
        index--;
        continue;
      }
      const manners = await givingWay.begin();
      const most = atOnce;
      const next = index;
      index = await inTurn(() => lookBack(next, most, manners));
      atOnce = index === next ? 1 : Math.min(2 * atOnce, mostAtOnce);
    }
  }

  async function chunkFor(id: number): Promise<Chunk | undefined> {
    const known = chunks.get(indexOf(id));
    return known !== undefined && isFull(known) ? known : givingWay.await(inTurn(() => look(indexOf(id))));
  }

  return {
    chunkFor,

    knownChunk: (id) => chunks.get(indexOf(id)),

    undecidedFrom,

    async settle(id) {
      const chunk = await chunkFor(id);
      if (chunk === undefined || areTimesKnown(chunk)) {
        settleAtOnce = 1;
        return true;
      }
      return !(await givingWay.await(inTurn(() => lookForStamps(indexOf(id)))));
    },

    stampBefore: (speaker, reading) => stampIn(chunks.stampBefore(speaker, reading)),

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

/** What a survey knows of a log's lines. */
export function knownLinesOf(survey: Survey): KnownLines {
  const known = new BoundedMap<number, Chunk>(mostAtHand);

  return {
    async know(id) {
      const chunk = await survey.chunkFor(id);
      if (chunk === undefined || id > chunk.lastId) return undefined;
      // It says of which level a record is that begins at the end of this one.
      if (survey.knownChunk(chunk.lastId + 1) === undefined) await survey.chunkFor(chunk.lastId + 1);
      known.set(indexOf(id), chunk);
      return { from: chunk.firstId, to: chunk.lastId, isDamaged: chunk.lost > 0, ...knownSpan(chunk) };
    },
    settle: survey.settle,
    beginBefore(id) {
      const chunk = survey.knownChunk(id);
      const from = chunk === undefined || chunk.lastId < id ? id : stepBefore(chunk, id);
      const begun = { from: indexOf(from), unread: (from - 1) % chunkLines };
      return {
        from,
        stampBefore: (speaker, line) => survey.stampBefore(speaker, { of: indexOf(line), ...begun }),
      };
    },
    isOf(levels, id) {
      const chunk = known.get(indexOf(id));
      if (chunk === undefined || id > chunk.lastId) return false;
      const code = levelCodeAt(chunk, id);
      for (const level of levels) if (levelCodes[level] === code) return true;
      return false;
    },
    undecidedFrom: survey.undecidedFrom,
    areVisibleAsIs: (from, to) => areKnown(survey, from, to, ({ isVisibleAsIs }) => isVisibleAsIs),
    areWhole: (from, to) => areKnown(survey, from, to, ({ isWhole }) => isWhole),
  };
}

function areKnown(survey: Survey, from: number, to: number, holds: (chunk: Chunk) => boolean): boolean {
  for (let id = from; id <= to; ) {
    const chunk = survey.knownChunk(id);
    if (chunk === undefined || !holds(chunk)) return false;
    if (chunk.lastId < Math.min(to, chunk.firstId + chunkLines - 1)) return false;
    id = chunk.firstId + chunkLines;
  }
  return true;
}

/** A block of very short lines may reach over several chunks. */
const mostAtHand = 16;
