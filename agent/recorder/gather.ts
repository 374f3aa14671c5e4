import type { Batch } from '../frame/block.ts';
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
  let state: 'idle' | 'gathering' | 'writing' = 'idle';
  /** What sources wait for: that the next batch is on its way to the journal, and its room is free. */
  let room: Deferred<void> | undefined;
  /** Id of the last line that was taken to be written. */
  let takenTo = journal.lastId;
  /** What `flush` waits for: that the lines up to an id are written. The earliest is first. */
  let flushes: { to: number; written: Deferred<void> }[] = [];

  function scheduleWriting(): void {
    if (state !== 'idle' || builder.lineCount === 0) return;
    state = 'gathering';
    pause.begin(builder.length >= fullBatchBytes, writeBatch);
  }

  /** Waits for nothing where the journal doesn't: a promise for each batch would be a third of what a line costs. */
  function writeBatch(): void {
    const batch = builder.take();
    if (batch === undefined) {
      settle();
      return;
    }
    state = 'writing';
    takenTo = batch.lastId;
    room?.resolve();
    room = undefined;
    if (moved.size > 0) {
      batch.positions = [...moved.values()];
      moved.clear();
    }
    const startedAt = performance.now();
    const appended = journal.append(batch);
    if (appended === undefined) wrote(batch, startedAt);
    else appended.then(() => wrote(batch, startedAt)).catch(fail);
  }

  function wrote(batch: Batch, startedAt: number): void {
    if (log.beginnings.size > 0) log.dropBeginnings(journal.positions.keys());
    pause.follow(startedAt, performance.now());
    written();
    while (flushes[0] !== undefined && flushes[0].to <= batch.lastId) flushes.shift()?.written.resolve();
    settle();
  }

  /** Something may have come meanwhile. */
  function settle(): void {
    state = 'idle';
    scheduleWriting();
  }

  /** The journal was closed. Who waits is told; where nobody does, it must not pass unnoticed. */
  function fail(error: unknown): void {
    state = 'idle';
    room?.reject(error);
    room = undefined;
    const waiting = flushes.length > 0 ? flushes.map(({ written }) => written) : [createDeferred<void>()];
    flushes = [];
    for (const flushed of waiting) flushed.reject(error);
  }

  return {
    builder,

    wait() {
      pause.came();
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

    flush() {
      scheduleWriting();
      const to = takenTo + builder.lineCount;
      if (state === 'idle') return Promise.resolve();
      const flushed = createDeferred<void>();
      // Not all that comes meanwhile: where it never ceases, nobody would ever be told.
      flushes.push({ to, written: flushed });
      return flushed.promise;
    },
  };
}
