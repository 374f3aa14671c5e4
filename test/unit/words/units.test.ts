import { expect, it } from 'vitest';
import { parseDuration, parseMoment, parseSize } from '../../../agent/words/units.ts';

it.each([
  ['500ms', 500],
  ['30', 30_000],
  ['30s', 30_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
])('the duration %s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each([
  ['1024', 1024],
  ['512K', 512 * 1024],
  ['64MiB', 64 * 1024 ** 2],
  ['1.5G', 1.5 * 1024 ** 3],
  ['2GB', 2e9],
])('the size %s is %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each(['', 'x', '-1s', '1 fortnight', '1e3', 's', '99999999999999T'])('%j is neither', (text) => {
  expect(parseDuration(text)).toBeUndefined();
  expect(parseSize(text)).toBeUndefined();
});

it.each(['2026-01-31', '2026-01-31T00:00', '2026-01-31 00:00:00'])('%s is the day here, not in London', (text) => {
  expect(parseMoment(text, 0)).toBe(new Date(2026, 0, 31).getTime());
});

it.each([
  ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
  ['2026-01-31 12:00:00,5+01:00', Date.UTC(2026, 0, 31, 11, 0, 0, 500)],
  ['2024-02-29T00:00Z', Date.UTC(2024, 1, 29)],
  ['1763622000123', 1_763_622_000_123],
  ['10m', 1_763_000_000_000 - 600_000],
])('%s is a moment', (text, time) => {
  expect(parseMoment(text, 1_763_000_000_000)).toBe(time);
});

it.each([
  '2026-02-30',
  '2026-02-30T12:00',
  '2025-02-29T00:00Z',
  '2026-04-31 10:00',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '2026-01-31T25:00',
  '9999999999999999',
  '9007199254740991ms',
  'yesterday',
])('%s is no moment that a clock knows', (text) => {
  expect(parseMoment(text, 1_763_000_000_000)).toBeUndefined();
});
