import type { StoredBatch } from './log-subject.ts';

/** Batches that were just read or stored: many viewers of a gateway read the same ones. */
export interface BatchCache {
  get(log: string, seq: number): StoredBatch | undefined;
  put(log: string, batch: StoredBatch): void;
  /** The stream is another one. */
  drop(log: string): void;
}

/** @param mostBytes compressed (unpacked they are some six times as much); what was asked for longest ago goes first */
export function createBatchCache(mostBytes: number): BatchCache {
  const batches = new Map<string, StoredBatch>();
  let bytes = 0;

  function forget(key: string): void {
    bytes -= batches.get(key)?.storedBytes ?? 0;
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
      batches.set(key, batch);
      bytes += batch.storedBytes;
      for (const oldest of batches.keys()) {
        if (bytes <= mostBytes) break;
        forget(oldest);
      }
    },
    drop(log) {
      for (const key of batches.keys()) if (key.startsWith(`${log} `)) forget(key);
    },
  };
}
