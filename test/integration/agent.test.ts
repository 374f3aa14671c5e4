import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AgentOptions, createAgent, serveLogs } from '../../agent/agent.ts';
import { temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { parseLines, type WireLine } from '../support/event-text.ts';
import { helloFrom } from '../support/hello.ts';
import { toldPid } from '../support/told-pid.ts';

/** Runs an agent until its log has so many lines, and gives them. */
async function linesOf(options: AgentOptions, count: number): Promise<WireLine[]> {
  const agent = await createAgent({ port: 0, quiet: true, ...options });
  try {
    await agent.start();
    await until(`${count} lines`, () => agent.log.journal.lastId >= count);
    return parseLines(await (await fetch(`${agent.url}events?follow=0`)).text());
  } finally {
    await agent.close();
  }
}

describe('a followed file goes on in its log', () => {
  it('with the color that was in force', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    const options: AgentOptions = { dir: folder.file('state'), input: { kind: 'files', paths: [file] } };
    writeFileSync(file, '\x1b[31mred\n');
    await linesOf(options, 1);
    appendFileSync(file, 'still red\n');
    const lines = await linesOf(options, 2);
    expect(lines.map((line) => line.text)).toEqual(['\x1b[31mred', '\x1b[31mstill red']);
  });

  it('but a start that is asked for and another one begins a new log', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    writeFileSync(file, 'one\ntwo\n');
    const dir = folder.file('state');
    await linesOf({ dir, input: { kind: 'files', paths: [file], start: { last: 1 } } }, 1);
    const all = await linesOf({ dir, input: { kind: 'files', paths: [file], start: 'all' } }, 2);
    expect(all.map((line) => line.text)).toEqual(['one', 'two']);
  });

  it('a file that was replaced meanwhile begins a new log', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    const options: AgentOptions = { dir: folder.file('state'), input: { kind: 'files', paths: [file] } };
    writeFileSync(file, 'old\n');
    await linesOf(options, 1);
    writeFileSync(file, 'n\n');
    expect((await linesOf(options, 1)).map((line) => line.text)).toEqual(['n']);
  });
});

it('a process that the command leaves behind, with its output open, is told to who runs the agent', async () => {
  using folder = temporaryFolder();
  const reports: string[] = [];
  const agent = await createAgent({
    port: 0,
    quiet: true,
    dir: folder.path,
    input: { kind: 'command', argv: ['sleep 60 & echo $!'], shell: true },
    report: (sentence) => reports.push(sentence),
  });
  try {
    await agent.start();
    await agent.ended;
    const lines = parseLines(await (await fetch(`${agent.url}events?follow=0`)).text());
    process.kill(toldPid(lines[0]?.text), 'SIGKILL');
    expect(reports).toEqual([expect.stringMatching(/keeps its output open.*redirect its output/)]);
  } finally {
    await agent.close();
  }
});

it('a file that is not there yet is told to who runs the agent, and followed once it comes', async () => {
  using folder = temporaryFolder();
  const file = folder.file('later.log');
  const reports: string[] = [];
  const agent = await createAgent({
    port: 0,
    dir: folder.file('state'),
    input: { kind: 'files', paths: [file] },
    report: (sentence) => reports.push(sentence),
  });
  try {
    await agent.start();
    expect(reports).toEqual([`${file} does not exist yet; waiting for it.`]);
    expect(agent.log.status).toEqual({ state: 'waiting' });
    writeFileSync(file, 'one\n');
    await until('a line', () => agent.log.journal.lastId >= 1);
    await until('the status', () => agent.log.status.state === 'following');
  } finally {
    await agent.close();
  }
});

it('named files that are not there beside one that is are told to who runs the agent', async () => {
  using folder = temporaryFolder();
  const [there, first, second, loop] = ['a.log', 'b.log', 'c.log', 'loop'].map(folder.file) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(there, 'one\n');
  symlinkSync(loop, loop);
  const reports: string[] = [];
  const agent = await createAgent({
    port: 0,
    dir: folder.file('state'),
    input: { kind: 'files', paths: [there, first, loop, second, folder.file('*.none')] },
    report: (sentence) => reports.push(sentence),
  });
  try {
    await agent.start();
    expect(reports).toEqual([
      `${first} and ${second} do not exist yet; waiting for them.`,
      expect.stringMatching(`^${loop} can't be read: .*ELOOP.*; waiting until it can be.$`),
    ]);
  } finally {
    await agent.close();
  }
});

