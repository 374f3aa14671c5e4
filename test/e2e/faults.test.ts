import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorCode } from '../../agent/words/errors.ts';
import type { Gap } from '../../agent/words/wire.ts';
import { createNumberedFile, linesOf } from '../scenarios/numbered-file.ts';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startBrowser } from '../support/browser.ts';
import { overwrite, segmentsIn } from '../support/damage.ts';
import { until } from '../support/deadline.ts';
import { makeReadOnly, mountSmallDisk } from '../support/disk.ts';
import { parseLines } from '../support/event-text.ts';
import { hasExited, helloFrom } from '../support/hello.ts';
import { range } from '../support/journal.ts';
import { crowdOf, watchBySocket } from '../support/line-watchers.ts';
import { execFileSync } from '../support/sync-child.ts';

const MiB = 1024 * 1024;

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
  await expect.poll(() => agent.stderr.split(sentence as string).length).toBe(2);
  expect((await fetch(`${url}healthz`)).status).toBe(503);
  const checked = async () => {
    await using check = startAgent(folder.path, ['healthcheck', '--port', new URL(url).port]);
    return { ...(await check.ended()), stderr: check.stderr };
  };
  const { host } = new URL(url);
  const unwell = { code: 1, signal: null, stderr: `sse-tail: ${host} answers 503: ${sentence}\n` };
  expect(await checked()).toEqual(unwell);
  const trouble = async () =>
    /^sse_tail_journal_trouble\{.*\} (\d)$/m.exec(await (await fetch(`${url}metrics`)).text())?.[1];
  expect(await trouble()).toBe('1');
  const { status, last } = await helloFrom(url);
  expect(status).toMatchObject({ state: 'running', trouble: sentence });
  expect(last).toBeLessThan(lines);

  rmSync(filler);
  await until('the end of the command', () => hasExited(url));
  await banner.waitFor({ state: 'detached' });
  await expect.poll(() => agent.stderr).toContain('The journal can be written again. Nothing was lost.');
  expect((await fetch(`${url}healthz`)).status).toBe(200);
  expect(await checked()).toEqual({ code: 0, signal: null, stderr: '' });
  expect(await trouble()).toBe('0');
  const given = await linesOfLog(url);
  expect(given.length).toBe(lines);
  const isRight = ({ id, text }: { id: number; text: string }, index: number) =>
    id === index + 1 && text.startsWith(`line ${id} `);
  expect(given.every(isRight)).toBe(true);
  await page.locator('.status[data-state="exited"][data-code="0"]').waitFor();
  expect(browser.complaints.filter((complaint) => !complaint.includes('503'))).toEqual([]);
});

it('a command whose output can not be kept is ended by a signal, and then so is the agent', async (context) => {
  using disk = mountSmallDisk(MiB);
  if (disk === undefined) return context.skip('needs the right to mount');
  using folder = temporaryFolder();
  const args = ['-q', '--dir', join(disk.path, 'logs'), '--', 'yes', 'x'.repeat(60)];
  await using agent = startAgent(folder.path, args);
  const url = await agent.url();
  const pid = await until('the command', () => childOf(agent.child.pid as number, 'yes'));
  await until('trouble', async () => (await helloFrom(url)).status.trouble);
  // A supervisor, or timeout(1), sends one.
  agent.child.kill('SIGTERM');
  await until('the end of the command', () => !isRunning(pid));
  expect(await agent.ended()).toEqual({ code: 1, signal: null });
  expect(agent.stderr).toMatch(/stopped waiting for the journal. Lines that are not in it are lost\.\n$/);
});

