import { readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentOptions, createAgent } from '../../agent/agent.ts';
import { temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { ask, open } from '../support/http-client.ts';

const secret = 'tops3cret-value';
const names = ['BUILD_TOKEN', 'PLAIN_NAME', 'SHORT_KEY', 'SSE_TAIL_TOKEN'];

beforeEach(() => {
  process.env.BUILD_TOKEN = secret;
  process.env.PLAIN_NAME = 'plain-name-value';
  process.env.SHORT_KEY = 'abc';
});
afterEach(() => {
  for (const name of names) delete process.env[name];
});

/** Everything that is kept of a run, and what its page was told at the end. */
async function run(script: string, options: Partial<AgentOptions> = {}) {
  using folder = temporaryFolder();
  const input: AgentOptions['input'] = { kind: 'command', argv: ['sh', '-c', script] };
  const agent = await createAgent({ input, dir: folder.path, port: 0, quiet: true, ...options });
  try {
    await agent.start();
    await agent.ended;
    const [raw, status, logs, events] = await Promise.all(
      ['raw', 'status', 'logs', 'events?follow=0'].map(async (path) => (await ask(`${agent.url}${path}`)).body),
    );
    await agent.close();
    const kept = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${name}\n${readIfFile(join(folder.path, name))}`,
    );
    return { raw: raw as string, everywhere: [raw, status, logs, events, ...kept].join('\n') };
  } finally {
    await agent.close();
  }
}

function readIfFile(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

describe("the command's secrets", () => {
  it('are in nothing that is kept or served: lines, names, arguments, notices', async () => {
    const { raw, everywhere } = await run(`echo "tok $BUILD_TOKEN"; echo tops3cret-value >&2; : ${secret}`);
    expect(raw.split('\n').sort()).toEqual(['', '***', 'tok ***']);
    expect(everywhere).toContain(': ***');
    expect(everywhere).not.toContain(secret);
    expect(everywhere).not.toContain('tops3cret');
  });

  it('are those of variables named like one, and not what is too short or named otherwise', async () => {
    const { raw } = await run('echo "$BUILD_TOKEN $PLAIN_NAME $SHORT_KEY"');
    expect(raw).toBe('*** plain-name-value abc\n');
  });

  it('are also those that are named, masked or match a pattern', async () => {
    const redact = { names: ['PLAIN_NAME'], patterns: [/id=(\d+)/] };
    const { raw } = await run('echo "::add-mask::from-now"; echo "from-now $PLAIN_NAME id=42 $BUILD_TOKEN"', {
      redact,
    });
    expect(raw).toBe('::add-mask::***\n*** *** id=*** ***\n');
  });

  it('are not in what sse-tail itself says in the log', async () => {
    using folder = temporaryFolder();
    const options: AgentOptions = {
      input: { kind: 'command', argv: ['echo', secret] },
      dir: folder.path,
      name: 'nightly',
      port: 0,
      quiet: true,
    };
    let raw = '';
    for (let round = 1; round <= 2; round++) {
      const agent = await createAgent(options);
      await agent.start();
      await agent.ended;
      raw = (await ask(`${agent.url}raw`)).body;
      await agent.close();
    }
    expect(raw).toBe('***\n[sse-tail: run started: echo ***]\n***\n');
  });

  it('stay where that was asked for', async () => {
    expect((await run('echo "$BUILD_TOKEN"', { redact: false })).raw).toBe(`${secret}\n`);
  });

  it('the token of the page is not passed on to the command, and not kept', async () => {
    process.env.SSE_TAIL_TOKEN = 'the-token-of-the-page';
    const { raw } = await run('echo "[$SSE_TAIL_TOKEN]"; echo the-token-of-the-page');
    expect(raw).toBe('[]\n***\n');
  });
});

describe('what is not a line yet', () => {
  it('never shows a secret, half of one, or the rest of one', async () => {
    using folder = temporaryFolder();
    const half = secret.length / 2;
    const gate = (name: string) => `until [ -e '${folder.file(name)}' ]; do sleep 0.02; done`;
    // Half of it has every opportunity to be shown; what has to be shown is waited for.
    const script = `printf 'tok ${secret.slice(0, half)}'; sleep 0.4; printf '${secret.slice(half)}'; ${gate('one')}; printf ' after'; ${gate('two')}; echo`;
    const agent = await createAgent({
      input: { kind: 'command', argv: ['sh', '-c', script] },
      dir: folder.path,
      port: 0,
      quiet: true,
    });
    try {
      using stream = await open(`${agent.url}events`);
      await agent.start();
      const shown = () =>
        stream.events.filter(({ type }) => type === 'partial').map(({ data }) => JSON.parse(data).rows[0]);
      await until('what stands for the secret', () => shown().includes('tok ***'));
      writeFileSync(folder.file('one'), '');
      await until('what follows it', () => shown().includes('tok *** after'));
      writeFileSync(folder.file('two'), '');
      await stream.whole();
      const partials = shown();
      for (const text of partials) expect([undefined, 'tok ***', 'tok *** after']).toContain(text);
    } finally {
      await agent.close();
    }
  });
});

describe('a followed file', () => {
  it('that ends in the middle of a secret keeps its last line for the next run', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    const hourAgo = new Date(Date.now() - 3_600_000);
    writeFileSync(file, `one\ntok ${secret.slice(0, 7)}`);
    utimesSync(file, hourAgo, hourAgo);
    const options: AgentOptions = {
      input: { kind: 'files', paths: [file], start: 'all' },
      dir: folder.file('state'),
      port: 0,
    };
    const first = await createAgent(options);
    await first.start();
    await until('a line', () => first.log.journal.lastId === 1);
    await first.close();
    writeFileSync(file, `${secret.slice(7)} end`, { flag: 'a' });
    utimesSync(file, hourAgo, hourAgo);
    const second = await createAgent(options);
    await second.start();
    expect(second.log.journal.lastId).toBe(1);
    await second.close();
    const third = await createAgent(options);
    try {
      await third.start();
      expect((await ask(`${third.url}raw`)).body).toBe('one\ntok *** end\n');
    } finally {
      await third.close();
    }
  });

  it('goes on exactly where it was, whatever was replaced', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    const long = `${'.'.repeat(256 * 1024 - 5)}${secret}${'.'.repeat(2000)}`;
    writeFileSync(file, `one ${secret}\n\x1b[31m${long}\n${'.'.repeat(256 * 1024 - 5)}${secret.slice(0, 5)}`);
    // On a busy machine the agent might be stopped so late that the line is no longer one that is being written.
    const later = new Date(Date.now() + 3_600_000);
    utimesSync(file, later, later);
    const options: AgentOptions = {
      input: { kind: 'files', paths: [file], start: 'all' },
      dir: folder.file('state'),
      port: 0,
    };
    const first = await createAgent(options);
    await first.start();
    await until('three lines', () => first.log.journal.lastId >= 3);
    await first.close();
    writeFileSync(file, `${secret.slice(5)}.\nlast\n`, { flag: 'a' });
    const second = await createAgent(options);
    try {
      await second.start();
      await until('the last line', async () => (await ask(`${second.url}raw?strip=1`)).body.endsWith('last\n'));
      const { body } = await ask(`${second.url}raw?strip=1`);
      expect(body.replaceAll('.', '')).toBe('one ***\n***\n***\nlast\n');
      expect(body.length).toBe(
        'one ***\n'.length + long.length - secret.length + 4 + 256 * 1024 - 5 + '***.\nlast\n'.length,
      );
    } finally {
      await second.close();
    }
  });

  it('whose rest of a secret comes after it was rotated away shows neither half', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    const options: AgentOptions = {
      input: { kind: 'files', paths: [file], start: 'all' },
      dir: folder.file('state'),
      name: 'late',
      port: 0,
    };
    const half = `tok ${secret.slice(0, 7)}`;
    writeFileSync(file, half);
    const first = await createAgent(options);
    await first.start();
    const text = async (agent: { url: string }) => (await ask(`${agent.url}raw`)).body;
    const shows = (line: string) => until(line, async () => (await text(first)).split('\n').includes(line));
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'two\n');
    await shows('two');
    // A writer finds out late that its file was rotated.
    writeFileSync(`${file}.1`, `${secret.slice(7)} end\n`, { flag: 'a' });
    await shows(' end');
    writeFileSync(file, `${secret} three\n`, { flag: 'a' });
    await shows('*** three');
    // And ends before it has finished its last line.
    writeFileSync(`${file}.1`, half, { flag: 'a' });
    await first.close();
    const second = await createAgent(options);
    try {
      await second.start();
      const lines = (await text(second)).split('\n').filter((line) => !line.startsWith('[sse-tail: '));
      expect(lines).toEqual(['tok ***', 'two', ' end', '*** three', 'tok ***', '']);
    } finally {
      await second.close();
    }
  });
});
