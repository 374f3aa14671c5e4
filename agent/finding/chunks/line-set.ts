import { chunkLines } from './chunk.ts';

/** Ids of lines. All lines of a log may be found: a bit for each takes a 64th of what a number takes. */
export interface LineSet {
  add(id: number): void;
  /** Those from one id to another, in order. Both are in the same chunk. */
  visit(from: number, to: number, visit: (id: number) => void): void;
}

const wordBits = 32;

export function createLineSet(): LineSet {
  /** The words of each chunk that holds any. */
  const chunks = new Map<number, Uint32Array>();
  let lastIndex = -1;
  let last: Uint32Array = new Uint32Array(0);

  function wordsOf(index: number): Uint32Array {
    if (index === lastIndex) return last;
    last = chunks.get(index) ?? new Uint32Array(chunkLines / wordBits);
    lastIndex = index;
    chunks.set(index, last);
    return last;
  }

  return {
    add(id) {
      const at = (id - 1) % chunkLines;
      const words = wordsOf((id - 1 - at) / chunkLines);
      words[at >>> 5] = (words[at >>> 5] as number) | (1 << (at & 31));
    },

    visit(from, to, visit) {
      const start = (from - 1) % chunkLines;
      const first = from - start;
      const words = chunks.get((first - 1) / chunkLines);
      if (words === undefined) return;
      for (let at = start >>> 5; at <= (to - first) >>> 5; at++) {
        for (let word = words[at] as number; word !== 0; word &= word - 1) {
          const id = first + wordBits * at + (31 - Math.clz32(word & -word));
          if (id >= from && id <= to) visit(id);
        }
      }
    },
  };
}
