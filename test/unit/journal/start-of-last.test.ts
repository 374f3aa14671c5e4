import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createOriginFilter } from '../../../agent/frame/filter.ts';
import { openFileJournal } from '../../../agent/journal/disk/write/file-journal.ts';
import { startOfLast } from '../../../agent/journal/start-of-last.ts';
import { append, range } from '../../support/journal.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const lines = 9000;
const errors = () => createOriginFilter(({ stream }) => stream === 'stderr');

/** Of the first lines every third is an error, of most none, of the last two both. */
function isError(id: number): boolean {
  return (id <= 300 && id % 3 === 0) || id > lines - 2;
}

async function openJournal() {
  const journal = await openFileJournal({ dir: await tempFolder() });
  onTestFinished(() => journal.close());
  for (let id = 1; id <= lines; ) {
    const first = id;
    while (id <= lines && isError(id) === isError(first) && id - first < 500) id++;
    const texts = range(first, id - 1).map((one) => `line ${one}`);
    const origin = isError(first) ? { time: first, stream: 'stderr' as const } : { time: first };
    await append(journal, texts, { origin });
  }
  return journal;
}

test('the last lines that a filter lets through begin where a look at every line says', async () => {
  const journal = await openJournal();
  const wanted = range(1, lines).filter(isError);
  const ids = fc.integer({ min: 1, max: lines });
  const count = fc.constantFrom(1, 2, 3, 50, 1000);
  const property = fc.asyncProperty(ids, ids, count, async (one, other, most) => {
    const [from, to] = [Math.min(one, other), Math.max(one, other)];
    const expected = wanted.filter((id) => id >= from && id <= to).slice(-most)[0] ?? to + 1;
    expect(await startOfLast(most, { from, to }, errors(), journal, () => true)).toBe(expected);
  });
  await fc.assert(property, { numRuns: 40 });
});

test('nobody who waits for them any more ends the search', async () => {
  const journal = await openJournal();
  expect(await startOfLast(5, { from: 1, to: lines - 2 }, errors(), journal, () => false)).toBe(lines - 1);
});
