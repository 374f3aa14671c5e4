import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { expect, onTestFinished, test } from 'vitest';

test('the space for new objects does not grow, however many live on', async () => {
  onTestFinished(() => setFlagsFromString('--semi-space-growth-factor=2'));
  await import('../../agent/heap.ts');
  const before = youngHeapBytes();
  const kept: object[] = [];
  for (let i = 0; i < 3_000_000; i++) {
    kept.push({ i });
    if (kept.length > 200_000) kept.length = 0;
  }
  // Left alone it grows fourfold here; some versions have not taken all of its size yet.
  expect(youngHeapBytes()).toBeLessThanOrEqual(2 * before);
});

function youngHeapBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? Number.NaN;
}
