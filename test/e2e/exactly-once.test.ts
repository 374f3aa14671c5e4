import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { EventSource } from 'eventsource';
import { expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { helloFrom } from '../support/hello.ts';
import { amountOf } from '../support/sweep.ts';

/** A plain EventSource client that writes down every line it sees. */
function watch(url: string) {
  const ids: number[] = [];
  const texts: string[] = [];
  const client = new EventSource(url);
  client.onmessage = (event) => {
    ids.push(Number(event.lastEventId));
    texts.push(event.data);
  };
  return { client, ids, texts };
}

/** A TCP proxy whose connections can be cut, in front of a port that may change. */
async function cuttable(targetPort: () => number): Promise<{ server: Server; port: number; cut(): number }> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort(), '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as { port: number }).port,
    cut() {
      for (const socket of open) socket.destroy();
      return open.size;
    },
  };
}

const portOf = (url: string) => Number(new URL(url).port);

function expectEveryLineOnce(seen: { ids: number[]; texts: string[] }, count: number): void {
  const wrong = seen.ids.findIndex((id, i) => id !== i + 1 || seen.texts[i] !== `line ${i + 1}`);
  expect(wrong, `around id ${seen.ids[wrong - 1]}, ${seen.ids[wrong]}: ${seen.texts[wrong]}`).toBe(-1);
  expect(seen.ids.length).toBe(count);
}

it('connection cuts in a stream of tens of thousands of lines: every line once, in order', async () => {
  using folder = temporaryFolder();
  const [total, cuts] = [amountOf(40_000, 100_000), amountOf(8, 20)];
  const script = `for (let i = 1; i <= ${total};) { let t = ''; for (let k = 0; k < 200 && i <= ${total}; k++, i++) t += 'line ' + i + '\\n'; process.stdout.write(t); await new Promise((r) => setTimeout(r, 4)); }`;
  await using agent = startAgent(folder.path, [
    '-q',
    '--linger',
    '2m',
    '--',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ]);
  const targetPort = portOf(await agent.url());
  const proxy = await cuttable(() => targetPort);
  const seen = watch(`http://127.0.0.1:${proxy.port}/events`);
  try {
    for (let cut = 1; cut <= cuts; cut++) {
      const from = seen.ids.length;
      const next = Math.random() * 4000;
      await until(`lines after cut ${cut - 1}`, () => seen.ids.length > Math.min(from + next, total - 1), 60_000);
      proxy.cut();
    }
    await until('all lines', () => seen.ids.length >= total, 60_000);
    expectEveryLineOnce(seen, total);
  } finally {
    seen.client.close();
    proxy.server.close();
  }
});

it('kill -9 of the agent while it follows a growing file: the same client ends with every line once', async () => {
  using folder = temporaryFolder();
  const file = folder.file('growing.log');
  writeFileSync(file, '');
  const [total, kills] = [amountOf(15_000, 30_000), amountOf(3, 5)];
  let written = 0;
  const writer = setInterval(() => {
    let text = '';
    for (let i = 0; i < 50 && written < total; i++) text += `line ${++written}\n`;
    // Half a line at the end, so that kills hit unfinished lines too.
    appendFileSync(file, text);
  }, 5);
  let target = 0;
  const proxy = await cuttable(() => target);
  const args = ['-n', 'all', file];
  let agent = startAgent(folder.path, args);
  target = portOf(await agent.url());
  const seen = watch(`http://127.0.0.1:${proxy.port}/events`);
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const from = seen.ids.length;
      await until(
        `lines after kill ${kill - 1}`,
        () => seen.ids.length > from + 500 || seen.ids.length >= total,
        60_000,
      );
      agent.child.kill('SIGKILL');
      await agent.ended();
      agent = startAgent(folder.path, args);
      target = portOf(await agent.url());
    }
    await until('all lines', () => seen.ids.length >= total, 60_000);
    expectEveryLineOnce(seen, total);
  } finally {
    clearInterval(writer);
    seen.client.close();
    proxy.server.close();
    await agent[Symbol.asyncDispose]();
  }
});

it('a file of 1,000,000 lines: every line once under ids 1 to 1,000,000', async () => {
  using folder = temporaryFolder();
  const file = folder.file('million.log');
  const total = 1_000_000;
  let text = '';
  for (let i = 1; i <= total; i++) text += `line ${i}\n`;
  writeFileSync(file, text);
  await using agent = startAgent(folder.path, ['-n', 'all', file]);
  const url = await agent.url();
  await until('a million lines', async () => (await helloFrom(url)).last === total, 60_000);

  const body = await (await fetch(`${url}events?follow=0`)).text();
  let id = 0;
  for (let at = body.indexOf('\nid: '); at >= 0; at = body.indexOf('\nid: ', at + 1)) {
    id++;
    if (!body.startsWith(`\nid: ${id}\ndata: line ${id}\n\n`, at))
      expect.fail(`line ${id}: ${body.slice(at, at + 60)}`);
  }
  expect(id).toBe(total);
});
