import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createExtent } from '../../../../agent/journal/nats/extent.ts';
import type { Mark } from '../../../../agent/journal/nats/read/batch-index.ts';

/** Two lines a batch, of a hundred bytes. */
function batchAt(seq: number, firstId = 2 * seq - 1): Mark {
  return { seq, firstId, lastId: firstId + 1, epoch: 1, offset: 50 * (firstId - 1), length: 100 };
}

/** What a writer stores when it begins after a line. */
function claimAt(seq: number, lastId: number): Mark {
  return { ...batchAt(seq, lastId + 1), lastId, length: 0 };
}

function extentOf(...batches: Mark[]) {
  const extent = createExtent();
  for (const batch of batches) extent.add(batch);
  return extent;
}

it('a log has the lines of its batches, from the first one that is kept on', () => {
  const extent = extentOf(batchAt(1), batchAt(2), batchAt(3));
  expect(extent).toMatchObject({ firstId: 1, lastId: 6, lastSeq: 3, size: 300 });
  extent.beginWith(batchAt(2));
  expect(extent).toMatchObject({ firstId: 3, lastId: 6, size: 200 });
  expect(extent.index.around(1).before).toBeUndefined();
});

it('a claim moves its end in the stream, and adds no line', () => {
  const extent = extentOf(batchAt(1), batchAt(2), claimAt(5, 4));
  expect(extent).toMatchObject({ firstId: 1, lastId: 4, lastSeq: 5, size: 200 });
  expect(extent.last).toMatchObject({ seq: 5, firstId: 3, lastId: 4 });
  expect(extentOf(claimAt(1, 0))).toMatchObject({ firstId: 1, lastId: 0, first: undefined, last: undefined });
});

it('what a stream has lost stays, until as many lines are there again', () => {
  const extent = extentOf(batchAt(1), batchAt(2), batchAt(3));
  extent.beginWith(batchAt(2));
  extent.lose();
  expect(extent).toMatchObject({ firstId: 3, lastId: 6, lastSeq: 0, isRefilling: true, last: undefined });
  extent.add(batchAt(3));
  expect(extent).toMatchObject({ firstId: 5, lastId: 6, isRefilling: false });
});

it('lines that are known from elsewhere are to come', () => {
  const extent = extentOf(batchAt(1));
  extent.learn(4, undefined);
  expect(extent).toMatchObject({ firstId: 1, lastId: 4, isRefilling: true });
  extent.add(batchAt(2));
  expect(extent).toMatchObject({ firstId: 1, lastId: 4, isRefilling: false });
});

it('what retention took, up to the end that its writer has told, does not come again', () => {
  for (const lastId of [6, 8]) {
    const extent = createExtent();
    extent.learn(6, { created: '', seq: 3, lastId: 6, offset: 300 });
    extent.learn(lastId, undefined);
    extent.clear();
    expect(extent.isRefilling).toBe(lastId > 6);
    expect(extent.firstId).toBe(lastId > 6 ? 1 : 7);
  }
});

it('whatever happens to its stream, the last line never falls, and the first one is there or comes next', () => {
  const seq = fc.integer({ min: 1, max: 9 });
  const change = fc.oneof(
    fc.record({ add: seq }),
    fc.record({ claim: seq }),
    fc.record({ learn: fc.nat(20) }),
    fc.constantFrom('lose' as const, 'clear' as const),
  );
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const extent = createExtent();
      let { lastId } = extent;
      for (const one of changes) {
        if (one === 'lose' || one === 'clear') extent[one]();
        else if ('add' in one) extent.add(batchAt(one.add));
        else if ('claim' in one) extent.add(claimAt(one.claim, extent.lastId));
        else extent.learn(one.learn, undefined);
        expect(extent.lastId).toBeGreaterThanOrEqual(lastId);
        expect(extent.firstId).toBeGreaterThan(0);
        expect(extent.firstId).toBeLessThanOrEqual(extent.lastId + 1);
        ({ lastId } = extent);
      }
    }),
  );
});
