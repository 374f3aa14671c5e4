import type { LineQuery } from '../../finding/line-query.ts';
import { compilePattern, type Matcher } from '../../finding/pattern/matcher.ts';
import { type SearchNews, search } from '../../finding/search.ts';
import { knownLinesFor } from '../../finding/thread/log-survey.ts';
import { visibleLine } from '../../finding/visible/visible.ts';
import { idAt, visitEvents } from '../../frame/scan.ts';
import type { Log } from '../../journal/store.ts';
import { terminalOutput } from '../../system/terminal.ts';
import { levelOf } from '../../text/level.ts';
import { defined } from '../../words/defined.ts';
import { SseTailError } from '../../words/errors.ts';
import type { Origin } from '../../words/line.ts';
import type { LogSummary } from '../../words/log.ts';
import type { OptionValues } from '../options/options.ts';
import { createOutput } from '../output.ts';
import { notices } from '../sentences.ts';
import { chooseNewestLog } from './choose.ts';
import { type KeptLogsOptions, withStore } from './kept.ts';
import { grepQuery } from './query.ts';

export type GrepOptions = KeptLogsOptions & OptionValues;

const someFound = 0;
const noneFound = 1;
/** As grep's, for whatever went wrong. */
const failed = 2;

/**
 * `sse-tail grep <pattern> [<log> …]`. Resolves with the exit code: 0 where a line was found, 1 where none was.
 *
 * @param words logs by id or name; all of them where there is none
 * @throws SseTailError with 2 as its exit code
 */
export async function grepLogs(pattern: string, words: readonly string[], options: GrepOptions): Promise<number> {
  const query = grepQuery(pattern, options);
  const out = createOutput(options.report);
  let isFound = false;
  let isFailed = false;
  try {
    await withStore(options, async (store) => {
      const kept = await store.list();
      const isNamed = (words.length || kept.length) !== 1;
      const printed: Printed = { isBegun: false };
      // As grep does with a file that is not there, or can't be read: the others are searched all the same.
      const failing = async (sentence: (error: SseTailError) => string, act: () => Promise<void>) => {
        try {
          await act();
        } catch (error) {
          if (!(error instanceof SseTailError)) throw error;
          options.report(sentence(error));
          isFailed = true;
        }
      };
      const searchIn = async (summary: LogSummary) => {
        const printer = createPrinter(summary, query, { ...options, isNamed, printed }, (text) =>
          out.tee.write(Buffer.from(text)),
        );
        const log = await store.get(summary.id);
        if (log === undefined) return;
        const matches = await findIn(log, query, printer, () => out.tee.isBroken);
        if (options.count) await printer.count(matches);
        isFound ||= matches > 0;
        if (log.journal.unread !== undefined) throw new SseTailError('journal', log.journal.unread);
      };
      const choices =
        words.length === 0 ? kept.map((log) => () => log) : words.map((word) => () => chooseNewestLog(kept, word));
      for (const choose of choices) {
        if (out.tee.isBroken) break;
        await failing(
          ({ message }) => message,
          async () => {
            const summary = choose();
            await failing(
              ({ message }) => notices.unsearched(summary.id, message),
              () => searchIn(summary),
            );
          },
        );
      }
    });
  } catch (error) {
    if (!(error instanceof SseTailError)) throw error;
    throw new SseTailError(error.kind, error.message, { ...error.facts, exitCode: failed }, error);
  }
  const code = out.exitCode();
  if (code !== 0) return code;
  return isFailed ? failed : isFound ? someFound : noneFound;
}

async function findIn(log: Log, query: LineQuery, printer: Printer, isCancelled: () => boolean): Promise<number> {
  const { journal, sources } = log;
  const request = { query, from: journal.firstId, to: journal.lastId, ...defined({ firstSource: sources[0] }) };
  const control = {
    send: (news: SearchNews) => (news.type === 'lines' ? printer.lines(news.bytes) : undefined),
    get isCancelled() {
      return isCancelled();
    },
  };
  const { matches } = await search(journal, request, control, knownLinesFor(query, journal));
  return matches;
}

interface Printer {
  lines(events: Buffer): Promise<void> | undefined;
  count(matches: number): Promise<void> | undefined;
}

/** What all logs' printers share. */
interface Printed {
  /** There is a line before: the next one that does not follow it is set off. */
  isBegun: boolean;
}

interface PrinterOptions extends GrepOptions {
  isNamed: boolean;
  printed: Printed;
}

/** SGR parameters, as grep has them. */
const colors = { match: '1;31', log: '35', number: '32', separator: '36' } as const;

function createPrinter(
  { id: logId }: LogSummary,
  query: LineQuery,
  { isNamed, printed, ...options }: PrinterOptions,
  write: (text: string) => Promise<void> | undefined,
): Printer {
  const isColored = terminalOutput(1) !== undefined && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const paint = (text: string, sgr: string) => (isColored && text !== '' ? `\x1b[${sgr}m${text}\x1b[0m` : text);
  const matcher = query.pattern && compilePattern(query.pattern);
  // As with grep, lines of context may be asked for and be none.
  const { context, beforeContext, afterContext, record, onlyMatching } = options;
  const hasContext = [context, beforeContext, afterContext].some((lines) => lines !== undefined);
  const isSetOff = (hasContext || record === true) && !onlyMatching;
  let lastId = 0;

  function line(id: number, text: string, origin: Origin): string {
    if (options.json) return jsonLine(logId, id, text, origin);
    const isContext = origin.context === true;
    const gap = printed.isBegun && (lastId === 0 || id > lastId + 1) && isSetOff;
    printed.isBegun = true;
    lastId = id;
    const sign = isContext ? '-' : ':';
    const head = [isNamed && paint(logId, colors.log), options.lineNumber && paint(String(id), colors.number)]
      .filter((part) => part !== false && part !== undefined)
      .map((part) => `${part}${paint(sign, colors.separator)}`)
      .join('');
    const separator = gap ? `${paint('--', colors.separator)}\n` : '';
    return (
      separator +
      bodies(text, isContext)
        .map((body) => `${head}${body}\n`)
        .join('')
    );
  }

  function bodies(text: string, isContext: boolean): string[] {
    if (matcher === undefined || isContext) return options.onlyMatching ? [] : [text];
    if (options.onlyMatching) {
      return matcher.ranges(text).map(({ start, end }) => paint(text.slice(start, end), colors.match));
    }
    return [isColored ? highlighted(text, matcher) : text];
  }

  function highlighted(text: string, { ranges }: Matcher): string {
    let made = '';
    let at = 0;
    for (const { start, end } of ranges(text)) {
      made += text.slice(at, start) + paint(text.slice(start, end), colors.match);
      at = end;
    }
    return made + text.slice(at);
  }

  return {
    lines(events) {
      if (options.count) return undefined;
      let text = '';
      let origin: Origin = { time: 0 };
      visitEvents(events, {
        origin(next) {
          origin = next;
        },
        line(start, end, frame) {
          text += line(idAt(events, frame) ?? 0, visibleLine(events.toString('utf8', start, end)), origin);
        },
      });
      return write(text);
    },
    count: (matches) =>
      write(`${isNamed ? `${paint(logId, colors.log)}${paint(':', colors.separator)}` : ''}${matches}\n`),
  };
}

function jsonLine(log: string, id: number, text: string, origin: Origin): string {
  const { time, source, stream, context } = origin;
  return `${JSON.stringify({ log, id, time, ...defined({ source, stream, level: levelOf(text), context }), text })}\n`;
}
