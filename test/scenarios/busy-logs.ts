import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentProcessOptions, startAgent, type temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { startFlakyProxy } from '../support/flaky-proxy.ts';
import { type Held, heldBy, probed } from '../support/held.ts';
import { ask } from '../support/http-client.ts';
import { firstDifference } from '../support/killed-agents.ts';
import { createResumingClient, type ResumingClient } from '../support/resuming-client.ts';
import { createRotatingWriter } from '../support/rotating-writer.ts';
import type { Visited } from './visits.ts';

/** A log to which something happens all the time, its agent, and a client that comes back whenever it is cut off. */
export interface BusyLog extends AsyncDisposable {
  readonly name: string;
  readonly visited: Visited;
  /** Writes so much that its oldest lines are dropped. */
  fill(): Promise<void>;
  /** Lines are written, connections cut. */
  work(over: AbortSignal): Promise<void>;
  /** Resolves when nobody is there but who always is, and the client has every line. */
  settled(): Promise<void>;
  /** Where the client has not every line once and in order: how that shows. */
  wrongLines(): string | undefined;
  /** What the agent holds, and how many entries its directories have beside segments. */
  held(): Promise<Held>;
}

type Folder = ReturnType<typeof temporaryFolder>;

/** Small, so that retention is at work from early on. */
const retain = ['--retain', '2MiB'];
/** A rotation of some kind is one of ten steps: one each 7.5 s, eight times as often as one a minute. */
const stepMs = 750;
const cutMs = 8000;

/** A file that is written in lines and parts of lines, rotated, truncated and compressed. */
export async function followRotated(folder: Folder, random: () => number): Promise<BusyLog> {
  const path = folder.file('app.log');
  const writer = createRotatingWriter(path, random);
  const log = await startLog(folder, { name: 'followed', word: 'writes', random }, ['-n', 'all', ...retain, path]);
  const step = () => writer.step(log.client.lines.length);
  return {
    ...log,
    async fill() {
      while (!(await log.hasDropped())) {
        step();
        await sleep(10);
      }
    },
    async work(over) {
      const cutting = log.cutNowAndThen(over);
      while (!over.aborted) {
        step();
        await pause(2 * stepMs * random(), over);
      }
      await cutting;
      writer.finish();
    },
    async settled() {
      await until('every line that was written', () => log.client.lines.length >= writer.written.length, 60_000);
      // Of the client, and of the page that is open all the time.
      await log.isLeftTo(2);
    },
    wrongLines: () =>
      firstDifference({ ...log.client, seen: log.client.lines, written: writer.written, deeds: writer.deeds }),
  };
}

/** A command on a pseudo-terminal that draws progress in several rows, for those with the right token. */
export async function wrapProgress(folder: Folder, random: () => number): Promise<BusyLog> {
  const start = folder.file('start');
  const script = `while [ ! -e "${start}" ]; do sleep 0.1; done; exec "${process.execPath}" -e "$1"`;
  const args = ['-q', '--tty', ...retain, '--', 'sh', '-c', script, 'sh', progress];
  const token = 'known-to-this-test-alone';
  const log = await startLog(folder, { name: 'wrapped', word: 'task', random, token }, args);
  writeFileSync(start, '');
  return {
    ...log,
    fill: () => until('the oldest lines are dropped', log.hasDropped, 60_000).then(() => undefined),
    work: log.cutNowAndThen,
    settled: () => log.isLeftTo(1),
    wrongLines: () =>
      firstDifference({
        ...log.client,
        seen: log.client.lines.map((line) => line.replace(/^error: /, '')),
        written: log.client.lines.map((_, index) => `task ${index + 1} is over`),
        deeds: [],
      }),
  };
}

const progress = `
let task = 0;
let ticks = 0;
const over = () => (++task % 50 === 0 ? 'error: ' : '') + 'task ' + task + ' is over\\n';
const print = (text) => process.stdout.write(text);
print(Array.from({ length: 90_000 }, over).join(''));
setInterval(() => {
  ticks++;
  const part = ticks % 10;
  if (ticks % 2000 === 0) print('\\r\\x1b[J' + Array.from({ length: 500 }, over).join(''));
  else if (part === 0) print('\\r\\x1b[J' + over());
  else if (part % 3 === 0) print('\\r\\x1b[J[' + '#'.repeat(part) + '] \\x1b[33mbuilding\\x1b[0m\\r\\n  part ' + part + '\\x1b[1A\\r');
  else print('\\r\\x1b[K[' + '#'.repeat(part) + ']');
}, 50);`;

interface LogOptions {
  name: string;
  word: string;
  random: () => number;
  token?: string;
}

async function startLog(folder: Folder, { name, word, random, token }: LogOptions, args: readonly string[]) {
  const heldDir = folder.file(`held-${name}`);
  const temporary = folder.file(`tmp-${name}`);
  mkdirSync(temporary);
  const { node, env } = probed(heldDir);
  const options: AgentProcessOptions = { node, env: { ...env, TMPDIR: temporary, SSE_TAIL_TOKEN: token } };
  const agent = startAgent(folder.path, [...args], options);
  const url = `${new URL(await agent.url()).origin}/`;
  const port = Number(new URL(url).port);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const proxy = await startFlakyProxy(() => port);
  const client = createResumingClient(headers);
  let isOver = false;
  const reading = keepReading();

  async function keepReading(): Promise<void> {
    while (!isOver) {
      await client.connect(`http://127.0.0.1:${proxy.port}/`);
      await sleep(100 + 200 * random());
    }
  }

  const json = async (path: string) => JSON.parse((await ask(`${url}${path}`, { headers })).body);
  return {
    name,
    visited: { url, headers, word, token, random } satisfies Visited,
    client: client as ResumingClient,
    hasDropped: async () => (await json('status')).first > 1,
    async cutNowAndThen(over: AbortSignal): Promise<void> {
      while (!over.aborted) {
        await pause(2 * cutMs * random(), over);
        proxy.cut();
      }
    },
    async isLeftTo(count: number): Promise<void> {
      await until('everybody else has left', async () => (await json('healthz')).subscribers === count);
      await until('no search is under way', async () => {
        const { body } = await ask(`${url}metrics`, { headers });
        return /^sse_tail_searches_running 0$/m.test(body);
      });
    },
    async held(): Promise<Held> {
      return {
        ...(await heldBy(agent.child.pid as number, heldDir)),
        'temporary files': entriesIn(temporary),
        'files of the logs': entriesIn(folder.file('logs')),
        'cached files': entriesIn(folder.file('.cache')),
      };
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      client.close();
      await reading;
      await proxy[Symbol.asyncDispose]();
      await agent[Symbol.asyncDispose]();
    },
  };
}

/** Segments come and go; a directory may not have been needed. */
function entriesIn(dir: string): number {
  if (!existsSync(dir)) return 0;
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => !name.endsWith('.sse')).length;
}

async function pause(ms: number, over: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: over }).catch(() => undefined);
}
