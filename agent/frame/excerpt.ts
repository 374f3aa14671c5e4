import { eventEndAfter, frameStart, originBefore } from './scan.ts';

/**
 * Cuts whole events in `bytes[start, end)` so that they begin with frame `fromId` under the origin in force there.
 * The origin is copied over the frames before, so the buffer must be the caller's own.
 * @returns where the excerpt starts
 */
export function startAtFrame(bytes: Buffer, start: number, fromId: number): number {
  const frame = frameStart(bytes, start, fromId);
  const origin = originBefore(bytes, frame) ?? start;
  const originEnd = eventEndAfter(bytes, origin);
  const newStart = frame - (originEnd - origin);
  bytes.copyWithin(newStart, origin, originEnd);
  return newStart;
}
