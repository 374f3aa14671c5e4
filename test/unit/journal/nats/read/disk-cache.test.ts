import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type DiskCache, openDiskCache } from '../../../../../agent/journal/nats/read/disk-cache.ts';
import { until } from '../../../../support/deadline.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const KiB = 1024;

async function openCache(mostBytes: number) {
  const parent = join(await tempFolder(), 'cache');
  mkdirSync(parent);
  const cache = (await openDiskCache(parent, mostBytes)) as DiskCache;
  onTestFinished(() => cache.close());
  const dir = join(parent, readdirSync(parent)[0] as string);
  return { cache, parent, dir };
}

/** It may say no while a file is opened or much is being written. */
const kept = (cache: DiskCache, key: string, bytes: Buffer) =>
  until(`${key} is kept`, async () => {
    cache.put(key, bytes);
    return (await read(cache, key, bytes.length)) !== undefined;
  });

async function read(cache: DiskCache, key: string, length: number): Promise<Buffer | undefined> {
  const target = Buffer.alloc(length);
  return (await cache.read(key, target)) ? target : undefined;
}

const filesIn = (dir: string) => readdirSync(dir).map((name) => join(dir, name));
const bytesIn = (dir: string) => filesIn(dir).reduce((sum, path) => sum + statSync(path).size, 0);

test('what is put there comes back, in a directory of this user that goes with it', async () => {
  const { cache, parent, dir } = await openCache(1024 * KiB);
  const bytes = randomBytes(50 * KiB);
  await kept(cache, 'a 1', bytes);
  expect(await read(cache, 'a 1', bytes.length)).toEqual(bytes);
  expect(await read(cache, 'a 1', bytes.length - 1)).toBeUndefined();
  expect(await read(cache, 'a 2', bytes.length)).toBeUndefined();
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  for (const path of filesIn(dir)) expect(statSync(path).mode & 0o777).toBe(0o600);
  cache.drop('a ');
  expect(await read(cache, 'a 1', bytes.length)).toBeUndefined();
  await cache.close();
  expect(readdirSync(parent)).toEqual([]);
});

test('it takes no more room than it may, and the newest stays', async () => {
  const { cache, dir } = await openCache(800 * KiB);
  for (let n = 1; n <= 60; n++) {
    await kept(cache, `a ${n}`, randomBytes(30 * KiB));
    expect(bytesIn(dir)).toBeLessThanOrEqual(900 * KiB);
  }
  expect(await read(cache, 'a 1', 30 * KiB)).toBeUndefined();
  expect(await read(cache, 'a 60', 30 * KiB)).toHaveLength(30 * KiB);
  cache.put('too large', randomBytes(101 * KiB));
  expect(await read(cache, 'too large', 101 * KiB)).toBeUndefined();
});

test('damage is no content: what was changed or cut off is not given', async () => {
  const { cache, dir } = await openCache(8 * 1024 * KiB);
  await kept(cache, 'a 1', randomBytes(20 * KiB));
  await kept(cache, 'a 2', randomBytes(20 * KiB));
  await kept(cache, 'a 3', randomBytes(20 * KiB));
  const [path] = filesIn(dir) as [string];
  const content = readFileSync(path);
  const at = content.length - 30 * KiB;
  content.writeUInt8(content.readUInt8(at) ^ 1, at);
  writeFileSync(path, content.subarray(0, content.length - 1));
  expect(await read(cache, 'a 1', 20 * KiB)).toHaveLength(20 * KiB);
  expect(await read(cache, 'a 2', 20 * KiB)).toBeUndefined();
  expect(await read(cache, 'a 3', 20 * KiB)).toBeUndefined();
  const again = randomBytes(20 * KiB);
  await kept(cache, 'a 2', again);
  expect(await read(cache, 'a 2', again.length)).toEqual(again);
});

test('it can be deleted at any time', async () => {
  const { cache, dir } = await openCache(800 * KiB);
  await kept(cache, 'a 1', randomBytes(90 * KiB));
  rmSync(dir, { recursive: true });
  for (let n = 2; n < 20; n++) cache.put(`a ${n}`, randomBytes(90 * KiB));
  // It has its file open.
  expect(await read(cache, 'a 1', 90 * KiB)).toHaveLength(90 * KiB);
  await cache.close();
});

test('what a killed gateway left is removed, and what a living one has is not', async () => {
  const { cache, parent, dir } = await openCache(800 * KiB);
  mkdirSync(join(parent, 'gateway-999999999-left'));
  mkdirSync(join(parent, 'not-ours'));
  const other = (await openDiskCache(parent, 800 * KiB)) as DiskCache;
  expect(readdirSync(parent)).not.toContain('gateway-999999999-left');
  expect(readdirSync(parent)).toContain('not-ours');
  await other.close();
  expect(statSync(dir).isDirectory()).toBe(true);
  await kept(cache, 'a 1', randomBytes(20 * KiB));
});

test('where there is no place for it there is none', async () => {
  const file = join(await tempFolder(), 'file');
  writeFileSync(file, '');
  expect(await openDiskCache(join(file, 'cache'), KiB)).toBeUndefined();
});
