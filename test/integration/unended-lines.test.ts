import { appendFileSync, cpSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { type AgentOptions, createAgent } from '../../agent/agent.ts';
import { maxLineBytes } from '../../agent/words/line.ts';
import { temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { parseLines } from '../support/event-text.ts';

const long = `begins ${'y'.repeat(2 * maxLineBytes)}`;

/** What a search finds of the lines so far: each once, however many pieces it is stored in. */
async function linesOf(url: string): Promise<string[]> {
  const lines = parseLines(await (await fetch(`${url}events?follow=0&q=.&regex=1`)).text());
  return lines.map(({ text }) => `${text.replace(/y{9,}/, 'y…')}`);
}

async function start(options: Pick<AgentOptions, 'dir' | 'input'>): ReturnType<typeof createAgent> {
  const agent = await createAgent({ port: 0, quiet: true, name: 'job', ...options });
  await agent.start();
  return agent;
}

/** Runs an agent until it has stored pieces of lines, and leaves what one that is killed then leaves: `dir`, copied. */
async function killed(dir: string, input: AgentOptions['input'], pieces: number): Promise<string> {
  const agent = await start({ dir, input });
  try {
    await until('the pieces', () => agent.log.journal.lastId >= pieces);
    cpSync(dir, `${dir}.left`, { recursive: true, filter: (path) => !/\block/.test(basename(path)) });
  } finally {
    await agent.close();
  }
  return `${dir}.left`;
}

const shell = (command: string): AgentOptions['input'] => ({ kind: 'command', argv: [command], shell: true });

it.each(['', ' >&2'])(
  'a command runs again after a kill in the middle of a long line: the next one is a line of its own%s',
  async (to) => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('text'), long);
    writeFileSync(folder.file('job'), `cat ${folder.file('text')}${to}; sleep 60`);
    // The same command: another one is another source, of which nothing has gone before.
    const job = shell(`. ${folder.file('job')}`);
    const dir = await killed(folder.file('state'), job, 2);
    writeFileSync(folder.file('job'), `(echo new; echo last)${to}`);
    const agent = await start({ dir, input: job });
    try {
      await agent.ended;
      const lines = await linesOf(agent.url);
      expect(lines).toEqual([expect.stringMatching('^run started'), 'begins y…', 'new', 'last']);
    } finally {
      await agent.close();
    }
  },
);

const meanwhile: Record<string, { happens(file: string): void; lines: (string | RegExp)[] }> = {
  'it goes on': { happens: (file) => appendFileSync(file, ' ends\nnew\n'), lines: ['begins y… ends', 'new'] },
  'it is replaced': {
    happens(file) {
      // While the old one is there, no other has its inode.
      writeFileSync(`${file}.new`, 'new\n');
      renameSync(`${file}.new`, file);
    },
    lines: ['begins y…', /replaced/, 'new'],
  },
  'it is truncated': {
    happens(file) {
      truncateSync(file);
      appendFileSync(file, 'new\n');
    },
    lines: ['begins y…', /truncated/, 'new'],
  },
  'it is rotated': {
    happens(file) {
      renameSync(file, `${file}.1`);
      writeFileSync(file, 'new\n');
    },
    lines: ['begins y…', /rotated/, 'new'],
  },
  'it goes on, and is rotated': {
    happens(file) {
      appendFileSync(file, ' ends\n');
      renameSync(file, `${file}.1`);
      writeFileSync(file, 'new\n');
    },
    lines: ['begins y… ends', /rotated/, 'new'],
  },
};

it.each(Object.entries(meanwhile))(
  'a file after a kill in the middle of a long line: %s',
  async (_, { happens, lines }) => {
    using folder = temporaryFolder();
    const file = folder.file('app.log');
    writeFileSync(file, long);
    const input: AgentOptions['input'] = { kind: 'files', paths: [file], start: 'all' };
    const dir = await killed(folder.file('state'), input, 2);
    happens(file);
    const agent = await start({ dir, input: { kind: 'files', paths: [file] } });
    try {
      await until('the new line', async () => (await linesOf(agent.url)).at(-1) === 'new');
      const found = (await linesOf(agent.url)).filter((line) => !line.startsWith('run started'));
      expect(found).toEqual(lines.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))));
    } finally {
      await agent.close();
    }
  },
);

it('a file that is resumed in the middle of a long line, and is then another match of a glob', async () => {
  using folder = temporaryFolder();
  const [file, renamed] = [folder.file('app.log'), folder.file('other.log')];
  writeFileSync(file, long);
  const input: AgentOptions['input'] = { kind: 'files', paths: [folder.file('*.log')], start: 'all' };
  const agent = await start({ dir: await killed(folder.file('state'), input, 2), input });
  const last = async () => (await linesOf(agent.url)).at(-1);
  try {
    await until('the file to be followed', () => agent.log.status.state === 'following');
    renameSync(file, renamed);
    await until('the end of what is stored', async () => (await linesOf(agent.url)).includes('begins y…'));
    appendFileSync(renamed, ' ends\n');
    await until('the end of the line', async () => (await last())?.endsWith('ends'));
    writeFileSync(file, 'new\n');
    await until('the new line', async () => (await last())?.endsWith('new'));
    const found = (await linesOf(agent.url)).filter((line) => !/^run started|moved away/.test(line));
    expect(found).toEqual(['begins y…', 'yyyyyyy ends', 'new']);
  } finally {
    await agent.close();
  }
});
