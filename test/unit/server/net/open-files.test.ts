import { expect, it } from 'vitest';
import { connectionsWithin } from '../../../../agent/server/net/open-files.ts';
import { openFileLimit } from '../../../../agent/system/inherited.ts';

it('connections leave descriptors to the files they want to read', () => {
  expect([20, 256, 1024, 100_000].map(connectionsWithin)).toEqual([10, 128, 768, 99_744]);
  expect(connectionsWithin(1)).toBe(1);
  expect(connectionsWithin(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
});

it('the limit is what the process has', () => {
  expect(openFileLimit()).toBeGreaterThan(10);
});
