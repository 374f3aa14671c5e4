import type { LineQuery } from '../../finding/line-query.ts';
import { compilePattern, type Matcher } from '../../finding/pattern/matcher.ts';
import { visibleLine } from '../../finding/visible/visible.ts';
import { idAt, visitEvents } from '../../frame/scan.ts';
import { joinedGap } from '../../journal/gaps.ts';
import type { Log, LogStore } from '../../journal/store.ts';
import type { Tee } from '../../system/tee.ts';
import { terminalOutput } from '../../system/terminal.ts';
import { defined } from '../../words/defined.ts';
import { SseTailError } from '../../words/errors.ts';
import type { Origin } from '../../words/line.ts';
import type { LogSummary } from '../../words/log.ts';
import type { Gap } from '../../words/wire.ts';
import type { OptionValues } from '../options/options.ts';
import { createOutput } from '../output.ts';
import { notices } from '../sentences.ts';
import { chooseNewestLog } from './choose.ts';
import { type KeptLogsOptions, nothingKept, typedDir, withStore } from './kept.ts';
import { grepQuery, rangeOf } from './query.ts';
import { type LineReading, readLines } from './read-lines.ts';

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
  const out = createOutput(options.report, failed);
  const run = new Run(query, options, out.tee);
  try {
    await withStore(options, async (store) => {
      const kept = await store.list();
      const summaries = words.length === 0 ? kept : run.chosen(words, kept);
      if (words.length + kept.length === 0) options.report(nothingKept(options));
      const isNamed = (words.length || kept.length) !== 1;
      try {
        for (const summary of summaries) {
          if (out.tee.isBroken) break;
          await run.search(summary, store, isNamed);
        }
        await run.follow();
      } finally {
        run.close();
      }
    });
  } catch (error) {
    if (!(error instanceof SseTailError)) throw error;
    throw new SseTailError(error.kind, error.message, { ...error.facts, exitCode: failed }, error);
  }
  const code = out.exitCode();
  if (code !== 0) return code;
  return run.isFailed ? failed : run.isFound ? someFound : noneFound;
}

/** A log that is searched. */
interface Searched {
  log: Log;
  reading: LineReading;
  printer: Printer;
  mayBeMore: boolean;
}

/** As grep does with a file that is not there, or can't be read: the others are searched all the same. */
class Run {
  isFound = false;
  isFailed = false;
  readonly #query: LineQuery;
  readonly #options: GrepOptions;
  readonly #tee: Tee;
  readonly #printed: Printed = { last: undefined };
  /** Those that may have more: what was found out about the others is let go of. */
  readonly #followed = new Set<Searched>();
  #written: Promise<void> = Promise.resolve();

  constructor(query: LineQuery, options: GrepOptions, tee: Tee) {
    this.#query = query;
    this.#options = options;
    this.#tee = tee;
  }

  /** The logs that words mean. */
  *chosen(words: readonly string[], kept: readonly LogSummary[]): Generator<LogSummary, void, undefined> {
    for (const word of words) {
      try {
        yield chooseNewestLog(kept, word, typedDir(this.#options));
      } catch (error) {
        this.#fail(error, (message) => message);
      }
    }
  }

  /** Prints what is found of what the log holds by now. */
  async search({ id }: LogSummary, store: LogStore, isNamed: boolean): Promise<void> {
    await this.#reporting(id, async () => {
      const log = await store.get(id);
      if (log === undefined) return;
      const options = { ...this.#options, isNamed, printed: this.#printed };
      const printer = createPrinter(id, this.#query, options, (text) => this.#write(text));
      const { lines, gap } = printer;
      const { follow = false, count } = options;
      const tee = this.#tee;
      const sink = {
        lines,
        gap,
        get isBroken() {
          return tee.isBroken;
        },
      };
      const reading = readLines(log, { query: this.#query, range: rangeOf(options), follow }, sink);
      await this.#read({ log, reading, printer, mayBeMore: true });
      if (count) await printer.count(reading.matches);
    });
  }

  /** Prints what is found later, until no log can have more, or nobody reads any more. */
  async follow(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const followed = [...this.#followed].map(async (searched) => {
        await this.#reporting(searched.log.info.id, async () => {
          while (searched.mayBeMore) {
            await searched.reading.news();
            await this.#read(searched);
          }
        });
        // The others may be silent for long.
        if (this.#tee.isBroken) resolve();
      });
      Promise.all(followed).then(() => resolve(), reject);
    });
  }

