import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PartialRows } from '../../agent/words/wire.ts';
import { type AgentProcess, startAgent, temporaryFolder } from './agent-process.ts';
import { until, within } from './deadline.ts';
import { parseEvents, parseLines } from './event-text.ts';
import { helloFrom } from './hello.ts';

/** Files, and `tail -F` and sse-tail that follow them side by side. */
export interface Stage {
  path(name: string): string;
  /** Appends lines that have to come. */
  append(name: string, ...lines: string[]): void;
  /** Writes the file anew, as `>` does, with lines that have to come. */
  overwrite(name: string, ...lines: string[]): void;
  /** Appends bytes as they are; nothing is expected of them. */
  scribble(name: string, text: string | Buffer): void;
  /** Lines that have to come, whoever writes them. */
  expect(...lines: string[]): void;
  /** Waits until sse-tail has printed what is expected so far, and gives `tail` a moment to do the same. */
  caughtUp(): Promise<void>;
  /**
   * Waits until so many notices of sse-tail (1 by default) begin with `start`, and gives `tail` a moment to see as many
   * changes.
   */
  noticed(start: string, times?: number): Promise<void>;
  /** Waits until sse-tail shows the text as an unfinished line, and gives `tail` a moment to print it. */
  unfinished(text: string): Promise<void>;
  /** Ends both with kill -9, lets things happen, and starts both again: `tail` at the files' ends. */
  away(meanwhile: () => void | Promise<void>): Promise<void>;
}

export interface Performance {
  expected: string[];
  /** What `tail -F` printed, in its order. */
  byTail: string[];
  bySseTail: string[];
}

export interface Staging {
  /** Names in the folder; for sse-tail possibly globs. */
  follow: string[];
  /** What a shell makes of them for `tail`. */
  followByTail: string[];
  /** Where both begin. */
  lines: string;
  before(stage: Stage): void;
  run(stage: Stage): Promise<void>;
}

/** `tail` gets this long to do what sse-tail has done. */
const tailGraceMs = 1000;
const deadlineMs = 20_000;

export async function perform({ follow, followByTail, lines, before, run }: Staging): Promise<Performance> {
  using folder = temporaryFolder();
  const files = join(folder.path, 'files');
  mkdirSync(files);
  const expected: string[] = [];
  let tail: Tail | undefined;
  let agent: AgentProcess | undefined;
  const printedByTail: string[] = [];

  const stage: Stage = {
    path: (name) => join(files, name),
    append(name, ...added) {
      mkdirSync(dirname(stage.path(name)), { recursive: true });
      appendFileSync(stage.path(name), textOf(added));
      expected.push(...added);
    },
    overwrite(name, ...added) {
      writeFileSync(stage.path(name), textOf(added));
      expected.push(...added);
    },
    scribble(name, text) {
      mkdirSync(dirname(stage.path(name)), { recursive: true });
      appendFileSync(stage.path(name), text);
    },
    expect: (...added) => void expected.push(...added),
    async caughtUp() {
      const url = await agentNow().url();
      const isSo = async () => (await linesOf(url)).length >= expected.length;
      await until('sse-tail has caught up', isSo, deadlineMs).catch(() => {});
      const isSoByTail = () => printedByTail.length + (tail?.lines.length ?? 0) >= expected.length;
      await until('tail has caught up', isSoByTail, tailGraceMs).catch(() => {});
    },
    async noticed(start, times = 1) {
      const url = await agentNow().url();
      const count = async () => (await noticesOf(url)).filter((notice) => notice.startsWith(start)).length;
      await until(`sse-tail says ${times} times: ${start}`, async () => (await count()) >= times, deadlineMs);
      const isSeenByTail = () => (tail?.changes ?? times) >= times;
      await until('tail has seen it', isSeenByTail, tailGraceMs).catch(() => {});
    },
    async unfinished(text) {
      const url = await agentNow().url();
      await within(`sse-tail shows ${text}`, shownUnfinished(url, text), deadlineMs);
      await until('tail has printed it', () => tail?.lines.at(-1) === text, tailGraceMs).catch(() => {});
    },
    async away(meanwhile) {
      await end();
      await meanwhile();
      await start('0');
    },
  };

  function agentNow(): AgentProcess {
    if (agent === undefined) throw new Error('sse-tail is away');
    return agent;
  }

  async function start(from: string): Promise<void> {
    tail = await startTail(files, from, followByTail);
    const started = startAgent(folder.path, ['--name', 'stage', '-n', lines, ...follow], { cwd: files });
    agent = started;
    const url = await started.url();
    await until('sse-tail follows', async () => {
      return started.stderr.includes('waiting for it') || (await statusOf(url)).state === 'following';
    });
  }

  async function end(): Promise<void> {
    await tail?.end();
    printedByTail.push(...(tail?.lines ?? []));
    tail = undefined;
    await agent?.[Symbol.asyncDispose]();
    agent = undefined;
  }

  try {
    before(stage);
    await start(lines);
    await stage.caughtUp();
    await run(stage);
    await stage.caughtUp();
    const bySseTail = await linesOf(await agentNow().url());
    await end();
    return { expected, byTail: printedByTail, bySseTail };
  } finally {
    await end();
  }
}

