import type { DiskCache, LentBytes } from './cache/disk-cache.ts';
import type { StoredBatch } from './log-subject.ts';

/** Batches that were just read or stored: many viewers of a gateway read the same ones. */
export interface BatchCache {
  get(log: string, seq: number): StoredBatch | undefined;
  put(log: string, batch: StoredBatch): void;
  /** Its events: from disk where they were unpacked before. @throws as the batch's own `events` */
  events(log: string, batch: StoredBatch): Promise<LentBytes>;
  /** The stream is another one. */
  drop(log: string): void;
}

/** A smaller batch is unpacked as fast as it is found. */
const leastOnDisk = 16 * 1024;

/**
 * @param mostBytes compressed (unpacked they are some six times as much); what was asked for longest ago goes first
 * @param disk has what was unpacked
 */
export function createBatchCache(mostBytes: number, disk?: DiskCache): BatchCache {
  const batches = new Map<string, StoredBatch>();
  const unpackedBefore = new WeakSet<StoredBatch>();
  let bytes = 0;

  const keyOf = (log: string, seq: number) => `${log} ${seq}`;

  function forget(key: string): void {
    bytes -= batches.get(key)?.storedBytes ?? 0;
    batches.delete(key);
  }

  return {
    get(log, seq) {
      const key = keyOf(log, seq);
      const batch = batches.get(key);
      if (batch === undefined) return undefined;
      batches.delete(key);
      batches.set(key, batch);
      return batch;
    },
    put(log, batch) {
      const key = keyOf(log, batch.seq);
      forget(key);
      batches.set(key, batch);
      bytes += batch.storedBytes;
      for (const oldest of batches.keys()) {
        if (bytes <= mostBytes) break;
        forget(oldest);
      }
    },
    async events(log, batch) {
      if (disk === undefined || batch.length < leastOnDisk) return owned(await batch.events());
      const key = keyOf(log, batch.seq);
      const kept = await disk.read(key);
      if (kept !== undefined) return kept;
      const events = await batch.events();
      // What is read only once is not worth the writing.
      if (unpackedBefore.has(batch)) disk.put(key, events);
      unpackedBefore.add(batch);
      return owned(events);
    },
    drop(log) {
      for (const key of batches.keys()) if (key.startsWith(`${log} `)) forget(key);
      disk?.drop(`${log} `);
    },
  };
}

/** That it is given back means nothing. */
export function owned(bytes: Buffer): LentBytes {
  return { bytes, release() {} };
}
