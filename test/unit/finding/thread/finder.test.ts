import { expect, it } from 'vitest';
import { chunkLines } from '../../../../agent/finding/chunks/chunk.ts';
import { createFinder } from '../../../../agent/finding/thread/finder.ts';
import { until, within } from '../../../support/deadline.ts';
import { holdBack } from '../../../support/held-journal.ts';
import { syntheticJournal } from '../../../support/synthetic-journal.ts';

const chunks = 80;
const last = chunks * chunkLines;
/** What its last line needs may have been said anywhere before. */
const speaksLate = (id: number) => ({
  text: id === 1 ? '2026-11-28T09:00:00.000Z up' : 'a part',
  origin: id === 1 || id === last ? { source: 'late' } : {},
});

it('ends a question for earlier stamps that nobody waits for any more', async () => {
  const held = holdBack(syntheticJournal(last, speaksLate), (id) => id < last - chunkLines);
  const finder = createFinder();
  const patience = new AbortController();
  const answer = finder.stamps(held.journal, { from: last, to: last }, patience.signal);
  await until('a look at what is before', () => held.asked > 0);
  expect(finder.running).toBe(1);
  patience.abort();
  expect(await within('the answer', answer)).toBeUndefined();
  held.letGo();
  await until('the end of the question', () => finder.running === 0);
  // It looks at ever more chunks in one go.
  const given = held.given * 1000;
  expect(given).toBeGreaterThan(0);
  expect(given).toBeLessThan(4 * chunkLines);
});

it('does not begin with one that nobody waits for', async () => {
  const held = holdBack(syntheticJournal(last, speaksLate), () => true);
  const finder = createFinder();
  expect(await within('the answer', finder.stamps(held.journal, { from: 9, to: 9 }, AbortSignal.abort()))).toBe(
    undefined,
  );
  expect(held.asked).toBe(0);
});
