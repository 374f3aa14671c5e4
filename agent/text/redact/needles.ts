import { sequenceEnd } from '../escapes/scan.ts';
import { nextEscape } from '../escapes/sequences.ts';

/** Texts to be found in bytes: a list that can grow. */
export interface Needles {
  readonly values: readonly string[];
  readonly isEmpty: boolean;
  add(value: string): void;
  /** Looks through a chunk of whole lines and parts of lines, once for all its lines. */
  search(chunk: Buffer): Findings;
}

/** What was found in a chunk. */
export interface Findings {
  /**
   * Whether `chunk[start, end)`, a line or part of one, holds nothing that was looked for. To be asked from front to
   * back.
   */
  isClean(start: number, end: number): boolean;
}

/** What a line that adds a value begins with. */
export const maskCommand = '::add-mask::';

const command = Buffer.from(maskCommand);
const maskEnd = Buffer.from('k::');

const lf = 0x0a;
const nowhere = Number.POSITIVE_INFINITY;
/** Below this, a loop beats the call into native code. */
const shortCopy = 24;

/** Other signs than ESC that are not shown and may stand in the middle: BEL, SO, SI, and CSI as one character. */
const unseen = [Buffer.of(0x07), Buffer.of(0x0e), Buffer.of(0x0f), Buffer.of(0xc2, 0x9b)];

export function createNeedles(given: readonly string[]): Needles {
  const values: string[] = [];
  const needles: Buffer[] = [];
  let scratch = Buffer.allocUnsafe(0);

  function add(value: string): void {
    if (values.includes(value)) return;
    values.push(value);
    needles.push(Buffer.from(value));
  }

  /** Whether a needle appears only once escape sequences are gone. */
  function hidesNeedle(chunk: Buffer): boolean {
    const firstEscape = nextEscape(chunk, 0);
    if (firstEscape === nowhere) return false;
    if (scratch.length < chunk.length) scratch = Buffer.allocUnsafe(chunk.length);
    const length = copyVisible(chunk, firstEscape, scratch);
    const visible = scratch.subarray(0, length);
    return needles.some((needle) => visible.includes(needle));
  }

  for (const value of given) add(value);
  return {
    values,
    get isEmpty() {
      return values.length === 0;
    },
    add,
    search(chunk) {
      const searches = [searchOf(chunk, findMask)];
      if (needles.length > 0) {
        for (const bytes of [...needles, ...unseen]) searches.push(searchOf(chunk, finderOf(bytes)));
        if (hidesNeedle(chunk)) searches.push(searchOf(chunk, nextEscape));
      }
      return findingsOf(searches.filter(({ at }) => at !== nowhere));
    },
  };
}

/** Where something stands next from an index on, or Infinity. */
type Finder = (bytes: Buffer, from: number) => number;

interface Search {
  at: number;
  next(from: number): number;
}

function searchOf(chunk: Buffer, find: Finder): Search {
  return { at: find(chunk, 0), next: (from) => find(chunk, from) };
}

function findingsOf(searches: readonly Search[]): Findings {
  let nearest = searches.reduce((least, { at }) => Math.min(least, at), nowhere);

  function lookFrom(start: number): void {
    nearest = nowhere;
    for (const search of searches) {
      if (search.at < start) search.at = search.next(start);
      nearest = Math.min(nearest, search.at);
    }
  }

  return {
    isClean(start, end) {
      if (nearest < start) lookFrom(start);
      return nearest >= end;
    },
  };
}

function finderOf(wanted: Buffer): Finder {
  return (bytes, from) => {
    const at = bytes.indexOf(wanted, from);
    return at === -1 ? nowhere : at;
  };
}

/**
 * Every chunk of every log is searched for this. A search stops wherever the first sign of what is wanted stands, and a
 * `k` is much rarer than a colon.
 */
const findMask: Finder = (bytes, from) => {
  const before = command.length - maskEnd.length;
  for (let at = bytes.indexOf(maskEnd, from + before); at !== -1; at = bytes.indexOf(maskEnd, at + 1)) {
    const start = at - before;
    if (bytes.compare(command, 0, command.length, start, start + command.length) === 0) return start;
  }
  return nowhere;
};

/** Copies what is not part of an escape sequence, line ends included. Returns how much that is. */
function copyVisible(chunk: Buffer, firstEscape: number, out: Buffer): number {
  let length = 0;
  let at = 0;
  let lineEnd = -1;
  for (let next = firstEscape; next !== nowhere; ) {
    if (lineEnd < next) lineEnd = endOfLine(chunk, next);
    if (next - at <= shortCopy) while (at < next) out[length++] = chunk[at++] as number;
    else length += chunk.copy(out, length, at, next);
    // One that is not complete on its line is none: what follows it is shown.
    at = sequenceEnd(chunk, next, lineEnd) ?? next + 1;
    next = nextEscape(chunk, at);
  }
  return length + chunk.copy(out, length, at);
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(lf, from);
  return end === -1 ? bytes.length : end;
}
