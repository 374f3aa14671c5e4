/**
 * A set of line ids that is made of long stretches: tells whose member an id is, and where it goes on outside, in a few
 * steps.
 */
export interface IdRanges {
  /** How many ids it holds. */
  readonly count: number;
  readonly isEmpty: boolean;
  add(from: number, to: number): void;
  has(id: number): boolean;
  /** How many of the ids from `from` to `to` it holds. */
  countIn(from: number, to: number): number;
  /** The first id after this one that is not in it. */
  nextOutside(id: number): number;
  /** The last id before this one that is not in it. */
  previousOutside(id: number): number;
  /** Drops the ids below this one. */
  dropBelow(id: number): void;
  /** Drops what is farthest from an id, until it is made of so many stretches at most. */
  keepNear(id: number, most: number): void;
  clear(): void;
}

/** Ids, both included. */
export interface IdRange {
  from: number;
  to: number;
}

export function createIdRanges(): IdRanges {
  /** In rising order; between two of them there is always an id that is in none. */
  let ranges: IdRange[] = [];
  let count = 0;

  /** Index of the first range that ends at or after an id. */
  function indexAt(id: number): number {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle] as IdRange).to < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function rangeAt(id: number): IdRange | undefined {
    const range = ranges[indexAt(id)];
    return range && range.from <= id ? range : undefined;
  }

  return {
    get count() {
      return count;
    },
    get isEmpty() {
      return ranges.length === 0;
    },
    add(from, to) {
      if (to < from) return;
      const first = indexAt(from - 1);
      let after = first;
      const merged = { from, to };
      for (let range = ranges[after]; range && range.from <= to + 1; range = ranges[++after]) {
        merged.from = Math.min(merged.from, range.from);
        merged.to = Math.max(merged.to, range.to);
        count -= sizeOf(range);
      }
      count += sizeOf(merged);
      ranges.splice(first, after - first, merged);
    },
    has: (id) => rangeAt(id) !== undefined,
    countIn(from, to) {
      let inside = 0;
      for (let at = indexAt(from); at < ranges.length; at++) {
        const range = ranges[at] as IdRange;
        if (range.from > to) break;
        inside += Math.min(range.to, to) - Math.max(range.from, from) + 1;
      }
      return inside;
    },
    nextOutside: (id) => (rangeAt(id + 1)?.to ?? id) + 1,
    previousOutside: (id) => (rangeAt(id - 1)?.from ?? id) - 1,
    dropBelow(id) {
      const first = indexAt(id);
      for (const range of ranges.splice(0, first)) count -= sizeOf(range);
      const [range] = ranges;
      if (!range || range.from >= id) return;
      count -= id - range.from;
      range.from = id;
    },
    keepNear(id, most) {
      if (ranges.length <= most) return;
      const start = Math.max(0, Math.min(indexAt(id) - Math.floor(most / 2), ranges.length - most));
      ranges = ranges.slice(start, start + most);
      count = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
    },
    clear() {
      ranges = [];
      count = 0;
    },
  };
}

function sizeOf({ from, to }: IdRange): number {
  return to - from + 1;
}
