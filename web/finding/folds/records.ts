import type { IdRange } from '../../lines/id-ranges.ts';
import type { Line } from '../../lines/line-store.ts';
import { createRecordReader } from '../record-reader.ts';

/** Which lines are one record, such as a stack trace; found out where the reader looks. */
export interface Records {
  /** By their first lines. */
  readonly found: ReadonlyMap<number, IdRange>;
  /** Looks at the lines of a range that are there. Returns whether records were found or grew. */
  look(from: number, to: number): boolean;
  clear(): void;
}

/** A line and another one are no longer to read than what would stand for them. */
const fewest = 3;
const mostRecords = 2000;
const mostRanges = 100;
/** A blank line begins a record as well; then the line that says what it is about stands before it: its `head`. */
interface Candidate extends IdRange {
  head: number | undefined;
}

/** A line that was looked at from the middle of a record on. */
const begunBefore = /^\s|^Caused by: |^\.{3} /;

export function createRecords(get: (id: number) => Line | undefined): Records {
  const found = new Map<number, IdRange>();
  /** How many lines of each range were there. */
  const looked = new Map<string, number>();

  function keep({ from: begun, to, head = begun }: Candidate): boolean {
    if (to - begun + 1 < fewest) return false;
    const from = head;
    const known = found.get(from);
    if (known && known.to >= to) return false;
    found.set(from, { from, to });
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
      let isNews = false;
      const read = createRecordReader();
      let record: Candidate | undefined;
      for (let id = from; id <= to; id++) {
        const { isNext, continues, visible } = read(id, get(id));
        if (continues && record) record.to = id;
        else {
          isNews = (record && keep(record)) || isNews;
          record = candidate(id, visible, isNext ? record : undefined);
        }
      }
      return (record && keep(record)) || isNews;
    },
    clear() {
      found.clear();
      looked.clear();
    },
  };
}

/** What may be a record from here on; `before` is what the line before is of. */
function candidate(id: number, visible: string | undefined, before: Candidate | undefined): Candidate | undefined {
  if (visible === undefined || begunBefore.test(visible)) return undefined;
  return { from: id, to: id, head: visible === '' ? (before?.head ?? before?.from) : undefined };
}
