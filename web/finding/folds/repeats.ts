import { sameSpeaker } from '../../../agent/text/drawing/row-html.ts';
import type { IdRange } from '../../lines/id-ranges.ts';
import type { Line } from '../../lines/line-store.ts';

/** Lines that say the same one after the other, or blocks of them that do. */
export interface Run extends IdRange {
  /** How many lines a block has: it is repeated `(to - from + 1) / period` times. */
  period: number;
  /** There are more of them before or after it, which are not folded. */
  isPart: boolean;
}

/** Which lines say the same one after the other; found out where the reader looks. */
export interface Repeats {
  /** In no order. */
  runs(): Iterable<Run>;
  /**
   * Looks at the lines of a range that are there. Returns whether runs were found or grew.
   * @param isFollowed the range ends at the log's end, and grows by what is written
   */
  look(from: number, to: number, isFollowed: boolean): boolean;
  isSame(a: Line | undefined, b: Line | undefined): boolean;
  /** More of a run of which a part is known. */
  extend(run: Run): void;
  clear(): void;
}

export type Sameness = 'off' | 'equal' | 'numbers';

/** Two may be on purpose, and are no longer to read than what would stand for them. */
const fewest = 3;
const longestBlock = 3;
const mostRuns = 2000;
/**
 * A run of so many lines grows only by what is written. Folded lines make room for others, which are fetched: of a
 * million equal lines they would all be, one screen after the other. How long it is the agent says (`run-ends.ts`).
 */
const fullLines = 300;
/** What a picture is made of: rows of a QR code or a bar are often equal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: SGR sequences that set a background
const picture = /[\u2500-\u259f]|\x1b\[(?:\d*;)*4[0-8]/;
const anyWord = /[\p{L}\p{N}]/u;

export function createRepeats(get: (id: number) => Line | undefined, sameness: Exclude<Sameness, 'off'>): Repeats {
  /** By their first line. */
  const runs = new Map<number, Run>();
  const comparable = new WeakMap<Line, string>();
  /** The run that a line begins or is a further one of. */
  const runOf = (id: number): Run | undefined => {
    for (const run of runs.values()) if (run.from <= id && id <= run.to) return run;
    return undefined;
  };

  /** What of a line is compared. */
  function textOf(line: Line): string {
    if (sameness === 'equal') return line.text;
    const text = comparable.get(line) ?? line.text.replace(/\d+/g, '0');
    comparable.set(line, text);
    return text;
  }

  function isSame(a: Line | undefined, b: Line | undefined): boolean {
    if (!a || !b) return false;
    const { origin: x } = a;
    const { origin: y } = b;
    return sameSpeaker(x, y) && !x.continued && !y.continued && textOf(a) === textOf(b);
  }

  /** How far the lines from `end` on repeat those `period` lines before them. */
  function endOf(end: number, to: number, period: number): number {
    let last = end;
    while (last < to && isSame(get(last + 1 - period), get(last + 1))) last++;
    return last;
  }

  /** The run that begins here; of whole blocks. */
  function runFrom(from: number, to: number): Run | undefined {
    for (let period = 1; period <= longestBlock; period++) {
      const blocks = Math.floor((endOf(from + period - 1, to, period) - from + 1) / period);
      if (blocks >= fewest && areFoldable(from, period))
        return { from, to: from + blocks * period - 1, period, isPart: false };
    }
    return undefined;
  }

  function areFoldable(from: number, period: number): boolean {
    for (let id = from; id < from + period; id++) {
      const line = get(id);
      if (!line || !isFoldable(line)) return false;
    }
    return true;
  }

  /** @returns up to which line this was looked at, and whether there is anything new */
  function grow(run: Run, to: number, isFollowed: boolean): { end: number; isNews: boolean } {
    if (isFull(run) && !isFollowed) {
      const end = endOf(run.to, to, run.period);
      return { end, isNews: end - run.to >= run.period && becomePart(run) };
    }
    const blocks = Math.floor((endOf(run.to, to, run.period) - run.from + 1) / run.period);
    const end = run.from + blocks * run.period - 1;
    const isNews = end > run.to;
    run.to = Math.max(run.to, end);
    return { end: run.to, isNews };
  }

  function becomePart(run: Run): boolean {
    const isNews = !run.isPart;
    run.isPart = true;
    return isNews;
  }

  /** The first known run that a new one goes over into. */
  function nextOf({ from, to, period }: Run): Run | undefined {
    let next: Run | undefined;
    for (const run of runs.values()) {
      const follows = run.from > from && run.from <= to + period && run.from < (next?.from ?? Number.POSITIVE_INFINITY);
      if (follows && run.period === period && endOf(to, run.from, period) >= run.from) next = run;
    }
    return next;
  }

  /** @returns up to which line this was looked at, and whether there is anything new */
  function add(run: Run): { end: number; isNews: boolean } {
    for (let next = nextOf(run); next; next = nextOf(run)) {
      if (isFull(next)) return { end: next.from - 1, isNews: becomePart(next) };
      runs.delete(next.from);
      const blocks = Math.floor((Math.max(run.to, next.to) - run.from + 1) / run.period);
      run.to = run.from + blocks * run.period - 1;
    }
    runs.set(run.from, run);
    return { end: run.to, isNews: true };
  }

  return {
    runs: () => runs.values(),
    look(from, to, isFollowed) {
      let isNews = false;
      // Those far away are found again when they are looked at.
      if (runs.size > mostRuns) runs.clear();
      for (let id = from; id <= to; id++) {
        const known = runOf(id);
        const run = known ?? runFrom(id, to);
        if (!run) continue;
        const done = known ? grow(known, to, isFollowed) : add(run);
        isNews ||= done.isNews;
        id = Math.max(id, done.end, known?.to ?? 0);
      }
      return isNews;
    },
    isSame,
    extend(whole) {
      for (const run of runs.values()) if (whole.from <= run.from && run.to <= whole.to) runs.delete(run.from);
      runs.set(whole.from, whole);
    },
    clear: () => runs.clear(),
  };
}

function isFull({ from, to }: Run): boolean {
  return to - from + 1 >= fullLines;
}

function isFoldable({ text, origin }: Line): boolean {
  return origin.kind !== 'notice' && anyWord.test(text) && !picture.test(text);
}
