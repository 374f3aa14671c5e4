import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StoredBatch } from '../../../../../agent/journal/nats/cluster/log-subject.ts';
import { createBatchIndex, locate, type Mark } from '../../../../../agent/journal/nats/read/batch-index.ts';

/** Batches of a log among those of others, some of them missing. */
const streams = fc
  .array(fc.record({ lines: fc.integer({ min: 1, max: 9 }), skip: fc.nat(20), isGone: fc.boolean() }), { minLength: 1 })
  .map((batches) => {
    const marks: Mark[] = [];
    let [seq, lastId] = [0, 0];
    for (const [at, { lines, skip, isGone }] of batches.entries()) {
      seq += 1 + skip;
      const mark = { seq, firstId: lastId + 1, lastId: lastId + lines, epoch: 1, offset: lastId, length: lines };
      lastId = mark.lastId;
      if (!isGone || at === 0 || at === batches.length - 1) marks.push(mark);
    }
    return marks;
  });

it('finds the batch of any line by its sequence, or how far there is none', async () => {
  await fc.assert(
    fc.asyncProperty(streams, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), async (marks, wishes) => {
      const [first, last] = [marks[0] as Mark, marks.at(-1) as Mark];
      const index = createBatchIndex();
      index.add(first);
      index.add(last);
      let asked = 0;
      const next = async (seq: number) => {
        asked++;
        return marks.find((mark) => mark.seq >= seq) as StoredBatch | undefined;
      };
      for (const wish of wishes) {
        const id = 1 + (wish % last.lastId);
        const holder = marks.find((mark) => mark.firstId <= id && mark.lastId >= id);
        const following = marks.find((mark) => mark.firstId > id);
        const found = await locate(id, { first, last, index }, next);
        expect(found).toEqual(holder ?? { goneUpTo: (following?.firstId ?? Number.NaN) - 1 });
      }
      expect(asked).toBeLessThanOrEqual(wishes.length * (3 + 3 * Math.ceil(Math.log2(last.seq + 1))));
    }),
  );
});

it('knows a bounded number of batches, the last among them', () => {
  const index = createBatchIndex();
  for (let id = 1; id <= 50_000; id++) index.add({ seq: id, firstId: id, lastId: id, epoch: 1, offset: id, length: 1 });
  const known = Array.from({ length: 50_000 }, (_, at) => index.around(at + 1).before?.firstId);
  expect(new Set(known).size).toBeLessThanOrEqual(4097);
  expect(known.at(-1)).toBe(50_000);
});
