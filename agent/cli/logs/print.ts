import type { LineQuery } from '../../finding/line-query.ts';
import { search } from '../../finding/search.ts';
import { knownLinesFor } from '../../finding/thread/log-survey.ts';
import { createTextWriter } from '../../frame/plain-text.ts';
import type { Cursor } from '../../journal/journal.ts';
import type { Log } from '../../journal/store.ts';
import type { StartAt } from '../../sources/file/file.ts';
import { defined } from '../../words/defined.ts';
import { isFinished } from '../../words/log.ts';

export interface PrintOptions {
  /** Where to begin: a line is named by its id. */
  start: StartAt;
  /** Without escape sequences. */
  strip: boolean;
  /** Continue until the log is finished. */
  follow: boolean;
  /** Only the lines that it finds; `start` then counts these. */
  query?: LineQuery;
}

/** Where the text goes: resolves when it was taken. */
export interface Printer {
  write(bytes: Buffer): Promise<void> | undefined;
  /** True once nobody reads any more. */
  readonly isBroken: boolean;
}

/**
 * Prints a log as text, at the printer's pace: memory holds one block of it.
 *
 * @throws SseTailError kind `journal` when the log can't be read
 */
export async function printLog(log: Log, options: PrintOptions, printer: Printer): Promise<void> {
  const { start, strip, follow, query } = options;
  const { journal } = log;
  const writer = createTextWriter({ strip });
  const lastToPrint = follow ? undefined : journal.lastId;
  let nextId = firstToPrint(query === undefined ? start : withoutCount(start), journal);
  let tail = query !== undefined && start !== 'all' && 'last' in start ? start.last : undefined;
  let isResumed = false;
  const cursor = journal.read(nextId, lastToPrint);
  const news = follow ? listen(log) : undefined;
  const levels = query && knownLinesFor(query, journal);
  try {
    for (;;) {
      // Asked before the lines are read: what a finished log holds then is all of it.
      const isComplete = news === undefined || isFinished(log.status);
      if (query === undefined) await printRest(cursor);
      else await printFound(query);
      if (isComplete || printer.isBroken) break;
      await news?.next();
    }
    await printer.write(writer.end());
  } finally {
    news?.close();
    cursor.close();
  }

  async function printFound(wanted: LineQuery): Promise<void> {
    const to = Math.min(lastToPrint ?? Number.POSITIVE_INFINITY, journal.lastId);
    if (to < nextId) return;
    const request = { query: wanted, from: nextId, to, isResumed };
    const end = await search(
      journal,
      { ...request, ...defined({ tail, firstSource: log.sources[0] }) },
      {
        async send(news) {
          if (news.type === 'gap') await printer.write(writer.gap(news.gap));
          if (news.type === 'lines') await printer.write(writer.block(news.bytes));
        },
        get isCancelled() {
          return printer.isBroken;
        },
      },
      levels,
    );
    tail = undefined;
    isResumed = true;
    nextId = end.safeId + 1;
  }

  async function printRest(from: Cursor): Promise<void> {
    while (!printer.isBroken) {
      const reading = await from.next();
      if (reading === undefined) return;
      await printer.write(reading.type === 'gap' ? writer.gap(reading) : writer.block(reading.bytes));
    }
  }
}

/** Of what is found so many lines are counted, not of all. */
function withoutCount(start: StartAt): StartAt {
  return start !== 'all' && 'last' in start ? 'all' : start;
}

function firstToPrint(start: StartAt, { firstId, lastId }: { firstId: number; lastId: number }): number {
  if (start === 'all') return firstId;
  return 'last' in start ? Math.max(firstId, lastId - start.last + 1) : start.line;
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
