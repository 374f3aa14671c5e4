import type { Bucket } from '../../agent/words/finding.ts';

/** Which of so many buckets is at a share of the time; the nearest one beyond 0 and 1. */
export function barAt(count: number, share: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor(share * count)));
}

/** The next bucket that has lines, after `at` or (with -1) before it. */
export function nextBar(buckets: readonly Bucket[], at: number, step: number): number | undefined {
  for (let next = at + step; buckets[next]; next += step) if (buckets[next]?.lines) return next;
  return undefined;
}

/**
 * `14:03` or `14:03:07` as a time in milliseconds since the epoch: the first one in a log that begins at `start`, or
 * that of a day, `2026-11-28 14:03`.
 */
export function timeOfDay(text: string, start: number): number | undefined {
  const match = /^\s*(?:(\d{4})-(\d\d)-(\d\d)[ T]+)?(\d{1,2}):(\d\d)(?::(\d\d))?\s*$/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as SixNumbers;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const first = new Date(start);
  const onDay = (days: number) =>
    match[1] === undefined
      ? new Date(first.getFullYear(), first.getMonth(), first.getDate() + days, hours, minutes, seconds).getTime()
      : new Date(year, month - 1, day, hours, minutes, seconds).getTime();
  const time = onDay(0);
  // To the minute: a log that begins at 14:03:20 has its 14:03. A day may have 23 hours, or 25.
  return time + (match[6] === undefined ? 59_999 : 999) < start ? onDay(1) : time;
}

type SixNumbers = [number, number, number, number, number, number];

/** Whether two times (milliseconds since the epoch) are of the same day here. */
export function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
