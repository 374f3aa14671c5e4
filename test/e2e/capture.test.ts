import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { type BareClient, connectBare } from '../support/http-client.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';

const resources = [
  ...[
    '',
    'raw',
    'raw?strip=1',
    'status',
    'outline',
    'histogram',
    'metrics',
    'healthz',
    'export',
    'logs',
    'logs?q=line',
  ],
  ...['events?follow=0', 'events?follow=0&format=ndjson', 'events?follow=0&format=csv', 'events?follow=0&q=line'],
  ...['events?from=none', 'logs/none/events', 'no/such/path', 'logs/%2e%2e/%2e%2e/etc/passwd'],
];

/** Everything that came over connections of a viewer, heads included. */
async function capture(
  url: string,
  session: (clients: BareClient[]) => Promise<unknown>,
  asked = resources,
  accepts = ['*/*', 'text/html'],
): Promise<string> {
  const { port, pathname } = new URL(url);
  const ask = (path: string, accept: string, connection: string) =>
    connectBare(
      Number(port),
      `GET ${pathname}${path} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\nConnection: ${connection}\r\n\r\n`,
    );
  const live = await Promise.all(['events', 'raw?follow=1', 'events?q=line'].map((path) => ask(path, '*/*', 'close')));
  await session(live);
  const answers = await Promise.all(asked.flatMap((path) => accepts.map((accept) => ask(path, accept, 'close'))));
  await until('all answers', () => answers.every(({ isClosed }) => isClosed));
  const captured = [...live, ...answers].map(({ received }) => received).join('\n');
  for (const client of [...live, ...answers]) client[Symbol.dispose]();
  return captured;
}

/** Where something of this machine's paths is named, with what stands around it. */
function pathsIn(captured: string, folder: { path: string }): string[] {
  const paths = [folder.path, realpathSync(folder.path), process.cwd(), process.execPath];
  return paths.flatMap((path) =>
    [...captured.matchAll(new RegExp(`.{0,60}${path}.{0,60}`, 'g'))].map(([around]) => around),
  );
}

/** What journals in a state dir say beside events. */
function commentsIn(dir: string): string[] {
  const segments = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sse'));
  return segments.flatMap((name) => readFileSync(join(dir, name), 'utf8').match(/^:.+$/gm) ?? []);
}

it('all that viewers of a session get names neither paths, nor devices, nor inodes', async () => {
  using folder = temporaryFolder();
  const file = folder.file('app.log');
  writeFileSync(file, 'line 1\n');
  const first = statSync(file);
  const cwd = folder.path;
  await using following = startAgent(folder.path, ['app.log'], { cwd });
  const ofFile = await capture(await following.url(), async (live) => {
    const all = (text: string) => until(text, () => live.every(({ received }) => received.includes(text)));
    await all('line 1');
    renameSync(file, folder.file('app.log.1'));
    writeFileSync(file, 'line 2\n');
    await all('line 2');
    appendFileSync(file, 'line 3\n');
    await all('line 3');
  });
  const second = statSync(file);
  await using running = startAgent(folder.path, ['--linger', 'forever', '--', 'sh', '-c', 'echo line 1; exit 3'], {
    cwd,
  });
  const ofCommand = await capture(await running.url(), (live) =>
    until('the line', () => live.every(({ received }) => received.includes('line 1'))),
  );

  expect(ofFile).toContain('rotated');
  const comments = commentsIn(folder.file('logs'));
  expect(comments.length).toBeGreaterThan(3);
  for (const captured of [ofFile, ofCommand]) {
    expect(pathsIn(captured, folder)).toEqual([]);
    for (const { ino, dev } of [first, second]) {
      expect(captured).not.toMatch(new RegExp(`(?<![\\d.])${ino}(?![\\d.])`));
      expect(captured).not.toMatch(new RegExp(`(?<![\\d.])${dev}[:/,. ]${ino}`));
    }
    // Journals end each batch with a comment; none of it goes out.
    expect(comments.filter((comment) => captured.includes(comment))).toEqual([]);
  }

  await using telling = startAgent(folder.file('told'), ['--show-paths', file], { cwd });
  const told = await capture(await telling.url(), (live) =>
    until('the line', () => live.every(({ received }) => received.includes('line 3'))),
  );
  expect(told).toContain(folder.path);
});

