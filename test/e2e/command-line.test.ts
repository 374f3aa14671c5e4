import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { parseEvents, parseLines } from '../support/event-text.ts';
import { makeUnrunnable, unrunnable } from '../support/unrunnable.ts';

const text = async (url: string) => (await fetch(url)).text();

describe('a command', () => {
  it('prints here and there, and sse-tail ends with its exit code', async () => {
    using folder = temporaryFolder();
    const script = 'echo out; echo err >&2; printf "\\033[31mred\\033[0m\\n"; exit 7';
    await using agent = startAgent(folder.path, ['--linger', '1m', '--', 'sh', '-c', script]);
    const url = await agent.url();
    await until('the end of the command', async () => (await text(`${url}status`)).includes('"exited"'));

    const body = await text(`${url}events`);
    const lines = parseLines(body);
    expect(lines.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(lines.map((line) => line.text).sort()).toEqual(['\x1b[31mred\x1b[0m', 'err', 'out']);
    expect(lines.find((line) => line.text === 'err')?.origin.stream).toBe('stderr');
    const [status, end] = parseEvents(body).slice(-2);
    expect([status?.type, end?.type]).toEqual(['status', 'end']);
    expect(JSON.parse(status?.data ?? '')).toMatchObject({ state: 'exited', code: 7, signal: null });
    await expect.poll(() => agent.stdout).toBe('out\n\x1b[31mred\x1b[0m\n');
    await expect.poll(() => agent.stderr).toContain('err\n');

    agent.child.kill('SIGINT');
    expect(await agent.ended()).toEqual({ code: 7, signal: null });
  });

  it('without a terminal it ends by itself once the command has', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--', 'sh', '-c', 'echo a; exit 3']);
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
    expect(agent.stdout).toBe('');
  });

  it('killed by a signal: sse-tail dies of it, too', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--', 'sh', '-c', 'kill -9 $$']);
    expect(await agent.ended()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('gets the signals that sse-tail gets', async () => {
    using folder = temporaryFolder();
    const script = 'trap "echo told; exit 5" TERM; echo ready; while :; do sleep 0.05; done';
    await using agent = startAgent(folder.path, ['--', 'sh', '-c', script]);
    await until('the command is ready', () => agent.stdout.includes('ready'));
    agent.child.kill('SIGTERM');
    expect(await agent.ended()).toEqual({ code: 5, signal: null });
    expect(agent.stdout).toContain('told');
  });

  it.each(unrunnable)('$program: $code, with a sentence', async ({ program, code, sentence }) => {
    using folder = temporaryFolder();
    makeUnrunnable(folder);
    await using agent = startAgent(folder.path, ['--', program]);
    expect(await agent.ended()).toEqual({ code, signal: null });
    expect(agent.stderr).toContain(`'${program}' ${sentence}`);
    expect(agent.stderr.match(/^sse-tail: (?!http)/gm)).toHaveLength(1);
    expect(agent.stdout).toBe('');
  });

  it('that prints 200,000 lines and ends at once loses none', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--linger', '1m', '--', 'seq', '200000']);
    const url = await agent.url();
    await until('the end of the command', async () => (await text(`${url}status`)).includes('"exited"'));
    const lines = parseLines(await text(`${url}events`));
    expect(lines.length).toBe(200_000);
    expect(lines.every(({ id, text: line }, i) => id === i + 1 && line === String(i + 1))).toBe(true);
  });

  it('is asked for color, unless NO_COLOR is set', async () => {
    using folder = temporaryFolder();
    const args = ['--', 'sh', '-c', 'echo "[$FORCE_COLOR$CLICOLOR_FORCE]"'];
    await using colored = startAgent(folder.path, args);
    await colored.ended();
    expect(colored.stdout).toBe('[31]\n');
    await using plain = startAgent(folder.path, args, { env: { NO_COLOR: '1' } });
    await plain.ended();
    expect(plain.stdout).toBe('[]\n');
    await using told = startAgent(folder.path, ['--no-color', '--', 'sh', '-c', 'echo "[$FORCE_COLOR$NO_COLOR]"']);
    await told.ended();
    expect(told.stdout).toBe('[1]\n');
  });

  it('--save keeps its bytes as they are', async () => {
    using folder = temporaryFolder();
    const file = folder.file('saved');
    // Two pipes have no common order: the second is written to once the first has been read.
    const script = 'printf "a\\r\\000\\377\\n"; until [ -s saved ]; do sleep 0.02; done; printf b >&2';
    await using agent = startAgent(folder.path, ['-q', '--save', file, '--', 'sh', '-c', script]);
    await agent.ended();
    expect(readFileSync(file)).toEqual(Buffer.from('a\r\0\xff\nb', 'latin1'));
    await using refused = startAgent(folder.path, ['--save', folder.path, '--', 'touch', 'ran']);
    expect((await refused.ended()).code).toBe(2);
    expect(readdirSync(folder.path)).not.toContain('ran');
  });

  it('has pipes that can be opened by name', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--', 'sh', '-c', 'echo out >/dev/stdout; echo err >/dev/stderr']);
    expect(await agent.ended()).toEqual({ code: 0, signal: null });
    expect(agent.stdout).toBe('out\n');
    expect(agent.stderr).toContain('err\n');
  });

  it('whose children keep its output open ends when it ends, and that is told', async () => {
    using folder = temporaryFolder();
    const script = 'sleep 30 & echo parent; (sleep 0.3; echo late)& exit 4';
    await using agent = startAgent(folder.path, ['--linger', '1m', '--', 'sh', '-c', script]);
    const url = await agent.url();
    await until('the end of the command', async () => (await text(`${url}status`)).includes('"exited"'));
    const lines = parseLines(await text(`${url}events`));
    expect(lines.map((line) => line.text).slice(0, 2)).toEqual(['parent', 'late']);
    expect(lines[2]).toMatchObject({ origin: { kind: 'notice' } });
    agent.child.kill('SIGINT');
    expect(await agent.ended()).toEqual({ code: 4, signal: null });
  });

  it('a reader that has left ends it as in any pipeline', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--', 'yes']);
    await until('output', () => agent.stdout.length > 1000);
    agent.child.stdout?.destroy();
    expect(await agent.ended()).toEqual({ code: null, signal: 'SIGPIPE' });
  });
});

