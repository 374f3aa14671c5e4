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

/** Where frame `lastId` ends in whole batches from `start` on. */
export function endAfterFrame(bytes: Buffer, start: number, lastId: number): number {
  const data = bytes.indexOf(`\nid: ${lastId}\n`, start) + 1;
  return bytes.indexOf('\n\n', data) + 2;
}
