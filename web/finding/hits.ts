/**
 * Lines in which something was found, in the order of the log, with how often.
 */
export interface Hits {
  /** Places in all lines. */
  readonly count: number;
  readonly lines: number;
  /** Lines in rising order, all before or all after those that are known. */
  add(ids: readonly number[], counts: readonly number[]): void;
  /** Which place of all this is, from 1 on. */
  numberOf(hit: Hit): number;
  /** The first place in or after a line; the last one before it. Undefined where there is none. */
  atOrAfter(id: number): Hit | undefined;
  before(id: number): Hit | undefined;
  /** The place after this one, and the one before; from the last to the first and the other way round. */
  next(hit: Hit): Hit | undefined;
  previous(hit: Hit): Hit | undefined;
  /** Up to so many of the lines, spread evenly: for a picture of all. */
  sample(most: number): number[];
  /** Forgets all but these lines, counted as `slice` does; returns the ids of the first and the last that remain. */
  keep(start: number, end?: number): { from: number; to: number };
  clear(): void;
}

/** One place: `at` counts those in its line, from 0 on. */
export interface Hit {
  readonly id: number;
  readonly at: number;
}

export function createHits(): Hits {
  let ids: number[] = [];
  let counts: number[] = [];
  let count = 0;
  /** Places before each line; made when it is asked for. */
  let sums: number[] | undefined;

  /** Index of the first line with this id or a higher one. */
  function indexAt(id: number): number {
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ids[middle] as number) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function firstOf(index: number): Hit | undefined {
    const id = ids[index];
    return id === undefined ? undefined : { id, at: 0 };
  }

  function lastOf(index: number): Hit | undefined {
    const id = ids[index];
    return id === undefined ? undefined : { id, at: (counts[index] as number) - 1 };
  }

  return {
    get count() {
      return count;
    },
    get lines() {
      return ids.length;
    },
    add(newIds, newCounts) {
      const [first] = newIds;
      if (first === undefined) return;
      const isBefore = ids.length > 0 && first < (ids[0] as number);
      if (isBefore) {
        ids = [...newIds, ...ids];
        counts = [...newCounts, ...counts];
        sums = undefined;
        for (const one of newCounts) count += one;
        return;
      }
      // In place: a log that is written adds a few each second to hundreds of thousands.
      for (const id of newIds) ids.push(id);
      for (const one of newCounts) {
        counts.push(one);
        sums?.push(count);
        count += one;
      }
    },
    numberOf({ id, at }) {
      if (!sums) {
        let sum = 0;
        sums = counts.map((one) => {
          sum += one;
          return sum - one;
        });
      }
      return (sums[indexAt(id)] ?? 0) + at + 1;
    },
    atOrAfter: (id) => firstOf(indexAt(id)),
    before: (id) => lastOf(indexAt(id) - 1),
    next({ id, at }) {
      const index = indexAt(id);
      if (ids[index] === id && at + 1 < (counts[index] as number)) return { id, at: at + 1 };
      return firstOf(ids[index] === id ? index + 1 : index) ?? firstOf(0);
    },
    previous({ id, at }) {
      if (at > 0) return { id, at: at - 1 };
      return lastOf(indexAt(id) - 1) ?? lastOf(ids.length - 1);
    },
    sample(most) {
      const step = Math.max(1, ids.length / most);
      const some: number[] = [];
      for (let at = 0; at < ids.length; at += step) some.push(ids[Math.floor(at)] as number);
      return some;
    },
    keep(start, end) {
      ids = ids.slice(start, end);
      counts = counts.slice(start, end);
      count = counts.reduce((sum, one) => sum + one, 0);
      sums = undefined;
      return { from: ids[0] ?? 1, to: ids.at(-1) ?? 0 };
    },
    clear() {
      ids = [];
      counts = [];
      count = 0;
      sums = undefined;
    },
  };
}
