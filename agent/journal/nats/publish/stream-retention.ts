import { nextCounting } from '../cluster/counting.ts';
import type { LogSubject } from '../cluster/log-subject.ts';
import { createEpochs, type Epoch } from '../message/epochs.ts';
import { createBatchIndex, isBatch, locate, type Mark } from '../read/batch-index.ts';

/** Removes from the stream what is no longer on the agent's own disk (`--retain`), a batch at a time. */
export interface StreamRetention {
  /** A batch is in the stream. */
  stored(mark: Mark): void;
  /** Lines before this one are gone here. What can't be removed now goes when more is removed. */
  trim(firstId: number): Promise<void>;
}

/**
 * For as long as a connection lasts.
 *
 * @param writers of the log, as far as they are known
 */
export function createStreamRetention(
  subject: Pick<LogSubject, 'purge' | 'next'>,
  writers: readonly Epoch[],
): StreamRetention {
  /** What was stored since the connection was made. */
  const index = createBatchIndex();
  const epochs = createEpochs();
  epochs.learn(writers);
  /** No line is before the first one. */
  let trimmedTo = 1;

  const next = (seq: number) => nextCounting(subject, epochs, seq);

  /** The batch with a line; of the connections before this one, which may all have been short, the stream knows. */
  async function batchOf(id: number): Promise<Mark | undefined> {
    const { before, after } = index.around(id);
    if (before !== undefined || after === undefined) return before;
    const first = await next(1);
    if (first === undefined || first.firstId > id) return undefined;
    const found = await locate(id, { first, last: after, index: createBatchIndex() }, next);
    return isBatch(found) ? found : undefined;
  }

  return {
    stored: index.add,
    async trim(firstId) {
      if (firstId <= trimmedTo) return;
      trimmedTo = firstId;
      try {
        const oldest = await batchOf(firstId);
        if (oldest === undefined) return;
        await subject.purge(oldest.seq);
        index.dropBefore(oldest.seq);
      } catch {
        // With the next ones.
      }
    },
  };
}
