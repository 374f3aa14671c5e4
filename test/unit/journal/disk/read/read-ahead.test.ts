import { readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createBlockMemory } from '../../../../../agent/journal/block-memory.ts';
import { createReadAhead, readSize, type Spot, startRead } from '../../../../../agent/journal/disk/read/read-ahead.ts';
import { createSegment } from '../../../../../agent/journal/disk/segment/segment.ts';
import { createSharedHandle } from '../../../../../agent/journal/disk/segment/shared-handle.ts';
import { until } from '../../../../support/deadline.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

async function spotIn(text: string): Promise<Spot> {
  const segment = createSegment(await tempFolder(), 1, text.length);
  await writeFile(segment.path, text);
  const shared = segment.handle;
  const handle = await shared.acquire();
  return { segment, shared, handle, offset: 0 };
}

test('what was begun at a place is there for whoever comes to it, once', async () => {
  const spot = await spotIn('0123456789');
  onTestFinished(() => spot.shared.release());
  const ahead = createReadAhead(createBlockMemory(100));
  ahead.begin({ ...spot, offset: 4 }, 3);
  const read = ahead.take({ ...spot, offset: 4 });
  expect(await read?.length).toBe(3);
  expect(read?.buffer.toString('latin1', 0, 3)).toBe('456');
  expect(read?.reachesEnd).toBe(false);
  expect(ahead.take({ ...spot, offset: 4 })).toBeUndefined();
  ahead.begin({ ...spot, offset: 4 }, 100);
  expect(ahead.take({ ...spot, offset: 4 })).toMatchObject({ wanted: 6, reachesEnd: true });
});

test('what was begun elsewhere, or in a file that was made again, is dropped', async () => {
  const spot = await spotIn('0123456789');
  onTestFinished(() => spot.shared.release());
  const ahead = createReadAhead(createBlockMemory(100));
  ahead.begin({ ...spot, offset: 4 }, 3);
  expect(ahead.take({ ...spot, offset: 5 })).toBeUndefined();
  expect(ahead.take({ ...spot, offset: 4 })).toBeUndefined();
  ahead.begin({ ...spot, offset: 4 }, 3);
  expect(ahead.take({ ...spot, shared: createSharedHandle(spot.segment.path), offset: 4 })).toBeUndefined();
});

test('what is dropped gives back its memory and lets go of the file, however early', async () => {
  const memory = createBlockMemory(100);
  for (let round = 0; round < 20; round++) {
    const spot = await spotIn('0123456789');
    const ahead = createReadAhead(memory);
    ahead.begin(spot, 10);
    spot.shared.release();
    ahead.drop();
    ahead.drop();
    await until('the file closed', async () => !(await openFiles()).includes(spot.segment.path));
  }
  // More than may be under way at a time.
  expect(memory.takeSpare(100)).toBeDefined();
});

test('nothing is begun behind the end', async () => {
  const spot = await spotIn('0123456789');
  onTestFinished(() => spot.shared.release());
  const ahead = createReadAhead(createBlockMemory(100));
  ahead.begin({ ...spot, offset: 10 }, 3);
  expect(ahead.take({ ...spot, offset: 10 })).toBeUndefined();
});

async function openFiles(): Promise<string[]> {
  const folder = '/proc/self/fd';
  const links = (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => ''));
  return Promise.all(links);
}

test('a read ends at a boundary where one is known and not too far, so that no batch is read in part', async () => {
  const spot = await spotIn('');
  const { segment } = spot;
  onTestFinished(() => spot.shared.release());
  segment.size = 64 * 1024 * 1024;
  for (const [id, offset] of [
    [2, 100_000],
    [3, 1_400_000],
    [4, 5_000_000],
  ] as const)
    segment.offsets.add(id, offset);
  const sizes = [0, 100_000, 1_400_000, 5_000_000].map((offset) => readSize({ ...spot, offset }, 128 * 1024));
  expect(sizes).toEqual([100_000, 1_300_000, 128 * 1024, 128 * 1024]);
  const buffer = Buffer.alloc(2_000_000);
  expect(startRead(spot, buffer, 100_000).reachesEnd).toBe(true);
  expect(startRead(spot, buffer, 100_001).reachesEnd).toBe(false);
  expect(startRead({ ...spot, offset: 100_000 }, buffer, 1_300_000).reachesEnd).toBe(true);
});
