import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedMap } from '../../../system/bounded-map.ts';
import type { Pace } from '../../../system/pace.ts';
import { defined } from '../../../words/defined.ts';
import { causeOf, errorCode, SseTailError } from '../../../words/errors.ts';
import { isFinished, type LogInfo, type LogStatus, type LogSummary, logIdFor } from '../../../words/log.ts';
import type { Damage } from '../../journal.ts';
import type { Log, LogStore, WritableLog } from '../../store.ts';
import { listSegments } from '../segment/segment.ts';
import { type FollowedLog, lockName, openFollowedLog } from './followed-log.ts';
import { type Lock, takeLock } from './lock.ts';
import { ifUnreadable, type LogRecord, readRecord, recordIfReadable, recordWrittenMs } from './log-file.ts';
import { type LogIndex, nameKey, pathsKey, readLogIndex } from './log-index.ts';
import { randomHex } from './random-hex.ts';
import { defaultRetainAllBytes, removeLog, retainAll } from './retention.ts';
import { checkStateDir, logDirectory, logIdsIn, prepareStateDir } from './state-dir.ts';
import { openWritableLog, type WritableFileLog } from './writable-log.ts';

export interface FileStoreOptions {
  /** The state dir, made where it is missing unless the store `onlyReads`. */
  dir: string;
  /** No log is begun or continued. */
  onlyReads?: boolean;
  /** Bytes kept of each log (default 1 GiB). */
  retainBytes?: number;
  /** Bytes kept of all logs (default 10 GiB). */
  retainAllBytes?: number;
  /** Each batch is on the disk before it is announced. */
  fsync?: boolean;
  /** Where a segment ends; 64 MiB, less where little is retained. */
  segmentBytes?: number;
  /** Random bytes in a new log's id (default 2): more where the ids of many machines must differ. */
  idBytes?: number;
  /** Of a process that does nothing but read logs: see `CursorScope`. */
  pace?: Pace;
  /** Damage was found in a log that is only read here, told once for each place. */
  onDamage?(damage: Damage): void;
}

/** The newest of the kept logs that were opened for reading stay open, so that a page's requests share one. */
const mostOpenForReading = 32;

/**
 * Two changes within a tick of the file system's clock can't be told apart: a directory that has just changed is looked
 * into again.
 */
const settledMs = 1000;

/** When retention first looks at all logs: after the start, or when the store is closed before. */
const retainAfterMs = 1000;

