import type { Origin } from '../words/line.ts';
import { dataField, eventField, idField, mostIdDigits, originHead } from './fields.ts';

/*
 * Reads the bytes that `encode.ts` writes. A line's text holds no line end and follows `data: `, so what is searched
 * for with its line ends never matches inside a line.
 */

const lf = 0x0a;
const letterI = idField.charCodeAt(0);
const letterE = eventField.charCodeAt(0);
const letterD = dataField.charCodeAt(0);
const zero = 0x30;
const nine = 0x39;
const shortLine = 160;
const nearbyBytes = 16 * 1024;
const eventEnd = '\n\n';
const originMark = Buffer.from(originHead);
const nextOriginMark = Buffer.from(`\n${originHead}`);
const nextFrameMark = Buffer.from(`${eventEnd}${idField}`);

/** Id of the frame that begins at `at`; undefined where none does. */
export function idAt(bytes: Buffer, at: number): number | undefined {
  for (let i = 0; i < idField.length; i++) if (bytes[at + i] !== idField.charCodeAt(i)) return undefined;
  let id = 0;
  let end = at + idField.length;
  for (let byte = bytes[end] as number; byte >= zero && byte <= nine; byte = bytes[++end] as number) {
    id = id * 10 + byte - zero;
  }
  return bytes[end] === lf && end > at + idField.length ? id : undefined;
}

/** An origin in a buffer, and where the event after it begins. */
export interface FoundOrigin {
  origin: Origin;
  end: number;
}

/** The origin that begins at `at`; undefined where none does. */
export function originAt(bytes: Buffer, at: number): FoundOrigin | undefined {
  if (bytes[at] !== letterE || !isAt(originMark, bytes, at)) return undefined;
  const start = at + originMark.length;
  const end = bytes.indexOf(lf, start);
  return { origin: JSON.parse(bytes.toString('utf8', start, end)), end: end + eventEnd.length };
}

/** Where the first origin after the event at `at` begins; undefined where none follows. */
export function nextOrigin(bytes: Buffer, at: number): number | undefined {
  const mark = bytes.indexOf(nextOriginMark, at);
  return mark === -1 ? undefined : mark + 1;
}

/**
 * Where the last origin begins that does not begin after `at`; undefined where there is none. Backwards a search takes
 * ten times as long as forwards: so it goes forwards through one piece before another.
 */
export function originBefore(bytes: Buffer, at: number): number | undefined {
  // In a line's text it stands after `data: `, and no text ends in a line end.
  let pieceBytes = nearbyBytes;
  for (let to = at + originMark.length; to > 0; pieceBytes *= 2) {
    const from = Math.max(0, to - pieceBytes);
    const last = lastIn(bytes.subarray(from, to), originMark);
    if (last !== undefined) return from + last;
    // What begins in this piece may end in the one after it.
    to = from === 0 ? 0 : from + originMark.length - 1;
  }
  return undefined;
}

function lastIn(bytes: Buffer, mark: Buffer): number | undefined {
  let last: number | undefined;
  for (let next = bytes.indexOf(mark); next !== -1; next = bytes.indexOf(mark, next + 1)) last = next;
  return last;
}

/** Where the event that begins at `at` ends, and the next one begins. */
export function eventEndAfter(bytes: Buffer, at: number): number {
  return bytes.indexOf(eventEnd, at) + eventEnd.length;
}

/** Where frame `id` begins, which stands in `bytes` from the event at `from` on. */
export function frameStart(bytes: Buffer, from: number, id: number): number {
  return idAt(bytes, from) === id ? from : bytes.indexOf(`\n${idField}${id}\n`, from) + 1;
}

/** Where frame `id` ends, which stands in `bytes` from the event at `from` on. */
export function frameEnd(bytes: Buffer, from: number, id: number): number {
  return eventEndAfter(bytes, frameStart(bytes, from, id));
}

/**
 * Where the last frame begins that follows another event and begins at `limit` or before; undefined where none does.
 */
