import type { LineHistory } from '../history/history.ts';
import { type Filter, isFiltering, type Level, queryText } from '../lines/filter.ts';

/** Of more lines with such levels, nobody reads a list. */
const mostLines = 5000;
const patienceMs = 10_000;

/** Asks the agent which errors and warnings a filter shows. */
export interface ShownProblems {
  /** There is another filter, or more of the log. */
  look(filter: Filter, extent: { first: number; last: number }): void;
  /** Another log is shown. */
  startOver(): void;
}

/** @param changed takes the ids of their lines; nothing where all are shown, or which they are is not known */
export function createShownProblems(
  read: LineHistory['read'],
  changed: (ids: ReadonlySet<number> | undefined) => void,
): ShownProblems {
  let asked = { key: '', ids: new Set<number>(), upTo: 0 };

  return {
    look({ from = 0, context: _context, record: _record, ...filter }, { first, last }) {
      const level = levels.filter((one) => filter.level?.includes(one) !== false);
      const query = isFiltering(filter) ? queryText({ ...filter, level }) : '';
      const key = `${from} ${query}`;
      if (key !== asked.key) {
        asked = { key, ids: new Set(), upTo: first - 1 };
        changed(query && level.length === 0 ? asked.ids : undefined);
      }
      asked.upTo = Math.max(asked.upTo, first - 1);
      if (query && level.length > 0 && asked.upTo < last) void ask(asked, query, last);
    },
    startOver() {
      asked.key = '';
    },
  };

  async function ask(of: typeof asked, query: string, last: number): Promise<void> {
    const range = { from: of.upTo + 1, to: last, some: { from: 'end', lines: mostLines } } as const;
    // Until it is answered, nothing else is asked.
    of.upTo = Number.MAX_SAFE_INTEGER;
    const take = (_text: string, _origin: unknown, id: number) => of.ids.add(id);
    const isWhole = await read(range, take, AbortSignal.timeout(patienceMs), query);
    const isTooMuch = of.ids.size >= mostLines;
    if (!isTooMuch) of.upTo = isWhole ? last : range.from - 1;
    if (asked === of) changed(isWhole && !isTooMuch ? new Set(of.ids) : undefined);
  }
}

const levels: readonly Level[] = ['error', 'warn'];
