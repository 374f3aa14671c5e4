import type { StoredBatch } from './log-subject.ts';

/** Batches that were just read or stored: many viewers of a gateway read the same ones. */
export interface BatchCache {
  get(log: string, seq: number): StoredBatch | undefined;
  /** Returns the batch; its events are unpacked once, for all who ask, and must not be changed. */
  put(log: string, batch: StoredBatch): StoredBatch;
  /** The stream is another one. */
  drop(log: string): void;
}

/** @param mostBytes of events, unpacked; what was not asked for the longest goes first */
export function createBatchCache(mostBytes: number): BatchCache {
  const batches = new Map<string, StoredBatch>();
  let bytes = 0;

  function forget(key: string): void {
    bytes -= batches.get(key)?.length ?? 0;
    batches.delete(key);
  }

  return {
    get(log, seq) {
      const key = `${log} ${seq}`;
      const batch = batches.get(key);
      if (batch === undefined) return undefined;
      batches.delete(key);
      batches.set(key, batch);
      return batch;
    },
    put(log, batch) {
      const key = `${log} ${batch.seq}`;
      forget(key);
      let events: Promise<Buffer> | undefined;
      const shared: StoredBatch = {
        ...batch,
        events() {
          events ??= batch.events();
          return events;
        },
      };
      batches.set(key, shared);
      bytes += shared.length;
      for (const oldest of batches.keys()) {
        if (bytes <= mostBytes) break;
        forget(oldest);
      }
      return shared;
    },
    drop(log) {
      for (const key of batches.keys()) if (key.startsWith(`${log} `)) forget(key);
    },
  };
}
