import { expect, it } from 'vitest';
import { isSilent } from '../support/watchdog.ts';

it.each([
  ['a test that has the usual limit', 120_000, 239_000, false],
  ['a test that has the usual limit', 120_000, 241_000, true],
  ['a file between its tests', 0, 241_000, true],
  ['a test that may take ten minutes', 600_000, 241_000, false],
  ['a test that may take ten minutes', 600_000, 601_000, false],
  ['a test that may take ten minutes', 600_000, 661_000, true],
])('%s (limit %i ms) is silent after %i ms: %s', (_, limitMs, ms, expected) => {
  expect(isSilent({ at: 1000, limitMs }, 1000 + ms)).toBe(expected);
});
