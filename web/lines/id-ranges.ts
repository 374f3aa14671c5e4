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
  /** Once it is made of a tenth more stretches than so many, drops those that are farthest from an id. */
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
      // Not for each one that is too many: dropping takes a walk over all.
      if (ranges.length <= most * 1.1) return;
      const start = Math.max(0, Math.min(indexAt(id) - Math.floor(most / 2), ranges.length - most));
      for (const range of [...ranges.splice(start + most), ...ranges.splice(0, start)]) count -= sizeOf(range);
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

/**
 * Rising ids as ranges, with so many ids on either side of each, and without a hole between them: a closed fold between
 * two rows may hold a million lines that nobody wants.
 */
export function stretchesOf(ids: readonly number[], around = 0): IdRange[] {
  const stretches: IdRange[] = [];
  for (const id of ids) {
    const before = stretches.at(-1);
    if (before && before.to >= id - around - 1) before.to = id + around;
    else stretches.push({ from: id - around, to: id + around });
  }
  return stretches;
}
