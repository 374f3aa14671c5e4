import { randomBytes } from 'node:crypto';
import { readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import type { Journal } from '../../agent/journal/journal.ts';
import { parseStoreAddress } from '../../agent/journal/nats/cluster/store-address.ts';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import { atEnd, testsSideBySide } from '../support/at-end.ts';
import { until, within } from '../support/deadline.ts';
import { mountSmallDisk } from '../support/disk.ts';
import { append, idsOf, range, readAll } from '../support/journal.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { idsAt, type PublishedLogOptions, publishLog } from '../support/published-log.ts';
import { tempFolder } from '../support/temp-folder.ts';

testsSideBySide();

const lines = 100;

/** A log of lines of 8 KB that can't be compressed, which is being published. */
async function publish(url: string, options: PublishedLogOptions = {}) {
  const published = await publishLog(url, options);
  return {
    ...published,
    async fill(count = lines) {
      const { journal } = published.log;
      for (let more = count; more > 0; more--) await append(journal, [randomBytes(6000).toString('base64')]);
    },
  };
}

async function managerOf(url: string) {
  const connection = await connect({ servers: url });
  atEnd(() => connection.close());
  return jetstreamManager(connection, { checkAPI: false });
}

describe.skipIf(!hasNatsServer).concurrent(natsTitle('a stream that drops its oldest lines'), () => {
  test('does not get them again, also where that was all of a log', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&max-bytes=200KB&sync-interval=always`;
    const quiet = await publish(url);
    await quiet.fill(5);
    expect(await quiet.publisher.acknowledged(20_000)).toBe(true);
    const store = await openNatsStore({ address: parseStoreAddress(url) });
    atEnd(() => store.close());
    const read = async () => readAll((await store.get(quiet.log.info.id))?.journal as Journal);
    expect(idsOf(await read())).toEqual([1, 2, 3, 4, 5]);
    const busy = await publish(url);
    await busy.fill(60);
    expect(await busy.publisher.acknowledged(20_000)).toBe(true);
    // At once: nobody waits for them to come back.
    const gone = await within('what is told of them', read(), 10_000);
    expect(gone).toMatchObject([{ from: 1, to: 5, reason: 'retention' }]);
    await quiet.fill(1);
    expect(await quiet.publisher.acknowledged(20_000)).toBe(true);
    expect(await idsAt(url, quiet.log.info.id)).toEqual([6]);
    expect((await idsAt(url, busy.log.info.id)).at(-1)).toBe(60);
  });

  test('does not get them again from an agent that was started again, and a gateway that comes then says so at once', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&max-bytes=200KB&sync-interval=always`;
    const dir = await tempFolder();
    const quiet = await publish(url, { dir });
    const { id } = quiet.log.info;
    await quiet.fill(5);
    expect(await quiet.publisher.delivered(20_000)).toBe(true);
    await quiet.close();
    const busy = await publish(url);
    await busy.fill(60);
    expect(await busy.publisher.acknowledged(20_000)).toBe(true);
    expect(await within('what is told of them', idsAt(url, id), 10_000)).toEqual([]);
    const again = await publish(url, { dir, resume: id });
    expect(await again.publisher.delivered(20_000)).toBe(true);
    expect(await within('what is told of them', idsAt(url, id), 10_000)).toEqual([]);
    await again.fill(1);
    expect(await again.publisher.delivered(20_000)).toBe(true);
    expect(await idsAt(url, id)).toEqual([6]);
  });

  test('keeps of a log what the agent retains, a batch more at most', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const { log, publisher, fill } = await publish(url, { retainBytes: 600_000 });
    for (let batch = 0; batch < 30; batch++) {
      await fill(10);
      expect(await publisher.acknowledged(20_000)).toBe(true);
    }
    expect(log.journal.firstId).toBeGreaterThan(100);
    const store = await openNatsStore({ address: parseStoreAddress(url) });
    atEnd(() => store.close());
    const journal = (await store.get(log.info.id))?.journal;
    const first = await until('the first line', () => journal && journal.firstId > 1 && journal.firstId);
    expect(first).toBeLessThanOrEqual(log.journal.firstId);
    expect(first).toBeGreaterThan(log.journal.firstId - 40);
    expect((await idsAt(url, log.info.id)).at(-1)).toBe(300);
  });

  test('keeps of a log what the agent retains, also where no connection lasts as long as its lines', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const { log, publisher, fill } = await publish(url, { retainBytes: 600_000 });
    for (let connection = 0; connection < 12; connection++) {
      await fill(20);
      expect(await publisher.delivered(20_000)).toBe(true);
      await server.kill();
      await server.start();
    }
    await fill(1);
    expect(await publisher.delivered(20_000)).toBe(true);
    const [first, ...others] = await idsAt(url, log.info.id);
    expect(first).toBeLessThanOrEqual(log.journal.firstId);
    expect(first).toBeGreaterThan(log.journal.firstId - 40);
    expect(others.at(-1)).toBe(241);
  });

  test('that was wiped gets all of a log again', async () => {
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const { log, publisher, fill } = await publish(url);
    await fill(5);
    expect(await publisher.acknowledged(20_000)).toBe(true);
    const other = await publish(url);
    await server.kill();
    await rm(server.storeDir, { recursive: true });
    await other.fill(30);
    await fill(1);
    await server.start();
    await until('all lines', async () => (await idsAt(url, log.info.id).catch(() => [])).length === 6);
  });
});

