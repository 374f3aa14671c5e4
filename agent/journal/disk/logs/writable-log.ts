import { createListeners } from '../../../system/listeners.ts';
import type { LogInfo, LogStatus } from '../../../words/log.ts';
import { isFinished } from '../../../words/log.ts';
import type { PartialRows, TaskProgress } from '../../../words/wire.ts';
import type { LogListener, WritableLog } from '../../store.ts';
import { type FileJournal, type FileJournalOptions, openFileJournal } from '../write/file-journal.ts';
import type { Lock } from './lock.ts';
import { createLogFile, type LogRecord } from './log-file.ts';

/** A log in a directory, which this process writes. */
export interface WritableFileLog extends WritableLog {
  readonly journal: FileJournal;
  readonly lock: Lock;
}

export interface WritableLogOptions {
  record: LogRecord;
  /** How it stands from now on: a log that is continued has not ended, also before its source has said anything. */
  status: LogStatus;
  lock: Lock;
  journal: Omit<FileJournalOptions, 'beforeSegment' | 'onDirectoryLost'>;
  onClose(): void;
}

/** Opens the journal in a directory whose lock is held. Closing the log closes the journal and releases the lock. */
export async function openWritableLog(options: WritableLogOptions): Promise<WritableFileLog> {
  const { record, lock } = options;
  const info: LogInfo = record.info;
  let { status } = options;
  let hasNews = false;
  let progress: TaskProgress | undefined;
  let delivery: string | undefined;
  const sources = [...record.sources];
  let { epoch } = record;
  const beginnings = new Map(record.beginnings.map((position) => [position.source, position]));
  const partials = new Map<string, PartialRows>();
  const listeners = createListeners<LogListener>();
  const file = createLogFile(options.journal.dir, () => ({
    info,
    status,
    sources,
    beginnings: [...beginnings.values()],
    epoch,
  }));
  const journal = await openFileJournal({
    ...options.journal,
    // Lines in a directory without log.json are nobody's: another log would be begun for their source, with the same
    // lines.
    beforeSegment: file.flush,
    onDirectoryLost() {
      file.save();
      // Without it another agent could take the log; with the directory gone again, the next loss brings us back here.
      lock.restore().catch(() => undefined);
    },
  });
  let closing: Promise<void> | undefined;
  file.save();
  // On a full disk it is written later.
  await file.flush().catch(() => undefined);

  function setStatus(next: LogStatus): void {
    status = next;
    hasNews = true;
    if (isFinished(next)) progress = undefined;
    file.save();
    for (const listener of listeners) listener.onStatus?.(next);
  }

  async function close(): Promise<void> {
    // No run began: how the last one ended still holds.
    if (!hasNews && isFinished(record.status)) setStatus(record.status);
    if (!isFinished(status)) setStatus({ state: 'stopped' });
    await journal.close();
    try {
      // A status that can't be kept must not keep the agent from ending.
      await file.flush().catch(() => undefined);
      await lock.release();
    } finally {
      options.onClose();
    }
  }

  return {
    info,
    journal,
    lock,
    get status() {
      return status;
    },
    sources,
    get partials() {
      return [...partials.values()];
    },
    get progress() {
      return progress;
    },
    subscribe: (listener) => listeners.add(listener),
    setStatus,
    setProgress(next) {
      progress = isFinished(status) ? undefined : next;
      for (const listener of listeners) listener.onStatus?.(status);
    },
    setPartial(partial) {
      const channel = `${partial.stream ?? 'stdout'} ${partial.source ?? ''}`;
      if (partial.rows.length === 0) partials.delete(channel);
      else partials.set(channel, partial);
      for (const listener of listeners) listener.onPartial?.(partial);
    },
    get delivery() {
      return delivery;
    },
    setDelivery(next) {
      if (delivery === next) return;
      delivery = next;
      for (const listener of listeners) listener.onStatus?.(status);
    },
    addSource(name) {
      if (sources.includes(name)) return;
      sources.push(name);
      file.save();
    },
    beginnings,
    setBeginning(position) {
      beginnings.set(position.source, position);
      file.save();
    },
    dropBeginnings(names) {
      let isChanged = false;
      for (const name of names) if (beginnings.delete(name)) isChanged = true;
      if (isChanged) file.save();
    },
    get epoch() {
      return epoch;
    },
    async keepEpoch(next) {
      epoch = next;
      file.save();
      await file.flush().catch(() => undefined);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
