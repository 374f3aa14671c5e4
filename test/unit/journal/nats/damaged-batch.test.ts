import { expect, test } from 'vitest';
import type { Block } from '../../../../agent/frame/block.ts';
import { createBatchBuilder } from '../../../../agent/frame/encode.ts';
import type { Cursor } from '../../../../agent/journal/journal.ts';
import type { FreshBatch, LogSubject, StoredBatch } from '../../../../agent/journal/nats/log-subject.ts';
import { openNatsJournal } from '../../../../agent/journal/nats/nats-journal.ts';
import { until } from '../../../support/deadline.ts';

/** Two lines a batch; that of sequence `damaged` can't be unpacked. */
function batchAt(seq: number, damaged: number): StoredBatch {
  const firstId = 2 * seq - 1;
  const builder = createBatchBuilder(firstId);
  builder.origin({ time: seq });
  for (const text of ['one', 'two']) builder.line(Buffer.from(text), 0, text.length);
  const batch = builder.take();
  const bytes = Buffer.from(batch?.bytes.subarray(0, batch.length) ?? []);
  return {
    ...{ seq, firstId, lastId: firstId + 1, epoch: 1, epochs: [{ epoch: 1, from: 1 }] },
    ...{ offset: 1000 * (seq - 1), length: bytes.length, storedBytes: bytes.length },
    events: async () => {
      if (seq === damaged) throw new Error('Decompression failed');
      return Buffer.from(bytes);
    },
    positions: () => [],
  };
}

/** A stream to which batches are added. */
function subjectOf(batches: StoredBatch[]) {
  let tell: (batch: FreshBatch) => void = () => {};
  const later = () => new Promise((resolve) => setTimeout(resolve, 1));
  const subject = {
    name: 'a log',
    async next(seq: number) {
      await later();
      return batches.find((batch) => batch.seq >= seq);
    },
    async last() {
      const batch = batches.at(-1);
      return batch && { seq: batch.seq, batch };
    },
    listen(onBatch: typeof tell) {
      tell = onBatch;
      return () => {};
    },
  } as unknown as LogSubject;
  return {
    subject,
    add(batch: StoredBatch) {
      batches.push(batch);
      tell({ ...batch, previousSeq: batch.seq - 1 });
    },
  };
}

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