describe('the only file', () => {
  it.each([
    ['below a file', 'file/below', 'below.*something that is not a directory is in its place .ENOTDIR.'],
    ['a circle of links', 'loop', 'loop.*its symbolic links lead in a circle .ELOOP.'],
    ['a socket', 'socket', 'socket'],
  ])('%s: is waited for, in one sentence', async (_, name, cause) => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('file'), 'one\n');
    symlinkSync('loop', folder.file('loop'));
    await using server = createServer().listen(folder.file('socket'));
    await once(server, 'listening');
    const reports: string[] = [];
    const path = folder.file(name);
    const input = { kind: 'files' as const, paths: [path] };
    const report = (sentence: string) => reports.push(sentence);
    const agent = await createAgent({ port: 0, dir: folder.file('state'), input, report });
    try {
      await agent.start();
      expect(reports).toEqual([expect.stringMatching(`^${folder.path}/(file/)?${cause}.*; waiting until it can be.$`)]);
      rmSync(path.replace('/below', ''));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'here\n');
      await until('its line', () => agent.log.journal.lastId >= 1 && agent.log.status.state === 'following');
    } finally {
      await agent.close();
    }
  });

  it.each([
    ['an empty name', '', 'The name of a file to follow is empty.'],
    ['a name too long', 'x'.repeat(300), `${'x'.repeat(300)} can't be followed: its name is too long (ENAMETOOLONG).`],
  ])('%s: is refused, as there will never be such a file', async (_, path, sentence) => {
    using folder = temporaryFolder();
    const agent = await createAgent({ port: 0, dir: folder.file('state'), input: { kind: 'files', paths: [path] } });
    try {
      await expect(agent.start()).rejects.toThrow(sentence);
    } finally {
      await agent.close();
    }
  });
});

describe('a lasting log', () => {
  it('goes on with every run of a command', async () => {
    using folder = temporaryFolder();
    const options = { dir: folder.file('state'), name: 'nightly' };
    await linesOf({ ...options, input: { kind: 'command', argv: ['echo', 'first'] } }, 1);
    const lines = await linesOf({ ...options, input: { kind: 'command', argv: ['echo', 'second'] } }, 3);
    expect(lines.map((line) => [line.id, line.origin.kind ?? line.text])).toEqual([
      [1, 'first'],
      [2, 'notice'],
      [3, 'second'],
    ]);
  });

  it('is running for whoever connects before its next run has begun', async () => {
    using folder = temporaryFolder();
    const options: AgentOptions = {
      dir: folder.file('state'),
      name: 'nightly',
      port: 0,
      quiet: true,
      input: { kind: 'command', argv: ['echo', 'a'] },
    };
    await linesOf(options, 1);
    const agent = await createAgent(options);
    try {
      const response = await fetch(`${agent.url}events`, { headers: { 'Last-Event-ID': '1' } });
      expect(response.status).toBe(200);
      const body = response.text();
      await agent.start();
      await agent.ended;
      expect(parseLines(await body).map(({ text }) => text)).toEqual([expect.stringContaining('run started'), 'a']);
    } finally {
      await agent.close();
    }
  });

  it('names the source of lines that are not of its first', async () => {
    using folder = temporaryFolder();
    const options: AgentOptions = {
      dir: folder.file('state'),
      name: 'lasting',
      input: { kind: 'command', argv: ['echo', 'a'] },
    };
    await linesOf(options, 1);
    const other: AgentOptions = { ...options, input: { kind: 'command', argv: ['printf', 'b'] } };
    const lines = await linesOf(other, 3);
    expect(lines.map(({ text, origin }) => [text, origin.source])).toEqual([
      ['a', undefined],
      [expect.stringContaining('run started'), undefined],
      ['b', 'printf b'],
    ]);
  });

  it('is written by one agent at a time', async () => {
    using folder = temporaryFolder();
    const options: AgentOptions = {
      dir: folder.file('state'),
      name: 'one',
      port: 0,
      input: { kind: 'files', paths: [folder.file('x.log')] },
    };
    const agent = await createAgent(options);
    try {
      await expect(createAgent(options)).rejects.toMatchObject({ kind: 'locked' });
    } finally {
      await agent.close();
    }
  });
});

it('a source that is faster than the journal waits, and memory stays bounded', async () => {
  using folder = temporaryFolder();
  const before = process.memoryUsage().rss;
  const lines = 3_000_000;
  const agent = await createAgent({
    port: 0,
    quiet: true,
    dir: folder.file('state'),
    input: { kind: 'command', argv: ['sh', '-c', `yes 'a line of some forty characters or so' | head -n ${lines}`] },
  });
  try {
    await agent.start();
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    expect(await agent.ended).toEqual({ code: 0, signal: null });
    clearInterval(watching);
    expect(agent.log.journal.lastId).toBe(lines);
    expect(most - before).toBeLessThan(150 * 1024 * 1024);
  } finally {
    await agent.close();
  }
});