it('a disk that is full from the start, or soon: one sentence says so, and once there is room everything goes on', async (context) => {
  using disk = mountSmallDisk(MiB);
  if (disk === undefined) return context.skip('needs the right to mount');
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(60));
  file.growTo(1000);
  const filler = join(disk.path, 'filler');
  const logs = join(disk.path, 'logs');
  const args = ['-n', 'all', '--dir', logs, file.path];
  for (let freeBlocks = 0; freeBlocks <= 6; freeBlocks++) {
    writeFileSync(filler, Buffer.alloc(freeBlocks * 4096));
    fillUp(join(disk.path, 'rest'));
    rmSync(filler);
    await using agent = startAgent(folder.path, args);
    await until('a sentence', () => agent.stderr.includes('the disk is full (ENOSPC)'));
    const isWaiting = agent.stderr.includes('nothing is lost');
    if (!isWaiting) {
      expect((await agent.ended()).code).toBe(1);
      expect(agent.stderr.trim().split('\n').at(-1)).toMatch(/^sse-tail: .*the disk is full/);
    }
    rmSync(join(disk.path, 'rest'));
    await using next = isWaiting ? undefined : startAgent(folder.path, args);
    const url = await (next ?? agent).url();
    await until('every line', async () => (await helloFrom(url)).last === file.lines);
    expect(readdirSync(logs).length).toBe(1);
    for (const each of [agent, next]) {
      each?.child.kill('SIGKILL');
      await each?.ended();
    }
    // Every second time the log is gone on with. An agent that still runs would bring back what is removed.
    if (freeBlocks % 2 === 0) rmSync(logs, { recursive: true });
    else file.growTo(file.lines + 1000);
  }
});

it('a limit on the size of files makes shorter segments, and loses nothing', async () => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(1000));
  // In blocks of 512 or 1024 bytes, by the shell: less than a segment in any case.
  await using agent = startAgent(folder.path, ['-n', 'all', file.path], { limits: 'ulimit -f 4096' });
  const url = await agent.url();
  using client = watchBySocket(addressOf(url), { textOf: file.textOf });
  for (let lines = 500; lines <= 10_000; lines += 500) {
    file.growTo(lines);
    await until('new lines', () => client.lastId === lines);
  }
  expect(client.faults).toEqual([]);
  const segments = await segmentsIn(join(folder.path, 'logs', (await helloFrom(url)).log));
  expect(segments.length).toBeGreaterThan(2);
  expect(Math.max(...segments.map((segment) => statSync(segment).size))).toBeLessThanOrEqual(4 * MiB);
  expect((await linesOfLog(url)).map(({ id }) => id)).toEqual(range(1, 10_000));
  expect(agent.stderr).not.toContain("can't be written");
});

it.each([{ options: [] }, { options: ['--tty'] }])(
  'nor does such a limit end a command, or lose its lines: $options',
  async ({ options }) => {
    using folder = temporaryFolder();
    const lines = 60_000;
    const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i ${'x'.repeat(100)}"; done; exit 3`;
    const args = ['-q', ...options, '--linger', '5m', '--', 'sh', '-c', script];
    await using agent = startAgent(folder.path, args, { limits: 'ulimit -f 4096' });
    const url = await agent.url();
    await until('the end of the command', () => hasExited(url));
    const given = await linesOfLog(url);
    expect(given.map(({ text }) => Number(text.split(' ')[1]))).toEqual(range(1, lines));
    agent.child.kill('SIGTERM');
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
  },
);

it('a log whose folder is removed goes on: clients miss nothing, and it is there again', async () => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(60));
  file.growTo(1000);
  await using agent = startAgent(folder.path, ['-n', 'all', file.path]);
  const url = await agent.url();
  using client = watchBySocket(addressOf(url), { textOf: file.textOf });
  await until('the first lines', () => client.lastId === 1000);
  const { log } = await helloFrom(url);
  await until('the folder to be removed', () => {
    try {
      rmSync(join(folder.path, 'logs', log), { recursive: true });
      return true;
    } catch (error) {
      // Something was written into it meanwhile.
      if (errorCode(error) === 'ENOTEMPTY') return false;
      throw error;
    }
  });
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
  await until('the lines written meanwhile', async () => (await helloFrom(nextUrl)).last === 3100);
  expect((await helloFrom(nextUrl)).log).toBe(log);
});

