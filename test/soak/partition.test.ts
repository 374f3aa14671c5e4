import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { startNatsCluster } from '../support/nats-cluster.ts';
import { hasNatsServer, type NatsServer, natsTitle } from '../support/nats-server.ts';
import { createNetwork, needsNamespaces } from '../support/network.ts';
import { createResumingClient } from '../support/resuming-client.ts';

const minute = 60_000;

describe.skipIf(!hasNatsServer)(natsTitle('a cluster of three nodes'), () => {
  for (const cut of ['partition', 'unplug'] as const) {
    test(`each node in turn loses the others (${cut}), and the leader moves: every line once`, async ({ skip }) => {
      using network = createNetwork(3);
      if (network === undefined) return skip(needsNamespaces);
      using folder = temporaryFolder();
      await using cluster = await startNatsCluster(network.machines);
      const { url, nodes } = cluster;
      const file = folder.file('lines');
      writeFileSync(file, '');
      let written = 0;
      const write = (count: number) => {
        appendFileSync(file, Array.from({ length: count }, () => `${++written}\n`).join(''));
      };
      const complaining = { mayComplain: true, cwd: folder.path };
      await using _agent = startAgent(folder.path, ['--store', url, '--no-serve', '-n', 'all', file], complaining);
      await using gateway = startAgent(folder.file('gateway'), ['serve', '--store', url], complaining);
      const base = await gateway.url();
      const id = await until('the list has the log', async () => {
        const logs = (await (await fetch(`${base}logs`)).json()) as { id: string }[];
        return logs[0]?.id;
      });
      const clients = Array.from({ length: 5 }, createResumingClient);
      for (const client of clients) void client.connect(`${base}logs/${id}/`);
      const haveCome = () => clients.every(({ lastId }) => lastId >= written);
      write(10_000);
      await until('the first lines come', haveCome, minute);
      for (const [index, machine] of network.machines.entries()) {
        const majority = nodes[(index + 1) % nodes.length] as NatsServer;
        const before = await cluster.lastSeq(majority);
        machine[cut]();
        write(10_000);
        // The agent may have to find out first that its node is alone.
        await until('the other two take lines', async () => (await cluster.lastSeq(majority)) > before, 2 * minute);
        write(10_000);
        machine.heal();
        write(10_000);
        await until('lines come after it', haveCome, 2 * minute);
        await until('all three are current', () => cluster.isCurrent(), 2 * minute);
        write(10_000);
        await cluster.moveLeader();
        write(10_000);
        await until('lines come from another leader', haveCome, 2 * minute);
      }
      for (const client of clients) {
        client.close();
        expect(client.faults).toEqual([]);
        expect(client.lines.length).toBe(written);
        expect(client.lines.findIndex((line, index) => line !== String(index + 1))).toBe(-1);
      }
    });
  }
});
