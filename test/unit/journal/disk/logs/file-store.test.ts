import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFileStore, type FileStoreOptions } from '../../../../../agent/journal/disk/logs/file-store.ts';
import { retainAll } from '../../../../../agent/journal/disk/logs/retention.ts';
import { logIdsIn } from '../../../../../agent/journal/disk/logs/state-dir.ts';
import { sealBatch } from '../../../../../agent/journal/disk/segment/trailer.ts';
import type { Journal } from '../../../../../agent/journal/journal.ts';
import type { Log, LogStore, WritableLog } from '../../../../../agent/journal/store.ts';
import type { LogStatus } from '../../../../../agent/words/log.ts';
import type { FilePosition } from '../../../../../agent/words/position.ts';
import { newestSegment, overwrite, segmentsIn } from '../../../../support/damage.ts';
import { until } from '../../../../support/deadline.ts';
import { append, appendNumbered, batchOf, idsOf, range, readAll } from '../../../../support/journal.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

async function openStore(dir: string, options: Partial<FileStoreOptions> = {}): Promise<LogStore> {
  const store = await createFileStore({ dir, ...options });
  onTestFinished(() => store.close());
  return store;
}

function create(store: LogStore, name = 'build.log'): Promise<WritableLog> {
  return store.create({ kind: 'file', name, cwd: '/srv', paths: [`/srv/${name}`] });
}

const exitedStatus: LogStatus = { state: 'exited', code: 3, signal: null, startedAt: 5, endedAt: 9 };

