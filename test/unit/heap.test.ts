import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { expect, onTestFinished, test } from 'vitest';
import { keepYoungHeapSmall } from '../../agent/heap.ts';

test('the space for new objects does not grow, however many live on', () => {
  onTestFinished(() => setFlagsFromString('--semi-space-growth-factor=2'));
  keepYoungHeapSmall();
  const before = youngHeapBytes();
  const kept: object[] = [];
  for (let i = 0; i < 3_000_000; i++) {
    kept.push({ i });
    if (kept.length > 200_000) kept.length = 0;
  }
  expect(youngHeapBytes()).toBeLessThanOrEqual(before);
});

function youngHeapBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? Number.NaN;
}
