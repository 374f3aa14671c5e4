import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { hasNatsServer, type NatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { findProxy, startProxy } from '../support/proxies.ts';
import { createResumingClient } from '../support/resuming-client.ts';

const hasHaproxy = findProxy('haproxy') !== undefined;
const title = 'the recipes of HAProxy, run with gateways that a name server knows';
const directory = new URL('../../docs/examples/beyond-one-machine/', import.meta.url);
const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
const hotViewers = 90;

describe.skipIf(!hasNatsServer || !hasHaproxy)(
  natsTitle(hasHaproxy ? title : `${title} (skipped: no haproxy here)`),
  () => {
    const folder = temporaryFolder();
    const files = ['hot', 'cold'].map((name) => folder.file(name));
    const gateways = new Map<string, AgentProcess>();
    let nats: NatsServer;
    let agents: AgentProcess[];
    let names: NameServer;
    let gatewayPort: number;

    beforeAll(async () => {
      [nats, names, gatewayPort] = await Promise.all([startNatsServer(), startNameServer(addresses), freePort()]);
      for (const file of files) writeFileSync(file, '1\n');
      agents = files.map((file, index) =>
        startAgent(folder.file(`agent-${index}`), ['--store', nats.url, '--no-serve', '-n', 'all', file], {
          cwd: folder.path,
        }),
      );
      await Promise.all(addresses.map(startGateway));
    });

    afterAll(async () => {
      for (const one of [...gateways.values(), ...(agents ?? [])]) await one[Symbol.asyncDispose]();
      await names?.[Symbol.asyncDispose]();
      await nats?.stop();
      folder[Symbol.dispose]();
    });

    async function startGateway(address: string): Promise<void> {
      const args = ['serve', '--store', nats.url, '--host', address, '--port', String(gatewayPort)];
      const gateway = startAgent(folder.file(address), args, { cwd: folder.path });
      gateways.set(address, gateway);
      await gateway.url();
    }

    /** @returns where each file's log is served */
    async function startBalancer(recipe: string) {
      const port = await freePort();
      const text = readFileSync(fileURLToPath(new URL(recipe, directory)), 'utf8')
        .replace('127.0.0.11:53', `127.0.0.1:${names.port}`)
        .replace('bind :8080', `bind 127.0.0.1:${port}`)
        .replace('gateway:7730', `gateway:${gatewayPort}`);
      const balancer = await startProxy('haproxy', port, text);
      const logs = await until('both logs in the list', async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/logs`);
        const listed = answer.ok ? ((await answer.json()) as { id: string; name: string }[]) : [];
        return listed.length === files.length && listed;
      });
      const urls = ['hot', 'cold'].map(
        (name) => `http://127.0.0.1:${port}/logs/${logs.find((log) => log.name === name)?.id}/`,
      );
      return { urls, [Symbol.asyncDispose]: () => balancer[Symbol.asyncDispose]() };
    }

    /** Viewers at each gateway that runs. */
    async function viewers(): Promise<number[]> {
      const counts = [...gateways.keys()].map(async (address) => {
        const answer = await fetch(`http://${address}:${gatewayPort}/healthz`);
        return ((await answer.json()) as { subscribers: number }).subscribers;
      });
      return Promise.all(counts);
    }

    test('any gateway answers, and clients go on when theirs is killed', async () => {
      await using balancer = await startBalancer('haproxy.cfg');
      const [url] = balancer.urls as [string];
      const clients = Array.from({ length: 12 }, createResumingClient);
      let isOver = false;
      const reading = clients.map(async (client) => {
        while (!isOver) {
          await client.connect(url);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      });
      const all = (last: number) => until(`line ${last}`, () => clients.every(({ lastId }) => lastId >= last));
      await all(1);
      // Those that connect in the same moment may find the same gateway the least used one.
      await until('all gateways have viewers', async () => (await viewers()).every((count) => count >= 3));
      const [victim] = addresses as [string];
      await gateways.get(victim)?.[Symbol.asyncDispose]();
      gateways.delete(victim);
      appendFileSync(files[0] as string, '2\n');
      await all(2);
      isOver = true;
      for (const client of clients) client.close();
      await Promise.all(reading);
      for (const { lines, faults } of clients) expect([lines, faults]).toEqual([['1', '2'], []]);
      await startGateway(victim);
    });

    test('by log: viewers of one meet at one gateway, until that has a quarter more than its share', async () => {
      await using balancer = await startBalancer('haproxy-by-log.cfg');
      const [hot] = balancer.urls as [string];
      await until('all gateways are free', async () => (await viewers()).every((count) => count === 0));
      const clients = Array.from({ length: hotViewers }, createResumingClient);
      for (const client of clients) void client.connect(hot);
      await until('all have a line', () => clients.every(({ lastId }) => lastId > 0));
      const counts = await viewers();
      for (const client of clients) client.close();
      expect(counts.reduce((sum, count) => sum + count)).toBe(hotViewers);
      const share = hotViewers / addresses.length;
      // Whichever comes next makes the average a little larger.
      expect(Math.max(...counts)).toBeLessThanOrEqual(Math.ceil(1.25 * share) + 1);
      expect(Math.max(...counts)).toBeGreaterThan(1.1 * share);
      expect(Math.min(...counts)).toBeLessThan(0.8 * share);
    });
  },
);
