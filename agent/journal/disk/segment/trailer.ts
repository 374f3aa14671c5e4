import { crc32 } from 'node:zlib';

/** What ends a batch in a segment, found in a buffer. The format: docs/journal-format.md. */
export interface Trailer {
  /**
   * Where the batch begins, where its trailer begins, and where the next batch begins, in the buffer. `batchStart` may
   * be negative.
   */
  batchStart: number;
  start: number;
  end: number;
  firstId: number;
  lastId: number;
  /** Where the note about followed files stands, empty (equal) when there is none. */
  noteStart: number;
  noteEnd: number;
  crc: number;
}

/**
 * What a trailer begins with, the line end before it included. Nothing else in a segment has these two bytes: no line
 * of a program's output can hold them.
 */
export const trailerSign = Buffer.from('\n:');
/** What follows the colon in trailers of the first form, which journals written by 0.1.0 have. */
const firstFormMark = ' batch ';

const lineEnd = '\n\n';
const crcDigits = 8;
const lf = 0x0a;
const space = 0x20;
const dash = 0x2d;
const slash = 0x2f;
const colon = 0x3a;
const zero = 0x30;
const nine = 0x39;
/** Digits of Number.MAX_SAFE_INTEGER. */
const mostDigits = 16;
/** Most trailers are shorter than this; for them a loop beats the call into native code. */
const shortTrailer = 96;

/** A batch with its trailer after it; in the batch's own buffer where the trailer fits after `length`. */
export function sealBatch(
  batch: { bytes: Buffer; length: number; firstId: number; lastId: number },
  note: string,
): Buffer {
  const lines = batch.lastId - batch.firstId + 1;
  const text = `:${batch.length} ${batch.lastId}${lines === 1 ? '' : `/${lines}`} ${note === '' ? '' : `${note} `}`;
  const needed = batch.length + text.length * 3 + crcDigits + lineEnd.length;
  let { bytes } = batch;
  if (needed > bytes.length) {
    bytes = Buffer.allocUnsafeSlow(needed);
    batch.bytes.copy(bytes, 0, 0, batch.length);
  }
  const crcAt = batch.length + bytes.write(text, batch.length, 'utf8');
  const crc = crc32(bytes.subarray(0, crcAt)).toString(16).padStart(crcDigits, '0');
  const end = crcAt + bytes.write(`${crc}${lineEnd}`, crcAt, 'latin1');
  return bytes.subarray(0, end);
}

/** The trailer that begins at `start` (the byte after the mark's line end) and is complete before `limit`. */
export function trailerAt(bytes: Buffer, start: number, limit: number): Trailer | undefined {
  const lineLimit = bytes.indexOf(lf, start);
  if (lineLimit < 0 || lineLimit + lineEnd.length > limit) return undefined;
  return parseTrailer(bytes, start, lineLimit + lineEnd.length);
}

/** The trailer whose last byte is the one before `end`. */
export function trailerBefore(bytes: Buffer, end: number): Trailer | undefined {
  let at = end - lineEnd.length - 1;
  if (at < 0) return undefined;
  const loopLimit = Math.max(0, at - shortTrailer);
  while (at > loopLimit && bytes[at] !== lf) at--;
  if (bytes[at] !== lf) at = bytes.lastIndexOf(lf, at);
  if (at < 0) return undefined;
  return parseTrailer(bytes, at + 1, end);
}

/** Whether the whole batch is in the buffer and its checksum holds. */
export function verifies(bytes: Buffer, trailer: Trailer): boolean {
  const crcAt = trailer.end - lineEnd.length - crcDigits;
  return trailer.batchStart >= 0 && crc32(bytes.subarray(trailer.batchStart, crcAt)) === trailer.crc;
}

function parseTrailer(bytes: Buffer, start: number, end: number): Trailer | undefined {
  const crcAt = end - lineEnd.length - crcDigits;
  if (bytes[end - 1] !== lf || bytes[end - 2] !== lf || bytes[start] !== colon || bytes[start - 1] !== lf) {
    return undefined;
  }
  const ids = bytes[start + 1] === space ? idsOfFirstForm() : idsOfSecondForm();
  if (ids === undefined) return undefined;
  const { length, firstId, lastId, end: noteStart } = ids;
  const noteEnd = noteStart === crcAt ? crcAt : crcAt - 1;
  if (noteEnd < noteStart || (noteEnd !== noteStart && bytes[noteEnd] !== space)) return undefined;

  let crc = 0;
  for (let i = crcAt; i < crcAt + crcDigits; i++) {
    const digit = hexDigit(bytes[i] as number);
    if (digit < 0) return undefined;
    crc = crc * 16 + digit;
  }
  return { batchStart: start - length, start, end, firstId, lastId, noteStart, noteEnd, crc };

  /** `:<length> <last id>[/<lines>] ` */
  function idsOfSecondForm(): Ids | undefined {
    const length = decimalAt(bytes, start + 1, crcAt);
    if (length === undefined || bytes[length.end] !== space) return undefined;
    const last = decimalAt(bytes, length.end + 1, crcAt);
    const lines =
      last !== undefined && bytes[last.end] === slash
        ? decimalAt(bytes, last.end + 1, crcAt)
        : last && { value: 1, end: last.end };
    if (last === undefined || lines === undefined || bytes[lines.end] !== space) return undefined;
    const firstId = last.value - lines.value + 1;
    if (lines.value < 1 || firstId < 1) return undefined;
    return { length: length.value, firstId, lastId: last.value, end: lines.end + 1 };
  }

  /** `: batch <length> <first id>-<last id> ` */
  function idsOfFirstForm(): Ids | undefined {
    for (let i = 0; i < firstFormMark.length; i++) {
      if (bytes[start + 1 + i] !== firstFormMark.charCodeAt(i)) return undefined;
    }
    const length = decimalAt(bytes, start + 1 + firstFormMark.length, crcAt);
    if (length === undefined || bytes[length.end] !== space) return undefined;
    const first = decimalAt(bytes, length.end + 1, crcAt);
    if (first === undefined || bytes[first.end] !== dash) return undefined;
    const last = decimalAt(bytes, first.end + 1, crcAt);
    if (last === undefined || bytes[last.end] !== space || last.value < first.value) return undefined;
    return { length: length.value, firstId: first.value, lastId: last.value, end: last.end + 1 };
  }
}

/** What a trailer begins with, and where its note or its checksum begins. */
interface Ids {
  length: number;
  firstId: number;
  lastId: number;
  end: number;
}

function decimalAt(bytes: Buffer, at: number, limit: number): { value: number; end: number } | undefined {
  let value = 0;
  let end = at;
  for (; end < limit; end++) {
    const byte = bytes[end] as number;
    if (byte < zero || byte > nine) break;
    value = value * 10 + byte - zero;
  }
  return end === at || end - at > mostDigits ? undefined : { value, end };
}

/** Lower case only: a flipped case bit in the checksum's own digits is damage, too. */
function hexDigit(byte: number): number {
  if (byte >= zero && byte <= nine) return byte - zero;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

/** Whether a line of which only `text` was written may have become a trailer. */
export function beginsTrailer(text: string): boolean {
  const firstForm = `:${firstFormMark}`;
  return text.startsWith(firstForm) || firstForm.startsWith(text) || /^:\d/.test(text);
}

/** The last id that a trailer's text names, whether it is whole or not; undefined where it names none. */
export function lastIdNamed(text: string): number | undefined {
  const id = /^:(?:\d+ (\d{1,16})| batch \d+ \d+-(\d{1,16}))/.exec(text);
  return id === null ? undefined : Number(id[1] ?? id[2]);
}