describe('a log', () => {
  test('is kept under an id made of its name, and found again with what is known of it', async () => {
    const dir = await tempFolder();
    const before = await openStore(dir);
    const log = await create(before, 'my build.log');
    expect(log.info).toMatchObject({ id: expect.stringMatching(/^my-build\.log-[0-9a-f]{4}$/), kind: 'file' });
    await appendNumbered(log.journal, 3);
    log.addSource('a');
    log.addSource('b');
    log.addSource('a');
    log.setStatus(exitedStatus);
    await before.close();

    const after = await openStore(dir);
    const kept = await after.get(log.info.id);
    expect(kept?.info).toEqual(log.info);
    expect(kept?.status).toEqual(exitedStatus);
    expect(kept?.sources).toEqual(['a', 'b']);
    expect(kept?.partials).toEqual([]);
    expect(idsOf(await readAll((kept as WritableLog).journal))).toEqual([1, 2, 3]);
  });

  test('tells its status and partials to who listens, and keeps the partials that are still on the screen', async () => {
    const store = await openStore(await tempFolder());
    const log = await create(store);
    const news: unknown[] = [];
    const unsubscribe = log.subscribe({ onStatus: (status) => news.push(status), onPartial: (one) => news.push(one) });
    log.setStatus({ state: 'following' });
    log.setPartial({ rows: ['42 %'] });
    log.setPartial({ stream: 'stderr', rows: ['?'] });
    expect(log.partials).toEqual([{ rows: ['42 %'] }, { stream: 'stderr', rows: ['?'] }]);
    log.setPartial({ rows: [] });
    expect(log.partials).toEqual([{ stream: 'stderr', rows: ['?'] }]);
    unsubscribe();
    log.setStatus({ state: 'waiting' });
    expect(news).toHaveLength(4);
    expect(log.status).toEqual({ state: 'waiting' });
  });

  test('is gone on with where it ended', async () => {
    const dir = await tempFolder();
    const first = await openStore(dir);
    const { info, journal } = await create(first);
    await appendNumbered(journal, 3);
    await first.close();
    const log = await (await openStore(dir)).resume(info.id);
    await appendNumbered(log.journal, 2);
    expect(idsOf(await readAll(log.journal))).toEqual(range(1, 5));
  });

  test('keeps where its files were begun until their positions are in the journal, and its sources', async () => {
    const dir = await tempFolder();
    const first = await openStore(dir);
    const log = await create(first);
    const head = { length: 0, crc: 0 };
    const [a, b] = ['a', 'b'].map((source) => ({ source, path: `/${source}`, file: '1:2', offset: 9, head }));
    for (const position of [a, b]) log.setBeginning(position as FilePosition);
    for (const source of ['a', 'b', 'a']) log.addSource(source);
    log.dropBeginnings(['a', 'c']);
    await first.close();
    const again = await (await openStore(dir)).resume(log.info.id);
    expect([...again.beginnings.values()]).toEqual([b]);
    expect(again.sources).toEqual(['a', 'b']);
  });

  test('that is continued is not finished, and keeps how it ended where no run began', async () => {
    const dir = await tempFolder();
    const first = await openStore(dir);
    const { info, ...log } = await create(first);
    log.setStatus(exitedStatus);
    await first.close();
    const store = await openStore(dir);
    const continued = await store.resume(info.id);
    expect(continued.status.state).toBe('waiting');
    const seenByOthers = await openStore(dir);
    expect((await seenByOthers.get(info.id))?.status.state).toBe('waiting');
    await continued.close();
    expect((await store.get(info.id))?.status).toEqual(exitedStatus);
  });

  test('that is being written is not written by another agent, who is told by whom', async () => {
    const dir = await tempFolder();
    const one = await openStore(dir);
    await one.setUrl('http://127.0.0.1:7730/');
    const { info } = await create(one);
    const other = await openStore(dir);
    await expect(other.resume(info.id)).rejects.toMatchObject({
      kind: 'locked',
      facts: { pid: process.pid, url: 'http://127.0.0.1:7730/' },
    });
    await expect(other.remove(info.id)).rejects.toMatchObject({ kind: 'locked' });
    await one.close();
    await (await other.resume(info.id)).close();
    await other.remove(info.id);
    expect(await other.get(info.id)).toBeUndefined();
    expect(await readdir(dir)).toEqual([]);
  });

  test('whose agent is gone without a word is stopped', async () => {
    const dir = await tempFolder();
    const { info } = await create(await openStore(dir));
    // As a killed agent leaves it.
    await writeFile(join(dir, info.id, 'lock'), JSON.stringify({ nonce: '00000000000000aa', pid: 0, startTime: null }));
    const store = await openStore(dir);
    expect((await store.get(info.id))?.status).toEqual({ state: 'stopped' });
    expect(await store.list()).toMatchObject([{ status: { state: 'stopped' } }]);
  });

  test('that is closed while it runs is stopped; how it ended is kept otherwise', async () => {
    const store = await openStore(await tempFolder());
    const [running, ended] = [await create(store), await create(store)];
    running.setStatus({ state: 'running', startedAt: 1 });
    ended.setStatus(exitedStatus);
    await Promise.all([running.close(), running.close(), ended.close()]);
    expect((await store.get(running.info.id))?.status).toEqual({ state: 'stopped' });
    expect((await store.get(ended.info.id))?.status).toEqual(exitedStatus);
  });

  test('is for its user only to read, under a loose umask, too', async () => {
    const umask = process.umask(0);
    onTestFinished(() => {
      process.umask(umask);
    });
    const dir = join(await tempFolder(), 'state');
    const store = await openStore(dir);
    const { info, journal } = await create(store);
    await append(journal, ['secret']);
    const mode = async (...path: string[]) => (await stat(join(dir, ...path))).mode & 0o777;
    expect(await mode()).toBe(0o700);
    expect(await mode(info.id)).toBe(0o700);
    for (const name of await readdir(join(dir, info.id)))
      expect([name, await mode(info.id, name)]).toEqual([name, 0o600]);
  });

  test('without a readable log.json is still shown, and can be gone on with', async () => {
    const dir = await tempFolder();
    const first = await openStore(dir);
    const { info, journal } = await create(first);
    await appendNumbered(journal, 2);
    await first.close();
    await writeFile(join(dir, info.id, 'log.json'), Buffer.alloc(100));
    const store = await openStore(dir);
    const unread = "What is known about this log can't be read: it is damaged, or from a newer sse-tail.";
    expect(await store.list()).toMatchObject([
      { id: info.id, name: info.id, last: 2, status: { state: 'stopped' }, unread },
    ]);
    const log = await store.resume(info.id);
    await appendNumbered(log.journal, 1);
    expect(log.journal.lastId).toBe(3);
    await log.close();
    expect((await store.list())[0]).not.toHaveProperty('unread');
  });

  test('without a readable log.json is live as long as somebody writes it', async () => {
    const dir = await tempFolder();
    const writer = await openStore(dir);
    const log = await create(writer);
    await appendNumbered(log.journal, 2);
    await writeFile(join(dir, log.info.id, 'log.json'), 'damaged');
    const readers = await openStore(dir);
    const seen = await readers.get(log.info.id);
    expect(seen?.status).toEqual({ state: 'following' });
    expect((await readers.list())[0]).toMatchObject({ status: { state: 'following' } });
    await rm(join(dir, log.info.id, 'lock'));
    expect((await (await openStore(dir)).get(log.info.id))?.status).toEqual({ state: 'stopped' });
  });

  test('whose log.json can not be read is kept, and holds up no other', async () => {
    const dir = await tempFolder();
    const first = await openStore(dir);
    const lasting = await first.create({ kind: 'stdin', name: 'nightly', lasting: true, cwd: '/' });
    await appendNumbered(lasting.journal, 2);
    const other = await create(first);
    await appendNumbered(other.journal, 2);
    await first.close();
    const path = join(dir, lasting.info.id, 'log.json');
    await rm(path);
    await mkdir(path);
    const store = await openStore(dir);
    const list = await store.list();
    expect(list.map(({ id }) => id).sort()).toEqual([lasting.info.id, other.info.id].sort());
    const unread = "What is known about this log can't be read: it is a directory (EISDIR).";
    expect(list.filter((log) => log.unread)).toMatchObject([{ id: lasting.info.id, first: 1, last: 2, unread }]);
    const log = await store.get(lasting.info.id);
    expect(log?.unrecorded).toBe(unread);
    expect(idsOf(await readAll((log as Log).journal))).toEqual([1, 2]);
    expect(await store.findByPaths(['/srv/build.log'])).toBe(other.info.id);
    expect(await store.findByName('nightly')).toBeUndefined();
    await expect(store.resume(lasting.info.id)).rejects.toMatchObject({ kind: 'journal', facts: { path } });
    await retainAll(dir, 1, () => Promise.resolve(false));
    expect(await logIdsIn(dir)).toEqual([lasting.info.id]);
    expect(await segmentsIn(join(dir, lasting.info.id))).toHaveLength(1);
  });

  test('whose record can be read again is told of, and is as before', async () => {
    const dir = await tempFolder();
    const first = await openStore(dir);
    const { info, setStatus } = await create(first);
    setStatus(exitedStatus);
    await first.close();
    const path = join(dir, info.id, 'log.json');
    const whole = await readFile(path);
    await writeFile(path, '{');
    const store = await openStore(dir);
    const log = (await store.get(info.id)) as Log;
    expect(log.status).toEqual({ state: 'stopped' });
    let told = 0;
    log.subscribe({ onStatus: () => told++ });
    await writeFile(path, whole);
    await until('its record', () => log.unrecorded === undefined);
    expect({ info: log.info, status: log.status, told }).toEqual({ info, status: exitedStatus, told: 1 });
    expect((await store.list())[0]).toMatchObject(info);
  });

  test('whose record can no longer be read while it is written stays what it was', async () => {
    const dir = await tempFolder();
    const { info, setStatus } = await create(await openStore(dir));
    const running = { state: 'running', startedAt: 1 } as const;
    setStatus(running);
    const path = join(dir, info.id, 'log.json');
    await until('its status', async () => (await readFile(path, 'utf8')).includes('"startedAt": 1'));
    const store = await openStore(dir);
    const log = (await store.get(info.id)) as Log;
    const states: string[] = [];
    log.subscribe({ onStatus: ({ state }) => states.push(state) });
    await rm(path);
    await mkdir(path);
    await until('why', () => log.unrecorded !== undefined);
    expect({ info: log.info, status: log.status, states }).toEqual({ info, status: running, states: ['running'] });
  });

  test('behind a symbolic link is none', async () => {
    const [dir, elsewhere] = [await tempFolder(), await tempFolder()];
    const { info } = await create(await openStore(elsewhere));
    await symlink(join(elsewhere, info.id), join(dir, info.id));
    const store = await openStore(dir);
    expect(await store.get(info.id)).toBeUndefined();
    expect(await store.list()).toEqual([]);
    await expect(store.resume(info.id)).rejects.toMatchObject({ kind: 'journal' });
  });

  test('whose folder is removed while it is written comes back whole, and stays locked', async () => {
    const dir = await tempFolder();
    const log = await create(await openStore(dir));
    await appendNumbered(log.journal, 5);
    const folder = join(dir, log.info.id);
    await rm(folder, { recursive: true });
    await until('its files are back', async () => {
      await appendNumbered(log.journal, 1);
      const names = await readdir(folder).catch((): string[] => []);
      return ['000000000001.sse', 'lock', 'log.json'].every((name) => names.includes(name));
    });
    const other = await openStore(dir);
    await expect(other.resume(log.info.id)).rejects.toMatchObject({ kind: 'locked' });
    const kept = await other.get(log.info.id);
    expect(idsOf(await readAll((kept as WritableLog).journal))).toEqual(range(1, log.journal.lastId));
  });
});

