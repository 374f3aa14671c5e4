import { visibleText } from '../../../agent/text/escapes/strip.ts';
import type { LineHistory } from '../../history/history.ts';
import type { Line } from '../../lines/line-store.ts';
import { expressionFor } from '../../text/pattern.ts';
import { type Extent, readRunEnds } from './read-ends.ts';
import type { Repeats, Run, Sameness } from './repeats.ts';

/** Finds where long runs of equal lines begin and end: the agent knows all lines, the page those it looked at. */
export interface RunEnds {
  /** Asks about one of those of which only a part is known, if that may bring anything new. */
  look(): void;
  clear(): void;
}

export interface RunEndsOptions {
  get(id: number): Line | undefined;
  extent(): Extent;
  runs(): Iterable<Run>;
  sameness: Exclude<Sameness, 'off'>;
  isSame: Repeats['isSame'];
  find: LineHistory['find'];
  read: LineHistory['read'];
  found(run: Run): void;
}

/** The agent takes no longer expressions. */
const longestExpression = 1000;
/**
 * A run that is written to faster than it is read ends elsewhere each time: asked again for this much more, or when
 * some time has passed.
 */
const growth = 1.5;
const mostAsked = 500;
const firstPauseMs = 1000;
const nothing = Promise.resolve('none' as const);

export function createRunEnds(options: RunEndsOptions): RunEnds {
  const { get, extent, runs, sameness, isSame, find, read, found } = options;
  /** How far the log went when each was asked about, by its first line. */
  const asked = new Map<number, number>();
  let pauseMs = firstPauseMs;
  let nextAt = 0;
  let round = 0;
  let isAsking = false;
  let retry: ReturnType<typeof setTimeout> | undefined;

  async function ask(run: Run, block: readonly Line[]): Promise<void> {
    const [line] = block;
    const expression = line && block.length === 1 ? expressionOfLine(line, sameness) : undefined;
    const isReadable = expression === undefined || expression.length > longestExpression;
    const begun = round;
    const span = extent();
    isAsking = true;
    const whole = isReadable
      ? await readRunEnds(run, { extent: span, block, read, isSame })
      : await endsOf(run, span, `regex=1&case=1&not=${encodeURIComponent(expression)}`);
    // Another log is shown by now.
    if (begun !== round) return;
    isAsking = false;
    // Lines in between may be lost for good: each time twice as long.
    pauseMs = whole ? firstPauseMs : pauseMs * 2;
    nextAt = Date.now() + pauseMs;
    // What was not answered is due as if a line had come since.
    asked.set((whole ?? run).from, span.last - (whole ? 0 : 1));
    if (whole) found(whole);
    // Nothing else may happen in the log.
    look();
  }

  /** Undefined where the agent does not say. */
  async function endsOf({ from, to }: Run, { first, last }: Extent, others: string): Promise<Run | undefined> {
    const searchBack =
      from > first ? find({ from: first, to: from - 1, some: { from: 'end', lines: 1 } }, others) : nothing;
    const searchOn = to < last ? find({ from: to + 1, to: last, some: { from: 'start', lines: 1 } }, others) : nothing;
    const [before, after] = [await searchBack, await searchOn];
    if (before === 'unknown' || after === 'unknown') return undefined;
    return {
      from: before === 'none' ? first : before + 1,
      to: after === 'none' ? last : after - 1,
      period: 1,
      isPart: false,
    };
  }

  /** The lines of one of its blocks: its last one where the first is not there. */
  function blockOf({ from, to, period }: Run): Line[] | undefined {
    return [from, to - period + 1]
      .map((start) => Array.from({ length: period }, (_, at) => get(start + at)))
      .find((lines): lines is Line[] => !lines.includes(undefined));
  }

  function look(): void {
    if (isAsking) return;
    clearTimeout(retry);
    const { last } = extent();
    const wait = nextAt - Date.now();
    for (const run of runs()) {
      const before = asked.get(run.from) ?? 0;
      if (!run.isPart || last <= before) continue;
      if (wait > 0 && last < before * growth) continue;
      const block = blockOf(run);
      if (!block) continue;
      if (asked.size > mostAsked) asked.clear();
      asked.set(run.from, last);
      void ask(run, block);
      return;
    }
    if (wait > 0) retry = setTimeout(look, wait);
  }

  return {
    look,
    clear() {
      round++;
      isAsking = false;
      pauseMs = firstPauseMs;
      clearTimeout(retry);
      asked.clear();
    },
  };
}

/** Matches the lines that count as the same. */
function expressionOfLine({ text }: Line, sameness: RunEndsOptions['sameness']): string {
  const visible = visibleText(text).normalize('NFC');
  const parts = sameness === 'numbers' ? visible.split(/\d+/) : [visible];
  return `^${parts.map(expressionFor).join('\\d+')}$`;
}
