import { expect, it } from 'vitest';
import type { StoredBatch } from '../../../../../agent/journal/nats/cluster/log-subject.ts';
import { createBatchCache } from '../../../../../agent/journal/nats/read/batch-cache.ts';

const marked = (seq: number) => ({ seq, epoch: 1, firstId: seq, lastId: seq, offset: 0, length: 0 });
const batch = (seq: number, storedBytes: number) => ({ ...marked(seq), storedBytes }) as StoredBatch;

it('keeps so many bytes, of what was asked for last', () => {
  const cache = createBatchCache(110_000, 1024);
  cache.put('a', batch(1, 40_000));
  cache.put('a', batch(2, 40_000));
  expect(cache.get('a', marked(1))?.seq).toBe(1);
  cache.put('b', batch(1, 40_000));
  expect([cache.get('a', marked(1))?.seq, cache.get('a', marked(2)), cache.get('b', marked(1))?.seq]).toEqual([
    1,
    undefined,
    1,
  ]);
  cache.put('a', batch(1, 60_000));
  expect([cache.get('a', marked(1))?.storedBytes, cache.get('b', marked(1))?.seq]).toEqual([60_000, 1]);
  cache.put('c', batch(1, 111_000));
  expect([cache.get('a', marked(1)), cache.get('b', marked(1)), cache.get('c', marked(1))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('counts what small batches take beside their bytes', () => {
  const cache = createBatchCache(1024 * 1024, 1024);
  for (let seq = 1; seq <= 10_000; seq++) cache.put('a', batch(seq, 100));
  const kept = Array.from({ length: 10_000 }, (_, at) => cache.get('a', marked(at + 1))).filter(
    (one) => one !== undefined,
  );
  expect(kept.length).toBeGreaterThan(100);
  expect(kept.length).toBeLessThan(1000);
  expect(kept.at(-1)?.seq).toBe(10_000);
});

it('has nothing of another batch with the same sequence: the stream was lost, and filled again', () => {
  const cache = createBatchCache(110_000, 1024);
  cache.put('a', batch(1, 40));
  expect(cache.get('a', marked(1))).toBeDefined();
  for (const other of [{ firstId: 0 }, { lastId: 2 }, { epoch: 2 }, { length: 1 }]) {
    expect(cache.get('a', { ...marked(1), ...other })).toBeUndefined();
  }
});

it('forgets a log without the others', () => {
  const cache = createBatchCache(110_000, 1024);
  cache.put('a', batch(1, 40_000));
  cache.put('ab', batch(1, 40_000));
  cache.drop('a');
  expect([cache.get('a', marked(1)), cache.get('ab', marked(1))?.seq]).toEqual([undefined, 1]);
  cache.put('a', batch(2, 60_000));
  expect(cache.get('ab', marked(1))?.seq).toBe(1);
});

/** Of so many bytes, all of them the sequence's digit. */
function unpackable(seq: number, length: number, onUnpack = () => {}): StoredBatch {
  const events = async () => {
    onUnpack();
    return Buffer.alloc(length, String(seq));
  };
  return { ...batch(seq, 40), length, events } as unknown as StoredBatch;
}

it('has on disk what was unpacked twice', async () => {
  const disk = new Map<string, Buffer>();
  let unpacked = 0;
  const large = unpackable(1, 20_000, () => unpacked++);
  const cache = createBatchCache(100, 1024, {
    read: async (key, target) => (disk.get(key)?.copy(target) ?? 0) === target.length,
    put: (key, bytes) => void disk.set(key, bytes),
    drop: () => disk.clear(),
    async close() {},
  });
  const read = async () => (await cache.unpack('a', [large])).bytes;
  for (let n = 0; n < 4; n++) expect(await read()).toEqual(Buffer.alloc(20_000, '1'));
  expect([unpacked, [...disk.keys()]]).toEqual([2, ['a 1 1-1 20000']]);
  cache.drop('a');
  await read();
  expect(unpacked).toBe(3);
});

it('gives several batches in one buffer, up to one that is damaged', async () => {
  const cache = createBatchCache(100, 1024);
  const damaged = { ...unpackable(3, 10), events: () => Promise.reject(new Error('Decompression failed')) };
  const batches = [unpackable(1, 10), unpackable(2, 20), damaged, unpackable(4, 10)];
  const { bytes, count } = await cache.unpack('a', batches);
  expect([bytes.toString(), count]).toEqual([`${'1'.repeat(10)}${'2'.repeat(20)}`, 2]);
  expect(await cache.unpack('a', batches.slice(2))).toMatchObject({ bytes: Buffer.alloc(0), count: 0 });
});

it('uses the memory of a block again that was given back, and never while somebody has it', async () => {
  const cache = createBatchCache(100, 256 * 1024);
  const [one, two] = [1, 2].map((seq) => unpackable(seq, 200 * 1024)) as [StoredBatch, StoredBatch];
  const first = await cache.unpack('a', [one]);
  const second = await cache.unpack('a', [two]);
  first.release();
  first.release();
  const [third, fourth] = [await cache.unpack('a', [two]), await cache.unpack('a', [one])];
  expect(third.bytes.buffer).toBe(first.bytes.buffer);
  expect([second, third, fourth].map(({ bytes }) => bytes.toString('latin1', 0, 1))).toEqual(['2', '2', '1']);
});
