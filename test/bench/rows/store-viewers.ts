import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import type { Bench } from '../bench.ts';
import { settlingMs } from '../delivery.ts';
import { logIdIn } from '../kept-log.ts';
import { startClient } from '../load/client.ts';
import { startWriter, type Writer } from '../load/writer.ts';
import { cpuSeconds } from '../processes.ts';
import type { Server } from '../programs/program.ts';
import { startSseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

const gateways = 'sse-tail, two gateways';
const perSecond = 200;

export const row: Row = {
  name: 'store-viewers',
  title: (bench) => `${count(viewersOf(bench))} viewers at ${perSecond} lines/s: of the agent, and of two gateways`,
  measures: { 'CPU s': 'number', 'p50 ms': 'number', 'p99 ms': 'number', 'messages a batch': 'number', lost: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'lost', entrant: gateways, atMost: 0 },
    // The same viewers: a gateway has half of them.
    { measure: 'CPU s', entrant: gateways, to: 'sse-tail', atMost: 1.2, isForFullLoad: true },
    // One to each gateway, and now and then one that has nothing to do with batches.
    { measure: 'messages a batch', entrant: gateways, atMost: 2.2 },
  ],
  async prepare(bench) {
    const monitor = await freePort();
    const nats = await startNatsServer(`http: "127.0.0.1:${monitor}"`);
    bench.atEnd(() => nats.stop());
    let runs = 0;
    return [
      { name: 'sse-tail', measure: () => withFile(bench, (file) => viewAgent(bench, file)) },
      {
        name: gateways,
        measure: () =>
          withFile(bench, (file) => viewGateways(bench, file, { store: `${nats.url}?name=run-${++runs}`, monitor })),
      },
    ];
  },
};

interface WrittenFile {
  path: string;
  folder: string;
  writer: Writer;
}

async function withFile(bench: Bench, use: (file: WrittenFile) => Promise<Sample>): Promise<Sample> {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const writer = await startWriter({ path, first: 1, lines: linesOf(bench), perSecond });
  try {
    return await use({ path, folder, writer });
  } finally {
    await writer.close();
  }
}

async function viewAgent(bench: Bench, { path, folder, writer }: WrittenFile): Promise<Sample> {
  const agent = await startSseTail(['-n', 'all', path], { folder });
  try {
    return await view(bench, [agent], () => writer.run());
  } finally {
    await agent.close();
  }
}

async function viewGateways(
  bench: Bench,
  { path, folder, writer }: WrittenFile,
  { store, monitor }: { store: string; monitor: number },
): Promise<Sample> {
  const servers = [await startSseTail(['-n', 'all', '--store', store, path], { folder })];
  try {
    for (const _ of [1, 2]) servers.push(await startSseTail(['serve', '--store', store], { folder: bench.folder() }));
    const events = `/logs/${logIdIn(folder)}/events`;
    const both = servers.slice(1).map((gateway) => ({ ...gateway, target: { ...gateway.target, path: events } }));
    for (const { target } of both) {
      while ((await fetch(`http://127.0.0.1:${target.port}${target.path}?follow=0`)).status !== 200) await sleep(20);
    }
    let before = { batches: 0, sent: 0 };
    const sample = await view(bench, both, async () => {
      before = await messages(monitor);
      await writer.run();
    });
    const after = await messages(monitor);
    return { ...sample, 'messages a batch': (after.sent - before.sent) / (after.batches - before.batches) };
  } finally {
    for (const server of servers) await server.close();
  }
}

/** The viewers, spread evenly over the servers. */
async function view(bench: Bench, servers: readonly Server[], begin: () => Promise<void>): Promise<Sample> {
  const connections = viewersOf(bench) / servers.length;
  const clients = servers.map(({ target }) =>
    // Viewers that are woken by each line would take as much of the machine as the servers.
    startClient({ target, connections, until: linesOf(bench), eagerShare: 0.1, latenciesFrom: 1 }),
  );
  const used = () => servers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  try {
    await Promise.all(clients.map((client) => client.ready()));
    await sleep(settlingMs);
    const before = used();
    await begin();
    const reports = await Promise.all(clients.map((client) => client.done(30_000)));
    return {
      'CPU s': used() - before,
      'p50 ms': Math.max(...reports.map(({ p50 }) => p50)),
      'p99 ms': Math.max(...reports.map(({ p99 }) => p99)),
      'messages a batch': 0,
      lost: reports.reduce((sum, { lost, doubled }) => sum + lost + doubled, 0),
    };
  } finally {
    for (const client of clients) await client.close();
  }
}

/** What NATS has stored, and sent to everybody but the agent, which is the one that sends most. */
async function messages(monitor: number): Promise<{ batches: number; sent: number }> {
  const [streams, { connections }] = await Promise.all([
    ask<{ messages: number }>(`http://127.0.0.1:${monitor}/jsz`),
    ask<{ connections: { in_msgs: number; out_msgs: number }[] }>(`http://127.0.0.1:${monitor}/connz`),
  ]);
  const [, ...readers] = connections.sort((one, other) => other.in_msgs - one.in_msgs);
  return { batches: streams.messages, sent: readers.reduce((sum, { out_msgs }) => sum + out_msgs, 0) };
}

async function ask<Answer>(url: string): Promise<Answer> {
  return (await (await fetch(url)).json()) as Answer;
}

function viewersOf(bench: Bench): number {
  return bench.size(1000, 100);
}

function linesOf(bench: Bench): number {
  return perSecond * bench.size(8, 2);
}
