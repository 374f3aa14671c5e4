import { createBlockMemory } from '../../block-memory.ts';
import type { StoredBatch } from '../cluster/log-subject.ts';
import type { Mark } from './batch-index.ts';
import type { DiskCache } from './disk-cache.ts';

/** Batches that were just read or stored: many viewers of a gateway read the same ones. */
export interface BatchCache {
  /** The batch of a mark, and no other one that had its sequence in a stream of the same name. */
  get(log: string, mark: Mark): StoredBatch | undefined;
  put(log: string, batch: StoredBatch): void;
  /** Their events, one after the other: from disk where they were unpacked before. */
  unpack(log: string, batches: readonly StoredBatch[]): Promise<Unpacked>;
  /** The stream is another one. */
  drop(log: string): void;
}

/** The events of some batches, in memory that is the caller's own until `release`. */
export interface Unpacked {
  bytes: Buffer;
  /** So many of the batches; the next one is damaged. */
  count: number;
  release(): void;
}

/** What a batch takes beside its bytes: its head, headers, key. Of small ones that is nearly all. */
const headBytes = 2 * 1024;
/** A smaller batch is unpacked as fast as it is found. */
const leastOnDisk = 16 * 1024;
/** Blocks as large as these are read into memory that is used again; of smaller ones that is not worth the room. */
const leastInMemory = 128 * 1024;

/** Of what is unpacked at once: agents that send what has gathered on their disks pack two large batches as one. */
const largestKept = 4 * 1024 * 1024;

/**
 * @param mostBytes compressed (unpacked they are some six times as much), with their heads; what was asked for longest
 * ago goes first
 * @param blockBytes the usual size of what is unpacked at once
 * @param disk has what was unpacked
 */
export function createBatchCache(mostBytes: number, blockBytes: number, disk?: DiskCache): BatchCache {
  const batches = new Map<string, StoredBatch>();
  const unpackedBefore = new WeakSet<StoredBatch>();
  const memory = createBlockMemory(blockBytes, largestKept);
  let bytes = 0;

  const keyOf = (log: string, seq: number) => `${log} ${seq}`;

  function forget(key: string): void {
    const batch = batches.get(key);
    if (batch !== undefined) bytes -= batch.storedBytes + headBytes;
    batches.delete(key);
  }

  /** Fills its place. @throws as the batch's own `events` */
  async function fill(log: string, batch: StoredBatch, place: Buffer): Promise<void> {
    const key = `${log} ${contentOf(batch)}`;
    if (disk !== undefined && batch.length >= leastOnDisk && (await disk.read(key, place))) return;
    const events = await batch.events();
    events.copy(place);
    if (disk === undefined || batch.length < leastOnDisk) return;
    // What is read only once is not worth the writing.
    if (unpackedBefore.has(batch)) disk.put(key, events);
    unpackedBefore.add(batch);
  }

  return {
    get(log, mark) {
      const key = keyOf(log, mark.seq);
      const batch = batches.get(key);
      if (batch === undefined || contentOf(batch) !== contentOf(mark)) return undefined;
      batches.delete(key);
      batches.set(key, batch);
      return batch;
    },
    put(log, batch) {
      const key = keyOf(log, batch.seq);
      forget(key);
      batches.set(key, batch);
      bytes += batch.storedBytes + headBytes;
      for (const oldest of batches.keys()) {
        if (bytes <= mostBytes) break;
        forget(oldest);
      }
    },
    async unpack(log, batches) {
      const total = batches.reduce((sum, { length }) => sum + length, 0);
      const isLent = total >= leastInMemory;
      const buffer = isLent ? await memory.take(total) : Buffer.allocUnsafeSlow(total);
      let end = 0;
      const filling = batches.map((batch) => {
        end += batch.length;
        return fill(log, batch, buffer.subarray(end - batch.length, end));
      });
      const filled = await Promise.allSettled(filling);
      const damaged = filled.findIndex(({ status }) => status === 'rejected');
      const count = damaged < 0 ? batches.length : damaged;
      const whole = batches.slice(0, count).reduce((sum, { length }) => sum + length, 0);
      return { bytes: buffer.subarray(0, whole), count, release: isLent ? memory.lend(buffer) : () => {} };
    },
    drop(log) {
      for (const key of batches.keys()) if (key.startsWith(`${log} `)) forget(key);
      disk?.drop(`${log} `);
    },
  };
}

/** What one writer wrote as lines of these numbers is the same wherever it stands. */
function contentOf({ epoch, firstId, lastId, length }: Pick<Mark, 'epoch' | 'firstId' | 'lastId' | 'length'>): string {
  return `${epoch} ${firstId}-${lastId} ${length}`;
}
