import { afterEach, expect, test, vi } from 'vitest';
import { barAt, isSameDay, nextBar, timeOfDay } from '../../../../web/finding/times-of-log.ts';

const at = (text: string) => new Date(text).getTime();
afterEach(vi.unstubAllEnvs);

test('a time of day is the first one in the log', () => {
  const start = at('2026-01-31T14:03:20');
  expect(timeOfDay('14:03', start)).toBe(at('2026-01-31T14:03:00'));
  expect(timeOfDay('23:59:58', start)).toBe(at('2026-01-31T23:59:58'));
  expect(timeOfDay('9:00', start)).toBe(at('2026-02-01T09:00:00'));
  for (const text of ['', 'noon', '24:00', '12:60', '12', '1:2']) expect(timeOfDay(text, start)).toBeUndefined();
});

test('the next day begins after 23 hours, or 25', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  for (const [evening, morning] of [
    ['2026-03-28T20:00:00+01:00', '2026-03-29T09:00:00+02:00'],
    ['2026-10-24T20:00:00+02:00', '2026-10-25T09:00:00+01:00'],
  ] as const)
    expect(timeOfDay('9:00', at(evening))).toBe(at(morning));
});

test('a time may say its day', () => {
  const start = at('2026-01-31T14:03:20');
  expect(timeOfDay('2026-02-03 9:00', start)).toBe(at('2026-02-03T09:00:00'));
  expect(timeOfDay(' 2026-01-31T14:03:21 ', start)).toBe(at('2026-01-31T14:03:21'));
  expect(timeOfDay('2026-01-31', start)).toBeUndefined();
  expect(isSameDay(start, at('2026-01-31T00:00:00'))).toBe(true);
  expect(isSameDay(start, at('2026-02-01T00:00:00'))).toBe(false);
});

test('each share of the time is in a bucket', () => {
  expect([-0.1, 0, 0.34, 0.99, 1, 1.1].map((share) => barAt(3, share))).toEqual([0, 0, 1, 2, 2, 2]);
});

test('keys go from bar to bar, over times without a line', () => {
  const buckets = [0, 5, 0, 0, 2, 0].map((lines, n) => ({
    ...{ from: n, to: n + 1, first: null, errors: 0, warnings: 0 },
    lines,
  }));
  expect([-1, 1, 4].map((at) => nextBar(buckets, at, 1))).toEqual([1, 4, undefined]);
  expect([6, 4, 1].map((at) => nextBar(buckets, at, -1))).toEqual([4, 1, undefined]);
  expect(nextBar([], -1, 1)).toBeUndefined();
});