describe('standard input', () => {
  it('is streamed and passed on byte for byte', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--linger', '1m'], { input: 'one\r\ntwo\nthree' });
    const url = await agent.url();
    await until('the end of the input', async () => (await text(`${url}status`)).includes('"exited"'));
    expect(parseLines(await text(`${url}events`)).map((line) => line.text)).toEqual(['one', 'two', 'three']);
    await expect.poll(() => agent.stdout).toBe('one\r\ntwo\nthree');
  });
});

describe('a file', () => {
  it('is followed, and a restart goes on where the log ends', async () => {
    using folder = temporaryFolder();
    const file = folder.file('build.log');
    writeFileSync(file, 'one\ntwo\n');
    let log: string;
    {
      await using agent = startAgent(folder.path, [file]);
      const url = await agent.url();
      appendFileSync(file, 'three\n');
      await until('three lines', async () => JSON.parse(await text(`${url}status`)).last === 3);
      log = JSON.parse(await text(`${url}status`)).log;
      agent.child.kill('SIGTERM');
      expect(await agent.ended()).toEqual({ code: 0, signal: null });
    }
    appendFileSync(file, 'four\n');
    await using agent = startAgent(folder.path, [file]);
    const url = await agent.url();
    await until('four lines', async () => JSON.parse(await text(`${url}status`)).last === 4);
    expect(JSON.parse(await text(`${url}status`)).log).toBe(log);
    const lines = parseLines(await text(`${url}events?follow=0`));
    expect(lines.map((line) => line.text)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('-n says where it begins', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    writeFileSync(file, 'one\ntwo\nthree\nfour\n');
    for (const [start, expected] of [
      ['1', ['four']],
      ['+3', ['three', 'four']],
      ['all', ['one', 'two', 'three', 'four']],
      ['0', []],
    ] as const) {
      await using agent = startAgent(folder.path, ['-n', start, file]);
      const url = await agent.url();
      appendFileSync(file, '');
      await until(
        `the lines of -n ${start}`,
        async () => JSON.parse(await text(`${url}status`)).last === expected.length,
      );
      expect(parseLines(await text(`${url}events?follow=0`)).map((line) => line.text)).toEqual(expected);
    }
  });
});

describe('the port', () => {
  it('asked for and taken is an error; not asked for, the next free one is taken', async () => {
    using folder = temporaryFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await using refused = startAgent(folder.path, ['--port', String(port), 'x.log']);
    expect((await refused.ended()).code).toBe(1);
    expect(refused.stderr).toContain(String(port));
    await using logs = startAgent(folder.path, ['logs', '--json']);
    await logs.ended();
    expect(JSON.parse(logs.stdout), 'what never began is not kept').toEqual([]);
    taken.close();

    const env = { SSE_TAIL_PORT: '' };
    await using first = startAgent(folder.path, ['x.log'], { env });
    const firstUrl = await first.url();
    await using second = startAgent(folder.path, ['y.log'], { env });
    expect(await second.url()).not.toBe(firstUrl);
  });
});

it('a misspelled variable is told and changes nothing else', async () => {
  using folder = temporaryFolder();
  const env = { SSE_TAIL_QUIT: '1' };
  await using agent = startAgent(folder.path, ['--', 'echo', 'hi'], { env });
  expect(await agent.ended()).toMatchObject({ code: 0 });
  expect(agent.stdout).toBe('hi\n');
  expect(agent.stderr).toMatch(
    /^sse-tail: The environment variable SSE_TAIL_QUIT is unknown and was ignored\. Did you mean SSE_TAIL_QUIET\?/,
  );
});

it('--open shows the page in the browser of the system', async () => {
  using folder = temporaryFolder();
  const opened = folder.file('opened');
  writeFileSync(folder.file('browser'), `#!/bin/sh\necho "$1" >${opened}\n`, { mode: 0o755 });
  const env = { BROWSER: folder.file('browser') };
  await using agent = startAgent(folder.path, ['--open', '--linger', '1m', '--', 'true'], { env });
  const url = await agent.url();
  await until('the browser to be started', () => existsSync(opened) && readFileSync(opened, 'utf8') === `${url}\n`);
});

it('--open starts the browser without the token, with a link that works once', async () => {
  using folder = temporaryFolder();
  const opened = folder.file('opened');
  writeFileSync(folder.file('browser'), `#!/bin/sh\necho "$1" >${opened}\n`, { mode: 0o755 });
  const env = { BROWSER: folder.file('browser'), SSE_TAIL_TOKEN: 'a-token-for-tests-only' };
  await using agent = startAgent(folder.path, ['--open', '--linger', '1m', '--', 'true'], { env });
  const url = await agent.url();
  await until('the browser to be started', () => existsSync(opened) && readFileSync(opened, 'utf8').endsWith('\n'));
  const link = readFileSync(opened, 'utf8').trim();
  expect(link.replace(/[A-Za-z0-9]{32}$/, '')).toBe(`${url}?entry=`);
  const enter = () => fetch(link, { redirect: 'manual', headers: { Accept: 'text/html' } });
  const first = await enter();
  expect([first.status, first.headers.get('location')]).toEqual([302, './?signed-in=1']);
  const Cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect((await fetch(url, { headers: { Cookie, Accept: 'text/html' } })).status).toBe(200);
  const again = await enter();
  expect([again.status, again.headers.get('set-cookie')]).toEqual([401, null]);
  expect(await again.text()).toContain('This link has been used already');
});

it('--open says where the page is when there is no browser', async () => {
  using folder = temporaryFolder();
  const env = { BROWSER: folder.file('none') };
  await using agent = startAgent(folder.path, ['--open', '--linger', '1m', '--', 'true'], { env });
  const url = await agent.url();
  await until('the sentence', () => agent.stderr.includes(`No browser could be opened. The page is at ${url}`));
});

describe('what else it says', () => {
  it('--help and --version go to stdout', async () => {
    using folder = temporaryFolder();
    await using help = startAgent(folder.path, ['--help']);
    expect((await help.ended()).code).toBe(0);
    expect(help.stdout).toContain('Usage: sse-tail');
    await using version = startAgent(folder.path, ['--version']);
    expect((await version.ended()).code).toBe(0);
    const { version: expected } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(version.stdout).toBe(`sse-tail ${expected}\n`);
  });

  it('a mistake is one sentence and exit code 2', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--port', 'x', 'a.log']);
    expect((await agent.ended()).code).toBe(2);
    expect(agent.stderr).toBe('sse-tail: --port expects a port number from 0 to 65535, but got "x".\n');
  });

  it('an address that is not this machine alone gets a token, which is in the URL', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--host', '0.0.0.0', 'a.log']);
    await agent.url();
    const [, port, token] = /:(\d+)\/\?token=([\w-]{22,})/.exec(agent.stderr) ?? [];
    const status = `http://127.0.0.1:${port}/status`;
    expect((await fetch(status)).status).toBe(401);
    expect((await fetch(status, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('a token that was given is not printed', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('token'), 'a-token-that-stays-in-its-file\n', { mode: 0o600 });
    await using agent = startAgent(folder.path, ['--token-file', folder.file('token'), 'a.log']);
    expect((await fetch(`${await agent.url()}status`)).status).toBe(401);
    expect(agent.stderr).not.toContain('stays-in-its-file');
  });

  it('--no-keep leaves nothing behind', async () => {
    using folder = temporaryFolder();
    const env = { TMPDIR: folder.path, SSE_TAIL_DIR: '' };
    await using agent = startAgent(folder.path, ['--no-keep', '--', 'echo', 'a'], { env });
    expect((await agent.ended()).code).toBe(0);
    // What V8 has compiled is no log.
    expect(readdirSync(folder.path).filter((name) => name !== '.cache')).toEqual([]);
  });
});
