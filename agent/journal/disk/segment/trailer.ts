import { crc32 } from 'node:zlib';

/** What ends a batch in a segment, found in a buffer. The format: docs/journal-format.md. */
export interface Trailer {
  /** Where the batch begins, where its trailer begins, and where the next batch begins, in the buffer. `batchStart` may be negative. */
  batchStart: number;
  start: number;
  end: number;
  firstId: number;
  lastId: number;
  /** Where the positions' JSON stands, empty (equal) when there is none. */
  positionsStart: number;
  positionsEnd: number;
  crc: number;
}

/** What a trailer begins with, the line end before it included: no line of a program's output can hold this. */
export const trailerMark = Buffer.from('\n: batch ');
/** Its first two bytes, which nothing else in a segment has: a search for them takes a third of the time. */
export const trailerSign = Buffer.from('\n:');

const lineEnd = '\n\n';
const crcDigits = 8;
const lf = 0x0a;
const space = 0x20;
const dash = 0x2d;
const colon = 0x3a;
const brace = 0x7b;
const zero = 0x30;
const nine = 0x39;
/** Digits of Number.MAX_SAFE_INTEGER. */
const mostDigits = 16;
/** Most trailers are shorter than this; for them a loop beats the call into native code. */
const shortTrailer = 96;

/** A batch with its trailer behind it; in the batch's own buffer where the trailer fits behind `length`. */
export function sealBatch(
  batch: { bytes: Buffer; length: number; firstId: number; lastId: number },
  positions: string,
): Buffer {
  const text = `: batch ${batch.length} ${batch.firstId}-${batch.lastId} ${positions === '' ? '' : `${positions} `}`;
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
  for (let i = 1; i < trailerMark.length - 1; i++) if (bytes[start + i] !== trailerMark[i + 1]) return undefined;
  let at = start + trailerMark.length - 1;

  const length = decimal(space);
  const firstId = decimal(dash);
  const lastId = decimal(space);
  if (length === undefined || firstId === undefined || lastId === undefined || lastId < firstId) return undefined;

  const positionsStart = at;
  const positionsEnd = bytes[at] === brace ? crcAt - 1 : at;
  if (positionsEnd !== positionsStart && bytes[positionsEnd] !== space) return undefined;
  if (positionsEnd === positionsStart && crcAt !== at) return undefined;

  let crc = 0;
  for (let i = crcAt; i < crcAt + crcDigits; i++) {
    const digit = hexDigit(bytes[i] as number);
    if (digit < 0) return undefined;
    crc = crc * 16 + digit;
  }
  return { batchStart: start - length, start, end, firstId, lastId, positionsStart, positionsEnd, crc };

  /** The number at `at`, which is moved behind the `stop` that follows it. */
  function decimal(stop: number): number | undefined {
    const first = at;
    let value = 0;
    for (; at < crcAt; at++) {
      const byte = bytes[at] as number;
      if (byte < zero || byte > nine) break;
      value = value * 10 + byte - zero;
    }
    if (at === first || at - first > mostDigits || bytes[at] !== stop) return undefined;
    at++;
    return value;
  }
}

/** Lower case only: a flipped case bit in the checksum's own digits is damage, too. */
function hexDigit(byte: number): number {
  if (byte >= zero && byte <= nine) return byte - zero;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
