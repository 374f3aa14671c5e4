import type { LentBytes } from './cache/disk-cache.ts';
import type { StoredBatch } from './log-subject.ts';

/** A batch whose events are being unpacked; undefined where they are damaged. */
export interface ReadyBatch {
  batch: StoredBatch;
  events: Promise<LentBytes | undefined>;
}

/** Batches of a log that are asked for and unpacked before they are needed. */
export interface ReadAhead {
  /** The batch that begins with a line, if it follows what was read last. */
  take(id: number): Promise<ReadyBatch | undefined>;
  /** Reads on after a batch. */
  begin(last: StoredBatch): void;
  drop(): void;
}

/** Unpacked, for each reader. */
const mostAheadBytes = 1280 * 1024;
const mostBatches = 64;

/**
 * @param after the batches after another one, without a gap; none where there is none or a gap comes first
 * @param lastWanted no batch that begins after this line is wanted
 */
export function createReadAhead(
  { after, unpack }: { after(batch: StoredBatch): Promise<StoredBatch[]>; unpack(batch: StoredBatch): ReadyBatch },
  lastWanted: () => number,
): ReadAhead {
  let ready: ReadyBatch[] = [];
  let reading: Promise<void> | undefined;
  let last: StoredBatch | undefined;
  let bytes = 0;
  /** What is being read when all of it is dropped is of no use. */
  let turn = 0;

  async function fill(mine: number): Promise<void> {
    while (last !== undefined && bytes < mostAheadBytes && ready.length < mostBatches && last.lastId < lastWanted()) {
      const found = await after(last);
      if (mine !== turn) return;
      if (found.length === 0) {
        last = undefined;
        return;
      }
      for (const batch of found) {
        ready.push(unpack(batch));
        bytes += batch.length;
        last = batch;
      }
    }
  }

  function refill(): void {
    const mine = turn;
    reading ??= fill(mine)
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
    for (const one of ready) release(one);
    ready = [];
    reading = undefined;
    last = undefined;
    bytes = 0;
  }

  return {
    async take(id) {
      if (ready.length === 0) await reading;
      if (ready[0]?.batch.firstId !== id) {
        drop();
        return undefined;
      }
      const first = ready.shift();
      bytes -= first?.batch.length ?? 0;
      refill();
      return first;
    },
    begin(batch) {
      if (last !== undefined) return;
      last = batch;
      refill();
    },
    drop,
  };
}

/** A batch that was unpacked, or will be, for nobody. */
export function release({ events }: ReadyBatch): void {
  void events.then((lent) => lent?.release());
}
