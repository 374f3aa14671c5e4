import type { LogSubject } from '../cluster/log-subject.ts';
import { createBatchIndex, type Mark } from '../read/batch-index.ts';

/** Removes from the stream what is no longer on the agent's own disk (`--retain`), a batch at a time. */
export interface StreamRetention {
  /** A batch is in the stream. */
  stored(mark: Mark): void;
  /** Lines before this one are gone here. What can't be removed now goes when more is removed. */
  trim(firstId: number): Promise<void>;
}

/** For as long as a connection lasts: batches from before it are found once one of its own has to go. */
export function createStreamRetention(subject: Pick<LogSubject, 'purge'>): StreamRetention {
  const index = createBatchIndex();
  /** No line is before the first one. */
  let trimmedTo = 1;
  return {
    stored: index.add,
    async trim(firstId) {
      const oldest = firstId > trimmedTo ? index.around(firstId).before : undefined;
      if (oldest === undefined || oldest.firstId <= trimmedTo) return;
      trimmedTo = oldest.firstId;
      await subject.purge(oldest.seq).catch(() => undefined);
      index.dropBefore(oldest.seq);
    },
  };
}
