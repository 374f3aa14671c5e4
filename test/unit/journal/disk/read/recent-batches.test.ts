import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createBlockMemory } from '../../../../../agent/journal/block-memory.ts';
import { createRecentBatches } from '../../../../../agent/journal/disk/read/recent-batches.ts';
import { openFileJournal } from '../../../../../agent/journal/disk/write/file-journal.ts';
import type { LentBlock } from '../../../../../agent/journal/journal.ts';
import { append, batchOf, drain, givenBy, idsOf, range, readAll } from '../../../../support/journal.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const longText = 'x'.repeat(100);

/** So many lines, of which each `perOrigin` have an origin of their own. */
function linesOf(firstId: number, count: number, perOrigin = count) {
  const texts = Array.from({ length: count }, (_, at) => `line ${firstId + at} ${longText}`);
  const origins = texts.map((_, at) => ({ time: firstId + Math.floor(at / perOrigin) }));
  return batchOf(firstId, texts, origins);
}

test('whatever part of a recent batch is asked for is given as it stands in the file', async () => {
  const dir = await tempFolder();
  const journal = await openFileJournal({ dir });
  onTestFinished(() => journal.close());
  for (const [count, perOrigin] of [
    [3000, 3000],
    [2000, 1],
    [5000, 700],
  ] as const) {
    await journal.append(linesOf(journal.lastId + 1, count, perOrigin));
  }
  const reopened = await openFileJournal({ dir });
  const expected = await readAll(reopened);
  await reopened.close();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 10_000 }), async (from, more) => {
      const to = from + more;
      expect(await readAll(journal, from, to)).toEqual(expected.slice(from - 1, to));
    }),
    { numRuns: 40 },
  );
});

test('a reader that is just behind does not read the file', async () => {
  const dir = await tempFolder();
  const journal = await openFileJournal({ dir });
  onTestFinished(() => journal.close());
  for (let times = 0; times < 3; times++) await journal.append(linesOf(journal.lastId + 1, 1000));
  const cursor = journal.read(1500);
  const [segment] = journal.segments;
  await writeFile(segment?.path ?? '', Buffer.alloc(segment?.size ?? 0, 'damaged '));
  expect(idsOf(await drain(cursor), 1500)).toEqual(range(1500, 3000));
  expect(await readAll(journal, 1, 1000)).toEqual([{ from: 1, to: 1000, reason: 'damage' }]);
});

test('the lines of a burst are given in order also where single ones come in between', async () => {
  const journal = await openFileJournal({ dir: await tempFolder() });
  onTestFinished(() => journal.close());
  const cursor = journal.read(1);
  const ids: number[] = [];
  for (const count of [1000, 1, 1, 2000, 1, 3000, 4000, 1]) {
    if (count === 1) await append(journal, ['one']);
    else await journal.append(linesOf(journal.lastId + 1, count));
    if (count !== 3000) ids.push(...idsOf(await drain(cursor), ids.length + 1));
  }
  expect(ids).toEqual(range(1, journal.lastId));
});

test('a batch is released once when it is not recent any more and nobody has it', () => {
  const recent = createRecentBatches();
  const memory = createBlockMemory(1024 * 1024);
  const released: number[] = [];
  let nextId = 1;
  function add(count: number): void {
    const { bytes, length, firstId, lastId } = linesOf(nextId, count);
    recent.add({ bytes, length, firstId, lastId, release: () => released.push(firstId) });
    nextId += count;
  }
  const lend = (from: number, to = Number.POSITIVE_INFINITY) => recent.lend(from, to, memory) as LentBlock;

  add(1);
  expect(released).toEqual([1]);
  add(1000);
  const [lent, again] = [lend(2), lend(2)];
  const copied = lend(500, 510);
  add(1000);
  add(1000);
  expect(recent.lend(2, 1001, memory)).toBeUndefined();
  expect(idsOf(givenBy({ type: 'block', ...lent }), 2)).toEqual(range(2, 1001));
  lent.release();
  lent.release();
  expect(released).toEqual([1]);
  again.release();
  expect(released).toEqual([1, 2]);
  expect(idsOf(givenBy({ type: 'block', ...copied }), 500)).toEqual(range(500, 510));
  copied.release();
  add(1000);
  expect(released).toEqual([1, 2, 1002]);
});

test('a journal that is closed keeps no batch but those that somebody has', async () => {
  const released: number[] = [];
  const journal = await openFileJournal({ dir: await tempFolder() });
  for (let times = 0; times < 2; times++) {
    const batch = linesOf(journal.lastId + 1, 1000);
    await journal.append({ ...batch, release: () => released.push(batch.firstId) });
  }
  const lent = await journal.read(1001).next();
  expect(released).toEqual([]);
  await journal.close();
  expect(released).toEqual([1]);
  if (lent?.type === 'block') lent.release();
  expect(released).toEqual([1, 1001]);
});
