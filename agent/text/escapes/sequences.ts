import { rowFinals } from './csi.ts';
import { linkTo } from './link.ts';
import type { Pen } from './pen.ts';
import { arePlain, isAt, sequenceEnd, startsPassthrough } from './scan.ts';

const esc = 0x1b;

/** Where the next ESC stands: found once, used for all lines before it. */
export interface EscapeCursor {
  next: number;
}

/**
 * The pen at the end of a line, or undefined when the line holds what has to be carried out (it moves or erases),
 * unwrapped or dropped. `cursor.next` is the first ESC of the line, and afterwards the first one past `end` (Infinity:
 * none).
 */
export function penAfterLine(bytes: Buffer, cursor: EscapeCursor, end: number, pen: Pen): Pen | undefined {
  let current: Pen | undefined = pen;
  let at = cursor.next;
  while (at < end) {
    const after = sequenceEnd(bytes, at, end);
    if (after === undefined) {
      if (startsImage(bytes, at)) current = undefined;
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

/** Whether at an ESC an image begins, whose data may go over many lines: iTerm's files and sixels. */
export function startsImage(bytes: Buffer, at: number): boolean {
  if (isAt(bytes, at + 1, ']1337;File=') || isAt(bytes, at + 1, ']1337;FilePart=')) return true;
  if (bytes[at + 1] !== 0x50) return false;
  let kind = at + 2;
  while (isDigitOrSemicolon(bytes[kind] ?? 0)) kind++;
  return bytes[kind] === 0x71;
}

function isDigitOrSemicolon(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x3b;
}

function penAfterSequence(bytes: Buffer, at: number, after: number, pen: Pen): Pen | undefined {
  const kind = bytes[at + 1];
  const final = bytes[after - 1] as number;
  if (kind !== 0x5b) return penAfterOther(bytes, at, after, pen);
  const start = at + 2;
  if (final === 0x6d) {
    if (!arePlain(bytes, start, after - 1)) return pen;
    // `CSI 8 m` before a note of Jenkins', which is for Jenkins alone.
    if (bytes[start] === 0x38 && after === start + 2 && isAt(bytes, after, 'ha:')) return undefined;
    return pen.box.afterSgr(pen, bytes, start, after - 1);
  }
  // CSI ! p, the soft reset
  if (final === 0x70) return after === start + 2 && bytes[start] === 0x21 ? pen.box.plain : pen;
  if (!rowFinals.has(final) || after === start) return pen;
  // Erasing to the end where nothing is, which grep and gcc do after every color.
  const erasesEnd =
    (final === 0x4a || final === 0x4b) && (after === start + 1 || (after === start + 2 && bytes[start] === 0x30));
  return erasesEnd || !arePlain(bytes, start, after - 1) ? pen : undefined;
}

function penAfterOther(bytes: Buffer, at: number, after: number, pen: Pen): Pen | undefined {
  const kind = bytes[at + 1];
  if (kind === 0x5d && isAt(bytes, at + 2, '8;')) return penAfterLink(bytes, at + 4, after, pen);
  if (kind === 0x50 && startsPassthrough(bytes, at + 2)) return undefined;
  if (after !== at + 2) return pen;
  // ESC c resets; ESC 7 and ESC 8 save and restore the cursor.
  return kind === 0x63 ? pen.box.plain : kind === 0x37 || kind === 0x38 ? undefined : pen;
}

function penAfterLink(bytes: Buffer, from: number, after: number, pen: Pen): Pen {
  const body = bytes.toString('utf8', from, after - (bytes[after - 1] === 0x07 ? 1 : 2));
  const separator = body.indexOf(';');
  const link = separator === -1 ? pen.link : linkTo(body.slice(0, separator), body.slice(separator + 1));
  return link === pen.link ? pen : pen.box.penFor(pen.style, link);
}
