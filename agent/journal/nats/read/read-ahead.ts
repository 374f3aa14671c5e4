import { createDeferred } from '../../../system/deferred.ts';
import type { StoredBatch } from '../cluster/log-subject.ts';
import type { Unpacked } from './batch-cache.ts';

/** Batches that follow each other, unpacked together for one block. */
export interface ReadyBatches {
  batches: readonly StoredBatch[];
  unpacked: Promise<Unpacked>;
}

/** Batches of a log that are asked for and unpacked before they are needed. */
export interface ReadAhead {
  /** Those that begin with a line, if they follow what was read last. */
  take(id: number): Promise<ReadyBatches | undefined>;
  /** Reads on after a batch. */
  begin(last: StoredBatch): void;
  /** The same, and the batch is wanted, too: it is the first of those that are taken next. */
  beginWith(first: StoredBatch): void;
  drop(): void;
}

export interface ReadAheadScope {
  /** The batches after another one, without a gap; none where there is none or a gap comes first. */
  after(batch: StoredBatch): Promise<StoredBatch[]>;
  unpack(batches: readonly StoredBatch[]): ReadyBatches;
  /** Of what is unpacked together, unless a batch is larger. */
  readonly mostBlockBytes: number;
  /** No batch that begins after this line is wanted. */
  lastWanted(): number;
}

/** Blocks that are unpacked, or being unpacked, for each reader. */
const mostReady = 2;
/** Small batches are gathered until a block is about as large as pays; the first one is for the first line to show. */
const enoughBytes = 256 * 1024;
export const enoughFirstBytes = 128 * 1024;

export function createReadAhead(scope: ReadAheadScope): ReadAhead {
  let ready: ReadyBatches[] = [];
  /** Found, and not being unpacked yet. */
  let found: StoredBatch[] = [];
  let foundBytes = 0;
  let enough = enoughBytes;
  let reading: Promise<void> | undefined;
  /** Resolves once one is ready: it does not wait for those after it. */
  let firstReady = createDeferred();
  let last: StoredBatch | undefined;
  /** What is being read when all of it is dropped is of no use. */
  let turn = 0;

  async function fill(mine: number): Promise<void> {
    while (ready.length < mostReady) {
      const isMore = last !== undefined && last.lastId < scope.lastWanted();
      if (foundBytes >= enough || (!isMore && found.length > 0)) unpackFirst();
      else if (last === undefined || !isMore) return;
      else {
        const next = await scope.after(last);
        if (mine !== turn) return;
        last = next.at(-1);
        found.push(...next);
        for (const { length } of next) foundBytes += length;
      }
    }
  }

  /** As many of those that were found as make a block. */
  function unpackFirst(): void {
    let count = 0;
    let bytes = 0;
    for (const { length } of found) {
      if (count > 0 && bytes + length > scope.mostBlockBytes) break;
      bytes += length;
      count++;
    }
    foundBytes -= bytes;
    enough = enoughBytes;
    ready.push(scope.unpack(found.splice(0, count)));
    firstReady.resolve();
  }

  function refill(): void {
    const mine = turn;
    if (reading !== undefined) return;
    firstReady = createDeferred();
    reading = fill(mine)
      .catch(() => {
        // Whoever needs it asks again.
        if (mine === turn) last = undefined;
      })
      .finally(() => {
        if (mine === turn) reading = undefined;
      });
  }

  function drop(): void {
    turn++;
    for (const one of ready) discard(one);
    ready = [];
    found = [];
    foundBytes = 0;
    reading = undefined;
    last = undefined;
    enough = enoughBytes;
  }

  return {
    async take(id) {
      if (ready.length === 0 && reading !== undefined) await Promise.race([firstReady.promise, reading]);
      if (ready[0]?.batches[0]?.firstId !== id) {
        drop();
        return undefined;
      }
      const first = ready.shift();
      refill();
      return first;
    },
    begin(batch) {
      drop();
      last = batch;
      refill();
    },
    beginWith(batch) {
      drop();
      last = batch;
      found.push(batch);
      foundBytes = batch.length;
      enough = enoughFirstBytes;
      refill();
    },
    drop,
  };
}

/** What was unpacked, or will be, for nobody. */
export function discard({ unpacked }: ReadyBatches): void {
  unpacked.then(
    (lent) => lent.release(),
    () => undefined,
  );
}
