import { rm } from 'node:fs/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test, vi } from 'vitest';
import { parseStoreAddress } from '../../agent/journal/nats/cluster/store-address.ts';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import type { Log, LogStore } from '../../agent/journal/store.ts';
import { atEnd, testsSideBySide } from '../support/at-end.ts';
import { until, within } from '../support/deadline.ts';
import { append, idsOf, readAll } from '../support/journal.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { idsAt, publishLog } from '../support/published-log.ts';
import { tempFolder } from '../support/temp-folder.ts';

testsSideBySide();

/** A log of one line that an agent writes, and somebody who deletes the list of all logs. */
async function published(url: string) {
  const { log, publisher } = await publishLog(url);
  log.setStatus({ state: 'running', startedAt: 1 });
  await append(log.journal, ['1']);
  expect(await publisher.acknowledged(20_000)).toBe(true);
  const connection = await connect({ servers: new URL(url).host });
  atEnd(() => connection.close());
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 1000 });
  const key = `log.${log.info.id.replaceAll('.', '=')}`;
  const entry = async (of = key) => {
    const query = { last_by_subj: `$KV.sse-tail-logs.${of}` };
    // NATS 2.9 crashes when it is asked for a message in any other way while an agent makes the stream.
    return (await manager.direct.getMessage('KV_sse-tail-logs', query).catch(() => null)) ?? undefined;
  };
  await until('its record', () => entry());
  return {
    id: log.info.id,
    log,
    publisher,
    manager,
    entry,
    deleteList: () => manager.streams.delete('KV_sse-tail-logs'),
  };
}

async function openStore(url: string) {
  const store = await openNatsStore({ address: parseStoreAddress(url) });
  atEnd(() => store.close());
  return store;
}

/** A gateway has noticed that the list is another one. */
function newList(store: LogStore): Promise<boolean> {
  return until('the list is another one', async () => {
    const answer = await store.get('nothing-0000').catch((error: Error) => error.message);
    return typeof answer === 'string' && answer.includes('is new');
  });
}

describe.skipIf(!hasNatsServer).concurrent(natsTitle('a stream that was deleted'), () => {
  test('is made again by a gateway, and gets the lines of an agent that has nothing more to say', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const { id, manager } = await published(url);
    const store = await openStore(url);
    await store.get(id);
    await manager.streams.delete('sse-tail-0');
    await until('the stream', () => manager.streams.info('sse-tail-0').catch(() => undefined));
    const journal = (await store.get(id))?.journal as Log['journal'];
    expect(idsOf(await within('its line', readAll(journal)))).toEqual([1]);
  });

  test('is asked by nobody in the way that NATS 2.9 crashes of while a stream is made', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const connection = await connect({ servers: new URL(url).host });
    atEnd(() => connection.close());
    const asked: string[] = [];
    const callback = (_: unknown, { subject, data }: { subject: string; data: Uint8Array }) =>
      void asked.push(`${subject} ${Buffer.from(data)}`);
    connection.subscribe('$JS.API.STREAM.MSG.GET.>', { callback });
    await connection.flush();
    const { id, manager } = await published(url);
    const store = await openStore(url);
    expect(idsOf(await readAll((await store.get(id))?.journal as Log['journal']))).toEqual([1]);
    await manager.streams.delete('sse-tail-0');
    await until('the stream', () => manager.streams.info('sse-tail-0').catch(() => undefined));
    expect(idsOf(await within('its line', readAll((await store.get(id))?.journal as Log['journal'])))).toEqual([1]);
    await manager.streams.getMessage('sse-tail-0', { seq: 1 });
    await until('what the test asks', () => asked.length > 0);
    expect(asked).toEqual(['$JS.API.STREAM.MSG.GET.sse-tail-0 {"seq":1}']);
  });
});

