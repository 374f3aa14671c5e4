import { sequenceEnd, startsControlString } from '../escapes/scan.ts';
import { nextEscape } from '../escapes/sequences.ts';
import { createNeedleScans, type Finder, isUnseenAt } from './needle-scanner.ts';
import type { Span } from './spans.ts';
import { Tiers } from './tiers.ts';
import { createValue } from './value.ts';

/** Texts to be found in bytes: a list that can grow. */
export interface Needles {
  readonly count: number;
  has(text: string): boolean;
  add(text: string): void;
  /** Looks through a chunk of whole lines and parts of lines, once for all its lines. */
  search(chunk: Buffer): Findings;
  /** Where they stand in a text. Spans may overlap. */
  spansIn(text: string): Span[];
  /** How much of a text's end one of them begins with, without being complete. */
  beginningAtEnd(text: string): number;
}

/** What was found in a chunk. */
export interface Findings {
  /**
   * Whether `chunk[start, end)`, a line or part of one, certainly holds nothing that was looked for, and no mask
   * command: neither as it stands nor once what can't be seen is gone. To be asked from front to back.
   */
  isClean(start: number, end: number): boolean;
  /** Looks for one more text, from index `from` of the chunk on. */
  lookFor(text: string, from: number): void;
}

/** What a line that adds a value begins with. */
export const maskCommand = '::add-mask::';

const command = Buffer.from(maskCommand);
const maskEnd = Buffer.from('k::');

const lf = 0x0a;
const nowhere = Number.POSITIVE_INFINITY;
/** Below this, a loop beats the call into native code. */
const shortCopy = 24;

/** The Linux console's palette sequences end after seven digits, unlike any other control string. */
const palette = Buffer.from('\x1b]P');

export function createNeedles(given: readonly string[]): Needles {
  const texts = new Set<string>();
  const values = new Tiers(createValue);
  const needles = new Tiers((latin1) => Buffer.from(latin1, 'latin1'));
  let scratch = Buffer.allocUnsafe(0);
  /** Undefined where what is looked for has changed. */
  let scans: Scans | undefined;

  function add(text: string): void {
    if (texts.has(text)) return;
    texts.add(text);
    scans = undefined;
    values.add(text);
    needles.add(Buffer.from(text).toString('latin1'));
  }

  /** What finds them in a chunk, and the mask command, and what can't be seen. */
  function findersIn(chunk: Buffer): Finder[] {
    const { singles, others } = needles;
    const rest = others === undefined ? [] : [others.next];
    if (chunk.length >= shortChunk) {
      scans ??= scansOf(singles);
      if (scans !== undefined) return [...scans.inChunk, ...rest];
    }
    return [findMask, ...[...singles, palette].map(finderOf), findUnseen, ...rest];
  }

  /** Whether a needle appears only once escape sequences are gone. */
  function hidesNeedle(chunk: Buffer): boolean {
    const firstEscape = nextEscape(chunk, 0);
    if (firstEscape === nowhere) return false;
    if (scratch.length < chunk.length) scratch = Buffer.allocUnsafe(chunk.length);
    const length = copyVisible(chunk, firstEscape, scratch);
    const visible = scratch.subarray(0, length);
    const { singles, others } = needles;
    const isThere = (find: Finder) => find(visible, 0) !== nowhere;
    if (others !== undefined && isThere(others.next)) return true;
    return (scans?.inVisible ?? singles.map(finderOf)).some(isThere);
  }

  for (const text of given) add(text);
  return {
    get count() {
      return values.count;
    },
    has: (text) => texts.has(text),
    add,
    search(chunk) {
      if (needles.count === 0) return findingsOf(chunk, [searchOf(chunk, findMask, 0)], true);
      const finders = findersIn(chunk);
      if (hidesNeedle(chunk)) finders.push(nextEscape);
      return findingsOf(
        chunk,
        finders.map((find) => searchOf(chunk, find, 0)),
        false,
      );
    },
    spansIn(text) {
      const spans = values.others?.spansIn(text) ?? [];
      for (const value of values.singles) for (const span of value.spansIn(text)) spans.push(span);
      return spans;
    },
    beginningAtEnd(text) {
      const least = values.others?.beginningAtEnd(text) ?? 0;
      return values.singles.reduce((length, value) => Math.max(length, value.beginningAtEnd(text)), least);
    },
  };
}

interface Search {
  at: number;
  next(from: number): number;
}

function searchOf(chunk: Buffer, find: Finder, from: number): Search {
  return { at: find(chunk, from), next: (start) => find(chunk, start) };
}

/** @param isFirst nothing but the mask command was looked for */
function findingsOf(chunk: Buffer, given: readonly Search[], isFirst: boolean): Findings {
  const searches = given.filter(({ at }) => at !== nowhere);
  let nearest = searches.reduce((least, { at }) => Math.min(least, at), nowhere);
  let isUnseenKnown = !isFirst;
  let areEscapesSuspect = false;

  function add(search: Search): void {
    if (search.at === nowhere) return;
    searches.push(search);
    nearest = Math.min(nearest, search.at);
  }

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
    lookFor(text, from) {
      add(searchOf(chunk, finderOf(Buffer.from(text)), from));
      if (!isUnseenKnown) add(searchOf(chunk, unseenScan() ?? findUnseen, from));
      isUnseenKnown = true;
      // Whether one of them hides it is not worth copying the chunk again for each text.
      if (!areEscapesSuspect) add(searchOf(chunk, nextEscape, from));
      areEscapesSuspect = true;
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

const findUnseen: Finder = (bytes, from) => {
  for (let at = from; at < bytes.length; at++) if (isUnseenAt(bytes, at)) return at;
  return nowhere;
};

interface Scans {
  /** Also the mask command, and what can't be seen. */
  inChunk: readonly Finder[];
  inVisible: readonly Finder[];
}

function scansOf(needles: readonly Buffer[]): Scans | undefined {
  const inChunk = createNeedleScans([...needles, palette, command], true);
  const inVisible = createNeedleScans(needles, false);
  return inChunk && inVisible && { inChunk, inVisible };
}

function unseenScan(): Finder | undefined {
  return createNeedleScans([], true)?.[0];
}

/** To copy it takes longer than to look for some texts. */
const shortChunk = 1024;

/** Copies what is not part of an escape sequence, line ends included. Returns how much that is. */
function copyVisible(chunk: Buffer, firstEscape: number, out: Buffer): number {
  let length = 0;
  let at = 0;
  let lineEnd = -1;
  for (let next = firstEscape; next !== nowhere; ) {
    if (lineEnd < next) lineEnd = endOfLine(chunk, next);
    if (next - at <= shortCopy) while (at < next) out[length++] = chunk[at++] as number;
    else length += chunk.copy(out, length, at, next);
    // Of a control string that does not end on its line only the introducer is hidden.
    at = sequenceEnd(chunk, next, lineEnd) ?? (startsControlString(chunk, next) ? next + 2 : lineEnd);
    next = nextEscape(chunk, at);
  }
  return length + chunk.copy(out, length, at);
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(lf, from);
  return end === -1 ? bytes.length : end;
}
