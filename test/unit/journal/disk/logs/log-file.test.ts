import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFileStore } from '../../../../../agent/journal/disk/logs/file-store.ts';
import { createLogFile, readRecord } from '../../../../../agent/journal/disk/logs/log-file.ts';
import type { LogStatus } from '../../../../../agent/words/log.ts';
import { append, appendNumbered, idsOf, range, readAll } from '../../../../support/journal.ts';
import { actAsOwnerOf, tempFolder } from '../../../../support/temp-folder.ts';

const exited: LogStatus = { state: 'exited', code: 3, signal: null, startedAt: 5, endedAt: 9 };

test('what is saved is written, also after a flush of nothing', async () => {
  const dir = await tempFolder();
  const info = { id: 'x-1', kind: 'stdin', name: 'x', cwd: '/', createdAt: 1 } as const;
  const file = createLogFile(dir, () => ({ info, status: exited, sources: [], beginnings: [] }));
  await file.flush();
  file.save();
  await file.flush();
  expect((await readRecord(dir)).status).toEqual(exited);
});

test('the number of its last writer in a store is kept, and one that leaves no room for another is not', async () => {
  const dir = await tempFolder();
  const first = await createFileStore({ dir });
  const log = await first.create({ kind: 'stdin', name: 'x', cwd: '/' });
  const { id } = log.info;
  expect(log.epoch).toBeUndefined();
  await log.keepEpoch(176_000_000_000_042);
  const path = join(dir, id, 'log.json');
  const written = await readFile(path, 'utf8');
  expect(JSON.parse(written).epoch).toBe(176_000_000_000_042);
  await first.close();
  const epochOf = async () => {
    const store = await createFileStore({ dir });
    const { epoch } = await store.resume(id);
    await store.close();
    return epoch;
  };
  expect(await epochOf()).toBe(176_000_000_000_042);
  for (const nonsense of ['999999999999999', '9007199254740991', '-1', '0.5', '"7"', 'null']) {
    await writeFile(path, written.replace('176000000000042', nonsense));
    expect(await epochOf(), nonsense).toBeUndefined();
  }
});

test('a log.json that may not be read is told, and nothing is made up in its place', async () => {
  const dir = await tempFolder();
  await actAsOwnerOf(dir);
  const path = join(dir, 'log.json');
  await writeFile(path, '{}', { mode: 0o000 });
  await expect(readRecord(dir)).rejects.toMatchObject({
    kind: 'journal',
    message: `${path} can't be read: permission is denied (EACCES).`,
  });
});

test('a log.json with a flipped byte costs what it says, and nothing else', async () => {
  const dir = await tempFolder();
  const paths = ['/srv/build.log'];
  const first = await createFileStore({ dir });
  const { info, journal, setStatus, addSource } = await first.create({
    kind: 'file',
    name: 'build',
    cwd: '/srv',
    paths,
  });
  await appendNumbered(journal, 3);
  addSource('build.log');
  setStatus(exited);
  await first.close();
  const path = join(dir, info.id, 'log.json');
  const whole = await readFile(path);
  const masks = fc.sample(fc.integer({ min: 1, max: 255 }), whole.length);
  for (const offset of whole.keys()) {
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(offset) ^ (masks[offset] as number), offset);
    await writeFile(path, flipped);
    const at = `byte ${offset}, mask ${masks[offset]}: ${flipped}`;
    const store = await createFileStore({ dir });
    const [summary, ...more] = await store.list();
    expect(summary, at).toMatchObject({ id: info.id, name: expect.any(String), first: 1, last: 3 });
    expect(summary?.kind, at).toMatch(/^(file|command|stdin)$/);
    expect(summary?.status.state, at).toMatch(/^(running|following|waiting|exited|stopped)$/);
    expect(new Date(summary?.createdAt as number).getTime(), at).not.toBeNaN();
    expect(more).toEqual([]);
    await store.findByPaths(paths);
    await store.findByName('build');
    const log = await store.get(info.id);
    expect(log === undefined ? [] : idsOf(await readAll(log.journal)), at).toEqual(range(1, 3));
    await store.close();
  }
  const store = await createFileStore({ dir });
  const log = await store.resume(info.id);
  await append(log.journal, ['line 4']);
  expect(idsOf(await readAll(log.journal))).toEqual(range(1, 4));
  await store.close();
});

test.each<[string, object]>([
  ['a kind that there is not', { kind: 'files' }],
  ['no time', { createdAt: null }],
  ['a time that no calendar has', { createdAt: 1e300 }],
  ['paths that are no list', { paths: 5 }],
  ['a path that is no text', { paths: [5] }],
  ['a status that there is not', { status: { state: 'runing' } }],
  ['an end without a time', { status: { ...exited, endedAt: undefined } }],
  ['no status', { status: null }],
])('a log.json with %s is as good as none', async (_, wrong) => {
  const dir = await tempFolder();
  const right = { version: 1, kind: 'file', name: 'build', cwd: '/', createdAt: 5, status: exited };
  await writeFile(join(dir, 'log.json'), JSON.stringify(right));
  expect(await readRecord(dir)).toMatchObject({ info: { kind: 'file', name: 'build', createdAt: 5 }, status: exited });
  await writeFile(join(dir, 'log.json'), JSON.stringify({ ...right, ...wrong }));
  expect(await readRecord(dir)).toMatchObject({ info: { kind: 'stdin', name: expect.not.stringMatching('build') } });
});

test('what is wrong among sources and beginnings is left out', async () => {
  const dir = await tempFolder();
  const beginning = { source: 'a', path: '/a', file: '1:2', offset: 0, head: { length: 0, crc: 0 } };
  const beginnings = [null, 'a', { ...beginning, offset: '7' }, { ...beginning, head: null }, beginning];
  const record = { version: 1, kind: 'file', name: 'build', cwd: '/', createdAt: 5, status: { state: 'stopped' } };
  await writeFile(join(dir, 'log.json'), JSON.stringify({ ...record, sources: ['a', 5, null, 'b'], beginnings }));
  expect(await readRecord(dir)).toMatchObject({ sources: ['a', 'b'], beginnings: [beginning] });
});
