import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { StoredBatch } from '../../../../agent/journal/nats/log-subject.ts';
import { openNatsJournal } from '../../../../agent/journal/nats/nats-journal.ts';
import { createDeferred } from '../../../../agent/system/deferred.ts';
import { until, within } from '../../../support/deadline.ts';
import { batchAt, subjectOf } from '../../../support/nats-subject.ts';

/** A log of some batches that is followed, and the first ids of the blocks that are announced. */
async function followed(batches: StoredBatch[]) {
  const stream = subjectOf(batches);
  const journal = await openNatsJournal(stream.subject);
  const announced: number[] = [];
  journal.subscribe({ onBlock: ({ firstId }) => void announced.push(firstId) });
  const leave = journal.follow();
  await journal.refresh();
  onTestFinished(async () => {
    leave();
    await journal.close();
  });
  stream.asked.length = 0;
  return { ...stream, journal, announced };
}

test('batches that come while a check asks for the end of the stream are read once', async () => {
  const { add, gate, asked, journal, announced } = await followed([1, 2, 3].map((seq) => batchAt(seq)));
  const answered = createDeferred();
  gate.open = answered.promise;
  const checked = journal.refresh();
  for (const seq of [4, 5]) {
    add(batchAt(seq));
    // Each has gathered by itself, and waits for the check.
    for (let i = 0; i < 3; i++) await turn();
  }
  answered.resolve();
  await checked;
  await journal.refresh();
  expect(journal.lastId).toBe(10);
  expect(announced).toEqual([7]);
  // The first one, whether retention took it, and whether the last one that was known is still there.
  expect(asked.every((seq) => seq === 1 || seq === 3)).toBe(true);
  expect(journal.firstId).toBe(1);
});

test('a batch that is passed on late is no other stream', async () => {
  const batches = [1, 2, 3].map((seq) => batchAt(seq));
  const { passOn, asked, journal, announced } = await followed(batches);
  batches.push(batchAt(4), batchAt(5));
  await journal.refresh();
  asked.length = 0;
  passOn(batchAt(4));
  for (let i = 0; i < 3; i++) await turn();
  await journal.refresh();
  expect(asked).not.toContain(2);
  expect(announced).toEqual([7, 9]);
});

test('a stream that was filled again is seen, also where it is longer than the one before it', async () => {
  const batches = [2, 3].map((seq) => ({ ...batchAt(seq), seq: seq - 1 }));
  const { passOn, journal } = await followed(batches);
  expect(journal.firstId).toBe(3);
  batches.splice(0, 2, ...[1, 2, 3, 4].map((seq) => batchAt(seq)));
  for (const batch of batches) passOn(batch);
  await until('the lines of the new one', () => journal.lastId === 8);
  expect(journal.firstId).toBe(1);
});

test('a reader of lines that the stream has lost gets them as soon as they are back', async () => {
  const batches: StoredBatch[] = [];
  const journal = await openNatsJournal(subjectOf(batches).subject);
  journal.learn([], 4);
  const cursor = journal.read(1);
  const reading = cursor.next();
  await turn();
  batches.push(batchAt(1), batchAt(2));
  expect(await within('the lines', reading)).toMatchObject({ type: 'block', firstId: 1 });
  cursor.close();
  await journal.close();
});

test('what retention takes is seen while batches come all the time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const batches = [1, 2].map((seq) => batchAt(seq));
  const stream = subjectOf(batches);
  const opening = openNatsJournal(stream.subject);
  await vi.advanceTimersByTimeAsync(100);
  const journal = await opening;
  journal.subscribe({ onBlock: () => {} });
  const leave = journal.follow();
  onTestFinished(leave);
  await vi.advanceTimersByTimeAsync(100);
  batches.shift();
  for (let seq = 3; seq < 30 && journal.firstId === 1; seq++) {
    stream.add(batchAt(seq));
    await vi.advanceTimersByTimeAsync(5000);
  }
  expect(journal.firstId).toBe(3);
});
