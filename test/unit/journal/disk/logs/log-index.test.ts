import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { createFileStore } from '../../../../../agent/journal/disk/logs/file-store.ts';
import { readLogIndex } from '../../../../../agent/journal/disk/logs/log-index.ts';
import { retainAll } from '../../../../../agent/journal/disk/logs/retention.ts';
import type { LogStore } from '../../../../../agent/journal/store.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const wanted = '/srv/wanted.log';

async function openStore(dir: string): Promise<LogStore> {
  const store = await createFileStore({ dir });
  onTestFinished(() => store.close());
  return store;
}

/** Logs of other files, as an agent that has ended leaves them. */
async function keepLogs(dir: string, count: number, paths = (i: number) => [`/srv/${i}/app.log`]): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `app.log-${i.toString(16).padStart(4, '0')}`);
  for (const [i, id] of ids.entries()) await keepLog(dir, id, { paths: paths(i), createdAt: i });
  return ids;
}

async function keepLog(dir: string, id: string, info: object): Promise<void> {
  const record = { version: 1, kind: 'file', name: 'app.log', cwd: '/', status: { state: 'stopped' }, ...info };
  await mkdir(join(dir, id), { recursive: true, mode: 0o700 });
  await writeFile(join(dir, id, 'log.json'), JSON.stringify(record), { mode: 0o600 });
}

const runOf = (dir: string) => openStore(dir).then((store) => store.close());

test('a start reads the log.json of no log that an agent has seen before', async () => {
  const dir = await tempFolder();
  await keepLogs(dir, 200);
  await runOf(dir);
  // Who reads these sees that each of them is what is looked for.
  await keepLogs(dir, 200, () => [wanted]);
  const store = await openStore(dir);
  expect(await store.findByPaths([wanted])).toBeUndefined();
  expect(await store.findByPaths(['/srv/7/app.log'])).toBeUndefined();
  await keepLog(dir, 'wanted.log-1f3a', { paths: [wanted], createdAt: 7 });
  expect(await store.findByPaths([wanted])).toBe('wanted.log-1f3a');
});

test('few logs are read at each start, and nothing is written beside them', async () => {
  const dir = await tempFolder();
  await keepLogs(dir, 15);
  await runOf(dir);
  expect(await readdir(dir)).toHaveLength(15);
  await keepLogs(dir, 16);
  await runOf(dir);
  expect(await readdir(dir)).toHaveLength(17);
  expect(await readdir(dir)).toContain('.index');
});

test('of a thousand logs of one file the newest is found', async () => {
  const dir = await tempFolder();
  const ids = await keepLogs(dir, 1000, () => [wanted]);
  const store = await openStore(dir);
  expect(await store.findByPaths([wanted])).toBe(ids.at(-1));
  await store.close();
  const again = await openStore(dir);
  expect(await again.findByPaths([wanted])).toBe(ids.at(-1));
  await again.remove(ids.at(-1) as string);
  expect(await again.findByPaths([wanted])).toBe(ids.at(-2));
});

test('an index that is damaged anywhere is none', async () => {
  const dir = await tempFolder();
  await keepLogs(dir, 20);
  await runOf(dir);
  const path = join(dir, '.index');
  const whole = await readFile(path);
  for (let offset = 0; offset < whole.length; offset += 7) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(offset) ^ 0x01, offset);
    await writeFile(path, damaged);
    const index = await readLogIndex(dir);
    for (let i = 0; i < 20; i++) expect(index.get(`app.log-${i.toString(16).padStart(4, '0')}`)?.createdAt).toBe(i);
  }
  await writeFile(path, whole.subarray(0, whole.length / 2));
  expect((await readLogIndex(dir)).get('app.log-0003')?.createdAt).toBe(3);
});

test('a log that was restored, copied or renamed is found', async () => {
  const dir = await tempFolder();
  const elsewhere = await tempFolder();
  await keepLogs(dir, 20);
  await runOf(dir);
  await rename(join(dir, 'app.log-0003'), join(elsewhere, 'kept'));
  expect(await (await openStore(dir)).findByPaths(['/srv/3/app.log'])).toBeUndefined();
  await cp(join(elsewhere, 'kept'), join(dir, 'restored'), { recursive: true });
  expect(await (await openStore(dir)).findByPaths(['/srv/3/app.log'])).toBe('restored');
});

test('a log whose record is not there yet is not taken down', async () => {
  const dir = await tempFolder();
  await keepLogs(dir, 20);
  await mkdir(join(dir, 'new-1'), { mode: 0o700 });
  await runOf(dir);
  await keepLog(dir, 'new-1', { paths: [wanted], createdAt: 1 });
  expect(await (await openStore(dir)).findByPaths([wanted])).toBe('new-1');
});

test('retention takes no persistent log whose id another one had when the index was written', async () => {
  const dir = await tempFolder();
  const ids = await keepLogs(dir, 20);
  for (const id of ids) await writeFile(join(dir, id, '000000000001.sse'), 'x'.repeat(100));
  await runOf(dir);
  await rm(join(dir, 'app.log-0000', 'log.json'));
  await keepLog(dir, 'app.log-0000', { lasting: true, createdAt: 0 });
  await retainAll(dir, 1, async () => false);
  expect((await readdir(dir)).filter((name) => name !== '.index')).toEqual(['app.log-0000']);
});

test('an index of another shape is as good as none', async () => {
  const dir = await tempFolder();
  await keepLogs(dir, 20);
  const text = '{"logs":1}';
  await writeFile(join(dir, '.index'), `sse-tail index 1 ${crc32(text).toString(16)}\n${text}`);
  const store = await openStore(dir);
  expect(await store.findByPaths(['/srv/7/app.log'])).toBe('app.log-0007');
});

test('a log without its record goes as others do', async () => {
  const dir = await tempFolder();
  const [id = ''] = await keepLogs(dir, 1);
  await writeFile(join(dir, id, '000000000001.sse'), 'x'.repeat(100));
  for (const text of ['', 'no JSON']) {
    await mkdir(join(dir, id), { recursive: true });
    await writeFile(join(dir, id, '000000000001.sse'), 'x'.repeat(100));
    await writeFile(join(dir, id, 'log.json'), text);
    await retainAll(dir, 1, () => Promise.resolve(false));
    expect(await readdir(dir)).not.toContain(id);
  }
});