describe
  .skipIf(!hasNatsServer)
  .concurrent(natsTitle('a store without room says so in one sentence, loses nothing, goes on'), () => {
    test('when its stream takes nothing more, once it is larger', async () => {
      await using server = await startNatsServer();
      const url = `${server.url}?shards=1&sync-interval=always`;
      const { log, publisher, reports, fill } = await publish(url);
      await fill(1);
      expect(await publisher.delivered(20_000)).toBe(true);
      const manager = await managerOf(server.url);
      const { config } = await manager.streams.info('sse-tail-0');
      await manager.streams.update('sse-tail-0', { ...config, discard: 'new', max_bytes: 300_000 } as typeof config);
      await fill();
      await until('it is reported', () => reports.length > 0);
      expect(reports[0]).toMatch(
        /^nats:\/\/[\d.:]+ has no room: maximum bytes exceeded\. \d+ lines are not in the store yet; nothing is lost\.$/,
      );
      expect(log.delivery).toContain('has no room');
      await manager.streams.update('sse-tail-0', { ...config, discard: 'new', max_bytes: -1 } as typeof config);
      expect(await publisher.delivered(20_000)).toBe(true);
      expect(await idsAt(url, log.info.id)).toEqual(range(1, lines + 1));
      await until('it is taken back', () => reports.at(-1) === 'The store has every line again.');
    });

    test('when its account has used its share, once that is larger', async () => {
      await using server = await startNatsServer(
        'accounts { logs { jetstream { max_file: 700000 }, users: [{ user: one, password: one }] } }\nno_auth_user: one',
      );
      const url = `${server.url}?shards=1&sync-interval=always`;
      const old = await publish(url);
      await old.fill(60);
      expect(await old.publisher.delivered(20_000)).toBe(true);
      await old.publisher.close();
      const { log, publisher, reports, fill } = await publish(url);
      await fill();
      await until('it is reported', () => reports.length > 0);
      expect(reports[0]).toMatch(
        /^nats:\/\/[\d.:]+ has no room: resource limits exceeded for account\. \d+ lines are /,
      );
      const config = join(server.storeDir, '..', 'nats.conf');
      writeFileSync(config, readFileSync(config, 'utf8').replace('700000', '7000000'));
      server.process.kill('SIGHUP');
      expect(await publisher.delivered(20_000)).toBe(true);
      expect(await idsAt(url, log.info.id)).toEqual(range(1, lines));
    });

    test('when its disk is full, once the server is started again with room', async ({ skip }) => {
      using disk = mountSmallDisk(2_000_000);
      if (disk === undefined) return skip('needs the right to mount a small disk');
      await using server = await startNatsServer(`jetstream { store_dir: "${disk.path}", max_file_store: 1GB }`);
      const url = `${server.url}?shards=1&sync-interval=always`;
      const { log, publisher, reports, fill } = await publish(url);
      await fill(10);
      expect(await publisher.delivered(20_000)).toBe(true);
      const filler = join(disk.path, 'filler');
      const { bavail, bsize } = statfsSync(disk.path);
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 200_000)));
      await fill();
      await until('it is reported', () => reports.some((report) => report.includes('disk may be full')));
      expect(reports.at(-1)).toMatch(
        /^nats:\S+ does not acknowledge lines: its disk may be full\. \d+ lines are not in /,
      );
      await rm(filler);
      await server.kill();
      await server.start();
      expect(await publisher.delivered(30_000)).toBe(true);
      expect(await idsAt(url, log.info.id)).toEqual(range(1, lines + 10));
    });
  });

describe.skipIf(!hasNatsServer).concurrent(natsTitle('a gateway'), () => {
  test('is told that the disk of an agent is full, and that it has room again', async ({ skip }) => {
    using disk = mountSmallDisk(1_000_000);
    if (disk === undefined) return skip('needs the right to mount a small disk');
    await using server = await startNatsServer();
    const url = `${server.url}?shards=1&sync-interval=always`;
    const { log, publisher, fill } = await publish(url, { dir: disk.path });
    await fill(10);
    expect(await publisher.delivered(20_000)).toBe(true);
    const store = await openNatsStore({ address: parseStoreAddress(url) });
    atEnd(() => store.close());
    const read = await store.get(log.info.id);
    const told: (string | undefined)[] = [];
    read?.subscribe({ onStatus: () => told.push(read.delivery) });
    const filler = join(disk.path, 'filler');
    const { bavail, bsize } = statfsSync(disk.path);
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 20_000)));
    const filled = fill(20);
    await until('it is told', () => told.length > 0);
    expect(told[0]).toMatch(/^The journal can't be written: .*nothing is lost\.$/);
    await rm(filler);
    await filled;
    await until('it is taken back', () => told.at(-1) === undefined);
    expect(await publisher.delivered(20_000)).toBe(true);
    expect(read?.delivery).toBeUndefined();
  });
});
