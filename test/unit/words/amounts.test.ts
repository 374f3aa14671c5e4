import { describe, expect, it } from 'vitest';
import { ago, count, sizeText } from '../../../agent/words/amounts.ts';

const day = 86_400_000;

describe('amounts', () => {
  it.each([
    [-5000, 'now'],
    [999, 'now'],
    [1000, '1 s ago'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [day - 1, '23 h ago'],
    [day, '1 day ago'],
    [364 * day, '364 days ago'],
    [365 * day, '1 year ago'],
    [800 * day, '2 years ago'],
  ])('%d ms ago', (ms, text) => {
    expect(ago(ms)).toBe(text);
  });

  it.each([0, 7, 999, 1000, 65_536, 100_000, 1_234_567, -1234])('as the locale has it: %d', (amount) => {
    expect(count(amount)).toBe(amount.toLocaleString('en'));
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [10 * 1024, '10 KiB'],
    [1024 ** 2 - 1, '1.0 MiB'],
    [1.5 * 1024 ** 3, '1.5 GiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ])('%d bytes', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
