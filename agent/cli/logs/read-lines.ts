import type { LineQuery } from '../../finding/line-query.ts';
import { search } from '../../finding/search.ts';
import { knownLinesFor } from '../../finding/thread/log-survey.ts';
import { gapFrom } from '../../journal/gaps.ts';
import type { Log } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import { isFinished } from '../../words/log.ts';
import type { Gap } from '../../words/wire.ts';

/** Which lines of a log are asked for, as `events` and `raw` take it. What is left out was not asked for. */
export interface LineRange {
  /** Ids of the first and the last line that may be. */
  from?: number;
  to?: number;
  /** The last so many lines, of those that a query finds where there is one. */
  tail?: number;
  /** At most so many of them. */
  limit?: number;
}

export interface ReadOptions {
  range: LineRange;
  /** Only the lines that it finds. */
  query?: LineQuery | undefined;
  /** There is more to come until the log is finished. */
  follow: boolean;
}

/** Takes what is read, at its own pace: memory holds one block of a log. */
export interface LineSink {
  /** Whole events that begin with an origin. */
  lines(events: Buffer): Promise<void> | undefined;
  gap(gap: Gap): Promise<void> | undefined;
  /** True once nobody takes any more. */
  readonly isBroken: boolean;
}

/** Lines of a log, read in parts: all that there is, and what is written later. */
export interface LineReading {
  /** Lines that a query has found so far; 0 where there is none. */
  readonly matches: number;
  /**
   * Passes on what the log holds by now. Resolves with whether there may be more.
   *
   * @throws SseTailError kind `journal` when the log can't be read
   */
  read(): Promise<boolean>;
  /** Resolves when there has been news of the log since it was read. */
  news(): Promise<void>;
  close(): void;
}

export function readLines(log: Log, { range, query, follow }: ReadOptions, sink: LineSink): LineReading {
  const { journal } = log;
  const { to = Number.POSITIVE_INFINITY, limit } = range;
  const lastId = follow ? to : Math.min(to, journal.lastId);
  const wanted = query ?? (limit === undefined ? undefined : everyLine);
  const part = wanted === undefined ? copied(log, range, lastId, sink) : found(log, range, lastId, wanted, sink);
  const listening = follow ? listen(log) : undefined;
  return {
    get matches() {
      return query === undefined ? 0 : part.matches;
    },
    async read() {
      // Asked before the lines are read: what a finished log holds then is all of it.
      const isComplete = listening === undefined || isFinished(log.status);
      await part.read(isComplete);
      return !(isComplete || sink.isBroken || part.isDone);
    },
    news: () => listening?.next() ?? Promise.resolve(),
    close() {
      listening?.close();
      part.close();
    },
  };
}

const everyLine: LineQuery = { not: [], before: 0, after: 0 };

interface Part {
  readonly matches: number;
  /** No line that is asked for will come. */
  readonly isDone: boolean;
  /** @param isComplete nothing will come after what the log holds now */
  read(isComplete: boolean): Promise<void>;
  close(): void;
}

/** Lines as they stand in the journal. */
function copied({ journal }: Log, { from, tail }: LineRange, lastId: number, sink: LineSink): Part {
  const first = from ?? journal.firstId;
  const ofTail = tail === undefined ? first : Math.min(lastId, journal.lastId) - tail + 1;
  const cursor = journal.read(Math.max(first, ofTail), Number.isFinite(lastId) ? lastId : undefined);
  return {
    matches: 0,
    get isDone() {
      return cursor.nextId > lastId;
    },
    async read() {
      while (!sink.isBroken) {
        const reading = await cursor.next();
        if (reading === undefined) return;
        await (reading.type === 'gap' ? sink.gap(reading) : sink.lines(reading.bytes));
      }
    },
    close: () => cursor.close(),
  };
}

function found(log: Log, range: LineRange, lastId: number, query: LineQuery, sink: LineSink): Part {
  const { journal } = log;
  const { limit = Number.POSITIVE_INFINITY } = range;
  const levels = knownLinesFor(query, journal);
  let { tail } = range;
  const firstMatch = range.from ?? journal.firstId;
  let nextId = firstMatch;
  let isResumed = false;
  let matches = 0;
  /** The last match, where lines that come with it are still to come. */
  let owedTo: number | undefined;
  /** Lines up to this one were looked at, some perhaps to be looked at again. */
  let lookedTo = nextId - 1;
  return {
    get matches() {
      return matches;
    },
    get isDone() {
      return (matches >= limit && owedTo === undefined) || nextId > lastId;
    },
    async read(isComplete) {
      const to = Math.min(lastId, journal.lastId);
      if (to < nextId) {
        // There are no last ones: all that come are later.
        tail = undefined;
        return;
      }
      const { sources } = log;
      const request = {
        ...{ query, from: nextId, to, limit: limit - matches, isResumed, firstMatch },
        isComplete: isComplete || to >= lastId,
      };
      const end = await search(
        journal,
        { ...request, ...defined({ tail, firstSource: sources[0], lastMatch: matches < limit ? undefined : owedTo }) },
        {
          async send(news) {
            const gap = news.type === 'gap' ? gapFrom(lookedTo + 1, news.gap) : undefined;
            if (gap !== undefined) await sink.gap(gap);
            if (news.type === 'lines') await sink.lines(news.bytes);
          },
          get isCancelled() {
            return sink.isBroken;
          },
        },
        levels,
      );
      tail = undefined;
      isResumed = true;
      matches += end.matches;
      owedTo = end.amidContextOf;
      lookedTo = Math.max(lookedTo, end.lastId);
      nextId = end.lastId >= lastId ? lastId + 1 : end.safeId + 1;
    },
    close() {},
  };
}

/** News of a log: `next` resolves when there has been some since it resolved before. */
function listen(log: Log): { next(): Promise<void>; close(): void } {
  let isNew = false;
  let wake: (() => void) | undefined;
  const tell = () => {
    isNew = true;
    wake?.();
  };
  const leaveJournal = log.journal.subscribe({ onBlock: tell });
  const leaveLog = log.subscribe({ onStatus: tell });
  // A log that another process writes is watched without keeping this one alive.
  const alive = setInterval(() => {}, 60_000);
  return {
    async next() {
      if (!isNew) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      isNew = false;
      wake = undefined;
    },
    close() {
      clearInterval(alive);
      leaveJournal();
      leaveLog();
    },
  };
}
