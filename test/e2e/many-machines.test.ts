import { appendFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { helloFrom } from '../support/hello.ts';
import { startNatsCluster } from '../support/nats-cluster.ts';
import { hasNatsServer, type NatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { createNetwork, needsNamespaces } from '../support/network.ts';
import { createResumingClient } from '../support/resuming-client.ts';
import { stop } from '../support/stopped.ts';

/** Lines `<from>` to `<to>`, each of its own number. */
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

async function logAt(gateway: AgentProcess): Promise<string> {
  const url = await gateway.url();
  const [log] = await until('the list has the log', async () => {
    const logs = (await (await fetch(`${url}logs`)).json()) as { id: string }[];
    return logs.length > 0 && logs;
  });
  return `${url}logs/${log?.id}/`;
}

describe.skipIf(!hasNatsServer).concurrent(natsTitle('beyond one machine'), () => {
  let shared: NatsServer;
  let stores = 0;

  beforeAll(async () => {
    shared = await startNatsServer();
  });
  afterAll(() => shared?.stop());

  /** A store of its own on the server that the tests share. */
  const store = () => `${shared.url}?shards=2&name=test-${++stores}`;

  test('a command that runs elsewhere is seen at every gateway, live, and a client goes on at another one', async () => {
    using folder = temporaryFolder();
    const url = store();
    const lines = folder.file('lines');
    writeFileSync(lines, '1\n');
    await using agent = startAgent(folder.path, ['--store', url, '-n', 'all', lines]);
    await using one = startAgent(folder.file('one'), ['serve', '--store', url], { cwd: folder.path });
    await using two = startAgent(folder.file('two'), ['serve', '--store', url], { cwd: folder.path });
    const client = createResumingClient();
    for (let round = 0; round < 10; round++) {
      client.connect(await logAt(round % 2 === 0 ? one : two));
      appendFileSync(lines, `${numbers(round * 100 + 2, round * 100 + 101).join('\n')}\n`);
      // It may be left amid them.
      await until('more lines come', () => client.lastId > round * 100 + 20);
    }
    await until('every line has come', () => client.lines.length >= 1001);
    expect(client.lines).toEqual(numbers(1, 1001));
    expect(client.faults).toEqual([]);
    appendFileSync(lines, 'unfinished');
    const events = await fetch(`${await logAt(one)}events?tail=0`);
    let seen = '';
    for await (const bytes of events.body ?? []) {
      seen += Buffer.from(bytes).toString();
      if (seen.includes('unfinished')) break;
    }
    expect(seen).toContain('event: partial');
    client.close();
    expect(await (await fetch(`${await agent.url()}raw?tail=1`)).text()).toBe('1001\n');
  });

  test('an agent without a page publishes, and its logs are listed, printed, searched and removed', async () => {
    using folder = temporaryFolder();
    const url = store();
    await using agent = startAgent(folder.path, ['--store', url, '--no-serve', '--', 'sh', '-c', 'seq 1 50; exit 3']);
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
    expect(agent.stderr).toMatch(/Publishing sh-c-\S+ to nats:\/\/127\.0\.0\.1:\d+\./);
    const run = async (...args: string[]) => {
      await using process = startAgent(folder.file('elsewhere'), [...args, '--store', url], { cwd: folder.path });
      return { ...(await process.ended()), stdout: process.stdout };
    };
    expect((await run('logs', '--json')).stdout).toMatch(/"state": "exited",\s+"code": 3/);
    expect((await run('cat', '--strip', 'sh-c')).stdout).toBe(`${numbers(1, 50).join('\n')}\n`);
    expect((await run('grep', '-n', '^4[0-2]$')).stdout).toBe('40:40\n41:41\n42:42\n');
    expect((await run('rm', '--all')).code).toBe(0);
    expect((await run('logs', '--json')).stdout).toBe('[]\n');
  });

  test('a job that lingers waits until no power failure of the store can take its lines, and says so when it leaves before', async () => {
    using folder = temporaryFolder();
    const run = (url: string, linger: string) =>
      startAgent(folder.path, ['--store', url, '--no-serve', '--linger', linger, '--', 'seq', '3']);
    await using whole = run(`${store()}&sync-interval=1s`, '60s');
    await using early = run(store(), '3s');
    expect(await whole.ended()).toEqual({ code: 0, signal: null });
    expect(whole.stderr).not.toContain('power failure');
    expect(await early.ended()).toEqual({ code: 0, signal: null });
    expect(early.stderr).toContain('Waiting until the store has synced every line, for at most 3 s.');
    expect(early.stderr).toContain('a power failure there could still take the last 3 lines');
  });

  test('without the store a command runs to its end, and what was not delivered is said', async () => {
    using folder = temporaryFolder();
    const url = `nats://127.0.0.1:${await freePort()}`;
    const command = ['sh', '-c', 'seq 1 5; until [ -e go ]; do sleep 0.05; done'];
    await using agent = startAgent(folder.path, ['--store', url, '--linger', '1s', '--', ...command]);
    const page = await agent.url();
    const status = await until('the page says what the store lacks', async () => {
      const { status } = (await helloFrom(page)) as { status: { store?: string } };
      // Nobody may be there before there are lines.
      return status.store?.includes('5 lines') && status.store;
    });
    expect(status).toBe(`Nothing listens at ${url}. 5 lines are not in the store yet; nothing is lost.`);
    writeFileSync(folder.file('go'), '');
    expect(await agent.ended()).toEqual({ code: 0, signal: null });
    expect(agent.stdout).toBe('1\n2\n3\n4\n5\n');
    // Once for each cause: where the machine is slow, before all lines are there.
    expect(agent.stderr).toContain(`Nothing listens at ${url}.`);
    expect(agent.stderr).toContain('The last 5 lines are not in the store. The log on this machine has them.');
  });

  test('a server that is killed, paused and loses its store gets every line again under the same ids', async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer();
    const url = `${server.url}?shards=2`;
    const lines = folder.file('lines');
    writeFileSync(lines, '');
    await using agent = startAgent(folder.path, ['--store', url, '--no-serve', '-n', 'all', lines]);
    await using gateway = startAgent(folder.file('gateway'), ['serve', '--store', url], { cwd: folder.path });
    const client = createResumingClient();
    let written = 0;
    const write = (count: number) => {
      appendFileSync(lines, `${numbers(written + 1, written + count).join('\n')}\n`);
      written += count;
    };
    const come = () => until(`line ${written} comes`, () => client.lastId >= written);
    write(1000);
    client.connect(await logAt(gateway));
    await come();

    write(20_000);
    await server.kill();
    write(20_000);
    await server.start();
    await come();

    await stop(server.process);
    write(1000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    server.process.kill('SIGCONT');
    await come();

    await server.kill();
    rmSync(server.storeDir, { recursive: true });
    await server.start();
    write(1000);
    await come();
    expect(client.lines).toEqual(numbers(1, written));
    expect(client.faults).toEqual([]);
    client.close();

    const again = createResumingClient();
    again.connect(await logAt(gateway));
    await until('all of it is given again', () => again.lastId >= written);
    expect(again.lines).toEqual(numbers(1, written));
    expect(again.faults).toEqual([]);
    again.close();
    expect(agent.stderr).not.toContain('refused');
  });

  test('the leader of three nodes loses the others, and goes back to them: every line once', async ({ skip }) => {
    using network = createNetwork(3);
    if (network === undefined) return skip(needsNamespaces);
    using folder = temporaryFolder();
    await using cluster = await startNatsCluster(network.machines);
    const lines = folder.file('lines');
    writeFileSync(lines, '');
    let written = 0;
    const write = (count: number) => {
      appendFileSync(lines, `${numbers(written + 1, written + count).join('\n')}\n`);
      written += count;
    };
    await using _agent = startAgent(folder.path, ['--store', cluster.url, '--no-serve', '-n', 'all', lines]);
    await using gateway = startAgent(folder.file('gateway'), ['serve', '--store', cluster.url], { cwd: folder.path });
    const client = createResumingClient();
    write(1000);
    client.connect(await logAt(gateway));
    const come = () => until(`line ${written} comes`, () => client.lastId >= written, 90_000);
    await come();
    const leader = await until('one leads', () => cluster.leader());
    const machine = network.machines[cluster.nodes.indexOf(leader)];
    const other = cluster.nodes.find((node) => node !== leader) as NatsServer;
    machine?.partition();
    write(1000);
    await until('the others have a leader', async () => ![undefined, leader].includes(await cluster.leader(other)));
    write(1000);
    machine?.heal();
    write(1000);
    await come();
    expect(client.lines).toEqual(numbers(1, written));
    expect(client.faults).toEqual([]);
    client.close();
  });

  test('of two agents that have the same log the first keeps it; the other one is told, as is one that wakes up too late', async () => {
    using folder = temporaryFolder();
    const url = store();
    const lines = folder.file('lines');
    writeFileSync(lines, '1\n2\n');
    const args = ['--store', url, '--no-serve', '-n', 'all', lines];
    await using first = startAgent(folder.path, args, { mayComplain: true });
    await using gateway = startAgent(folder.file('gateway'), ['serve', '--store', url], { cwd: folder.path });
    const client = createResumingClient();
    client.connect(await logAt(gateway));
    await until('the first lines come', () => client.lastId === 2);

    // As a volume that is restored, or mounted twice.
    const copy = folder.file('copy');
    cpSync(join(folder.path, 'logs'), join(copy, 'logs'), { recursive: true });
    rmSync(join(copy, 'logs', (await logAt(gateway)).split('/').at(-2) as string, 'lock'));
    await using second = startAgent(copy, args, { mayComplain: true });
    await until('the second agent is told', () => /Another agent \(.*\) publishes lines-/.test(second.stderr));

    await stop(first.child);
    appendFileSync(lines, '3\n4\n');
    await until('the second one has taken over', () => client.lastId === 4);
    first.child.kill('SIGCONT');
    appendFileSync(lines, '5\n6\n');
    await until('the first agent is told', () => /Another agent .*publishes lines-/.test(first.stderr));
    await until('the last lines come', () => client.lastId === 6);
    expect(client.lines).toEqual(numbers(1, 6));
    expect(client.faults).toEqual([]);
    client.close();
  });

  test('credentials: a wrong one is one sentence, one on the command line is refused, none is shown or passed on', async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer('authorization { token: "s3cret-token" }');
    const place = server.url.slice('nats://'.length);
    await using refused = startAgent(folder.path, ['--store', `nats://s3cret-token@${place}`, '--', 'true']);
    expect((await refused.ended()).code).toBe(2);
    expect(refused.stderr).toMatch(/--store holds a password or token.* Put it in SSE_TAIL_STORE/);

    const given = { env: { SSE_TAIL_STORE: `nats://wrong-token@${place}`, SSE_TAIL_LINGER: '100ms' } };
    const waiting = ['sh', '-c', 'echo 1; until [ -e go ]; do sleep 0.05; done'];
    await using wrong = startAgent(folder.path, ['--no-serve', '--', ...waiting], given);
    const refusal = `${server.url} does not accept the credentials`;
    await until('the refusal', () => wrong.stderr.includes(refusal));
    writeFileSync(folder.file('go'), '');
    expect((await wrong.ended()).code).toBe(0);
    expect(wrong.stderr).not.toContain('wrong-token');

    const right = { env: { SSE_TAIL_STORE: `nats://s3cret-token@${place}` } };
    const command = ['sh', '-c', 'echo "[$SSE_TAIL_STORE]"; echo s3cret-token'];
    await using agent = startAgent(folder.path, ['--no-serve', '--', ...command], right);
    expect((await agent.ended()).code).toBe(0);
    await using cat = startAgent(folder.file('elsewhere'), ['cat', '--strip', 'sh-c'], { ...right, cwd: folder.path });
    expect((await cat.ended()).code).toBe(0);
    expect(cat.stdout).toBe('[]\n***\n');
  });
});
