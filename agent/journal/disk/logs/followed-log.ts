import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { createListeners } from '../../../system/listeners.ts';
import type { Pace } from '../../../system/pace.ts';
import { isFinished, type LogStatus } from '../../../words/log.ts';
import type { Damage } from '../../journal.ts';
import type { Log, LogListener } from '../../store.ts';
import { type FollowedJournal, openFollowedJournal } from '../read/followed-journal.ts';
import { liveOwner } from './lock.ts';
import { type LogRecord, type RecordForReaders, readRecordForReaders } from './log-file.ts';

/** A log in a directory, which another agent writes or nobody any more. */
export interface FollowedLog extends Log {
  readonly journal: FollowedJournal;
  /** Takes in what the directory holds by now. Never rejects. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export const lockName = 'lock';
/** Change events may be missing (network file systems, no watches left): this is how late news can be. */
const slowCheckMs = 1000;

/** The directory is watched only while somebody subscribes to the log or its journal, and keeps no process alive. */
export async function openFollowedLog(
  dir: string,
  onDamage?: (damage: Damage) => void,
  pace?: Pace,
): Promise<FollowedLog> {
  let { record, unrecorded } = await readLiveRecord(dir);
  const journal = await openFollowedJournal(dir, onDamage, pace);
  const listeners = createListeners<LogListener>();
  let subscribers = 0;
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;

  let steps: Promise<void> = Promise.resolve();
  let nextStep: Promise<void> | undefined;

  /** One after the other, or what was read first could come last. */
  function refresh(): Promise<void> {
    nextStep ??= steps.then(() => {
      nextStep = undefined;
      return takeIn();
    });
    steps = nextStep;
    return nextStep;
  }

  async function takeIn(): Promise<void> {
    // Lines before status: whoever is told that the log ended has been told all of it.
    const next = await readLiveRecord(dir, record).catch(() => ({ record, unrecorded }));
    await journal.refresh();
    const isOther = JSON.stringify(next.record.status) !== JSON.stringify(record.status);
    const changed = isOther || next.unrecorded !== unrecorded;
    ({ record, unrecorded } = next);
    if (changed) for (const listener of listeners) listener.onStatus?.(record.status);
  }

  function followWhile(unsubscribe: () => void): () => void {
    if (++subscribers === 1) startWatching();
    let subscribed = true;
    return () => {
      unsubscribe();
      if (!subscribed) return;
      subscribed = false;
      if (--subscribers === 0) stopWatching();
    };
  }

  function startWatching(): void {
    timer = setInterval(refresh, slowCheckMs).unref();
    try {
      watcher = watch(dir, { persistent: false }, (_event, name) => {
        if (name?.endsWith('.sse')) void journal.refresh();
        else void refresh();
      });
      watcher.on('error', stopWatcher);
    } catch {
      // No watches left or none to be had: the timer does it.
    }
    void refresh();
  }

  function stopWatching(): void {
    clearInterval(timer);
    stopWatcher();
  }

  function stopWatcher(): void {
    watcher?.close();
    watcher = undefined;
  }

  const followed: FollowedJournal = Object.create(journal, {
    subscribe: {
      value: (listener: Parameters<FollowedJournal['subscribe']>[0]) => followWhile(journal.subscribe(listener)),
    },
  });

  return {
    get info() {
      return record.info;
    },
    journal: followed,
    get status() {
      return record.status;
    },
    get sources() {
      return record.sources;
    },
    get unrecorded() {
      return unrecorded;
    },
    partials: [],
    subscribe: (listener) => followWhile(listeners.add(listener)),
    refresh,
    async close() {
      stopWatching();
      await journal.close();
    },
  };
}

/**
 * The record as it is on disk, `stopped` where it says that the log is being written and nobody does; `following` where
 * what is known about a log can't be read, and somebody writes it.
 */
async function readLiveRecord(dir: string, known?: LogRecord): Promise<RecordForReaders> {
  const read = await readRecordForReaders(dir, known);
  const { record, unrecorded } = read;
  const isMadeUp = unrecorded !== undefined && record.status.state === 'stopped';
  if (isFinished(record.status) && !isMadeUp) return read;
  const owner = liveOwner(join(dir, lockName));
  // What can't be read in a log's directory may be its lock, too.
  const isWritten = (await (isMadeUp ? owner.catch(() => undefined) : owner)) !== undefined;
  if (isWritten !== isMadeUp) return read;
  const status: LogStatus = { state: isMadeUp ? 'following' : 'stopped' };
  return { ...read, record: { ...record, status } };
}
