import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFileStore } from '../../agent/journal/disk/logs/file-store.ts';
import { parseStoreAddress } from '../../agent/journal/nats/cluster/store-address.ts';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import { startPublishing } from '../../agent/journal/nats/publish/publisher.ts';
import type { Log } from '../../agent/journal/store.ts';
import type { LogStatus } from '../../agent/words/log.ts';
import type { PartialRows } from '../../agent/words/wire.ts';
import { until, within } from '../support/deadline.ts';
import { append, idsOf, readAll } from '../support/journal.ts';
import { startNatsCluster } from '../support/nats-cluster.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { publishLog } from '../support/published-log.ts';
import { stop } from '../support/stopped.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe.skipIf(!hasNatsServer)(natsTitle('the logs of other machines'), () => {
  test('are listed, found, followed with what is unfinished, and removed once nobody writes them', async () => {
    await using server = await startNatsServer();
    const address = parseStoreAddress(`${server.url}?shards=1&sync-interval=always`);
    const files = await createFileStore({ dir: await tempFolder() });
    const log = await files.create({ kind: 'stdin', name: 'nightly', cwd: '/', lasting: true });
    const { id } = log.info;
    const publisher = startPublishing({ log, address, report: () => {} });
    log.setStatus({ state: 'running', startedAt: 1 });
    await append(log.journal, ['1', '2']);
    expect(await publisher.delivered(20_000)).toBe(true);

    const store = await openNatsStore({ address });
    onTestFinished(() => store.close());
    await until('the log in the list', async () => (await store.list()).map((one) => one.id).includes(id));
    expect(await store.findByName('nightly')).toBe(id);
    expect(await store.findByName('another')).toBeUndefined();
    expect(await store.findByPaths(['/logs/app.log'])).toBeUndefined();
    await expect(store.create({ kind: 'stdin', name: 'x', cwd: '/' })).rejects.toThrow(/read-only/);
    await expect(store.resume(id)).rejects.toThrow(/read-only/);
    await expect(store.remove(id)).rejects.toMatchObject({ kind: 'locked' });

    const read = await store.get(id);
    if (read === undefined) throw new Error('it is not there');
    expect(read.info).toMatchObject({ id, name: 'nightly' });
    expect(idsOf(await readAll(read.journal))).toEqual([1, 2]);
    const partials: PartialRows[] = [];
    const statuses: LogStatus[] = [];
    const leave = read.subscribe({
      onPartial: (partial) => partials.push(partial),
      onStatus: (status) => statuses.push(status),
    });
    await until('what is unfinished', () => {
      log.setPartial({ rows: ['10%'] });
      return read.partials.length > 0;
    });
    expect(read.partials).toEqual([{ rows: ['10%'] }]);
    log.setPartial({ rows: [] });
    await until('its end', () => read.partials.length === 0 && partials.at(-1)?.rows.length === 0);
    log.setProgress({ state: 'normal', percent: 42 });
    await until('how far it is', () => read.progress?.percent === 42);
    expect(read.progress).toEqual({ state: 'normal', percent: 42 });
    const late = await openNatsStore({ address });
    onTestFinished(() => late.close());
    const readLate = await late.get(id);
    const leaveLate = readLate?.subscribe({});
    await until('the same for who comes later', () => readLate?.progress?.percent === 42);
    leaveLate?.();
    expect(readLate?.progress).toBeUndefined();
    log.setProgress(undefined);
    await until('that it says no more', () => read.progress === undefined);
    log.setProgress({ state: 'paused' });
    await until('that it pauses', () => read.progress?.state === 'paused');
    await append(log.journal, ['3']);
    const exited: LogStatus = { state: 'exited', code: 0, signal: null, startedAt: 1, endedAt: 2 };
    log.setStatus(exited);
    await until('the end of the log', () => statuses.at(-1)?.state === 'exited');
    expect(read.status).toEqual(exited);
    expect(read.progress).toBeUndefined();
    // Whoever is told that it ended has been told all of it.
    expect(read.journal.lastId).toBe(3);
    expect(read.sources).toEqual(log.sources);
    leave();

    await publisher.close();
    await files.close();
    await store.remove(id);
    expect(await store.get(id)).toBeUndefined();
    expect(await store.list()).toEqual([]);
  });

  /** A log of one line that an agent writes, and its store. */
  async function written(url: string) {
    const { address, log, publisher } = await publishLog(`${url}?shards=1&sync-interval=always`);
    log.setStatus({ state: 'running', startedAt: 1 });
    await append(log.journal, ['1']);
    expect(await publisher.delivered(20_000)).toBe(true);
    const store = await openNatsStore({ address });
    onTestFinished(() => store.close());
    return { log, id: log.info.id, publisher, store };
  }

  const exited: LogStatus = { state: 'exited', code: 0, signal: null, startedAt: 1, endedAt: 2 };

  test('are told of their end to who follows them, however many others are opened meanwhile', async () => {
    await using server = await startNatsServer();
    const { log, id, store } = await written(server.url);
    const read = await store.get(id);
    const statuses: string[] = [];
    read?.subscribe({ onStatus: ({ state }) => statuses.push(state) });
    const connection = await connect({ servers: server.url });
    onTestFinished(() => connection.close());
    const bucket = await new Kvm(connection).open('sse-tail-logs');
    const record = (await bucket.get(`log.${id.replaceAll('.', '=')}`))?.json<{ info: object }>();
    for (let other = 1; other <= 300; other++) {
      const info = { ...record?.info, id: `other-${other}` };
      await bucket.put(`log.other-${other}`, JSON.stringify({ ...record, info, last: 0 }));
    }
    for (let other = 1; other <= 300; other++) expect(await store.get(`other-${other}`)).toBeDefined();
    expect(await store.get(id)).toBe(read);
    log.setStatus(exited);
    await until('the end of the log', () => statuses.includes('exited'), 10_000);
  });

  test('are listed where their command line and their sources are longer than the server takes', async () => {
    await using server = await startNatsServer('max_payload: 16384');
    const address = parseStoreAddress(`${server.url}?shards=1&sync-interval=always`);
    const files = await createFileStore({ dir: await tempFolder() });
    const argv = Array.from({ length: 3000 }, (_, index) => `a-file-of-many-${index}`);
    const log = await files.create({ kind: 'command', name: argv.join(' '), argv, cwd: '/' });
    for (const name of argv) log.addSource(name);
    const publisher = startPublishing({ log, address, report: () => {} });
    onTestFinished(async () => {
      await publisher.close();
      await files.close();
    });
    await append(log.journal, ['1']);
    expect(await publisher.delivered(20_000)).toBe(true);
    const store = await openNatsStore({ address });
    onTestFinished(() => store.close());
    const [listed] = await until('the log in the list', async () => {
      const list = await store.list();
      return list.length > 0 && list;
    });
    expect(listed).toMatchObject({ id: log.info.id, kind: 'command' });
    expect(listed?.name).toMatch(/^a-file-of-many-0 a-file-of-many-1 .{100,}…$/);
    expect(idsOf(await readAll((await store.get(log.info.id))?.journal as typeof log.journal))).toEqual([1]);
  });

  test('are read from the leader of their stream once an operator has given it copies', async () => {
    await using cluster = await startNatsCluster();
    const address = parseStoreAddress(cluster.url.replace('replicas=3', 'replicas=1'));
    const { log, publisher } = await publishLog(cluster.url.replace('replicas=3', 'replicas=1&sync-interval=always'));
    await append(log.journal, ['1']);
    expect(await publisher.delivered(20_000)).toBe(true);
    const store = await openNatsStore({ address });
    onTestFinished(() => store.close());
    const read = (await store.get(log.info.id)) as Log;
    const connection = await connect({ servers: cluster.nodes.map(({ url }) => url) });
    onTestFinished(() => connection.close());
    let asked = 0;
    connection.subscribe('$JS.API.STREAM.MSG.GET.sse-tail-0', { callback: () => void asked++ });
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const { config } = await manager.streams.info('sse-tail-0');
    expect(config.num_replicas).toBe(1);
    await manager.streams.update('sse-tail-0', { ...config, num_replicas: 3 });
    await until('the leader is asked', async () => {
      await read.reach?.(2);
      return asked > 0;
    });
    expect(await store.get(log.info.id)).toBe(read);
    expect(idsOf(await readAll(read.journal))).toEqual([1]);
  });

  test('are not removed while an agent has them, also when they have ended', async () => {
    await using server = await startNatsServer();
    const { log, id, publisher, store } = await written(server.url);
    log.setStatus(exited);
    await until('its end in the list', async () => (await store.list())[0]?.status.state === 'exited');
    await expect(store.remove(id)).rejects.toMatchObject({ kind: 'locked' });
    expect(idsOf(await readAll((await store.get(id))?.journal as typeof log.journal))).toEqual([1]);
    await publisher.close();
    await store.remove(id);
    expect(await store.list()).toEqual([]);
  });

  test('are left at once, also where the cluster does not answer', async () => {
    await using server = await startNatsServer();
    const { id, store } = await written(server.url);
    const read = await store.get(id);
    read?.journal.subscribe({});
    await stop(server.process);
    try {
      const asked = store.get(id).catch(() => undefined);
      const cursor = read?.journal.read(1);
      const reading = cursor?.next();
      await within('the end', store.close(), 2000);
      await within('the end of a reader', Promise.all([reading, asked]), 3000);
    } finally {
      server.process.kill('SIGCONT');
    }
  });
});
