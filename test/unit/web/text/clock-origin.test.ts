import { expect, test } from 'vitest';
import { clockOrigin } from '../../../../web/text/times.ts';

test('what is on its way for longer does not set the clock back', () => {
  const first = clockOrigin(undefined, 1_000_000, 500);
  expect(first).toBe(999_500);
  expect(clockOrigin(first, 1_010_000, 13_000)).toBe(first);
});

test('the news that was quickest sets it, and so does the news after a sleep without counter', () => {
  const first = clockOrigin(undefined, 1_000_000, 500);
  expect(clockOrigin(first, 1_010_000, 10_200)).toBe(999_800);
  expect(clockOrigin(first, 9_000_000, 20_000)).toBe(8_980_000);
});

test('a clock of the agent that is set back is followed', () => {
  expect(clockOrigin(999_500, 500_000, 1000)).toBe(499_000);
});
