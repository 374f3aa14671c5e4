import { eventEndAfter, frameStart, originBefore } from './scan.ts';

/**
 * Cuts whole events in `bytes[start, end)` so that they begin with frame `fromId` under the origin in force there.
 * The origin is copied over the frames before, so the buffer must be the caller's own.
 * @returns where the excerpt starts
 */
export function startAtFrame(bytes: Buffer, start: number, fromId: number): number {
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
