import type { Block } from './block.ts';
import { eventEndAfter, frameEnd, frameStart, originBefore } from './scan.ts';

/**
 * The lines from `fromId` to `toId` of a block that has the first of them, under their origin. It has the same memory,
 * which must be the caller's own: the origin may be copied over the frames before.
 */
export function excerptOf({ bytes, firstId, lastId }: Block, fromId: number, toId = Number.POSITIVE_INFINITY): Block {
  const end = lastId > toId ? frameEnd(bytes, 0, toId) : bytes.length;
  const start = fromId > firstId ? startAtFrame(bytes, 0, fromId) : 0;
  return { bytes: bytes.subarray(start, end), firstId: fromId, lastId: Math.min(lastId, toId) };
}

/**
 * Cuts whole events in `bytes[start, end)` so that they begin with frame `fromId` under the origin in force there.
 * The origin is copied over the frames before, so the buffer must be the caller's own.
 * @returns where the excerpt starts
 */
function startAtFrame(bytes: Buffer, start: number, fromId: number): number {
  const frame = frameStart(bytes, start, fromId);
  const origin = originInForce(bytes, start, frame);
  const newStart = frame - (origin.end - origin.start);
  bytes.copyWithin(newStart, origin.start, origin.end);
  return newStart;
}

/** Where the origin stands that is in force at the frame that begins at `frame`, in whole events from `start` on. */
export function originInForce(bytes: Buffer, start: number, frame: number): { start: number; end: number } {
  const origin = originBefore(bytes, frame) ?? start;
  return { start: origin, end: eventEndAfter(bytes, origin) };
}
