import { describe, expect, onTestFinished, test } from 'vitest';
import { createFileStore } from '../../agent/journal/disk/logs/file-store.ts';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import { startPublishing } from '../../agent/journal/nats/publish/publisher.ts';
import { parseStoreAddress } from '../../agent/journal/nats/store-address.ts';
import type { LogStatus } from '../../agent/words/log.ts';
import type { PartialRows } from '../../agent/words/wire.ts';
import { until } from '../support/deadline.ts';
import { append, idsOf, readAll } from '../support/journal.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
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
    expect(await store.get('nothing-0000')).toBeUndefined();
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
    await append(log.journal, ['3']);
    const exited: LogStatus = { state: 'exited', code: 0, signal: null, startedAt: 1, endedAt: 2 };
    log.setStatus(exited);
    await until('the end of the log', () => statuses.at(-1)?.state === 'exited');
    expect(read.status).toEqual(exited);
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
});
