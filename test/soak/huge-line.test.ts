import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { helloFrom } from '../support/hello.ts';

const mebibyte = 1024 * 1024;

it.runIf(process.platform === 'linux')(
  'a file of 1 GiB without a line end, in less than 200 MiB of memory',
  async () => {
    using folder = temporaryFolder();
    const path = folder.file('endless.log');
    const fd = openSync(path, 'w');
    for (let count = 0; count < 1024; count++) writeSync(fd, Buffer.alloc(mebibyte, 'x'));
    closeSync(fd);
    await using agent = startAgent(folder.path, ['--retain', '4GiB', '-n', 'all', path]);
    const url = await agent.url();
    const lastId = async () => (await helloFrom(url)).last;
    await until('the pieces', async () => (await lastId()) >= 4 * 1024 - 1, 120_000);
    const status = readFileSync(`/proc/${agent.child.pid}/status`, 'utf8');
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024).toBeLessThan(200);
  },
);
