import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { LogSubject, StoredBatch } from '../../../../agent/journal/nats/cluster/log-subject.ts';
import { openNatsJournal } from '../../../../agent/journal/nats/nats-journal.ts';
import { createBatchCache } from '../../../../agent/journal/nats/read/batch-cache.ts';
import { blockBytes } from '../../../../agent/journal/nats/read/nats-cursor.ts';
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

test('lines that come back one after the other are waited for, however long all of them take', async () => {
  const batches = [1, 2, 3].map((seq) => batchAt(seq));
  const { add, journal } = await followed(batches);
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  journal.learn([], 12);
  const cursor = journal.read(7);
  for (const seq of [4, 5, 6]) {
    vi.advanceTimersByTime(40_000);
    const reading = cursor.next();
    add(batchAt(seq));
    expect(await within('its lines', reading)).toMatchObject({ type: 'block', lastId: 2 * seq });
  }
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

test('a stream that was filled again is seen where another log has the place of the last batch', async () => {
  // What was line 5 at sequence 3 is line 3 at sequence 4, and somebody else's is at sequence 3.
  const batches = [1, 2, 3].map((seq) => batchAt(seq));
  const { passOn, journal, announced } = await followed(batches);
  batches.splice(0, 3, { ...batchAt(1), seq: 2 }, { ...batchAt(2), seq: 4 }, { ...batchAt(3), seq: 5 });
  batches.push({ ...batchAt(4), seq: 6 }, { ...batchAt(5), seq: 7 });
  await journal.refresh();
  expect(journal.lastId).toBe(10);
  expect(announced).toEqual([7, 9]);
  passOn(batches[4] as StoredBatch);
  for (const line of [1, 3, 5, 7, 9]) {
    const cursor = journal.read(line, line);
    expect(await within('its line', cursor.next())).toMatchObject({ type: 'block', firstId: line, lastId: line });
    cursor.close();
  }
});

test('lines of a writer that was superseded are not read any more, also where a message of somebody else tells of it', async () => {
  const batches = [1, 2, 3].map((seq) => batchAt(seq));
  const { subject } = subjectOf(batches);
  const cache = createBatchCache(1024 * 1024, blockBytes);
  const journal = await openNatsJournal(subject, { cache });
  const read = async () => {
    const cursor = journal.read(5);
    const step = await within('its lines', cursor.next());
    cursor.close();
    return step?.type === 'block' ? step.bytes.toString() : step;
  };
  expect(await read()).toContain('data: one');
  const epochs = [1, 2].map((epoch) => ({ epoch, from: 4 * epoch - 3 }));
  const events = async () => Buffer.from(String(await batchAt(3).events()).replace('one', 'new'));
  batches.push({ ...batchAt(3), seq: 5, epoch: 2, epochs, events });
  subject.last = async () => ({ seq: 6, batch: undefined });
  await journal.refresh();
  expect(await read()).toContain('data: new');
  await journal.close();
});

test('a reader of a stream that was filled again is given no other lines than it asks for', async () => {
  const batches = [1, 2, 3, 4].map((seq) => batchAt(seq));
  const journal = await openNatsJournal(subjectOf(batches).subject);
  const whole = journal.read(1);
  await whole.next();
  whole.close();
  batches.splice(0, 4, ...[1, 2, 3, 4, 5].map((seq) => ({ ...batchAt(seq), seq: seq + 1 })));
  const cursor = journal.read(3);
  expect(await within('its lines', cursor.next())).toMatchObject({ type: 'block', firstId: 3 });
  cursor.close();
  await journal.close();
});

test('lines that stand elsewhere in a stream that was filled again are no gap, although its ends are where they were', async () => {
  const at = (seqs: number[]) => seqs.map((seq, index) => ({ ...batchAt(index + 1), seq }));
  const batches = at([10, 20, 30, 40]);
  const journal = await openNatsJournal(subjectOf(batches).subject);
  const whole = journal.read(1);
  while ((await whole.next()) !== undefined);
  whole.close();
  batches.splice(0, 4, ...at([10, 11, 12, 40]));
  const cursor = journal.read(5);
  expect(await within('its lines', cursor.next())).toMatchObject({ type: 'block', firstId: 5 });
  cursor.close();
  await journal.close();
});

/** As a server has it that has not got the last batches yet. */
function behind(subject: LogSubject, last: number): LogSubject {
  const next: LogSubject['next'] = async (seq, by) => {
    const batch = await subject.next(seq);
    return by === 'leader' || (batch?.seq ?? 0) <= last ? batch : undefined;
  };
  return { ...subject, next };
}

test('lines that only the leader has are no gap', async () => {
  const batches = [1, 2, 3, 4].map((seq) => batchAt(seq));
  for (const last of [0, 2]) {
    const journal = await openNatsJournal(behind(subjectOf(batches).subject, last));
    expect(journal.firstId).toBe(1);
    for (const line of [1, 5, 7]) {
      const cursor = journal.read(line, line);
      expect(await within('its line', cursor.next())).toMatchObject({ type: 'block', firstId: line });
      cursor.close();
    }
    await journal.close();
  }
});

test('of very many batches that were missed the newest is announced: readers fetch those before it', async () => {
  const batches = [batchAt(1)];
  const { journal, announced, asked } = await followed(batches);
  for (let seq = 2; seq <= 500; seq++) batches.push(batchAt(seq));
  await journal.refresh();
  expect(journal.lastId).toBe(1000);
  expect(announced.at(-1)).toBe(999);
  expect(asked.length).toBeLessThan(100);
});
