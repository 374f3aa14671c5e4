import { expect, test } from 'vitest';
import type { Block } from '../../../../agent/frame/block.ts';
import type { Cursor } from '../../../../agent/journal/journal.ts';
import { openNatsJournal } from '../../../../agent/journal/nats/nats-journal.ts';
import { until } from '../../../support/deadline.ts';
import { batchAt, subjectOf } from '../../../support/nats-subject.ts';

type Reading = NonNullable<Awaited<ReturnType<Cursor['next']>>>;

const idsOf = ({ type, ...reading }: Reading) =>
  'reason' in reading ? [type, reading.from, reading.to, reading.reason] : [type, reading.firstId, reading.lastId];

test.each([1, 3])('readers are told of a batch that is damaged (%i), and get the others', async (damaged) => {
  const { subject } = subjectOf([1, 2, 3, 4].map((seq) => batchAt(seq, damaged)));
  const journal = await openNatsJournal(subject);
  const cursor = journal.read(1);
  const readings: unknown[] = [];
  for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
    readings.push(idsOf(reading));
  }
  const gap = ['gap', 2 * damaged - 1, 2 * damaged, 'damage'];
  expect(readings).toEqual(damaged === 1 ? [gap, ['block', 3, 8]] : [['block', 1, 4], gap, ['block', 7, 8]]);
  await journal.close();
});

test('what comes after a batch that is damaged is announced', async () => {
  const { subject, add } = subjectOf([batchAt(1, 2)]);
  const journal = await openNatsJournal(subject);
  const announced: Pick<Block, 'firstId'>[] = [];
  journal.subscribe({ onBlock: ({ firstId }) => void announced.push({ firstId }) });
  const leave = journal.follow();
  add(batchAt(2, 2));
  add(batchAt(3, 2));
  await until('the batch after it', () => journal.lastId === 6);
  expect(announced).toEqual([{ firstId: 5 }]);
  leave();
  await journal.close();
});
