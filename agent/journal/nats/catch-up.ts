import { lastCounting, nextCounting } from './cluster/counting.ts';
import type { FreshBatch, LogSubject, StoredBatch } from './cluster/log-subject.ts';
import type { Extent } from './extent.ts';
import type { Epochs } from './message/epochs.ts';
import type { Announce } from './news.ts';
import { isBatch, locate } from './read/batch-index.ts';
import { isReplaced } from './stream-change.ts';

/** Announces, in their order, the batches that the server passes on, and those that it has not passed on. */
export interface CatchUp {
  /** Batches as they came, and what was missed before each of them. */
  withFresh(batches: readonly FreshBatch[]): Promise<void>;
  /** What was missed up to the end of the log, with the last batch that counts and the sequence of its last message. */
  withStream(newest: StoredBatch, seq: number): Promise<void>;
}

export interface CatchUpOptions {
  subject: LogSubject;
  epochs: Epochs;
  extent: Extent;
  announce: Announce;
  /** The stream is another one. */
  lose(): void;
  isClosed(): boolean;
}

/** So many batches that were missed are announced one by one. */
const mostMissed = 32;

export function createCatchUp(options: CatchUpOptions): CatchUp {
  const { subject, epochs, extent, announce, lose, isClosed } = options;

  async function upTo(seq: number): Promise<void> {
    for (let missed = 0; extent.lastSeq < seq && !isClosed(); missed++) {
      if (missed === mostMissed) return toNewest();
      const next = extent.lastSeq + 1;
      const batch = (await subject.next(next)) ?? (await subject.next(next, 'leader'));
      if (batch === undefined) return;
      await announce([batch]);
    }
  }

  /** Those before it are left to readers: they ask for several at once, and new ones come meanwhile. */
  async function toNewest(): Promise<void> {
    const stored = await subject.last();
    const newest = stored && (await lastCounting(subject, epochs, stored));
    if (stored === undefined || newest === undefined) return;
    if (newest.lastId > extent.lastId) await announce([newest]);
    extent.passOver(stored.seq);
  }

  return {
    async withFresh(batches) {
      let run: FreshBatch[] = [];
      const end = () => run.at(-1)?.seq ?? extent.lastSeq;
      const announceRun = async () => {
        await announce(run);
        run = [];
      };
      for (const batch of batches) {
        if (isClosed()) return;
        if (batch.seq === end()) continue;
        if (batch.seq < end()) {
          await announceRun();
          // It was late, and a check took it in; or the stream is another one.
          if (batch.seq < extent.lastSeq && !(await isReplaced(subject, extent, await subject.last()))) continue;
          if (batch.seq < extent.lastSeq) lose();
        }
        if (batch.previousSeq !== end()) {
          await announceRun();
          await upTo(batch.seq - 1);
        }
        if (batch.seq > end()) run.push(batch);
      }
      await announceRun();
    },
    async withStream(newest, seq) {
      if (extent.lastSeq >= seq) return;
      if (newest.lastId <= extent.lastId) {
        extent.endWith(newest, seq);
        return;
      }
      // In a stream that was filled again most of it has been announced before.
      const { first, lastSeq, lastId, index } = extent;
      if (lastSeq === 0 && lastId > 0 && first !== undefined) {
        const next = (at: number) => nextCounting(subject, epochs, at);
        const found = await locate(lastId + 1, { first, last: newest, index }, next);
        if (isBatch(found)) extent.passOver(found.seq - 1);
      }
      await upTo(seq);
    },
  };
}
