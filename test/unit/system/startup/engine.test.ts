import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundled } from '../../../support/bundled.ts';

const engine = await bundled(new URL('../../../../agent/system/startup/engine.ts', import.meta.url));

/** What a process of its own prints that loads the module and then does this. */
const afterLoading = (script: string) =>
  promisify(execFile)(process.execPath, [
    ...['--input-type=module', '--eval', `await import(${JSON.stringify(engine)}); ${script}`],
  ]);

/** How many times as large as before the space for new objects is after many of them have lived on for a while. */
async function growthAfter(script: string): Promise<number> {
  const { stdout } = await afterLoading(`
    const { getHeapSpaceStatistics } = await import('node:v8');
    const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size;
    const before = young();
    ${script}
    const kept = [];
    for (let i = 0; i < 600_000; i++) {
      kept.push({ i });
      if (kept.length > 200_000) kept.length = 0;
    }
    console.log(young() / before);`);
  return Number(stdout);
}

test('the space for new objects does not grow, however many live on, but for a command that says so', async () => {
  const growth = await growthAfter('');
  // Left alone it grows sixteenfold and more; some versions have taken a quarter of its size at first.
  expect(growth).toBeLessThanOrEqual(4);
  const letGrow = `(await import(${JSON.stringify(engine)})).letNewSpaceGrow();`;
  expect(await growthAfter(letGrow)).toBeGreaterThan(2 * growth);
});

test('this version of Node knows everything that it is told', async () => {
  // The last of it is told two seconds later, with a timer that keeps nothing alive.
  const { stdout, stderr } = await afterLoading("setTimeout(() => console.log('over'), 2500);");
  expect([stdout, stderr]).toEqual(['over\n', '']);
});