describe('where files are on this machine', () => {
  /** Everything that a viewer is answered about a followed file and its log. */
  async function answersOf(file: string, options: Partial<AgentOptions>): Promise<string[]> {
    const input = { kind: 'files' as const, paths: [file] };
    const agent = await createAgent({ port: 0, ...options, input });
    try {
      await agent.start();
      await until('both lines', () => agent.log.journal.lastId >= 2);
      const paths = [
        'events?follow=0',
        'raw',
        'status',
        'logs',
        'logs?q=two',
        'outline',
        'metrics',
        'healthz',
        'logs/none',
      ];
      return await Promise.all(paths.map(async (path) => (await fetch(`${agent.url}${path}`)).text()));
    } finally {
      await agent.close();
    }
  }

  it('is told to viewers only when that was asked for', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    writeFileSync(file, 'one\ntwo\n');
    const inode = String(statSync(file).ino);
    const given = relative(process.cwd(), file);
    const options = { dir: folder.file('state') };
    const hidden = (await answersOf(given, options)).join('\n');
    expect(hidden).not.toContain(`"${dirname(file)}`);
    expect(hidden).not.toContain(process.cwd());
    expect(hidden).not.toMatch(new RegExp(`:${inode}\\b`));
    expect(hidden).toContain(JSON.stringify([given]));
    const shown = (await answersOf(given, { ...options, showPaths: true })).join('\n');
    expect(shown).toContain(JSON.stringify([file]));
    expect(shown).toContain(JSON.stringify(process.cwd()));
  });
});

it('how far a command says that it is stands in the status until it ends, and not in the text', async () => {
  using folder = temporaryFolder();
  const script = `printf '\\033]9;4;1;42\\007one\\n'; until [ -e '${folder.file('go')}' ]; do sleep 0.02; done; echo two`;
  const input: AgentOptions['input'] = { kind: 'command', argv: ['sh', '-c', script] };
  const agent = await createAgent({ port: 0, quiet: true, dir: folder.file('state'), input });
  try {
    const ended = agent.start();
    const status = async () => (await helloFrom(agent.url)).status;
    await until('the progress', async () => (await status()).progress !== undefined);
    expect((await status()).progress).toEqual({ state: 'normal', percent: 42 });
    writeFileSync(folder.file('go'), '');
    await ended;
    await until('the end', async () => (await status()).state === 'exited');
    expect(await status()).not.toHaveProperty('progress');
    expect(await (await fetch(`${agent.url}raw?strip=1`)).text()).toBe('one\ntwo\n');
    expect(await (await fetch(`${agent.url}raw`)).text()).toContain('\x1b]9;4;1;42\x07one\n');
  } finally {
    await agent.close();
  }
});

it('a token that was generated is redacted as one that was given', async () => {
  using folder = temporaryFolder();
  const file = folder.file('access.log');
  writeFileSync(file, '');
  const input = { kind: 'files' as const, paths: [file] };
  const agent = await createAgent({ host: '0.0.0.0', port: 0, dir: folder.file('state'), input });
  try {
    const { port, search } = new URL(agent.entryUrl);
    const token = new URLSearchParams(search).get('token') ?? '';
    expect(token).toHaveLength(32);
    await agent.start();
    appendFileSync(file, `GET /?token=${token}\n`);
    await until('the line', () => agent.log.journal.lastId >= 1);
    const headers = { Authorization: `Bearer ${token}` };
    expect(await (await fetch(`http://127.0.0.1:${port}/raw`, { headers })).text()).toBe('GET /?token=***\n');
  } finally {
    await agent.close();
  }
});

describe('the end of an agent', () => {
  it('is one end, however often it is asked for', async () => {
    using folder = temporaryFolder();
    const input = { kind: 'command' as const, argv: ['sleep', '60'] };
    const agent = await createAgent({ port: 0, quiet: true, dir: folder.file('state'), input });
    await agent.start();
    let isClosed = false;
    const first = agent.close().then(() => {
      isClosed = true;
    });
    await agent.close();
    expect(isClosed).toBe(true);
    await first;
  });

  it('reaches everything, also after a part that fails to end', async () => {
    using folder = temporaryFolder();
    const input = { kind: 'command' as const, argv: ['sleep', '60'] };
    const dir = folder.file('state');
    const agent = await createAgent({ port: 0, quiet: true, keep: false, dir, input });
    await agent.start();
    agent.log.journal.close = () => Promise.reject(new Error('the disk is gone'));
    await expect(agent.close()).rejects.toThrow('the disk is gone');
    expect(readdirSync(dir)).toEqual([]);
    await expect(fetch(agent.url)).rejects.toThrow();
  });
});

it('what is only read makes no directory', async () => {
  using folder = temporaryFolder();
  const dir = folder.file('typo/x');
  const server = await serveLogs({ dir, port: 0 });
  expect(await (await fetch(`${server.url}logs`, { headers: { Accept: 'application/json' } })).json()).toEqual([]);
  await server.close();
  expect(existsSync(folder.file('typo'))).toBe(false);
});