it('a log whose folder is read-only waits, says why, ends when it has to, and has lost nothing', async (context) => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(200));
  file.growTo(1000);
  // Each 256 KiB a new segment has to be made.
  const args = ['-n', 'all', '--retain', '2MiB', file.path];
  await using agent = startAgent(folder.path, args);
  let url = await agent.url();
  using client = watchBySocket(() => addressOf(url)(), { textOf: file.textOf });
  await until('the first lines', () => client.lastId === 1000);
  const logFolder = join(folder.path, 'logs', (await helloFrom(url)).log);

  const growUntilTrouble = async (lines: number) => {
    file.growTo(lines);
    const trouble = await until('trouble', async () => (await helloFrom(url)).status.trouble);
    expect(trouble).toMatch(/permission is denied \(E(PERM|ACCES)\).* nothing is lost/);
    expect((await fetch(`${url}healthz`)).status).toBe(503);
    expect((await helloFrom(url)).last).toBeLessThan(lines);
  };
  {
    using readOnly = makeReadOnly(logFolder);
    if (readOnly === undefined) return context.skip('needs the right to make a folder read-only for root');
    await growUntilTrouble(3000);
  }
  await until('the lines that waited', () => client.lastId === 3000);
  expect((await fetch(`${url}healthz`)).status).toBe(200);
  {
    using _readOnly = makeReadOnly(logFolder);
    await growUntilTrouble(6000);
    agent.child.kill('SIGTERM');
    expect(await agent.ended()).toEqual({ code: 1, signal: null });
    expect(agent.stderr).toMatch(
      /stopped waiting for the journal. Lines that are not in it will be read at the next start\.\n$/,
    );
  }
  expect(agent.stderr.match(/can't be written/g)?.length).toBe(2);
  await using next = startAgent(folder.path, args);
  url = await next.url();
  await until('what could not be written', () => client.lastId === 6000);
  expect(client.faults).toEqual([]);
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
  await until('the first lines', async () => (await helloFrom(url)).last === 1000);
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

it('with fewer file descriptors than followed files the journal and the page have theirs, and nothing is called lost', async () => {
  using folder = temporaryFolder();
  const files = range(1, 250).map((number) => folder.file(`${number}.txt`));
  const append = (text: string) => {
    for (const file of files) appendFileSync(file, `${text}\n`);
  };
  append('first');
  await using agent = startAgent(folder.path, ['-q', '-n', 'all', folder.file('*.txt')], { limits: 'ulimit -n 160' });
  const url = await agent.url();
  for (let round = 1; round <= 3; round++) {
    await until('a round of lines', async () => (await helloFrom(url)).last >= round * files.length);
    append(`round ${round}`);
  }
  await until('the last round', async () => (await helloFrom(url)).last >= 4 * files.length);
  const given = await linesOfLog(url);
  expect(given.filter(({ text }) => text !== 'first' && !text.startsWith('round '))).toEqual([]);
  expect(given.length).toBe(4 * files.length);
  expect(agent.stderr.trim().split('\n').length).toBe(1);
});

it('a second agent is not let near a lasting log, and says who has it', async () => {
  using folder = temporaryFolder();
  const args = ['-q', '--name', 'nightly', '-c', 'echo one; exec sleep 60'];
  await using first = startAgent(folder.path, args);
  const url = await first.url();
  await until('its line', async () => (await helloFrom(url)).last === 1);
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
  const sentence = `Another sse-tail (process ${first.child.pid}) already keeps the same lines.`;
  await expect.poll(() => second.stderr).toContain(sentence);
  file.growTo(1000);
  const logs = new Set<string>();
  for (const url of urls) {
    await until('every line', async () => (await helloFrom(url)).last === 1000);
    logs.add((await helloFrom(url)).log);
    expect((await linesOfLog(url)).filter(({ id, text }) => text !== file.textOf(id))).toEqual([]);
  }
  expect(logs.size).toBe(2);
});

it.each([
  ['zeroed', (bytes: Buffer) => bytes.fill(0)],
  ['garbled', (bytes: Buffer) => bytes.fill('\n\nid: 7\ndata: x\n\n: batch 16 7-7')],
  ['changed in one bit', (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100)],
])('a journal that is %s while it is served: the exact range is told, everything else comes', async (_, spoil) => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(60));
  const args = ['-n', 'all', file.path];
  await using agent = startAgent(folder.path, args);
  const url = await agent.url();
  for (let lines = 100; lines <= 5000; lines += 100) {
    file.growTo(lines);
    await until('the lines', async () => (await helloFrom(url)).last === lines);
  }
  const { log } = await helloFrom(url);
  const [segment = ''] = await segmentsIn(join(folder.path, 'logs', log));
  const bytes = readFileSync(segment);
  const start = bytes.indexOf('\nid: 2050\n');
  const spoilt = Buffer.from(bytes.subarray(start, start + 200));
  spoil(spoilt);
  await overwrite(segment, start, spoilt);
  const firstSpoilt = start + spoilt.findIndex((byte, at) => byte !== bytes[start + at]);

  const readAll = async (url: string): Promise<Gap> => {
    const body = await (await fetch(`${url}events?follow=0`)).text();
    const gaps = [...body.matchAll(/^event: gap\ndata: (.*)$/gm)].map(([, data = '']): Gap => JSON.parse(data));
    expect(gaps).toEqual([{ from: expect.any(Number), to: expect.any(Number), reason: 'damage' }]);
    const [gap] = gaps as [Gap];
    expect(gap.from).toBeLessThanOrEqual(2050);
    expect(gap.to).toBeGreaterThanOrEqual(2050);
    expect(gap.to - gap.from).toBeLessThan(1000);
    const isLost = (id: number) => gap.from <= id && id <= gap.to;
    const given = parseLines(body);
    expect(given.map(({ id }) => id)).toEqual(range(1, file.lines).filter((id) => !isLost(id)));
    expect(given.filter(({ id, text }) => text !== file.textOf(id))).toEqual([]);
    return gap;
  };
  const expectTold = ({ stderr }: AgentProcess, { from, to }: Gap) => {
    const told = [
      ...stderr.matchAll(/^sse-tail: (.*) is damaged at byte (\d+) \((\d+) bytes\): lines (\d+) to (\d+) /gm),
    ];
    expect(told.map(([, ...facts]) => facts)).toEqual([
      [segment, expect.any(String), expect.any(String), `${from}`, `${to}`],
    ]);
    const [offset = 0, length = 0] = told[0]?.slice(2, 4).map(Number) ?? [];
    expect(offset).toBeLessThanOrEqual(firstSpoilt);
    expect(offset + length).toBeGreaterThan(firstSpoilt);
    expect(offset + length).toBeLessThan(bytes.indexOf(`\nid: ${to + 2}\n`));
  };
  const gap = await readAll(url);
  await until('it is told', () => agent.stderr.includes('damaged'));
  expectTold(agent, gap);
  // And it is written on, and read by others.
  file.growTo(5100);
  await until('the next lines', async () => (await helloFrom(url)).last === 5100);
  expect(await readAll(url)).toEqual(gap);
  await using reader = startAgent(folder.path, ['serve']);
  expect(await readAll(`${await reader.url()}logs/${log}/`)).toEqual(gap);
  await until('it is told there, too', () => reader.stderr.includes('damaged'));
  expectTold(reader, gap);
  await using printer = startAgent(folder.path, ['cat', log]);
  await printer.ended();
  expectTold(printer, gap);
  // The damage lies between the newest positions and the checkpoint that they refer to.
  agent.child.kill('SIGKILL');
  await agent.ended();
  await using next = startAgent(folder.path, args);
  file.growTo(5200);
  const nextUrl = await next.url();
  await until('the lines after a restart', async () => (await helloFrom(nextUrl)).last >= 5200);
  expect(await helloFrom(nextUrl)).toMatchObject({ log, last: 5200 });
  expect(await readAll(nextUrl)).toEqual(gap);
});

function fillUp(path: string): void {
  const fd = openSync(path, 'w');
  try {
    for (;;) writeSync(fd, Buffer.alloc(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(fd);
  }
}

/** The child that runs this program. */
function childOf(pid: number, program: string): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  const found = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').startsWith(`${program}\0`));
  return found === undefined ? undefined : Number(found);
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** User and system time of a process. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