describe('logs', () => {
  test('are listed newest first, with what is kept of them', async () => {
    const dir = await tempFolder();
    const store = await openStore(dir);
    const old = await create(store, 'old');
    await appendNumbered(old.journal, 3);
    await until('a later millisecond', () => Date.now() > old.info.createdAt);
    const young = await create(store, 'young');
    expect(await store.list()).toMatchObject([
      { ...young.info, first: 1, last: 0, size: 0, status: { state: 'waiting' } },
      { ...old.info, first: 1, last: 3, size: old.journal.size, updatedAt: expect.any(Number) },
    ]);
    expect(await (await openStore(dir)).list()).toMatchObject([{ id: young.info.id }, { id: old.info.id, last: 3 }]);
  });

  test('are found by their paths, in any order, the newest first, and by their lasting name', async () => {
    const dir = await tempFolder();
    const store = await openStore(dir);
    const info = { kind: 'file' as const, name: 'x', cwd: '/' };
    await store.create({ ...info, paths: ['/b', '/a'] });
    const newer = await store.create({ ...info, paths: ['/a', '/b'] });
    const named = await store.create({ ...info, paths: ['/a', '/b'], name: 'site', lasting: true });
    await store.create({ ...info, kind: 'command', name: 'site', argv: ['x'] });
    await store.close();
    const again = await openStore(dir);
    expect(await again.findByPaths(['/b', '/a'])).toBe(newer.info.id);
    expect(await again.findByPaths(['/a'])).toBeUndefined();
    expect(await again.findByName('site')).toBe(named.info.id);
    expect(await again.findByName('other')).toBeUndefined();
  });
});

