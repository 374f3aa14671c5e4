import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createNumberedFile, linesOf } from '../scenarios/numbered-file.ts';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { mountSmallDisk } from '../support/disk.ts';
import { parseLines } from '../support/event-text.ts';
import { crowdOf, watchBySocket } from '../support/line-watchers.ts';

const MiB = 1024 * 1024;

const statusOf = async (url: string) => (await fetch(`${url}status`)).json();
const addressOf = (url: string) => () => ({ port: Number(new URL(url).port), path: '/events' });

async function linesOfLog(url: string): Promise<{ id: number; text: string }[]> {
  return parseLines(await (await fetch(`${url}events?follow=0`)).text());
}

it('a full disk: the command waits, terminal and page say why, and nothing is lost', async (context) => {
  using disk = mountSmallDisk(24 * MiB);
  if (disk === undefined) return context.skip('needs the right to mount');
  using folder = temporaryFolder();
  await using browser = await startBrowser();
  const filler = join(disk.path, 'filler');
  writeFileSync(filler, Buffer.alloc(20 * MiB));
  const lines = 150_000;
  const script = `let t = ''; for (let i = 1; i <= ${lines}; i++) t += 'line ' + i + ' ' + 'x'.repeat(40) + '\\n'; process.stdout.write(t)`;
  const args = ['-q', '--dir', join(disk.path, 'logs'), '--linger', '5m', '--', process.execPath, '-e', script];
  await using agent = startAgent(folder.path, args);
  const url = await agent.url();
  const page = await browser.open(url);
  const banner = page.locator('.banner.trouble');
  await banner.waitFor();
  const sentence = await banner.locator('p').textContent();
  expect(sentence).toMatch(/the disk is full \(ENOSPC\).* nothing is lost/);
  expect(agent.stderr.split(sentence as string).length).toBe(2);
  expect((await fetch(`${url}healthz`)).status).toBe(503);
  const { status, last } = await statusOf(url);
  expect(status).toMatchObject({ state: 'running', trouble: sentence });
  expect(last).toBeLessThan(lines);

  rmSync(filler);
  await until('the end of the command', async () => (await statusOf(url)).status.state === 'exited');
  await banner.waitFor({ state: 'detached' });
  expect(agent.stderr).toContain('The journal can be written again; nothing was lost.');
  expect((await fetch(`${url}healthz`)).status).toBe(200);
  const given = await linesOfLog(url);
  expect(given.length).toBe(lines);
  const isRight = ({ id, text }: { id: number; text: string }, index: number) =>
    id === index + 1 && text.startsWith(`line ${id} `);
  expect(given.every(isRight)).toBe(true);
  await page.locator('.status[data-state="exited"][data-code="0"]').waitFor();
  expect(browser.complaints.filter((complaint) => !complaint.includes('503'))).toEqual([]);
});

it('a log whose folder is removed goes on: clients miss nothing, and it is there again', async () => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(60));
  file.growTo(1000);
  await using agent = startAgent(folder.path, ['-n', 'all', file.path]);
  const url = await agent.url();
  using client = watchBySocket(addressOf(url), { textOf: file.textOf });
  await until('the first lines', () => client.lastId === 1000);
  const { log } = await statusOf(url);
  rmSync(join(folder.path, 'logs', log), { recursive: true });
  for (let lines = 1100; lines <= 3000; lines += 100) {
    file.growTo(lines);
    await until('new lines', () => client.lastId === lines);
  }
  await until('the folder is back', () => existsSync(join(folder.path, 'logs', log, 'log.json')));
  expect(client.faults).toEqual([]);
  expect((await linesOfLog(url)).length).toBe(3000);

  agent.child.kill('SIGTERM');
  await agent.ended();
  file.growTo(3100);
  await using next = startAgent(folder.path, ['-n', 'all', file.path]);
  const nextUrl = await next.url();
  await until('the lines written meanwhile', async () => (await statusOf(nextUrl)).last === 3100);
  expect((await statusOf(nextUrl)).log).toBe(log);
});

it('out of file descriptors: lines go on to those who are there, others wait, and nothing spins or ends', async (context) => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(60));
  file.growTo(1000);
  await using agent = startAgent(folder.path, ['-n', 'all', file.path]);
  const url = await agent.url();
  const pid = agent.child.pid as number;
  try {
    execFileSync('prlimit', ['--pid', String(pid), '--nofile=64:'], { stdio: 'ignore' });
  } catch {
    return context.skip('needs prlimit');
  }
  const watch = () => watchBySocket(addressOf(url), { textOf: file.textOf, retryMs: 200 });
  using early = watch();
  await until('the first lines', () => early.lastId === 1000);
  {
    using _crowd = crowdOf(200, watch);
    await until('no descriptor is left', () => openFiles(pid) >= 63);
    const cpuBefore = cpuSeconds(pid);
    const startedAt = performance.now();
    for (let lines = 1100; lines <= 3000; lines += 100) {
      file.growTo(lines);
      await until('new lines while there are no descriptors', () => early.lastId === lines);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    const share = (cpuSeconds(pid) - cpuBefore) / ((performance.now() - startedAt) / 1000);
    // Two hundred clients that come back every 200 ms are some work.
    expect(share).toBeLessThan(0.9);
  }
  using late = watch();
  await until('a client that comes when there are some again', () => late.lastId === 3000);
  expect([...early.faults, ...late.faults]).toEqual([]);
});

