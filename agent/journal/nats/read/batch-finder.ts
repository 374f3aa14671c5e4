import { lastCounting, nextCounting } from '../cluster/counting.ts';
import type { LogSubject, StoredBatch } from '../cluster/log-subject.ts';
import type { Epochs } from '../message/epochs.ts';
import type { BatchCache } from './batch-cache.ts';
import { type BatchIndex, createBatchIndex, isBatch, type Located, locate, type Mark } from './batch-index.ts';
import type { ReadyBatches } from './read-ahead.ts';

/** Finds the batches of a log by their lines: in memory, or in the stream. What it finds is remembered. */
export interface BatchFinder {
  /** @param ends batches of the log between which the line is */
  find(id: number, ends: { first: Mark; last: Mark }): Promise<Located>;
  /** Some batches after another one, in their order; none where there is none, or where a gap comes first. */
  after(batch: StoredBatch): Promise<StoredBatch[]>;
  unpack(batches: readonly StoredBatch[]): ReadyBatches;
}

/** Small batches are asked for several at once, as each takes a way to the server and back. */
const mostAsked = 32;
const mostAskedBytes = 256 * 1024;

/** @param index what is known of where batches stand; it is added to */
export function createBatchFinder(
  subject: LogSubject,
  epochs: Epochs,
  { index, cache }: { index: BatchIndex; cache: BatchCache },
): BatchFinder {
  /** So many batches are asked for at once. */
  let window = 2;

  const next = (seq: number, by?: 'leader') => nextCounting(subject, epochs, seq, by);

  async function find(id: number, { first, last }: { first: Mark; last: Mark }): Promise<Located> {
    const mark = index.around(id).before;
    const kept = mark !== undefined && mark.lastId >= id ? cache.get(subject.name, mark) : undefined;
    if (kept !== undefined) return kept;
    let found = await locate(id, { first, last, index }, next);
    if (!isBatch(found)) {
      index.clear();
      found = await locateAnew(id);
    }
    if (isBatch(found)) remember(found);
    return found;
  }

  /** With nothing that is remembered, which may be of another stream, and by the leader: other servers may lag. */
  async function locateAnew(id: number): Promise<Located> {
    const stored = await subject.last();
    const last = stored && (await lastCounting(subject, epochs, stored));
    const first = await next(1, 'leader');
    if (last === undefined || first === undefined || last.lastId < id) return 'stale';
    if (first.firstId > id) return { goneUpTo: first.firstId - 1 };
    return locate(id, { first, last, index: createBatchIndex() }, (seq) => next(seq, 'leader'));
  }

  async function after(last: StoredBatch): Promise<StoredBatch[]> {
    const kept = keptAfter(last.lastId);
    if (kept.length > 0) return kept;
    const count = Math.max(1, Math.min(window, Math.floor(mostAskedBytes / last.storedBytes)));
    const found = await Promise.all(Array.from({ length: count }, (_, ahead) => next(last.seq + 1 + ahead)));
    const run: StoredBatch[] = [];
    for (const batch of found) {
      if (batch?.firstId !== (run.at(-1) ?? last).lastId + 1) continue;
      run.push(batch);
      remember(batch);
    }
    // Batches of other logs may stand between them.
    if (run.length < count) window = Math.max(1, run.length);
    else if (count === window) window = Math.min(mostAsked, 2 * window);
    return run;
  }

  /** From memory where it is known which ones they are: the lines of each go on where those before end. */
  function keptAfter(id: number): StoredBatch[] {
    const run: StoredBatch[] = [];
    for (let end = id; run.length < mostAsked; ) {
      const known = index.around(end + 1).before;
      const kept = known?.firstId === end + 1 ? cache.get(subject.name, known) : undefined;
      if (kept === undefined) break;
      run.push(kept);
      end = kept.lastId;
    }
    return run;
  }

  function remember(batch: StoredBatch): void {
    index.add(batch);
    cache.put(subject.name, batch);
  }

  return {
    find,
    after,
    unpack(batches) {
      const unpacked = cache.unpack(subject.name, batches);
      // Caught at once: others are waited for first.
      unpacked.catch(() => undefined);
      return { batches, unpacked };
    },
  };
}
