import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slicesOf } from '../../../agent/frame/slices.ts';
import { sealBatch } from '../../../agent/journal/disk/segment/trailer.ts';
import { parseLines } from '../../support/event-text.ts';
import { batchOf } from '../../support/journal.ts';

/** Batches as they stand in a journal, the first line of which is `firstId`. */
function blockOf(firstId: number, batches: string[][]) {
  const sealed: Buffer[] = [];
  let nextId = firstId;
  for (const texts of batches) {
    sealed.push(Buffer.from(sealBatch(batchOf(nextId, texts), '')));
    nextId += texts.length;
  }
  return { bytes: Buffer.concat(sealed), firstId, lastId: nextId - 1 };
}

const sliceBytes = 64 * 1024;

test('slices are the block in its order, each of whole lines and small enough', () => {
  const text = fc
    .tuple(fc.constantFrom(0, 1, 20, 200, 5000, 70_000, 200_000), fc.constantFrom('x', 'é', 'id: 7 '))
    .map(([length, part]) => part.repeat(length).slice(0, length));
  const batch = fc.array(text, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e12 }),
      fc.array(batch, { minLength: 1, maxLength: 4 }),
      (firstId, batches) => {
        const block = blockOf(firstId, batches);
        const slices = [...slicesOf(block)];
        expect(Buffer.concat(slices.map(({ bytes }) => bytes)).equals(block.bytes)).toBe(true);
        let nextId = firstId;
        for (const [index, slice] of slices.entries()) {
          // The first slice has the origin; what a parser needs of it is put in front of the others.
          const origin = index === 0 ? '' : 'event: origin\ndata: {"time":1}\n\n';
          const ids = parseLines(origin + slice.bytes.toString()).map(({ id }) => id);
          expect([slice.firstId, slice.lastId]).toEqual([nextId, nextId + ids.length - 1]);
          expect(ids).toEqual(ids.map((_, at) => nextId + at));
          if (ids.length > 1 && slice !== slices.at(-1)) expect(slice.bytes.length).toBeLessThanOrEqual(sliceBytes);
          nextId = slice.lastId + 1;
        }
        expect(nextId).toBe(block.lastId + 1);
      },
    ),
    { numRuns: 60 },
  );
});

test('a small block is its own slice, without a copy', () => {
  const block = blockOf(1, [['a', 'b']]);
  expect([...slicesOf(block)]).toEqual([block]);
  expect([...slicesOf(block)][0]?.bytes).toBe(block.bytes);
});

test('a line that is longer than a slice is one', () => {
  const long = 'x'.repeat(200_000);
  const slices = [...slicesOf(blockOf(8, [['a', long, 'b', long, long, 'c']]))];
  expect(slices.map(({ firstId, lastId }) => [firstId, lastId])).toEqual([
    [8, 8],
    [9, 9],
    [10, 10],
    [11, 11],
    [12, 12],
    [13, 13],
  ]);
});
