import type { Epochs } from '../message/epochs.ts';
import type { LogSubject, Newest, StoredBatch } from './log-subject.ts';

/** The first batch at a sequence or after it that has lines, all of which count. */
export async function nextCounting(
  subject: Pick<LogSubject, 'next'>,
  epochs: Epochs,
  seq: number,
  by?: 'leader',
): Promise<StoredBatch | undefined> {
  for (let at = seq; ; ) {
    const batch = await subject.next(at, by);
    if (batch === undefined) return undefined;
    epochs.learn(batch.epochs);
    if (batch.lastId >= batch.firstId && epochs.counts(batch)) return batch;
    at = batch.seq + 1;
  }
}

/**
 * The last batch whose lines count; claims, too. After it there may be some of a writer that was superseded, and
 * messages that are no batches.
 */
export async function lastCounting(
  subject: LogSubject,
  epochs: Epochs,
  { seq, batch }: Newest,
): Promise<StoredBatch | undefined> {
  epochs.learn(batch?.epochs ?? []);
  if (batch !== undefined && epochs.counts(batch)) return batch;
  for (let back = 1; ; back *= 4) {
    const from = Math.max(1, seq - back);
    let found: StoredBatch | undefined;
    for (let at = await subject.next(from); at !== undefined && at.seq < seq; at = await subject.next(at.seq + 1)) {
      epochs.learn(at.epochs);
      if (epochs.counts(at)) found = at;
    }
    if (found !== undefined && epochs.counts(found)) return found;
    if (from === 1) return undefined;
  }
}
