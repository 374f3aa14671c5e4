import type { Span } from './spans.ts';

/**
 * Any number of texts, found in another one in a single pass over it, whatever they have in common (Aho and Corasick,
 * "Efficient string matching", 1975). Texts are UTF-16 units; bytes are given as `latin1`.
 */
export interface Automaton {
  /** Where they stand in a text; places that overlap are one span. */
  spansIn(text: string): Span[];
  /** How much of a text's end one of them begins with, without being complete. */
  beginningAtEnd(text: string): number;
  /** An index from `from` on before which none begins, and soon after which one does; Infinity where none does. */
  next(bytes: Buffer, from: number): number;
}

/** @param texts none of them empty */
export function createAutomaton(texts: readonly string[]): Automaton {
  const states = new States(1 + texts.reduce((sum, text) => sum + text.length, 0));
  for (const text of texts) states.add(text);
  states.link();
  const longest = texts.reduce((length, text) => Math.max(length, text.length), 0);

  return {
    spansIn(text) {
      const spans: Span[] = [];
      let state = root;
      for (let at = 0; at < text.length; at++) {
        state = states.after(state, text.charCodeAt(at));
        const length = states.found[state] as number;
        if (length > 0) join(spans, at + 1 - length, at + 1);
      }
      return spans;
    },
    beginningAtEnd(text) {
      let state = root;
      for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
        state = states.after(state, text.charCodeAt(at));
      }
      return states.depth[states.unfinished(state)] as number;
    },
    next(bytes, from) {
      const { first, found } = states;
      let state = root;
      for (let at = from; at < bytes.length; at++) {
        const byte = bytes[at] as number;
        state = state === root ? (first[byte] as number) : states.after(state, byte);
        if ((found[state] as number) > 0) return at + 1 - (states.depth[state] as number);
      }
      return Number.POSITIVE_INFINITY;
    },
  };
}

/** Adds a span that ends after all others. */
function join(spans: Span[], from: number, to: number): void {
  let start = from;
  for (let last = spans.at(-1); last !== undefined && last.to > start; last = spans.at(-1)) {
    start = Math.min(start, last.from);
    spans.pop();
  }
  spans.push({ from: start, to });
}

/** Nothing has been read of any text. */
const root = 0;
const none = -1;

/**
 * A state is what has been read of a text, of the longest one where there are several. Most have one successor, which
 * has the number after theirs: a table of all units for each state would take a hundred times the memory.
 */
class States {
  /** How much has been read in a state. */
  readonly depth: Uint32Array;
  /** The length of the longest text that ends in a state; 0 for none. */
  readonly found: Uint32Array;
  /** What follows the root, for the first units there are. */
  readonly first = new Uint32Array(256);
  private count = 1;
  /** The unit that leads to the state with the next number; `none` where that is no successor. */
  private readonly unit: Int32Array;
  private readonly isBranching: Uint8Array;
  private readonly branches = new Map<number, Map<number, number>>();
  /** The state of the longest end of what has been read with which a text begins. */
  private readonly shorter: Uint32Array;

  constructor(most: number) {
    this.depth = new Uint32Array(most);
    this.found = new Uint32Array(most);
    this.unit = new Int32Array(most).fill(none);
    this.isBranching = new Uint8Array(most);
    this.shorter = new Uint32Array(most);
  }

  add(text: string): void {
    let state = root;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      state = this.successor(state, unit) ?? this.extend(state, unit);
    }
    this.found[state] = text.length;
  }

  /** To be called once, when all texts were added. Those that are shorter come first. */
  link(): void {
    const queue = new Uint32Array(this.count);
    let end = 1;
    for (let at = 0; at < end; at++) {
      const state = queue[at] as number;
      this.eachSuccessor(state, (unit, next) => {
        queue[end++] = next;
        if (state !== root) this.shorter[next] = this.after(this.shorter[state] as number, unit);
        else if (unit < this.first.length) this.first[unit] = next;
        if (this.found[next] === 0) this.found[next] = this.found[this.shorter[next] as number] as number;
      });
    }
  }

  after(state: number, unit: number): number {
    for (let at = state; at !== root; at = this.shorter[at] as number) {
      const next = this.successor(at, unit);
      if (next !== undefined) return next;
    }
    return unit < this.first.length ? (this.first[unit] as number) : (this.successor(root, unit) ?? root);
  }

  /** The same, or the next shorter one that something follows. */
  unfinished(state: number): number {
    let at = state;
    while (at !== root && this.unit[at] === none && this.isBranching[at] === 0) at = this.shorter[at] as number;
    return at;
  }

  private successor(state: number, unit: number): number | undefined {
    if (this.unit[state] === unit) return state + 1;
    return this.isBranching[state] === 0 ? undefined : this.branches.get(state)?.get(unit);
  }

  private extend(state: number, unit: number): number {
    const next = this.count++;
    this.depth[next] = (this.depth[state] as number) + 1;
    if (next === state + 1) {
      this.unit[state] = unit;
      return next;
    }
    this.isBranching[state] = 1;
    const others = this.branches.get(state) ?? new Map<number, number>();
    this.branches.set(state, others.set(unit, next));
    return next;
  }

  private eachSuccessor(state: number, visit: (unit: number, next: number) => void): void {
    const unit = this.unit[state] as number;
    if (unit !== none) visit(unit, state + 1);
    for (const [other, next] of this.branches.get(state) ?? []) visit(other, next);
  }
}
