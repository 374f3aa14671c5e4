import { visibleText } from '../../../agent/text/escapes/strip.ts';
import type { LineHistory } from '../../history/history.ts';
import type { Line } from '../../lines/line-store.ts';
import { expressionFor } from '../../text/pattern.ts';
import { readRunEnds } from './read-ends.ts';
import type { Repeats, Run, Sameness } from './repeats.ts';

/** Finds where long runs of equal lines begin and end: the agent knows all lines, the page those it looked at. */
export interface RunEnds {
  /** Asks about one of those of which only a part is known, if that may bring anything new. */
  look(): void;
  clear(): void;
}

export interface RunEndsOptions {
  get(id: number): Line | undefined;
  extent(): { first: number; last: number };
  runs(): Iterable<Run>;
  sameness: Exclude<Sameness, 'off'>;
  isSame: Repeats['isSame'];
  find: LineHistory['find'];
  read: LineHistory['read'];
  found(run: Run): void;
}

/** The agent takes no longer expressions. */
const longestExpression = 1000;
/** A run that is written to faster than it is read ends elsewhere each time: asked again for this much more. */
const growth = 1.5;
const mostAsked = 500;
const retryMs = 5000;
const nothing = Promise.resolve('none' as const);

export function createRunEnds(options: RunEndsOptions): RunEnds {
  const { get, extent, runs, sameness, isSame, find, read, found } = options;
  /** How far the log went when each was asked about, by its first line. */
  const asked = new Map<number, number>();
  let round = 0;
  let isAsking = false;
  let retry: ReturnType<typeof setTimeout> | undefined;

  async function ask(run: Run, block: readonly Line[]): Promise<void> {
    const [line] = block;
    const expression = line && block.length === 1 ? expressionOfLine(line, sameness) : undefined;
    const isReadable = expression === undefined || expression.length > longestExpression;
    const begun = round;
    isAsking = true;
    const whole = isReadable
      ? await readRunEnds(run, { extent: extent(), block, read, isSame })
      : await endsOf(run, `regex=1&case=1&not=${encodeURIComponent(expression)}`);
    // Another log is shown by now.
    if (begun !== round) return;
    isAsking = false;
    if (whole) {
      asked.set(whole.from, extent().last);
      found(whole);
    } else if (!isReadable) {
      asked.delete(run.from);
      // Nothing else may happen in the log.
      retry = setTimeout(look, retryMs);
    }
  }

  /** Undefined where the agent does not say. */
  async function endsOf({ from, to }: Run, others: string): Promise<Run | undefined> {
    const { first, last } = extent();
    const searchBack =
      from > first ? find({ from: first, to: from - 1, some: { from: 'end', lines: 1 } }, others) : nothing;
    const searchOn = to < last ? find({ from: to + 1, to: last, some: { from: 'start', lines: 1 } }, others) : nothing;
    const [before, after] = [await searchBack, await searchOn];
    if (before === 'unknown' || after === 'unknown') return undefined;
    const ends = { from: before === 'none' ? first : before + 1, to: after === 'none' ? last : after - 1 };
    return { ...ends, period: 1, isPart: false };
  }

  function look(): void {
    if (isAsking) return;
    clearTimeout(retry);
    for (const run of runs()) {
      const { last } = extent();
      if (!run.isPart || last < (asked.get(run.from) ?? 0) * growth) continue;
      const lines = Array.from({ length: run.period }, (_, at) => get(run.from + at));
      const block = lines.filter((line) => line !== undefined);
      if (block.length < run.period) continue;
      if (asked.size > mostAsked) asked.clear();
      asked.set(run.from, last);
      void ask(run, block);
      return;
    }
  }

  return {
    look,
    clear() {
      round++;
      isAsking = false;
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
