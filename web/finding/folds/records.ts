import { type IdRange, stretchesOf } from '../../lines/id-ranges.ts';
import type { Line } from '../../lines/line-store.ts';
import { createRecordReader } from '../record-reader.ts';

/** Lines of other records may stand between its own. */
export interface RecordRange extends IdRange {
  /** Its lines after the first one. */
  rest: IdRange[];
}

/** Which lines are one record, such as a stack trace; found out where the reader looks. */
export interface Records {
  /** By their first lines. */
  readonly found: ReadonlyMap<number, RecordRange>;
  /** Looks at the lines of a range that are there. Returns whether records were found or grew. */
  look(from: number, to: number): boolean;
  clear(): void;
}

/** A line and another one are no longer to read than what would stand for them. */
const fewest = 3;
const mostRecords = 2000;
const mostRanges = 100;
interface Candidate {
  ids: number[];
  /** A blank line begins a record as well; then lines that say what it is about stand before it: so many. */
  before: number;
}

/** A line that was looked at from the middle of a record on. */
const begunBefore = /^\s|^Caused by: |^\.{3} /;

export function createRecords(get: (id: number) => Line | undefined): Records {
  const found = new Map<number, RecordRange>();
  /** How many lines of each range were there. */
  const looked = new Map<string, number>();

  /** Keeps one that is long enough. Returns whether it was not known, or not so long. */
  function keep({ ids, before }: Candidate): boolean {
    if (ids.length - before < fewest) return false;
    const [from = 0, ...others] = ids;
    const to = ids.at(-1) ?? from;
    const known = found.get(from);
    if (known && known.to >= to) return false;
    found.set(from, { from, to, rest: stretchesOf(others) });
    return true;
  }

  function presentIn(from: number, to: number): number {
    let present = 0;
    for (let id = from; id <= to; id++) if (get(id)) present++;
    return present;
  }

  /** The same lines say the same again. */
  function isNewSight(from: number, to: number): boolean {
    const range = `${from} ${to}`;
    const present = presentIn(from, to);
    if (looked.get(range) === present) return false;
    if (found.size > mostRecords) {
      found.clear();
      looked.clear();
    }
    if (looked.size > mostRanges) looked.clear();
    looked.set(range, present);
    return true;
  }

  return {
    found,
    look(from, to) {
      if (!isNewSight(from, to)) return false;
      const read = createRecordReader();
      const candidates = new Map<object, Candidate>();
      let last: Candidate | undefined;
      for (let id = from; id <= to; id++) {
        const { isNext, continues, record, visible } = read(id, get(id));
        const begun = continues ? candidates.get(record) : undefined;
        if (begun) begun.ids.push(id);
        last = begun ?? candidate(id, visible, isNext ? last : undefined);
        if (last) candidates.set(record, last);
      }
      let hasGrown = false;
      for (const one of candidates.values()) hasGrown = keep(one) || hasGrown;
      return hasGrown;
    },
    clear() {
      found.clear();
      looked.clear();
    },
  };
}

/** What may be a record from here on; `last` is what the line before is of. */
function candidate(id: number, visible: string | undefined, last: Candidate | undefined): Candidate | undefined {
  if (visible === undefined || begunBefore.test(visible)) return undefined;
  const head = (visible === '' && last?.ids) || [];
  return { ids: [...head, id], before: head.length };
}