describe('a log that another agent writes', () => {
  test('is followed live: lines, new segments and status', async () => {
    const dir = await tempFolder();
    const log = await create(await openStore(dir, { segmentBytes: 3000 }));
    await appendNumbered(log.journal, 10, 3);
    const seen = await (await openStore(dir)).get(log.info.id);
    if (seen === undefined) throw new Error('no log');
    expect(seen.journal.lastId).toBe(10);
    const heard: number[] = [];
    const statuses: LogStatus[] = [];
    const unsubscribe = [
      seen.journal.subscribe({
        onBlock(block) {
          expect(seen.journal.lastId).toBe(block.lastId);
          heard.push(...range(block.firstId, block.lastId));
        },
      }),
      seen.subscribe({ onStatus: (status) => statuses.push(status) }),
    ];
    await appendNumbered(log.journal, 200, 3);
    log.setStatus({ state: 'following' });
    await until('the lines came', () => heard.length === 200);
    expect(heard).toEqual(range(11, 210));
    await until('the status came', () => statuses.length > 0);
    await appendNumbered(log.journal, 1);
    log.setStatus(exitedStatus);
    await log.close();
    await until('the end came', () => statuses.at(-1)?.state === 'exited');
    expect(heard.at(-1)).toBe(211);
    expect(idsOf(await readAll(seen.journal))).toEqual(range(1, 211));
    for (const stop of unsubscribe) stop();
  });

  test('shows no half-written batch', async () => {
    const dir = await tempFolder();
    const log = await create(await openStore(dir));
    await appendNumbered(log.journal, 2);
    const path = await newestSegment(join(dir, log.info.id));
    const sealed = sealBatch(batchOf(3, ['line 3']), '');
    const store = await openStore(dir);
    for (const end of [10, sealed.length - 1]) {
      await writeFile(path, (await readFile(path)).subarray(0, log.journal.size));
      await appendFile(path, sealed.subarray(0, end));
      expect((await store.get(log.info.id))?.journal.lastId).toBe(2);
    }
    await appendFile(path, sealed.subarray(sealed.length - 1));
    const seen = await store.get(log.info.id);
    expect(seen?.journal.lastId).toBe(3);
    expect(idsOf(await readAll((seen as WritableLog).journal))).toEqual([1, 2, 3]);
  });

  test('is followed over damage, which is told when it is read', async () => {
    const dir = await tempFolder();
    const log = await create(await openStore(dir, { segmentBytes: 2000 }));
    await appendNumbered(log.journal, 5);
    const early = await openStore(dir);
    await early.get(log.info.id);
    const { size } = log.journal;
    await appendNumbered(log.journal, 1);
    await overwrite(await newestSegment(join(dir, log.info.id)), size + 10, Buffer.alloc(10, '#'));
    await appendNumbered(log.journal, 60);
    for (const store of [early, await openStore(dir)]) {
      const journal = (await store.get(log.info.id))?.journal as Journal;
      expect(journal.lastId).toBe(66);
      const given = await readAll(journal);
      expect(given).toContainEqual({ from: 6, to: 6, reason: 'damage' });
      expect(idsOf(given)).toEqual([...range(1, 5), ...range(7, 66)]);
    }
  });

  test('tells as a gap what that one removes meanwhile', async () => {
    const dir = await tempFolder();
    const log = await create(await openStore(dir, { segmentBytes: 2000, retainBytes: 8000 }));
    await appendNumbered(log.journal, 20);
    const store = await openStore(dir);
    const seen = await store.get(log.info.id);
    await appendNumbered(log.journal, 300);
    await until('retention has come round', () => log.journal.size <= 8000);
    await store.get(log.info.id);
    const { firstId, lastId } = log.journal;
    expect([seen?.journal.firstId, seen?.journal.lastId]).toEqual([firstId, lastId]);
    const given = await readAll((seen as WritableLog).journal);
    expect(given[0]).toEqual({ from: 1, to: firstId - 1, reason: 'retention' });
    expect(idsOf(given)).toEqual(range(firstId, lastId));
  });
});