  close(): void {
    for (const { reading } of this.#followed) reading.close();
  }

  async #read(searched: Searched): Promise<void> {
    const { log, reading, printer } = searched;
    searched.mayBeMore = false;
    try {
      searched.mayBeMore = await reading.read();
      this.isFound ||= reading.matches > 0;
    } finally {
      await printer.sayGap();
      if (searched.mayBeMore) {
        this.#followed.add(searched);
      } else {
        this.#followed.delete(searched);
        reading.close();
      }
    }
    if (log.journal.unread !== undefined) throw new SseTailError('journal', log.journal.unread);
  }

  /** What comes from several logs at once is not mixed within a line. */
  #write(text: string): Promise<void> {
    this.#written = this.#written.then(() => this.#tee.write(Buffer.from(text)));
    return this.#written;
  }

  async #reporting(id: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#fail(error, (message) => notices.unsearched(id, message));
    }
  }

  #fail(error: unknown, sentence: (message: string) => string): void {
    if (!(error instanceof SseTailError)) throw error;
    this.#options.report(sentence(error.message));
    this.isFailed = true;
  }
}

interface GapTeller {
  /** These lines can't be searched. Said before the next line, as one gap with those right before it. */
  gap(gap: Gap): Promise<void>;
  sayGap(): Promise<void>;
}

function createGapTeller(say: (gap: Gap) => Promise<void> | undefined): GapTeller {
  let unsaid: Gap | undefined;

  async function sayGap(): Promise<void> {
    const gap = unsaid;
    unsaid = undefined;
    if (gap !== undefined) await say(gap);
  }

  return {
    async gap({ from, to, reason }) {
      const joined = unsaid && joinedGap(unsaid, { from, to, reason });
      if (joined === undefined) await sayGap();
      unsaid = joined ?? { from, to, reason };
    },
    sayGap,
  };
}

interface Printer extends GapTeller {
  lines(events: Buffer): Promise<void>;
  count(matches: number): Promise<void> | undefined;
}

/** What all logs' printers share. */
interface Printed {
  /** The next line that does not follow this one is set off. */
  last: { log: string; id: number } | undefined;
}

interface PrinterOptions extends GrepOptions {
  isNamed: boolean;
  printed: Printed;
}

/** SGR parameters, as grep has them. */
const colors = { match: '1;31', log: '35', number: '32', separator: '36' } as const;

function createPrinter(
  logId: string,
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
  const gaps = createGapTeller((gap) => {
    if (options.json) return write(`${JSON.stringify({ log: logId, gap })}\n`);
    options.report(notices.unsearchedLines(logId, gap));
    return undefined;
  });

  function line(id: number, text: string, origin: Origin): string {
    if (options.json) return jsonLine(logId, id, text, origin);
    const isContext = origin.context === true;
    const { last } = printed;
    const gap = isSetOff && last !== undefined && (last.log !== logId || (origin.firstId ?? id) > last.id + 1);
    printed.last = { log: logId, id };
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
    ...gaps,
    async lines(events) {
      await gaps.sayGap();
      if (options.count) return;
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
      await write(text);
    },
    count: (matches) =>
      write(`${isNamed ? `${paint(logId, colors.log)}${paint(':', colors.separator)}` : ''}${matches}\n`),
  };
}

function jsonLine(log: string, id: number, text: string, origin: Origin): string {
  const { time, source, stream, level, context } = origin;
  return `${JSON.stringify({ log, id, time, ...defined({ source, stream, level, context }), text })}\n`;
}
