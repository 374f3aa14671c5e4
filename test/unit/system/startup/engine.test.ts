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

/** MiB that the space for new objects takes after many of them have lived on for a while. */
async function newSpaceAfter(script: string): Promise<number> {
  const { stdout } = await afterLoading(`
    const { getHeapSpaceStatistics } = await import('node:v8');
    ${script}
    const kept = [];
    for (let i = 0; i < 600_000; i++) {
      kept.push({ i });
      if (kept.length > 200_000) kept.length = 0;
    }
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size);`);
  return Number(stdout) / 2 ** 20;
}

test('the space for new objects does not grow, however many live on, but for a command that says so', async () => {
  // Left alone it grows to 13 MiB and more.
  expect(await newSpaceAfter('')).toBeLessThanOrEqual(4);
  const letGrow = `(await import(${JSON.stringify(engine)})).letNewSpaceGrow();`;
  expect(await newSpaceAfter(letGrow)).toBeGreaterThan(8);
});

test('this version of Node knows everything that it is told', async () => {
  // The last of it is told two seconds later, with a timer that keeps nothing alive.
  const { stdout, stderr } = await afterLoading("setTimeout(() => console.log('over'), 2500);");
  expect([stdout, stderr]).toEqual(['over\n', '']);
});
