import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { startFlakyProxy } from '../support/flaky-proxy.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { createRandom } from '../support/random.ts';
import { createResumingClient } from '../support/resuming-client.ts';

const seeds = (process.env.SEED ?? '1,2,3').split(',').map(Number);
const rounds = Number(process.env.ROUNDS ?? 40);
const healMs = Number(process.env.HEAL_MS ?? 120_000);

/** What operators, networks and power supplies do to the parts, in an order by chance. */
describe.skipIf(!hasNatsServer)(natsTitle('a store that is attacked'), () => {
  for (const seed of seeds) {
    test(`shows every line once at clients of two gateways (seed ${seed})`, { timeout: 900_000 }, async () => {
      const next = createRandom(seed);
      const random = (below: number) => Math.floor(next() * below);
      using folder = temporaryFolder();
      await using server = await startNatsServer();
      await using agentProxy = await startFlakyProxy(() => server.port);
      await using gatewayProxy = await startFlakyProxy(() => server.port);
      const settings = '?shards=2&sync-interval=1s';
      const lines = folder.file('lines');
      writeFileSync(lines, '1\n');
      let written = 1;
      const history: string[] = [];

      const startWriting = () =>
        startAgent(
          folder.path,
          ['--store', `nats://127.0.0.1:${agentProxy.port}${settings}`, '--no-serve', '-n', 'all', lines],
          { mayComplain: true },
        );
      const startGateway = (at: number) =>
        startAgent(folder.file(`gateway-${at}`), ['serve', '--store', gatewayStores[at] as string], {
          cwd: folder.path,
          mayComplain: true,
        });
      const gatewayStores = [`nats://127.0.0.1:${gatewayProxy.port}${settings}`, `${server.url}${settings}`];
      let agent: AgentProcess = startWriting();
      const gateways = [startGateway(0), startGateway(1)];
      const urls = await Promise.all(gateways.map((gateway) => gateway.url()));
      const id = await until('the list has the log', async () => {
        const logs = (await (await fetch(`${urls[0]}logs`)).json()) as { id: string }[];
        return logs[0]?.id;
      });

      let isOver = false;
      const clients = [0, 0, 1, 1].map(() => createResumingClient());
      const reading = clients.map(async (client, index) => {
        while (!isOver) {
          await client.connect(`${urls[index % 2]}logs/${id}/`);
          await sleep(100 + random(200));
        }
      });

      /** What an operator does at the server itself. */
      const asOperator = async (what: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<unknown>) => {
        const connection = await connect({ servers: server.url, reconnect: false, timeout: 2000 });
        try {
          await what(await jetstreamManager(connection, { checkAPI: false, timeout: 2000 }));
        } finally {
          await connection.close();
        }
      };
      const replace = async (at: number) => {
        await gateways[at]?.child.kill('SIGKILL');
        await gateways[at]?.ended();
        gateways[at] = startGateway(at);
        urls[at] = await (gateways[at] as AgentProcess).url();
      };
      let killed = 0;
      const attacks: Record<string, () => Promise<unknown>> = {
        nothing: async () => {},
        'server killed': async () => {
          await server.kill();
          await sleep(random(1500));
          await server.start();
        },
        'server paused': async () => {
          server.process.kill('SIGSTOP');
          await sleep(random(6000));
          server.process.kill('SIGCONT');
        },
        'store wiped': async () => {
          await server.kill();
          rmSync(server.storeDir, { recursive: true, force: true });
          await server.start();
        },
        'max_payload lowered': async () => {
          await server.kill();
          await server.configure(random(2) === 0 ? 'max_payload: 16384' : '');
          await server.start();
        },
        'agent cut off': async () => agentProxy.cut(),
        'agent slow': async () => agentProxy.worsen({ delayMs: random(40), pieceBytes: 1 + random(32_768) }),
        'agent partitioned': async () => {
          agentProxy.stall();
          await sleep(random(8000));
          agentProxy.resume();
        },
        'gateway cut off': async () => gatewayProxy.cut(),
        'gateway slow': async () => gatewayProxy.worsen({ delayMs: random(40), pieceBytes: 1 + random(32_768) }),
        'gateway partitioned': async () => {
          gatewayProxy.stall();
          await sleep(random(8000));
          gatewayProxy.resume();
        },
        'gateway killed': async () => {
          killed++;
          await replace(killed % 2);
        },
        'agent killed': async () => {
          agent.child.kill('SIGKILL');
          await agent.ended();
          agent = startWriting();
        },
        'agent paused': async () => {
          agent.child.kill('SIGSTOP');
          await sleep(random(3000));
          agent.child.kill('SIGCONT');
        },
        'list deleted': () => asOperator((manager) => manager.streams.delete('KV_sse-tail-logs')),
        'streams purged': () =>
          asOperator(async (manager) => {
            for (const shard of [0, 1]) await manager.streams.purge(`sse-tail-${shard}`);
          }),
        'streams deleted': () =>
          asOperator(async (manager) => {
            for (const shard of [0, 1]) await manager.streams.delete(`sse-tail-${shard}`);
          }),
        'somebody else publishes': () =>
          asOperator(async () => {
            const connection = await connect({ servers: server.url });
            for (const shard of [0, 1]) connection.publish(`sse-tail.${shard}.${id.replaceAll('.', '=')}`, 'not ours');
            await connection.close();
          }),
      };
      const names = process.env.ATTACKS?.split(',') ?? Object.keys(attacks);

      const heal = async () => {
        for (const proxy of [agentProxy, gatewayProxy]) {
          proxy.resume();
          proxy.worsen({});
        }
        await until('every line comes', () => clients.every((client) => client.lastId >= written), healMs).catch(
          (error) => {
            const last = clients.map((client) => client.lastId).join(', ');
            const said = [agent, ...gateways].map(({ stderr }) => stderr.slice(-500)).join('\n---\n');
            throw new Error(`${error.message}: ${last} of ${written} after ${history.join(', ')}\n${said}`);
          },
        );
        for (const { faults } of clients) expect(faults, history.join(', ')).toEqual([]);
      };

      try {
        for (let round = 0; round < rounds; round++) {
          const count = 1 + random(random(4) === 0 ? 40_000 : 300);
          const text = Array.from({ length: count }, (_, index) => `${written + 1 + index}\n`).join('');
          appendFileSync(lines, text);
          written += count;
          const name = names[random(names.length)] as string;
          history.push(`${round} ${name}`);
          await (attacks[name] as () => Promise<unknown>)().catch((error) => history.push(`(${error.message})`));
          await sleep(random(600));
          if (round % 4 === 3) await heal();
        }
        await heal();
        for (const { lines: got } of clients) {
          expect(
            got.findIndex((line, index) => line !== String(index + 1)),
            history.join(', '),
          ).toBe(-1);
          expect(got.length).toBe(written);
        }
      } finally {
        isOver = true;
        for (const client of clients) client.close();
        await Promise.all(reading);
        for (const one of [agent, ...gateways]) {
          one.child.kill('SIGKILL');
          await one.ended();
        }
      }
    });
  }
});