describe.skipIf(!hasNatsServer).concurrent(natsTitle('a stream that was lost'), () => {
  test('gets all lines again from an agent that had begun amid them', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const dir = await tempFolder();
    const before = await publishLog(url, { dir });
    const { id } = before.log.info;
    await append(before.log.journal, ['1', '2']);
    expect(await before.publisher.delivered(20_000)).toBe(true);
    await before.close();
    const { log, publisher } = await publishLog(url, { dir, resume: id });
    await append(log.journal, ['3', '4']);
    expect(await publisher.delivered(20_000)).toBe(true);
    await server.kill();
    await rm(server.storeDir, { recursive: true });
    await server.start();
    await append(log.journal, ['5']);
    expect(await publisher.delivered(20_000)).toBe(true);
    expect(await within('its lines', idsAt(url, id), 10_000)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe.skipIf(!hasNatsServer)(natsTitle('a store that was wiped'), () => {
  test('has the lines of an agent that was started again for whoever knows its log, although its clock was set back', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const dir = await tempFolder();
    const before = await publishLog(url, { dir });
    const { id } = before.log.info;
    await append(before.log.journal, ['1', '2']);
    expect(await before.publisher.delivered(20_000)).toBe(true);
    const store = await openStore(url);
    const { journal } = (await store.get(id)) as Log;
    const announced: number[] = [];
    atEnd(journal.subscribe({ onBlock: ({ firstId }) => announced.push(firstId) }));
    await before.close();
    await server.kill();
    await rm(server.storeDir, { recursive: true });
    await server.start();
    await newList(store);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 60 * 60_000 });
    atEnd(() => void vi.useRealTimers());
    const { log, publisher } = await publishLog(url, { dir, resume: id });
    await append(log.journal, ['3']);
    expect(await publisher.delivered(20_000)).toBe(true);
    await until('the next line', () => announced.includes(3));
    expect(idsOf(await within('its lines', readAll(journal)))).toEqual([1, 2, 3]);
  });
});

describe.skipIf(!hasNatsServer).concurrent(natsTitle('a list of logs that was deleted'), () => {
  test('is made again by an agent that has news, with as many shards as before', async () => {
    await using server = await startNatsServer();
    await published(`${server.url}?shards=3`);
    const { log, publisher, entry, deleteList } = await published(server.url);
    await deleteList();
    log.setStatus({ state: 'following' });
    const record = await until('its record', () => entry());
    expect(record.json()).toMatchObject({ status: { state: 'following' } });
    expect((await entry('layout'))?.json()).toEqual({ shards: 3 });
    await append(log.journal, ['2']);
    expect(await publisher.acknowledged(20_000)).toBe(true);
  });

  test('gets a log again at once, for whose clients nothing changes meanwhile', async () => {
    await using server = await startNatsServer();
    const { id, log, entry, deleteList } = await published(server.url);
    const store = await openStore(server.url);
    const read = (await store.get(id)) as Log;
    const announced: number[] = [];
    read.journal.subscribe({ onBlock: ({ firstId }) => announced.push(firstId) });
    await deleteList();
    await until('its record', async () => {
      // A client that reconnects meanwhile is not told that there is no such log, nor sends the others away.
      expect(await store.get(id)).toBe(read);
      return entry();
    });
    expect((await store.list()).map((one) => one.id)).toEqual([id]);
    await append(log.journal, ['2']);
    await until('the next line', () => announced.includes(2));
  });

  test('may get any log again for a while: a gateway that comes now does not say that there is none', async () => {
    await using server = await startNatsServer();
    const { id, publisher, deleteList } = await published(server.url);
    await publisher.close();
    await deleteList();
    const store = await openStore(server.url);
    await expect(store.get(id)).rejects.toMatchObject({
      kind: 'request',
      facts: { status: 503, retryAfter: expect.any(Number) },
    });
  });
});

/** By the clock that nobody sets, which then stands still. The other one says `now`. */
function elapse(ms: number, now = Date.now()): void {
  const elapsed = performance.now();
  vi.useFakeTimers({ toFake: ['performance', 'Date'], now });
  atEnd(() => void vi.useRealTimers());
  vi.advanceTimersByTime(elapsed + ms);
}

describe.skipIf(!hasNatsServer)(natsTitle('by the clock of the server'), () => {
  test('a list has all of its logs after a while: one that it does not have is none', async () => {
    await using server = await startNatsServer();
    const { id, publisher, deleteList } = await published(server.url);
    const store = await openStore(server.url);
    await publisher.close();
    await deleteList();
    await newList(store);
    expect(await store.get(id)).toBeDefined();
    elapse(3 * 60_000);
    expect(await store.get('nothing-0000')).toBeUndefined();
  });

  test('an agent that runs is not silent, although the clock of the gateway is ahead', async () => {
    await using server = await startNatsServer();
    const { id } = await published(server.url);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 15 * 60_000 });
    atEnd(() => void vi.useRealTimers());
    const store = await openStore(server.url);
    const log = await within('the log', store.get(id));
    expect(log?.status).toEqual({ state: 'running', startedAt: 1 });
    expect((await store.list()).map(({ status }) => status.state)).toEqual(['running']);
    expect(idsOf(await readAll(log?.journal as Log['journal']))).toEqual([1]);
  });

  test('a gateway connects again to a server that was away while the clock of the gateway was set back', async () => {
    await using server = await startNatsServer();
    const { id } = await published(server.url);
    const store = await openStore(server.url);
    await server.kill();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 60 * 60_000 });
    atEnd(() => void vi.useRealTimers());
    await server.start();
    const log = await until('the log', () => store.get(id).catch(() => undefined));
    expect(idsOf(await readAll(log.journal))).toEqual([1]);
  });

  test('an agent that was killed is silent, although the clock of the gateway is behind', async () => {
    await using server = await startNatsServer();
    const { id } = await published(server.url);
    const store = await openStore(server.url);
    elapse(11 * 60_000, Date.now() - 60 * 60_000);
    expect((await store.get(id))?.status).toEqual({ state: 'stopped' });
  });
});
