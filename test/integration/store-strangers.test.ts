import { isDeepStrictEqual } from 'node:util';
import { Kvm } from '@nats-io/kv';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import type { PartialRows } from '../../agent/words/wire.ts';
import { until, within } from '../support/deadline.ts';
import { append, idsOf, readAll } from '../support/journal.ts';
import { hasNatsServer, type NatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { publishLog } from '../support/published-log.ts';

/** Somebody else may have the right to publish where agents do: another program, a mistake, an attacker. */
describe.skipIf(!hasNatsServer)(natsTitle('what strangers put into a store'), () => {
  let server: NatsServer;
  let stranger: NatsConnection;
  let names = 0;

  beforeAll(async () => {
    server = await startNatsServer();
    stranger = await connect({ servers: server.url });
  });

  afterAll(async () => {
    await stranger?.close();
    await server?.stop();
  });

  /** A log of two lines that is published to a store of its own and followed there. */
  async function published() {
    const name = `s${++names}`;
    const url = `${server.url}?shards=1&sync-interval=always&name=${name}`;
    const { address, log, publisher } = await publishLog(url);
    await append(log.journal, ['1', '2']);
    expect(await publisher.delivered(10_000)).toBe(true);
    const store = await openNatsStore({ address });
    onTestFinished(() => store.close());
    const { id } = log.info;
    const read = await store.get(id);
    if (read === undefined) throw new Error('it is not there');
    const announced: number[] = [];
    const partials: PartialRows[] = [];
    read.journal.subscribe({ onBlock: ({ firstId }) => announced.push(firstId) });
    read.subscribe({ onPartial: (partial) => partials.push(partial) });
    return { name, address, log, id, token: id.replaceAll('.', '='), publisher, store, read, announced, partials };
  }

  /** Well before the pings of the server would show that nothing is read any more. */
  const soonMs = 5000;

  test('as unfinished rows is none, and lines come on', async () => {
    const { name, log, token, announced, partials } = await published();
    const live = `${name}-live.${token}`;
    await until(
      'that its server knows that somebody listens',
      () => {
        stranger.publish(live, '{"rows":["first"]}');
        return partials.length > 0;
      },
      soonMs,
    );
    for (const text of ['no JSON', 'null', '{"rows":1}', '{"rows":["good"]}']) stranger.publish(live, text);
    const shown = () => partials.map(({ rows }) => String(rows));
    await until('the last one', () => shown().includes('good'), soonMs);
    // When the agent answers that it has none, what was shown is taken back.
    expect(shown().filter((rows) => !['first', 'good', ''].includes(rows))).toEqual([]);
    await append(log.journal, ['3']);
    await until('the next line', () => announced.includes(3), soonMs);
  });

  test('as the answer of an agent is none', async () => {
    const { name, address, id, token, publisher } = await published();
    await publisher.close();
    let asked = 0;
    stranger.subscribe(`${name}-writer.${token}`, {
      callback: (_error, message) => void message.respond(['no JSON', '{}', '{"session":1,"partials":1}'][asked++ % 3]),
    });
    for (let time = 1; time <= 3; time++) {
      const store = await openNatsStore({ address });
      const log = await store.get(id);
      log?.subscribe({});
      await until('it is asked', () => asked >= time, soonMs);
      expect(log?.partials).toEqual([]);
      await store.close();
    }
  });

  test('as records of logs is none: the list has the others', async () => {
    const { name, log, id, store, read } = await published();
    const bucket = await new Kvm(stranger).open(`${name}-logs`);
    const entry = await bucket.get(`log.${id.replaceAll('.', '=')}`);
    const record = entry?.json<object>();
    for (const [key, value] of [
      ['log.text', 'no JSON'],
      ['log.bare', JSON.stringify({ version: 1, info: { id: 'bare' } })],
      ['log.alias', JSON.stringify(record)],
      [`log.${id.replaceAll('.', '=')}`, JSON.stringify({ version: 1, info: { id } })],
    ] as const) {
      await bucket.put(key, value);
    }
    log.setStatus({ state: 'running', startedAt: 7 });
    const isNew = () => isDeepStrictEqual(read.status, log.status);
    await until('what the agent has put there again', isNew, soonMs);
    expect((await store.list()).map((one) => one.id)).toEqual([id]);
    expect(await store.get('alias')).toBeUndefined();
  });

  test('under the subject of a log is passed over, also where it looks as if the server had passed it on', async () => {
    const { name, address, log, id, token, publisher, announced } = await published();
    const misleading = headers();
    for (const header of ['Nats-Sequence', 'Nats-Last-Sequence']) misleading.set(header, '1');
    await stranger.request(`${name}.0.${token}`, 'not ours', { headers: misleading, timeout: soonMs });
    await append(log.journal, ['3']);
    expect(await publisher.delivered(10_000)).toBe(true);
    await until('the next line', () => announced.includes(3), soonMs);
    const store = await openNatsStore({ address });
    onTestFinished(() => store.close());
    const read = within('a reader', store.get(id), soonMs);
    expect(idsOf(await readAll((await read)?.journal as typeof log.journal))).toEqual([1, 2, 3]);
  });

  test('rows that are larger than the server takes are none, and the agent goes on', async () => {
    const { log, read, partials, announced } = await published();
    log.setPartial({ rows: ['small'] });
    await until('the small ones', () => partials.length > 0, soonMs);
    expect(() => log.setPartial({ rows: ['x'.repeat(2_000_000)] })).not.toThrow();
    await until('none', () => read.partials.length === 0, soonMs);
    await append(log.journal, ['3']);
    await until('the next line', () => announced.includes(3), soonMs);
  });

  test('is left as it is by an agent that another one has followed: it says nothing of the log any more', async () => {
    const { name, log, id, token, store, partials } = await published();
    const bucket = await new Kvm(stranger).open(`${name}-logs`);
    const record = (await bucket.get(`log.${token}`))?.json<{ epochs: { epoch: number; from: number }[] }>();
    const newest = Math.max(...(record?.epochs ?? []).map(({ epoch }) => epoch));
    const epochs = [...(record?.epochs ?? []), { epoch: newest + 1, from: 3 }];
    await bucket.put(`log.${token}`, JSON.stringify({ ...record, status: { state: 'following' }, epochs }));
    log.setStatus({ state: 'exited', code: 0, signal: null, startedAt: 1, endedAt: 2 });
    // After that it was asked for, and what comes after this in the bucket comes after what it put there.
    log.setPartial({ rows: ['10%'] });
    await until('its rows', () => partials.length > 0, soonMs);
    const marker = { id: 'marker', kind: 'stdin', name: 'marker', cwd: '/', createdAt: 1 };
    await bucket.put('log.marker', JSON.stringify({ ...record, info: marker }));
    await until('the marker', async () => (await store.list()).length === 2, soonMs);
    expect((await store.list()).find((one) => one.id === id)?.status).toEqual({ state: 'following' });
  });
});