type Folder = ReturnType<typeof temporaryFolder>;

interface Run {
  /** Makes what there is in the working directory, and says what is typed. */
  args(at: (name: string) => string): string[];
  /** What the log says in the end. */
  says: string;
}

const packed = gzipSync('line\n'.repeat(10_000));

/** What may go wrong before there is anything else to say, and what is named by where it is. */
const runs: Record<string, Run> = {
  'a file by where it is': {
    args(at) {
      writeFileSync(at('app.log'), 'line\n');
      return [at('app.log')];
    },
    says: 'line',
  },
  'a file in a circle of links': {
    args(at) {
      symlinkSync('app.log', at('app.log'));
      return ['app.log'];
    },
    says: "can't be read",
  },
  'a damaged .gz': {
    args(at) {
      writeFileSync(at('app.log.gz'), packed.subarray(0, packed.length - 3));
      return ['app.log.gz'];
    },
    says: "can't be read to its end: unexpected end of file",
  },
  'a .gz in a circle of links': {
    args(at) {
      symlinkSync('app.log.gz', at('app.log.gz'));
      return ['app.log.gz'];
    },
    says: "can't be read",
  },
  'no such program': { args: () => ['--', './no-such-program'], says: 'was not found' },
  'none in PATH': { args: () => ['--tty', '--', 'no-such-program'], says: 'was not found' },
  'no interpreter': {
    args(at) {
      writeFileSync(at('script'), `#!${at('venv/bin/python3')}\n`, { mode: 0o755 });
      return ['--', './script'];
    },
    says: 'python3',
  },
};

const resourcesOfEach = ['', 'raw', 'status', 'outline', 'export', 'events?follow=0'];

/** Starts all runs, each in a directory of its own. */
function startRuns(folder: Folder, options: string[]): AgentProcess[] {
  return Object.entries(runs).map(([title, { args }]) => {
    const cwd = folder.file(title.replaceAll(' ', '-'));
    mkdirSync(cwd);
    const typed = [...options, '-q', '--linger', 'forever', '--title', title, ...args((name) => join(cwd, name))];
    return startAgent(folder.path, typed, { cwd });
  });
}

async function idsOf(url: string): Promise<Map<string, string>> {
  const logs = (await (await fetch(`${url}logs`)).json()) as { id: string; title?: string; name: string }[];
  return new Map(logs.map(({ id, title, name }) => [title ?? name, id]));
}

async function expectNoPaths(url: string, folder: Folder): Promise<void> {
  await until('all logs', async () => (await idsOf(url)).size === Object.keys(runs).length);
  const ids = await idsOf(url);
  const asked = ['logs', 'logs?q=found'];
  for (const [title, { says }] of Object.entries(runs)) {
    const path = `logs/${ids.get(title)}/`;
    await until(`${title}: ${says}`, async () => (await (await fetch(`${url}${path}raw`)).text()).includes(says));
    asked.push(...resourcesOfEach.map((resource) => path + resource));
  }
  const captured = await capture(url, async () => {}, asked, ['*/*']);
  const typed = folder.file('a-file-by-where-it-is/app.log');
  expect(captured).toContain(typed);
  expect(pathsIn(captured.replaceAll(typed, 'typed'), folder)).toEqual([]);
}

it(natsTitle('what is not followed or run as it should be names no path to viewers that was not typed'), async () => {
  using folder = temporaryFolder();
  await using server = hasNatsServer ? await startNatsServer() : undefined;
  const store = server === undefined ? [] : ['--store', server.url];
  const agents = startRuns(folder, store);
  const viewed = [[], ...(server === undefined ? [] : [store])].map((options) =>
    startAgent(folder.path, ['serve', ...options]),
  );
  try {
    for (const viewer of viewed) await expectNoPaths(await viewer.url(), folder);
  } finally {
    for (const agent of [...agents, ...viewed]) await agent[Symbol.asyncDispose]();
  }
});