const textOf = (lines: string[]) => lines.map((line) => `${line}\n`).join('');

async function statusOf(url: string): Promise<{ state: string }> {
  return (await helloFrom(url)).status;
}

/** The lines so far, without what sse-tail says itself; pieces of a long line are one. */
async function linesOf(url: string): Promise<string[]> {
  const lines: string[] = [];
  let isContinued = false;
  for (const { text, origin } of parseLines(await (await fetch(`${url}events?follow=0`)).text())) {
    if (origin.kind === 'notice') continue;
    if (isContinued) lines.push(`${lines.pop()}${text}`);
    else lines.push(text);
    isContinued = origin.continued === true;
  }
  return lines;
}

async function noticesOf(url: string): Promise<string[]> {
  const lines = parseLines(await (await fetch(`${url}events?follow=0`)).text());
  return lines.filter(({ origin }) => origin.kind === 'notice').map(({ text }) => text);
}

/** Resolves once a stream of the log has shown these rows, and only these, as unfinished. */
async function shownUnfinished(url: string, text: string): Promise<void> {
  const leaving = new AbortController();
  const { body } = await fetch(`${url}events`, { signal: leaving.signal });
  let events = '';
  try {
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      events += chunk;
      const partials = parseEvents(events).filter(({ type }) => type === 'partial');
      if (partials.some(({ data }) => isUnfinished(JSON.parse(data), text))) return;
    }
  } finally {
    leaving.abort();
  }
  throw new Error(`the stream ended before it showed ${text}`);
}

const isUnfinished = ({ rows }: PartialRows, text: string) => rows.length === 1 && rows[0] === text;

interface Tail {
  readonly lines: string[];
  /** How often it said that a name has no file, another one, or a shorter one. */
  readonly changes: number;
  end(): Promise<void>;
}

async function startTail(cwd: string, from: string, names: string[]): Promise<Tail> {
  const begin = ['-n', from === 'all' ? '+1' : from];
  const child = spawn('tail', ['-F', '-q', ...impatience, ...begin, ...names], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  let printed = '';
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  const closed = once(child, 'close');
  await until('tail follows', () => isWatching(child), tailStartMs).catch(() => {});
  return {
    get lines() {
      const lines = printed.split('\n');
      if (lines.at(-1) === '') lines.pop();
      return lines;
    },
    get changes() {
      return said.match(/has become inaccessible|has been replaced|file truncated/g)?.length ?? 0;
    },
    async end() {
      child.kill('SIGKILL');
      await within('the end of tail', closed);
    },
  };
}

/**
 * Where it can't use inotify (symlinks, a missing folder), `tail` looks every second, and at the name after five looks.
 */
const impatience = ['--sleep-interval=0.1', '--max-unchanged-stats=1'];
const tailStartMs = 500;

function isWatching({ pid }: ChildProcess): boolean {
  try {
    const folder = `/proc/${pid}/fdinfo`;
    return readdirSync(folder).some((fd) => readFileSync(join(folder, fd), 'utf8').includes('inotify wd'));
  } catch {
    return false;
  }
}