it('with few file descriptors connections leave enough for the files', async () => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(200));
  file.growTo(1000);
  // Each 256 KiB a new segment has to be opened, to write and to read.
  const args = ['-n', 'all', '--retain', '2MiB', file.path];
  await using agent = startAgent(folder.path, args, { limits: 'ulimit -n 256' });
  const url = await agent.url();
  await until('the first lines', async () => (await statusOf(url)).last === 1000);
  const watch = () => watchBySocket(addressOf(url), { textOf: file.textOf, retryMs: 200 });
  using crowd = crowdOf(200, watch);
  const served = () => crowd.all.filter(({ lastId }) => lastId === file.lines);
  for (let lines = 2000; lines <= 5000; lines += 1000) {
    file.growTo(lines);
    await until('lines for as many as there is room for', () => served().length >= 100);
  }
  const refused = crowd.all.filter(({ lastId }) => lastId === 0);
  expect(refused.length).toBeGreaterThan(50);
  expect(new Set(refused.flatMap(({ faults }) => faults.map((fault) => fault.slice(0, 12))))).toEqual(
    new Set(['HTTP/1.1 503']),
  );
  expect(served().flatMap(({ faults }) => faults.filter((fault) => !fault.startsWith('HTTP/1.1 503')))).toEqual([]);
  expect(agent.stderr).not.toContain("can't be written");
});

it('a second agent is not let near a lasting log, and says who has it', async () => {
  using folder = temporaryFolder();
  const args = ['-q', '--name', 'nightly', '-c', 'echo one; exec sleep 60'];
  await using first = startAgent(folder.path, args);
  const url = await first.url();
  await until('its line', async () => (await statusOf(url)).last === 1);
  await using second = startAgent(folder.path, args);
  expect(await second.ended()).toMatchObject({ code: 1 });
  expect(second.stderr).toContain(url);
  expect(second.stderr.trim().split('\n').length).toBe(1);
  expect((await linesOfLog(url)).map(({ text }) => text)).toEqual(['one']);
});

it('two agents that follow one file each have a log of their own, with every line', async () => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(40));
  file.growTo(500);
  const args = ['-n', 'all', file.path];
  await using first = startAgent(folder.path, args);
  const urls = [await first.url()];
  await using second = startAgent(folder.path, args);
  urls.push(await second.url());
  file.growTo(1000);
  const logs = new Set<string>();
  for (const url of urls) {
    await until('every line', async () => (await statusOf(url)).last === 1000);
    logs.add((await statusOf(url)).log);
    expect((await linesOfLog(url)).filter(({ id, text }) => text !== file.textOf(id))).toEqual([]);
  }
  expect(logs.size).toBe(2);
});

it('a journal that is damaged while it is served: the exact range is told, everything else comes', async () => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(60));
  const args = ['-n', 'all', file.path];
  await using agent = startAgent(folder.path, args);
  const url = await agent.url();
  for (let lines = 100; lines <= 5000; lines += 100) {
    file.growTo(lines);
    await until('the lines', async () => (await statusOf(url)).last === lines);
  }
  const { log } = await statusOf(url);
  const dir = join(folder.path, 'logs', log);
  const [segment = ''] = readdirSync(dir).filter((name) => name.endsWith('.sse'));
  const bytes = readFileSync(join(dir, segment));
  const start = bytes.indexOf('\nid: 2050\n');
  execFileSync(
    'dd',
    ['if=/dev/zero', `of=${join(dir, segment)}`, 'bs=1', `seek=${start}`, 'count=200', 'conv=notrunc'],
    {
      stdio: 'ignore',
    },
  );
  const body = await (await fetch(`${url}events?follow=0`)).text();
  const gaps = [...body.matchAll(/^event: gap\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
  expect(gaps).toEqual([{ from: expect.any(Number), to: expect.any(Number), reason: 'damage' }]);
  const [{ from, to }] = gaps;
  expect(from).toBeLessThanOrEqual(2050);
  expect(to).toBeGreaterThanOrEqual(2050);
  expect(to - from).toBeLessThan(1000);
  const ids = parseLines(body).map(({ id }) => id);
  expect(ids.length).toBe(5000 - (to - from + 1));
  expect(agent.stderr).toMatch(
    new RegExp(`${segment} is damaged at byte \\d+ \\(\\d+ bytes\\): lines ${from} to ${to}`),
  );
  // And it is written on.
  appendFileSync(file.path, 'on\n');
  await until('the next line', async () => (await statusOf(url)).last === 5001);
});

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** User and system time of a process. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
