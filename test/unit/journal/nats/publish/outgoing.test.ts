import { expect, test } from 'vitest';
import type { BlockOrGap, Cursor } from '../../../../../agent/journal/journal.ts';
import { createOutgoing, type OutgoingBatch } from '../../../../../agent/journal/nats/publish/outgoing.ts';
import { batchOf } from '../../../../support/journal.ts';

/** Blocks of ten lines each, and which of them were given back. */
function cursorOf(blocks: number) {
  const released: number[] = [];
  let given = 0;
  const cursor = {
    async next(): Promise<BlockOrGap | undefined> {
      if (given === blocks) return undefined;
      const at = given++;
      const { bytes, length, firstId, lastId } = batchOf(
        at * 10 + 1,
        Array.from({ length: 10 }, () => 'x'.repeat(100)),
      );
      const block = { bytes: bytes.subarray(0, length), firstId, lastId };
      return { type: 'block', ...block, release: () => released.push(at) };
    },
  } as unknown as Cursor;
  return { cursor, released };
}

test('a block is cut into batches, and given back when all of them are stored', async () => {
  const { cursor, released } = cursorOf(2);
  const outgoing = createOutgoing(cursor, 600);
  const batches: OutgoingBatch[] = [];
  for (let next = await outgoing.next(); next !== undefined; next = await outgoing.next()) batches.push(next);
  expect(batches.length).toBeGreaterThan(2);
  expect(batches.map(({ part }) => part.firstId)).toEqual([
    1,
    ...batches.slice(0, -1).map(({ part }) => part.lastId + 1),
  ]);
  expect(released).toEqual([]);
  for (const { part, release } of batches) {
    expect(released).toEqual(part.firstId <= 10 ? [] : [0]);
    release();
  }
  expect(released).toEqual([0, 1]);
});
