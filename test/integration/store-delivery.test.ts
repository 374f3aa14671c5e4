import { connect, headers } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { parseStoreAddress } from '../../agent/journal/nats/cluster/store-address.ts';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import { atEnd, testsSideBySide } from '../support/at-end.ts';
import { until, within } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { append, idsOf, range, readAll } from '../support/journal.ts';
import { hasNatsServer, natsTitle, startNatsServer, syncStreams } from '../support/nats-server.ts';
import { idsAt, publishLog } from '../support/published-log.ts';
import { stop } from '../support/stopped.ts';

testsSideBySide();

describe.skipIf(!hasNatsServer).concurrent(natsTitle('lines that the store has acknowledged'), () => {
  test('are sent again when a power failure takes them before the server has synced', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=4s`;
    const { log, publisher } = await publishLog(url);
    await append(log.journal, ['1', '2', '3']);
    expect(await publisher.acknowledged(10_000)).toBe(true);
    const lose = syncStreams(server);
    await append(log.journal, ['4', '5', '6']);
    await append(log.journal, ['7', '8', '9']);
    expect(await publisher.acknowledged(10_000)).toBe(true);
    expect(publisher.undelivered).toBe(9);
    await server.kill();
    expect(lose()).toBeGreaterThan(0);
    await server.start();
    expect(await publisher.delivered(20_000)).toBe(true);
    expect(publisher).toMatchObject({ unacknowledged: 0, undelivered: 0 });
    expect(await idsAt(url, log.info.id)).toEqual(range(1, 9));
  });

  test('are looked for before they count, as the node that lost them may not be the one of our connection', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=1s`;
    const { log, publisher } = await publishLog(url);
    await append(log.journal, ['1', '2', '3']);
    expect(await publisher.acknowledged(10_000)).toBe(true);
    const connection = await connect({ servers: server.url });
    atEnd(() => connection.close());
    await connection.request('$JS.API.STREAM.PURGE.sse-tail-0', '');
    expect(await publisher.delivered(20_000)).toBe(true);
    expect(await idsAt(url, log.info.id)).toEqual([1, 2, 3]);
  });

  test('are given and followed although somebody else publishes under their subject', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const { log, publisher } = await publishLog(url);
    await append(log.journal, ['1', '2']);
    expect(await publisher.delivered(10_000)).toBe(true);
    const store = await openNatsStore({ address: parseStoreAddress(url) });
    atEnd(() => store.close());
    const read = await store.get(log.info.id);
    const announced: number[] = [];
    read?.journal.subscribe({ onBlock: ({ firstId }) => announced.push(firstId) });
    const connection = await connect({ servers: server.url });
    atEnd(() => connection.close());
    const subject = `sse-tail.0.${log.info.id.replaceAll('.', '=')}`;
    const malformed = headers();
    malformed.set('Sse-Ids', '3-x');
    await connection.request(subject, 'not ours');
    await connection.request(subject, 'not ours', { timeout: 5000, headers: malformed });
    await append(log.journal, ['3', '4']);
    expect(await publisher.delivered(10_000)).toBe(true);
    await until('the lines after it are announced', () => announced.includes(3));
    await connection.request(subject, 'not ours');
    expect(idsOf(await readAll((await store.get(log.info.id))?.journal as typeof log.journal))).toEqual([1, 2, 3, 4]);
    expect(await idsAt(url, log.info.id)).toEqual([1, 2, 3, 4]);
  });
});

describe.skipIf(!hasNatsServer).concurrent(natsTitle('a publisher that is closed'), () => {
  /** It takes two seconds at most; a request that is not answered takes five. */
  const soonMs = 4500;

  test('ends at once where nothing listens, and twice is as good as once', async () => {
    const { log, publisher } = await publishLog(`nats://127.0.0.1:${await freePort()}`);
    await append(log.journal, ['1', '2']);
    await until('it waits to try again', () => log.delivery !== undefined);
    await within('its end', publisher.close(), soonMs);
    await within('its second end', publisher.close(), soonMs);
    expect(await publisher.acknowledged(10)).toBe(false);
    expect(publisher).toMatchObject({ unacknowledged: 2, undelivered: 2 });
  });

  test('ends soon amid a batch that the server does not acknowledge', async () => {
    await using server = await startNatsServer();
    const { log, publisher } = await publishLog(`${server.url}?shards=1`);
    await append(log.journal, ['1']);
    expect(await publisher.acknowledged(10_000)).toBe(true);
    await stop(server.process);
    try {
      await append(log.journal, ['2']);
      await within('its end', publisher.close(), soonMs);
      expect(publisher.unacknowledged).toBe(1);
    } finally {
      server.process.kill('SIGCONT');
    }
  });

  test('publishes nothing more, and leaves the log as one that nobody writes', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const { log, publisher } = await publishLog(url);
    await append(log.journal, ['1']);
    expect(await publisher.delivered(10_000)).toBe(true);
    await publisher.close();
    await append(log.journal, ['2']);
    expect(await publisher.acknowledged(300)).toBe(false);
    const store = await openNatsStore({ address: parseStoreAddress(url) });
    atEnd(() => store.close());
    expect(await store.list()).toMatchObject([{ id: log.info.id, last: 1, status: { state: 'stopped' } }]);
    expect(await idsAt(url, log.info.id)).toEqual([1]);
    await store.remove(log.info.id);
  });
});
