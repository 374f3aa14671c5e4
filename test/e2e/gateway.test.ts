import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { type Asking, ask, open } from '../support/http-client.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { createResumingClient } from '../support/resuming-client.ts';

/** Lines `<from>` to `<to>`, each of its own number. */
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

async function get(url: string, asking: Asking): Promise<{ status: number; body: string }> {
  using answer = await ask(url, asking);
  return { status: answer.status, body: await answer.whole() };
}

/** Two gateways, with the address of the store's only log at each. */
async function startTwo(
  folder: ReturnType<typeof temporaryFolder>,
  store: string,
): Promise<AsyncDisposable & { urls: string[] }> {
  const gateways = ['one', 'two'].map((name) =>
    startAgent(folder.file(name), ['serve', '--store', store], { cwd: folder.path }),
  );
  const urls = await Promise.all(gateways.map((gateway) => gateway.url()));
  const id = await until('the list has the log', async () => {
    const logs = (await (await fetch(`${urls[0]}logs`)).json()) as { id: string }[];
    return logs[0]?.id;
  });
  return {
    urls: urls.map((url) => `${url}logs/${id}/`),
    async [Symbol.asyncDispose]() {
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(!hasNatsServer).concurrent(natsTitle('a gateway'), () => {
  test('serves outline, search, histogram, raw text and export as an agent does, to who has the token, under its own host', async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer();
    const script = 'echo "::group::build"; echo "src/main.c:7: error: no such thing"; echo "::endgroup::"; seq 1 50';
    await using agent = startAgent(folder.path, ['--store', server.url, '--no-serve', '--', 'sh', '-c', script]);
    expect(await agent.ended()).toEqual({ code: 0, signal: null });
    const token = 'a-token-of-a-gateway';
    const access = ['--token', token, '--allow-host', 'logs.example'];
    await using gateway = startAgent(folder.file('gateway'), ['serve', '--store', server.url, ...access], {
      cwd: folder.path,
    });
    const url = await gateway.url().then((given) => new URL('/', given).href);
    const bearer = { authorization: `Bearer ${token}` };
    const id = await until('the list has the log', async () => {
      const { body } = await get(`${url}logs`, { headers: { ...bearer, accept: 'application/json' } });
      return (JSON.parse(body) as { id: string }[])[0]?.id;
    });
    const at = (path: string, headers: Record<string, string> = bearer) => get(`${url}logs/${id}/${path}`, { headers });
    expect((await at('status', {})).status).toBe(401);
    expect((await at('status', { ...bearer, host: 'logs.example' })).status).toBe(200);
    // Its name is accepted, but not who comes without the token.
    expect((await at('status', { host: 'logs.example' })).status).toBe(401);
    expect((await at('status', { host: 'evil.example' })).status).toBe(403);
    const outline = JSON.parse((await at('outline')).body);
    expect(outline).toMatchObject({ groups: [{ title: 'build', level: 'error' }], firstError: { id: 2 } });
    const found = (await at('events?q=%5E4%5B0-2%5D%24&regex=1&follow=0')).body;
    expect([...found.matchAll(/^data: (4\d)$/gm)].map(([, line]) => line)).toEqual(['40', '41', '42']);
    expect(JSON.parse((await at('histogram?buckets=4')).body)).toBeTypeOf('object');
    expect((await at('raw?strip=1&from=52')).body).toBe('49\n50\n');
    const page = (await at('export')).body;
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain('no such thing');
    await using printed = startAgent(
      folder.file('elsewhere'),
      ['export', '--store', server.url, '--output', folder.file('page.html'), id],
      { cwd: folder.path },
    );
    expect((await printed.ended()).code).toBe(0);
  });

  test('takes each batch from NATS once, however many viewers it has', async () => {
    using folder = temporaryFolder();
    const monitor = await freePort();
    await using server = await startNatsServer(`http: "127.0.0.1:${monitor}"`);
    const sent = async () => {
      const response = await fetch(`http://127.0.0.1:${monitor}/varz`);
      return ((await response.json()) as { out_msgs: number }).out_msgs;
    };
    const lines = folder.file('lines');
    writeFileSync(lines, '1\n');
    await using _agent = startAgent(folder.path, ['--store', server.url, '--no-serve', '-n', 'all', lines]);
    await using gateways = await startTwo(folder, server.url);
    const clients = Array.from({ length: 60 }, () => createResumingClient());
    for (const [index, client] of clients.entries()) void client.connect(gateways.urls[index % 2] as string);
    const all = (line: number) => until(`line ${line} at every client`, () => clients.every((c) => c.lastId >= line));
    await all(1);
    const before = await sent();
    const batches = 20;
    for (let batch = 1; batch <= batches; batch++) {
      appendFileSync(lines, `${batch + 1}\n`);
      await all(batch + 1);
    }
    const each = ((await sent()) - before) / batches;
    // An ack and one for each gateway; what goes on beside it (checks, the list) is little.
    expect(each).toBeGreaterThanOrEqual(3);
    expect(each).toBeLessThan(15);
    for (const client of clients) {
      expect(client.faults).toEqual([]);
      client.close();
    }
  });

  test('tells how the log stands while it runs, when it ends, and while the store is away', async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer();
    const go = folder.file('go');
    const script = `echo 1; until [ -e ${go} ]; do sleep 0.1; done; echo 2; exit 3`;
    await using agent = startAgent(folder.path, ['--store', server.url, '--no-serve', '--', 'sh', '-c', script]);
    await using gateways = await startTwo(folder, server.url);
    using stream = await open(`${gateways.urls[0]}events`);
    const statuses = () =>
      stream.events
        .filter(({ type }) => type === 'hello' || type === 'status')
        .map(({ type, data }) => (type === 'hello' ? JSON.parse(data).status : JSON.parse(data)));
    await stream.until('its line', ({ ids }) => ids.includes(1));
    // There may be a second one: the log is there before its command has begun.
    expect(statuses().map(({ state, store }) => [state, store])).toContainEqual(['running', undefined]);
    expect(statuses().at(-1)).not.toHaveProperty('store');
    await server.kill();
    await stream.until('that the store is away', () => statuses().at(-1).store !== undefined);
    expect(statuses().at(-1)).toMatchObject({
      state: 'running',
      store: `${server.url} does not answer. New lines come once it does; nothing is lost.`,
    });
    await server.start();
    await stream.until('that it is back', () => statuses().at(-1).store === undefined);
    writeFileSync(go, '');
    expect((await agent.ended()).code).toBe(3);
    await stream.until('the end', ({ end }) => end === 'complete');
    expect(stream.ids).toEqual([1, 2]);
    expect(statuses().at(-1)).toMatchObject({ state: 'exited', code: 3 });
  });

  test('goes on where another one was left: 20 cuts in 100,000 lines, none lost, none doubled', async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer();
    const lines = folder.file('lines');
    writeFileSync(lines, '');
    await using _agent = startAgent(folder.path, ['--store', server.url, '--no-serve', '-n', 'all', lines]);
    await using gateways = await startTwo(folder, server.url);
    const client = createResumingClient();
    for (let cut = 0; cut < 20; cut++) {
      appendFileSync(lines, `${numbers(cut * 5000 + 1, cut * 5000 + 5000).join('\n')}\n`);
      void client.connect(gateways.urls[cut % 2] as string);
      await until('it is amid the lines', () => client.lastId > cut * 5000);
    }
    await until('every line has come', () => client.lastId >= 100_000);
    expect(client.faults).toEqual([]);
    expect(client.lines).toEqual(numbers(1, 100_000));
    client.close();
  });
});
