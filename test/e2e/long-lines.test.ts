import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { parseLines } from '../support/event-text.ts';
import { helloFrom } from '../support/hello.ts';

const mebibyte = 1024 * 1024;

async function lastIdOf(url: string): Promise<number> {
  return (await helloFrom(url)).last;
}

/** Most memory a process has had, in MiB (proc(5), VmHWM). */
function peakMemory({ child }: AgentProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

it.runIf(process.platform === 'linux')(
  'a file of 200 MB without a line end takes no more memory than any other',
  async () => {
    using folder = temporaryFolder();
    const path = folder.file('endless.log');
    const fd = openSync(path, 'w');
    for (let count = 0; count < 200; count++) writeSync(fd, Buffer.alloc(mebibyte, 'x'));
    closeSync(fd);
    await using agent = startAgent(folder.path, ['-n', 'all', path]);
    const url = await agent.url();
    await until('the pieces', async () => (await lastIdOf(url)) >= 200 * 4 - 1, 60_000);
    expect(peakMemory(agent)).toBeLessThan(200);
  },
);

it('a line of 10 MiB that is written while the agent is killed comes in pieces that make it whole', async () => {
  using folder = temporaryFolder();
  const path = folder.file('app.log');
  writeFileSync(path, 'before\n');
  const args = ['--name', 'long', '-n', 'all', path];
  const parts = Array.from({ length: 20 }, (_, at) => `${at} `.repeat(mebibyte / 2 / `${at} `.length));
  let agent = startAgent(folder.path, args);
  try {
    for (const [at, part] of parts.entries()) {
      appendFileSync(path, part);
      if (at % 5 !== 3) continue;
      const url = await agent.url();
      await until('some pieces', async () => (await lastIdOf(url)) > at);
      await agent[Symbol.asyncDispose]();
      agent = startAgent(folder.path, args);
    }
    appendFileSync(path, '\nafter\n');
    const url = await agent.url();
    const isAfter = async () => (await (await fetch(`${url}raw?tail=1`)).text()) === 'after\n';
    await until('the line after', isAfter, 60_000);
    const pieces = parseLines(await (await fetch(`${url}events?follow=0`)).text()).filter(({ origin }) => !origin.kind);
    expect(pieces[0]?.text).toBe('before');
    expect(pieces.at(-1)?.text).toBe('after');
    const line = pieces.slice(1, -1);
    expect(line.map(({ origin }) => origin.continued ?? false)).toEqual(line.map((_, at) => at < line.length - 1));
    expect(line.map(({ text }) => text).join('') === parts.join('')).toBe(true);
  } finally {
    await agent[Symbol.asyncDispose]();
  }
});
