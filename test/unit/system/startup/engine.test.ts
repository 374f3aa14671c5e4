import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { expect, onTestFinished, test } from 'vitest';

test('the space for new objects does not grow, however many live on', async () => {
  onTestFinished(() => setFlagsFromString('--semi-space-growth-factor=2'));
  await import('../../../../agent/system/startup/engine.ts');
  const before = youngHeapBytes();
  const kept: object[] = [];
  for (let i = 0; i < 3_000_000; i++) {
    kept.push({ i });
    if (kept.length > 200_000) kept.length = 0;
  }
  // Left alone it grows fourfold here; some versions have not taken all of its size yet.
  expect(youngHeapBytes()).toBeLessThanOrEqual(2 * before);
});

test('this version of Node knows everything that it is told', async () => {
  const engine = fileURLToPath(new URL('../../../../agent/system/startup/engine.ts', import.meta.url));
  // The last of it is told two seconds later, with a timer that keeps nothing alive.
  const script = `await import(${JSON.stringify(engine)}); setTimeout(() => console.log('over'), 2500);`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...['--import', 'tsx', '--input-type=module', '--eval', script],
  ]);
  expect([stdout, stderr]).toEqual(['over\n', '']);
});

function youngHeapBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? Number.NaN;
}
