import type { IdRange } from '../lines/id-ranges.ts';
import type { Line } from '../lines/line-store.ts';

/** Which lines say the same one after the other; found out where the reader looks. */
export interface Repeats {
  /** Runs of lines that say the same, in no order. */
  runs(): Iterable<IdRange>;
  /** Looks at the lines of a range that are there. Returns whether runs were found or grew. */
  look(from: number, to: number): boolean;
  clear(): void;
}

export type Sameness = 'off' | 'equal' | 'numbers';

/** Two may be on purpose, and are no longer to read than what would stand for them. */
const fewest = 3;
const mostRuns = 2000;
/** What a picture is made of: rows of a QR code or a bar are often equal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: SGR sequences that set a background
const picture = /[\u2500-\u259f]|\x1b\[(?:\d*;)*4[0-8]/;
const anyWord = /[\p{L}\p{N}]/u;

export function createRepeats(get: (id: number) => Line | undefined, sameness: Exclude<Sameness, 'off'>): Repeats {
  /** By their first line. */
  const runs = new Map<number, IdRange>();
  /** The run that a line begins or is a further one of. */
  const runOf = (id: number): IdRange | undefined => {
    for (const run of runs.values()) if (run.from <= id && id <= run.to) return run;
    return undefined;
  };

  function isSame(a: Line, b: Line): boolean {
    const { origin: x, text: s } = a;
    const { origin: y, text: t } = b;
    if (x.source !== y.source || x.stream !== y.stream || x.kind !== y.kind || x.continued || y.continued) return false;
    if (s === t) return true;
    return sameness === 'numbers' && s.replace(/\d+/g, '0') === t.replace(/\d+/g, '0');
  }

  /** How far the run goes that begins here. */
  function endOf(from: number, to: number): number {
    const first = get(from);
    let end = from;
    while (end < to && first) {
      const next = get(end + 1);
      if (!next || !isSame(first, next)) break;
      end++;
    }
    return end;
  }

  return {
    runs: () => runs.values(),
    look(from, to) {
      let isNews = false;
      // Those far away are found again when they are looked at.
      if (runs.size > mostRuns) runs.clear();
      for (let id = from; id <= to; id++) {
        const known = runOf(id);
        const first = known?.from ?? id;
        const line = get(first);
        const end = known ? endAfter(known, to) : line && isFoldable(line) ? endOf(id, to) : id;
        if (known && end > known.to) {
          known.to = end;
          isNews = true;
        } else if (!known && end - id + 1 >= fewest) {
          runs.set(id, { from: id, to: end });
          isNews = true;
        }
        id = Math.max(id, end);
      }
      return isNews;
    },
    clear: () => runs.clear(),
  };

  function endAfter({ from, to }: IdRange, most: number): number {
    const first = get(from) ?? get(to);
    let end = to;
    while (end < most && first) {
      const next = get(end + 1);
      if (!next || !isSame(first, next)) break;
      end++;
    }
    return end;
  }
}

function isFoldable({ text, origin }: Line): boolean {
  return origin.kind !== 'notice' && anyWord.test(text) && !picture.test(text);
}
