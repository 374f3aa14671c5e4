import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { heldBy, probed } from '../support/held.ts';

/** In both of its threads it makes 20 MB again and again, and holds nothing. */
const wasteful = `
const { isMainThread, Worker } = require('node:worker_threads');
if (isMainThread) new Worker(__filename);
setInterval(() => Array.from({ length: 20 }, () => Buffer.alloc(1e6)), 50);`;

test.runIf(process.platform === 'linux')('what was let go a moment ago is not held', async () => {
  using folder = temporaryFolder();
  const dir = folder.file('held');
  const { node, env } = probed(dir);
  writeFileSync(folder.file('wasteful.cjs'), wasteful);
  const child = spawn(process.execPath, [...node, folder.file('wasteful.cjs')], {
    env: { ...process.env, ...env, HELD_EVERY_MS: '100' },
  });
  const ended = once(child, 'close');
  try {
    const held = await until('a look into both', async () => {
      const looked = await heldBy(child.pid as number, dir);
      return looked['heap MB of other threads'] && looked;
    });
    expect(held['buffer MB']).toBeLessThan(10);
    expect(held['buffer MB of other threads']).toBeLessThan(10);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
});