export function lastFrameStart(bytes: Buffer, limit: number): number | undefined {
  // A negative index would count from the end.
  const mark = limit < eventEnd.length ? -1 : bytes.lastIndexOf(nextFrameMark, limit - eventEnd.length);
  return mark === -1 ? undefined : mark + eventEnd.length;
}

/** Where a line stands in a buffer: its frame begins at `start`, its text is `bytes[textStart, textEnd)`. */
export interface FoundLine {
  id: number;
  start: number;
  textStart: number;
  textEnd: number;
}

/**
 * The line whose text, or the head of whose text, holds the byte at `at` of whole events; undefined where no line does.
 */
export function lineAround(bytes: Buffer, at: number): FoundLine | undefined {
  const dataStart = lineStartBefore(bytes, at);
  if (bytes[dataStart] !== letterD || dataStart === 0) return undefined;
  const start = lineStartBefore(bytes, dataStart - 1);
  const id = idAt(bytes, start);
  if (id === undefined) return undefined;
  const textStart = dataStart + dataField.length;
  const found = bytes.indexOf(lf, Math.max(at, textStart));
  return { id, start, textStart, textEnd: found === -1 ? bytes.length : found };
}

/** Most lines are short: for them a loop beats the call into native code. */
function lineStartBefore(bytes: Buffer, at: number): number {
  const nearest = Math.max(0, at - shortLine);
  for (let start = at; start > nearest; start--) if (bytes[start - 1] === lf) return start;
  return nearest === 0 ? 0 : bytes.lastIndexOf(lf, nearest - 1) + 1;
}

/** What whole events are read into, in their order. */
export interface EventVisitor {
  origin(origin: Origin): void;
  /** A line: its text is `bytes[start, end)`, and its frame begins at `frame`. */
  line(start: number, end: number, frame: number): void;
}

/** Visits the origins and lines of whole events. */
export function visitEvents(bytes: Buffer, visitor: EventVisitor): void {
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(lf, at);
    if (lineEnd === -1) return;
    const letter = bytes[at];
    if (letter !== letterI && letter !== letterE) {
      at = lineEnd + 1;
      continue;
    }
    const start = lineEnd + 1 + dataField.length;
    const found = bytes.indexOf(lf, start);
    const end = found === -1 ? bytes.length : found;
    if (letter === letterE) visitor.origin(JSON.parse(bytes.toString('utf8', start, end)));
    else visitor.line(start, end, at);
    at = end + eventEnd.length;
  }
}

/** What a line of an event, without its line end, begins with at most, up to a line's text. */
export const longestHead = idField.length + mostIdDigits;

const eventLine = new RegExp(`^(|${idField}\\d{1,${mostIdDigits}}|${dataField}.*|${eventField}origin)$`, 's');
const beginnings = [idField, dataField, `${eventField}origin`];

/** Whether this is a line of a frame or an origin. It may be cut after `longestHead` characters. */
export function isEventLine(line: string): boolean {
  return eventLine.test(line);
}

/** Whether a line of a frame or an origin may begin so: its write was interrupted. */
export function beginsEventLine(line: string): boolean {
  return beginnings.some((beginning) => line.startsWith(beginning) || beginning.startsWith(line));
}

/** Every number that stands where an id may stand, in bytes that may be damaged. */
export function* idsNamed(bytes: Buffer): Generator<number> {
  for (let at = bytes.indexOf(idField); at >= 0; at = bytes.indexOf(idField, at + 1)) {
    const digits = at + idField.length;
    const id = /^\d+/.exec(bytes.toString('latin1', digits, digits + mostIdDigits))?.[0];
    if (id !== undefined) yield Number(id);
  }
}

function isAt(mark: Buffer, bytes: Buffer, at: number): boolean {
  return bytes.compare(mark, 0, mark.length, at, Math.min(at + mark.length, bytes.length)) === 0;
}