describe('retention over all logs', () => {
  test('takes ended logs first, oldest segments first, and never the segment being written', async () => {
    const dir = await tempFolder();
    const first = await openStore(dir, { segmentBytes: 4000 });
    const [ended, live, lasting] = [
      await create(first, 'ended'),
      await create(first, 'live'),
      await first.create({ kind: 'stdin', name: 'lasting', lasting: true, cwd: '/' }),
    ];
    for (const log of [ended, live, lasting]) await appendNumbered(log.journal, 300);
    for (const [index, path] of (await segmentsIn(join(dir, live.info.id))).entries()) await utimes(path, index, index);
    await ended.close();
    await lasting.close();

    const all = 3 * live.journal.size;
    const store = await openStore(dir, { retainAllBytes: all - live.journal.size });
    // Half of what has to go would do with the live log's segments, which are older.
    await until('retention has come round', async () => {
      const sizes = await Promise.all((await store.list()).map((log) => log.size));
      return sizes.reduce((sum, size) => sum + size, 0) <= all - live.journal.size;
    });
    expect((await segmentsIn(join(dir, live.info.id))).length).toBe(
      (await readdir(join(dir, live.info.id))).filter((name) => name.endsWith('.sse')).length,
    );
    expect((await readAll(live.journal)).length).toBe(300);

    const strict = await openStore(dir, { retainAllBytes: 1 });
    await until('only what must stay is left', async () => {
      const names = await readdir(dir);
      const segments = await Promise.all(names.map(async (name) => (await segmentsIn(join(dir, name))).length));
      return names.length === 2 && segments.every((count) => count === 1);
    });
    expect(await strict.get(ended.info.id)).toBeUndefined();
    expect((await strict.get(lasting.info.id))?.journal.lastId).toBe(300);
    expect((await readAll(live.journal))[0]).toMatchObject({ from: 1, reason: 'retention' });
    await appendNumbered(live.journal, 1);
    expect(live.journal.lastId).toBe(301);
  });

  test('goes on with each segment that a log begins', async () => {
    const dir = await tempFolder();
    const store = await openStore(dir, { segmentBytes: 2000, retainAllBytes: 10_000 });
    const old = await create(store, 'old');
    await appendNumbered(old.journal, 100);
    await old.close();
    await mkdir(join(dir, 'not-a-log'));
    const log = await create(store);
    await appendNumbered(log.journal, 400);
    await until('retention has come round', async () => {
      await appendNumbered(log.journal, 20);
      return (await store.get(old.info.id)) === undefined && log.journal.size <= 10_000;
    });
    expect(idsOf(await readAll(log.journal, log.journal.firstId), log.journal.firstId).at(-1)).toBe(log.journal.lastId);
  });
});
