/** Chance that is the same for the same seed. */
export interface Chance {
  /** From 0 up to, and not including, 1. */
  next(): number;
  /** A whole number below `limit`. */
  below(limit: number): number;
  /** How many of so many come about, each by this probability: rounded up or down by chance. */
  count(expected: number): number;
}

/** Mulberry32. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    count: (expected) => Math.floor(expected + next()),
  };
}

/** Ranks from 0 on, by Zipf's law. */
export function createZipf(ranks: number, exponent: number, chance: Chance): () => number {
  const upTo = new Float64Array(ranks);
  let total = 0;
  for (let rank = 0; rank < ranks; rank++) {
    total += 1 / (rank + 1) ** exponent;
    upTo[rank] = total;
  }
  return () => {
    const wanted = chance.next() * total;
    let from = 0;
    for (let to = ranks - 1; from < to; ) {
      const middle = (from + to) >> 1;
      if ((upTo[middle] as number) <= wanted) from = middle + 1;
      else to = middle;
    }
    return from;
  };
}

/** Spreads whole numbers over 32 bits (the finalizer of MurmurHash3). */
export function hashOf(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
