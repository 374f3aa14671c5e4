import { defaultPen, type Pen, penAfterSgr } from './pen.ts';

const esc = 0x1b;

/** Where the next ESC stands: found once, used for all lines before it. */
export interface EscapeCursor {
  next: number;
}

/**
 * The pen at the end of a line, or undefined when the line holds a sequence that moves or erases and so has to be folded.
 * `cursor.next` is the first ESC of the line, and afterwards the first one past `end` (Infinity: none). What
 * escapes.ts says of text is said here of bytes, because most coloured lines need nothing else.
 */
export function penAfterLine(bytes: Buffer, cursor: EscapeCursor, end: number, pen: Pen): Pen | undefined {
  let current: Pen | undefined = pen;
  let at = cursor.next;
  while (at < end) {
    const after = sequenceEnd(bytes, at, end);
    if (after === undefined) {
      at = nextEscape(bytes, at + 1);
      continue;
    }
    if (current) current = penAfterSequence(bytes, at, after, current);
    at = nextEscape(bytes, after);
  }
  cursor.next = at;
  return current;
}

/** Where a sequence begins that is not complete before `end`; `end` where there is none. */
export function completeEnd(bytes: Buffer, from: number, end: number): number {
  for (let at = nextEscape(bytes, from, end); at < end; ) {
    const after = sequenceEnd(bytes, at, end);
    if (after === undefined) return at;
    at = nextEscape(bytes, after, end);
  }
  return end;
}

/** The index of the next ESC from `from` on, Infinity when there is none. With `end` no further than that is looked. */
export function nextEscape(bytes: Buffer, from: number, end?: number): number {
  const at = end === undefined ? bytes.indexOf(esc, from) : bytes.subarray(0, end).indexOf(esc, from);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
}

function penAfterSequence(bytes: Buffer, at: number, after: number, pen: Pen): Pen | undefined {
  const kind = bytes[at + 1];
  const final = bytes[after - 1] as number;
  if (kind !== 0x5b) {
    if (after !== at + 2) return pen;
    // ESC c resets; ESC 7 and ESC 8 save and restore the cursor.
    return final === 0x63 ? defaultPen : final === 0x37 || final === 0x38 ? undefined : pen;
  }
  const start = at + 2;
  if (final === 0x6d) return isPlain(bytes, start, after - 1) ? penAfterSgr(pen, bytes, start, after - 1) : pen;
  // CSI ! p, the soft reset
  if (final === 0x70) return after === start + 2 && bytes[start] === 0x21 ? defaultPen : pen;
  if (!changesRow.has(final) || after === start) return pen;
  // Erasing to the end where nothing is, which grep and gcc do after every colour.
  const erasesEnd =
    (final === 0x4a || final === 0x4b) && (after === start + 1 || (after === start + 2 && bytes[start] === 0x30));
  return erasesEnd || !isPlain(bytes, start, after - 1) ? pen : undefined;
}

/** Final bytes of the control sequences that terminal.ts carries out. */
const changesRow = new Set([...'@CDEFGHIJKPXZ`abfjsu'].map((final) => final.charCodeAt(0)));

/** Whether parameters hold digits, `;` and `:` only. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x30 || byte > 0x3b) return false;
  }
  return true;
}

/** The index after the sequence whose ESC is at `at`; undefined when it is not complete before `end`. */
export function sequenceEnd(bytes: Buffer, at: number, end: number): number | undefined {
  if (at + 1 >= end) return undefined;
  const kind = bytes[at + 1] as number;
  if (kind === 0x5b) return csiEnd(bytes, at + 2, end);
  if (stringIntroducers.has(kind)) return stringEnd(bytes, at + 2, end, kind);
  let after = at + 1;
  while (after < end && (bytes[after] as number) >= 0x20 && (bytes[after] as number) <= 0x2f) after++;
  if (after === end) return undefined;
  const final = bytes[after] as number;
  return final >= 0x30 && final <= 0x7e ? after + 1 : after;
}

function csiEnd(bytes: Buffer, start: number, end: number): number | undefined {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x40 && byte <= 0x7e) return at + 1;
    if (byte < 0x20 || byte > 0x3f) return at;
  }
  return undefined;
}

const stringIntroducers = new Set([...']P_^Xk'].map((introducer) => introducer.charCodeAt(0)));

/** A string that something else than its terminator ends counts as its introducer only, as in escapes.ts. */
function stringEnd(bytes: Buffer, start: number, end: number, introducer: number): number | undefined {
  const isOsc = introducer === 0x5d;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x07 && isOsc) return at + 1;
    if (byte === 0x18 || byte === 0x1a) return start;
    if (byte === esc) {
      if (at + 1 >= end) return undefined;
      return bytes[at + 1] === 0x5c ? at + 2 : start;
    }
  }
  return undefined;
}
