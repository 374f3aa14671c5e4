import { expect, it } from 'vitest';
import { createBatchCache } from '../../../../agent/journal/nats/batch-cache.ts';
import type { StoredBatch } from '../../../../agent/journal/nats/log-subject.ts';

const batch = (seq: number, storedBytes: number) => ({ seq, storedBytes }) as StoredBatch;

it('keeps so many bytes, of what was asked for last', () => {
  const cache = createBatchCache(100);
  cache.put('a', batch(1, 40));
  cache.put('a', batch(2, 40));
  expect(cache.get('a', 1)?.seq).toBe(1);
  cache.put('b', batch(1, 40));
  expect([cache.get('a', 1)?.seq, cache.get('a', 2), cache.get('b', 1)?.seq]).toEqual([1, undefined, 1]);
  cache.put('a', batch(1, 60));
  expect([cache.get('a', 1)?.storedBytes, cache.get('b', 1)?.seq]).toEqual([60, 1]);
  cache.put('c', batch(1, 101));
  expect([cache.get('a', 1), cache.get('b', 1), cache.get('c', 1)]).toEqual([undefined, undefined, undefined]);
});

it('forgets a log without the others', () => {
  const cache = createBatchCache(100);
  cache.put('a', batch(1, 40));
  cache.put('ab', batch(1, 40));
  cache.drop('a');
  expect([cache.get('a', 1), cache.get('ab', 1)?.seq]).toEqual([undefined, 1]);
  cache.put('a', batch(2, 60));
  expect(cache.get('ab', 1)?.seq).toBe(1);
});

it('has on disk what was unpacked twice', async () => {
  const disk = new Map<string, Buffer>();
  let unpacked = 0;
  const large = {
    ...{ seq: 1, storedBytes: 40, length: 20_000 },
    async events() {
      unpacked++;
      return Buffer.from('events');
    },
  } as unknown as StoredBatch;
  const cache = createBatchCache(100, {
    async read(key) {
      const bytes = disk.get(key);
      return bytes && { bytes, release() {} };
    },
    put: (key, bytes) => void disk.set(key, bytes),
    drop: () => disk.clear(),
    async close() {},
  });
  for (let n = 0; n < 4; n++) expect((await cache.events('a', large)).bytes.toString()).toBe('events');
  expect([unpacked, [...disk.keys()]]).toEqual([2, ['a 1']]);
  cache.drop('a');
  await cache.events('a', large);
  expect(unpacked).toBe(3);
});
