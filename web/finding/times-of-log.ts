import type { Bucket } from '../../agent/words/finding.ts';

/** The bucket at a share (0 to 1) of the time. */
export function bucketAt(buckets: readonly Bucket[], share: number): Bucket | undefined {
  return buckets[Math.min(buckets.length - 1, Math.floor(share * buckets.length))];
}

const dayMs = 86_400_000;

/** `14:03` or `14:03:07` as a time in milliseconds since the epoch: the first one in a log that begins at `start`. */
export function timeOfDay(text: string, start: number): number | undefined {
  const match = /^\s*(\d{1,2}):(\d\d)(?::(\d\d))?\s*$/.exec(text);
  if (!match) return undefined;
  const [hours, minutes, seconds] = [match[1], match[2], match[3] ?? '0'].map(Number) as [number, number, number];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const time = new Date(start).setHours(hours, minutes, seconds, 0);
  // To the minute: a log that begins at 14:03:20 has its 14:03.
  return time + (match[3] === undefined ? 59_999 : 999) < start ? time + dayMs : time;
}
