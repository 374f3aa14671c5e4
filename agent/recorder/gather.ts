import { type BatchBuilder, createBatchBuilder } from '../frame/encode.ts';
import { createGatheringPause } from '../journal/gathering-pause.ts';
import type { WritableLog } from '../journal/store.ts';
import { createDeferred, type Deferred } from '../system/deferred.ts';
import type { FilePosition } from '../words/position.ts';

/** Gathers the lines of all channels into batches and appends these, one after the other. */
export interface Gather {
  /** Takes the lines. After some were added, call `wait`. */
  readonly builder: BatchBuilder;
  /** Sees to it that what was added is written. Undefined, or what the source waits for before it adds more. */
  wait(): Promise<void> | undefined;
  /** The lines added so far reach up to this position of a followed file. */
  move(position: FilePosition): void;
  /** Resolves when everything added so far is in the journal; rejects when it was closed meanwhile. */
  flush(): Promise<void>;
}

/** A source waits when this many bytes have gathered beside the batch being written: the journal is slower than it. */
const highWaterBytes = 1024 * 1024;

/** Gathering for longer would save no writes that count. */
const fullBatchBytes = 64 * 1024;

/** @param written the lines added before the newest batch was taken are in the journal and announced */
export function createGather(log: WritableLog, written: () => void): Gather {
  const { journal } = log;
  const builder = createBatchBuilder(journal.lastId + 1);
  const moved = new Map<string, FilePosition>();
  const pause = createGatheringPause();
  let writing: Promise<void> | undefined;
  /** What sources wait for: that the next batch is on its way to the journal, and its room is free. */
  let room: Deferred<void> | undefined;

  function scheduleWriting(): void {
    if (writing !== undefined || builder.lineCount === 0) return;
    writing = writeAll().then(
      () => {
        writing = undefined;
        // Something may have come since it found that there was nothing more.
        scheduleWriting();
      },
      (error) => {
        writing = undefined;
        room?.reject(error);
        room = undefined;
        throw error;
      },
    );
  }

  async function writeAll(): Promise<void> {
    do {
      await pause.wait(builder.length >= fullBatchBytes);
      await writeBatch();
    } while (builder.lineCount > 0);
  }

  async function writeBatch(): Promise<void> {
    const batch = builder.take();
    if (batch === undefined) return;
    room?.resolve();
    room = undefined;
    if (moved.size > 0) {
      batch.positions = [...moved.values()];
      moved.clear();
    }
    const startedAt = performance.now();
    await journal.append(batch);
    builder.recycle(batch.bytes);
    if (log.beginnings.size > 0) log.dropBeginnings(journal.positions.keys());
    pause.follow(startedAt, performance.now());
    written();
  }

  return {
    builder,

    wait() {
      scheduleWriting();
      if (builder.length >= fullBatchBytes) pause.end();
      if (builder.length < highWaterBytes) return undefined;
      room ??= createDeferred();
      return room.promise;
    },

    move(position) {
      const { source } = position;
      moved.set(source, position);
      const isKnown = builder.lineCount > 0 || journal.positions.has(source) || log.beginnings.has(source);
      if (!isKnown) log.setBeginning(position);
    },

    async flush() {
      while (writing !== undefined || builder.lineCount > 0) {
        scheduleWriting();
        await writing;
      }
    },
  };
}
