import { createBatchBuilder } from '../../agent/frame/encode.ts';
import type { FreshBatch, LogSubject, StoredBatch } from '../../agent/journal/nats/cluster/log-subject.ts';

/** Two lines a batch; that of sequence `damaged` can't be unpacked. */
export function batchAt(seq: number, damaged = 0): StoredBatch {
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

/** A stream to which batches are added, and which sequences of it were asked for. */
export function subjectOf(batches: StoredBatch[]) {
  let tell: (batch: FreshBatch) => void = () => {};
  const asked: number[] = [];
  /** What asks for the end of the stream waits for it. */
  const gate = { open: Promise.resolve() };
  const subject = {
    name: 'a log',
    async next(seq: number) {
      asked.push(seq);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return batches.find((batch) => batch.seq >= seq);
    },
    async last() {
      await gate.open;
      const batch = batches.at(-1);
      return batch && { seq: batch.seq, batch };
    },
    listen(onBatch: typeof tell) {
      tell = onBatch;
      return () => {};
    },
  } as unknown as LogSubject;
  const passOn = (batch: StoredBatch) => tell({ ...batch, previousSeq: batch.seq - 1 });
  return {
    subject,
    asked,
    gate,
    /** Of a batch that is there. */
    passOn,
    add(batch: StoredBatch) {
      batches.push(batch);
      passOn(batch);
    },
  };
}
