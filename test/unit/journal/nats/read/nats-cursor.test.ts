import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StoredBatch } from '../../../../../agent/journal/nats/cluster/log-subject.ts';
import { createNatsCursor } from '../../../../../agent/journal/nats/read/nats-cursor.ts';
import type { ReadyBatches } from '../../../../../agent/journal/nats/read/read-ahead.ts';
import { createDeferred } from '../../../../../agent/system/deferred.ts';
import { within } from '../../../../support/deadline.ts';
import { batchAt } from '../../../../support/nats-subject.ts';

/** Batches as large as a block, of two lines each; what is lent of them is counted. */
function scopeOf(change: {
  find?: Promise<unknown>;
  unpack?: Promise<unknown>;
  after?: (id: number) => Promise<unknown>;
}) {
  const counts = { after: 0, lent: 0, released: 0 };
  const large = (seq: number): StoredBatch => ({ ...batchAt(seq), length: 100 * 1024 });
  const scope = {
    firstId: 1,
    lastId: 40,
    closed: false,
    mostBlockBytes: Number.POSITIVE_INFINITY,
    async find(id: number) {
      await change.find;
      return large(Math.ceil(id / 2));
    },
    async after(batch: StoredBatch) {
      counts.after++;
      await change.after?.(batch.lastId);
      return batch.lastId >= 40 ? [] : [large(batch.seq + 1)];
    },
    unpack(batches: readonly StoredBatch[]): ReadyBatches {
      const unpack = async () => {
        await change.unpack;
        counts.lent++;
        const bytes = Buffer.concat(await Promise.all(batches.map((batch) => batch.events())));
        return { bytes, count: batches.length, release: () => void counts.released++ };
      };
      return { batches, unpacked: unpack() };
    },
  };
  return { scope, counts };
}

async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

test('the first block is there at once: it does not wait for those that are read ahead', async () => {
  const never = new Promise(() => {});
  const { scope } = scopeOf({ after: async (id) => (id >= 6 ? never : undefined) });
  const cursor = createNatsCursor(scope, 1);
  const block = await within('the first block', cursor.next());
  expect(block).toMatchObject({ type: 'block', firstId: 1, lastId: 4 });
  cursor.close();
});

test.each(['find', 'unpack'] as const)(
  'a cursor that is closed while it waits (%s) reads no further and returns what it had',
  async (what) => {
    const gate = createDeferred();
    const { scope, counts } = scopeOf({ [what]: gate.promise });
    const cursor = createNatsCursor(scope, 1);
    const reading = cursor.next();
    await turns();
    cursor.close();
    const { after } = counts;
    gate.resolve();
    expect(await reading).toBeUndefined();
    await turns();
    expect(counts.after).toBe(after);
    expect(counts.released).toBe(counts.lent);
  },
);

test('a reader that moves elsewhere while it waits returns what it had', async () => {
  const gate = createDeferred();
  const { scope, counts } = scopeOf({ unpack: gate.promise });
  const cursor = createNatsCursor(scope, 1);
  const reading = cursor.next();
  await turns();
  cursor.seek(39);
  gate.resolve();
  const block = await reading;
  expect(block).toMatchObject({ type: 'block', firstId: 39 });
  if (block?.type === 'block') block.release?.();
  cursor.close();
  await turns();
  expect(counts.released).toBe(counts.lent);
});