/**
 * The logs in a state dir.
 *
 * @throws SseTailError kind `journal` when the state dir can't be made or belongs to somebody else
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: its methods share which logs are open, and by whom.
export async function createFileStore(options: FileStoreOptions): Promise<LogStore> {
  const { dir, retainAllBytes = defaultRetainAllBytes } = options;
  await (options.onlyReads ? checkStateDir(dir) : prepareStateDir(dir));
  const writing = new Map<string, WritableFileLog>();
  const followed = new BoundedMap<string, Promise<FollowedLog>>(mostOpenForReading);
  const finished = new Map<string, { directoryChangedMs: number; summary: LogSummary }>();
  let url: string | undefined;
  let retaining: Promise<void> | undefined;
  const closing = new AbortController();
  // The start comes first: of a thousand logs a look at each takes half a second.
  const started = sleep(retainAfterMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
  retain();

  function retain(): void {
    if (retainAllBytes === Number.POSITIVE_INFINITY) return;
    retaining ??= started
      .then(() =>
        retainAll(dir, retainAllBytes, async (id, firstId) => {
          const log = writing.get(id);
          if (log === undefined) return false;
          await log.journal.dropOldest(firstId);
          return true;
        }),
      )
      // What can't be removed now (a log just taken by another agent, a read-only disk) is looked at again with the
      // next segment.
      .catch(() => undefined)
      .finally(() => {
        retaining = undefined;
      });
  }

  let createdAt = 0;
  let index: LogIndex | undefined;

  async function create(info: Omit<LogInfo, 'id' | 'createdAt'>): Promise<WritableLog> {
    for (;;) {
      const id = logIdFor(info.name, randomHex(options.idBytes ?? 2));
      // It would be taken for a log that was removed.
      if (index?.get(id) !== undefined) continue;
      if (!(await makeDirectory(join(dir, id)))) continue;
      // Later than the one before, also within a millisecond: the newest has to be one of them.
      createdAt = Math.max(Date.now(), createdAt + 1);
      const named: LogInfo = { id, ...info, createdAt };
      const record = { info: named, status: firstStatus(info.kind), sources: [], beginnings: [] };
      return openForWriting(record, record.status, await lockNewDirectory(join(dir, id)));
    }
  }

  async function resume(id: string): Promise<WritableLog> {
    const directory = await logDirectory(dir, id);
    if (directory === undefined) throw new SseTailError('journal', `There is no log ${id} in ${dir}.`, { id });
    const lock = await lockDirectory(directory);
    try {
      const record = await readRecord(directory);
      return await openForWriting(record, firstStatus(record.info.kind), lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async function openForWriting(record: LogRecord, status: LogStatus, lock: Lock): Promise<WritableFileLog> {
    const { id } = record.info;
    const { retainBytes, segmentBytes, fsync } = options;
    const log = await openWritableLog({
      record,
      status,
      lock,
      journal: {
        dir: join(dir, id),
        ...defined({ retainBytes, segmentBytes, fsync }),
        onSegment: retain,
      },
      onClose: () => writing.delete(id),
    });
    writing.set(id, log);
    if (url !== undefined) await lock.setUrl(url);
    return log;
  }

  async function get(id: string): Promise<Log | undefined> {
    const mine = writing.get(id);
    if (mine !== undefined) return mine;
    const directory = await logDirectory(dir, id);
    if (directory === undefined) {
      await forget(id);
      return undefined;
    }
    const known = followed.get(id);
    if (known !== undefined) await (await known).refresh();
    const log = known ?? openFollowedLog(directory, options.onDamage, options.pace);
    followed.set(id, log);
    log.catch(() => followed.delete(id));
    return log;
  }

  async function forget(id: string): Promise<void> {
    const log = await followed.get(id)?.catch(() => undefined);
    followed.delete(id);
    await log?.close();
  }

  async function list(): Promise<LogSummary[]> {
    const summaries: LogSummary[] = [];
    const ids = await logIdsIn(dir);
    for (const id of ids) {
      const summary = await summarize(id).catch(ifGone);
      if (summary !== undefined) summaries.push(summary);
    }
    const there = new Set(ids);
    for (const id of finished.keys()) if (!there.has(id)) finished.delete(id);
    return summaries.sort((a, b) => b.createdAt - a.createdAt);
  }

  /**
   * A list is asked for every second or two by each page that shows one, and opening a log costs ten times a look at
   * its directory. A log that nobody writes changes only when somebody continues it (a lock appears) or retention takes
   * a segment; both change its directory.
   */
  async function summarize(id: string): Promise<LogSummary | undefined> {
    const directory = join(dir, id);
    const directoryChangedMs = (await stat(directory).catch(() => undefined))?.mtimeMs;
    if (directoryChangedMs === undefined) return undefined;
    const known = finished.get(id);
    if (known?.directoryChangedMs === directoryChangedMs) return known.summary;
    const log = await get(id);
    if (log === undefined) return undefined;
    const summary = await summaryOf(log, directory);
    // That a file can be read again changes nothing in its directory.
    const isKnown = isFinished(summary.status) && summary.unread === undefined;
    const isSettled = isKnown && Date.now() - directoryChangedMs > settledMs;
    if (isSettled) finished.set(id, { directoryChangedMs, summary });
    return summary;
  }

  return {
    create,
    resume,
    get,
    list,
    findByPaths: (paths) =>
      findNewest(pathsKey(paths), (info) => info.kind === 'file' && !info.lasting && samePaths(info.paths, paths)),
    findByName: (name) => findNewest(nameKey(name), (info) => info.lasting === true && info.name === name),
    async remove(id) {
      const directory = await logDirectory(dir, id);
      if (directory === undefined) return;
      await removeLog(directory).catch((error) => {
        if (error instanceof SseTailError) throw error;
        throw new SseTailError('journal', `The log ${id} can't be removed: ${causeOf(error)}.`, { id }, error);
      });
      await forget(id);
    },
    async setUrl(served) {
      url = served;
      // Others are told it who want the log: no reason not to write it, where the disk is full.
      await Promise.all([...writing.values()].map((log) => log.lock.setUrl(served).catch(() => undefined)));
    },
    async close() {
      closing.abort();
      await Promise.all([...writing.values()].map((log) => log.close()));
      await Promise.all([...followed.keys()].map(forget));
      await retaining;
    },
  };

  async function findNewest(key: string, wanted: (info: LogInfo) => boolean): Promise<string | undefined> {
    index = await readLogIndex(dir);
    for (const id of index.newestOf(key)) {
      const directory = await logDirectory(dir, id);
      const info = directory === undefined ? undefined : (await recordIfReadable(directory))?.info;
      if (info === undefined || !wanted(info)) continue;
      // What is begun in its place is the newest from then on, where the clock was set back meanwhile, too.
      createdAt = Math.max(createdAt, info.createdAt);
      return id;
    }
    return undefined;
  }
}

/** Where it can't be locked nothing stays of a log that never was. */
async function lockNewDirectory(directory: string): Promise<Lock> {
  try {
    return await lockDirectory(directory);
  } catch (error) {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** @throws SseTailError kind `locked`, or `journal` where the directory can't be written */
async function lockDirectory(directory: string): Promise<Lock> {
  try {
    return await takeLock(join(directory, lockName));
  } catch (error) {
    if (error instanceof SseTailError) throw error;
    throw new SseTailError(
      'journal',
      `The log directory ${directory} can't be written: ${causeOf(error)}.`,
      { directory },
      error,
    );
  }
}

async function makeDirectory(directory: string): Promise<boolean> {
  try {
    await mkdir(directory, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw new SseTailError(
      'journal',
      `The log directory ${directory} can't be created: ${causeOf(error)}.`,
      { directory },
      error,
    );
  }
}

/** What was removed while the list was made is not in it. */
function ifGone(error: unknown): undefined {
  if (errorCode(error) === 'ENOENT') return undefined;
  return ifUnreadable(error);
}

function firstStatus(kind: LogInfo['kind']): LogStatus {
  return kind === 'file' ? { state: 'waiting' } : { state: 'running', startedAt: Date.now() };
}

/** What is found out about a log and kept in its directory is no change of it. */
async function summaryOf({ info, status, journal, unrecorded }: Log, directory: string): Promise<LogSummary> {
  const { size, firstId, lastId, unread = unrecorded } = journal;
  // Where nobody may look into the directory, its journal says so.
  const newest = (await listSegments(directory).catch(() => [])).at(-1);
  const written = newest === undefined ? undefined : await stat(newest.path).catch(() => undefined);
  const updatedAt = Math.round(Math.max(await recordWrittenMs(directory), written?.mtimeMs ?? info.createdAt));
  return { ...info, status, size, first: firstId, last: lastId, updatedAt, ...defined({ unread }) };
}

/** In any order: see `pathsKey`. */
function samePaths(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && [...a].sort().join('\0') === [...b].sort().join('\0');
}
