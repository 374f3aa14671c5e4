import { expect, it } from 'vitest';
import { parseDuration, parseSize } from '../../../agent/words/units.ts';

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
