/** Before each frame, as a batch begins with an origin. No line holds a line end. */
const frameMark = '\n\nid: ';
const eventEnd = 2;
/** Of Number.MAX_SAFE_INTEGER. */
const mostDigits = 16;
const originMark = Buffer.from('event: origin\ndata: ');

/**
 * Cuts whole batches in `bytes[start, end)` so that they begin with frame `fromId` under the origin in force there.
 * The origin is copied over the frames before, so the buffer must be the caller's own.
 * @returns where the excerpt starts
 */
export function startAtFrame(bytes: Buffer, start: number, fromId: number): number {
  const frame = bytes.indexOf(`\nid: ${fromId}\n`, start) + 1;
  // Can't be part of a line: what follows a line's text is an empty line, never `data: `.
  const origin = bytes.lastIndexOf(originMark, frame);
  const originEnd = bytes.indexOf('\n\n', origin) + 2;
  const newStart = frame - (originEnd - origin);
  bytes.copyWithin(newStart, origin, originEnd);
  return newStart;
}

/**
 * Cuts `bytes[start, end)`, which begins with an origin and frame `firstId`, so that it is no longer than `mostBytes`; the first
 * frame stays in any case.
 * @returns where the excerpt ends, and its last id
 */
export function endWithin(
  bytes: Buffer,
  start: number,
  mostBytes: number,
  firstId: number,
): { end: number; lastId: number } {
  const mark = bytes.lastIndexOf(frameMark, start + Math.max(0, mostBytes - eventEnd));
  const idAt = mark + frameMark.length;
  const nextId = mark < start ? 0 : Number.parseInt(bytes.toString('latin1', idAt, idAt + mostDigits), 10);
  return nextId > firstId
    ? { end: mark + eventEnd, lastId: nextId - 1 }
    : { end: endAfterFrame(bytes, start, firstId), lastId: firstId };
}

/** Where frame `lastId` ends in whole batches from `start` on. */
export function endAfterFrame(bytes: Buffer, start: number, lastId: number): number {
  const data = bytes.indexOf(`\nid: ${lastId}\n`, start) + 1;
  return bytes.indexOf('\n\n', data) + 2;
}
