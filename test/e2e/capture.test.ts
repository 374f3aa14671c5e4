import { appendFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { type BareClient, connectBare } from '../support/http-client.ts';

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
async function capture(url: string, session: (clients: BareClient[]) => Promise<unknown>): Promise<string> {
  const port = Number(new URL(url).port);
  const ask = (path: string, accept: string, connection: string) =>
    connectBare(
      port,
      `GET /${path} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\nConnection: ${connection}\r\n\r\n`,
    );
  const live = await Promise.all(['events', 'raw?follow=1', 'events?q=line'].map((path) => ask(path, '*/*', 'close')));
  await session(live);
  const asked = await Promise.all(
    resources.flatMap((path) => [ask(path, '*/*', 'close'), ask(path, 'text/html', 'close')]),
  );
  await until('all answers', () => asked.every(({ isClosed }) => isClosed));
  const captured = [...live, ...asked].map(({ received }) => received).join('\n');
  for (const client of [...live, ...asked]) client[Symbol.dispose]();
  return captured;
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
  for (const captured of [ofFile, ofCommand]) {
    for (const path of [folder.path, realpathSync(folder.path), process.cwd(), process.execPath]) {
      expect(captured).not.toContain(path);
    }
    for (const { ino, dev } of [first, second]) {
      expect(captured).not.toMatch(new RegExp(`(?<![\\d.])${ino}(?![\\d.])`));
      expect(captured).not.toMatch(new RegExp(`(?<![\\d.])${dev}[:/,. ]${ino}`));
    }
    // Journals end each batch with a comment; none of it goes out.
    expect(captured).not.toMatch(/^: batch /m);
  }

  await using telling = startAgent(folder.file('told'), ['--show-paths', file], { cwd });
  const told = await capture(await telling.url(), (live) =>
    until('the line', () => live.every(({ received }) => received.includes('line 3'))),
  );
  expect(told).toContain(folder.path);
});
