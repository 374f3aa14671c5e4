import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startBalancer } from '../support/balancer.ts';
import { until } from '../support/deadline.ts';
import { startFlakyProxy } from '../support/flaky-proxy.ts';
import { startNatsCluster } from '../support/nats-cluster.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { createResumingClient, type ResumingClient } from '../support/resuming-client.ts';

const portOf = async (agent: AgentProcess) => Number(new URL(await agent.url()).port);
const text = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');

async function logIdAt(gateway: AgentProcess): Promise<string> {
  const url = await gateway.url();
  return until('the list has the log', async () => {
    const logs = (await (await fetch(`${url}logs`)).json()) as { id: string }[];
    return logs[0]?.id;
  });
}

/** Every line once, in order: line n has the text n. */
function expectWhole({ lines, faults }: ResumingClient, last: number): void {
  expect(faults).toEqual([]);
  expect(lines.length).toBe(last);
  expect(lines.findIndex((line, index) => line !== String(index + 1))).toBe(-1);
}

describe.skipIf(!hasNatsServer)(natsTitle('many machines for long'), () => {
  test('gateways are killed and added under 200 clients behind a TCP balancer', { timeout: 300_000 }, async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer();
    await using balancer = await startBalancer();
    const lines = folder.file('lines');
    writeFileSync(lines, '1\n');
    await using _agent = startAgent(folder.path, ['--store', server.url, '--no-serve', '-n', 'all', lines]);
    const gateways: AgentProcess[] = [];
    const add = async () => {
      const gateway = startAgent(folder.file('gateway'), ['serve', '--store', server.url], { cwd: folder.path });
      gateways.push(gateway);
      balancer.targets = [...balancer.targets, await portOf(gateway)];
    };
    await add();
    await add();
    const id = await logIdAt(gateways[0] as AgentProcess);
    const last = 20_001;
    const clients = Array.from({ length: 200 }, () => createResumingClient());
    const url = `http://127.0.0.1:${balancer.port}/logs/${id}/`;
    let isOver = false;
    // As an EventSource: it comes back after a while wherever its connection has ended.
    const reading = clients.map(async (client) => {
      while (!isOver) {
        await client.connect(url);
        await sleep(100 + Math.random() * 200);
      }
    });
    for (let round = 0; round < 10; round++) {
      appendFileSync(lines, text(round * 2000 + 2, round * 2000 + 2001));
      await sleep(300);
      if (round % 2 === 1) {
        const victim = gateways.shift() as AgentProcess;
        const port = await portOf(victim);
        await victim[Symbol.asyncDispose]();
        balancer.targets = balancer.targets.filter((target) => target !== port);
        await add();
      }
    }
    await until('every client has every line', () => clients.every((client) => client.lastId >= last), 120_000);
    isOver = true;
    for (const client of clients) {
      client.close();
      expectWhole(client, last);
    }
    await Promise.all(reading);
    for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
  });

  test('a million lines while the server is killed, paused and slow', { timeout: 600_000 }, async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer();
    await using proxy = await startFlakyProxy(() => server.port);
    const lines = folder.file('lines');
    writeFileSync(lines, '');
    const url = `nats://127.0.0.1:${proxy.port}`;
    await using _agent = startAgent(folder.path, ['--store', url, '--no-serve', '-n', 'all', lines]);
    await using gateway = startAgent(folder.file('gateway'), ['serve', '--store', server.url], { cwd: folder.path });
    const client = createResumingClient();
    const id = await logIdAt(gateway);
    void client.connect(`${await gateway.url()}logs/${id}/`);
    const last = 1_000_000;
    for (let round = 0; round < 20; round++) {
      appendFileSync(lines, text(round * 50_000 + 1, round * 50_000 + 50_000));
      await sleep(200);
      if (round % 4 === 0) {
        await server.kill();
        await sleep(300);
        await server.start();
      } else if (round % 4 === 1) {
        server.process.kill('SIGSTOP');
        await sleep(1000);
        server.process.kill('SIGCONT');
      } else if (round % 4 === 2) {
        proxy.worsen({ delayMs: 50, pieceBytes: 16 * 1024 });
      } else {
        proxy.worsen({ delayMs: 0, pieceBytes: Number.POSITIVE_INFINITY });
        proxy.cut();
      }
    }
    await until('the client has every line', () => client.lastId >= last, 300_000);
    client.close();
    expectWhole(client, last);
  });

  test('of three nodes one is killed, and the leader moves', { timeout: 300_000 }, async () => {
    using folder = temporaryFolder();
    await using cluster = await startNatsCluster();
    const { url } = cluster;
    const lines = folder.file('lines');
    writeFileSync(lines, '');
    await using _agent = startAgent(folder.path, ['--store', url, '--no-serve', '-n', 'all', lines], {
      mayComplain: true,
    });
    await using gateway = startAgent(folder.file('gateway'), ['serve', '--store', url], {
      cwd: folder.path,
    });
    const client = createResumingClient();
    const id = await logIdAt(gateway);
    void client.connect(`${await gateway.url()}logs/${id}/`);
    let written = 0;
    const write = (count: number) => {
      appendFileSync(lines, text(written + 1, written + count));
      written += count;
    };
    write(10_000);
    await until('the first lines come', () => client.lastId >= written);
    for (const node of cluster.nodes) {
      write(10_000);
      await node.kill();
      write(10_000);
      await until('lines come with one node away', () => client.lastId >= written, 60_000);
      await node.start();
      write(10_000);
      await until('all three are current', () => cluster.isCurrent());
      await cluster.moveLeader();
      await until('lines come from the new leader', () => client.lastId >= written, 60_000);
    }
    client.close();
    expectWhole(client, written);
  });
});
