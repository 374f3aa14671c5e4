import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { createDeferred } from '../../../system/deferred.ts';
import { SseTailError } from '../../../words/errors.ts';
import type { LogSummary } from '../../../words/log.ts';
import type { Log, LogStore } from '../../store.ts';
import { createBatchCache } from '../batch-cache.ts';
import { openDiskCache } from '../cache/disk-cache.ts';
import { type ClientOptions, connectStore } from '../client.ts';
import { bucketBirth, isNotFound, type OpenedLayout, openLayout, storeTrouble } from '../layout.ts';
import { openLogSubject } from '../log-subject.ts';
import { blockBytes } from '../nats-cursor.ts';
import { watchConnection } from './connection-watch.ts';
import { type FollowedNatsLog, type KnownRecord, openFollowedNatsLog } from './followed-nats-log.ts';
import { keyHead, recordIn, recordKey, type SharedRecord, summaryIn } from './log-record.ts';

/** The newest of the logs that were opened for reading stay open, so that a page's requests share one. */
const mostOpen = 256;
/** What viewers read at the same time, and what those that fall behind read again. */
const mostCachedBytes = 64 * 1024 * 1024;
const mostOnDiskBytes = 1024 * 1024 * 1024;
const checkMs = 5000;
/** The list of a hundred thousand logs takes a while. */
const firstMs = 30_000;
const retryMs = 1000;
const askMs = 1000;

export interface NatsStoreOptions extends Omit<ClientOptions, 'reconnects'> {
  /** Where batches that were read are kept unpacked, for those who read them next; nowhere without it. */
  cacheDir?: string;
}

/**
 * The logs of many machines, for reading: what a gateway and `sse-tail cat --store` have. It writes nothing but what
 * `remove` takes away, and keeps no state: any number of them can be asked for the same log.
 *
 * @throws SseTailError kind `journal` where the cluster can't be reached, `usage` where the packages are missing
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: its methods share what the bucket says.
export async function openNatsStore({ cacheDir, ...options }: NatsStoreOptions): Promise<LogStore> {
  const client = await connectStore({ ...options, reconnects: true });
  const known = new Map<string, KnownRecord>();
  const open = new Map<string, Promise<FollowedNatsLog>>();
  /** Those that somebody subscribes to, by their ids: news of the bucket are for them. */
  const followed = new Map<string, Set<FollowedNatsLog>>();
  const disk = cacheDir === undefined ? undefined : await openDiskCache(cacheDir, mostOnDiskBytes);
  const cache = createBatchCache(mostCachedBytes, blockBytes, disk);
  let closed = false;
  let trouble: string | undefined;
  let opened: OpenedLayout;
  let stopWatching = () => {};
  let watching: Promise<void>;
  try {
    opened = await openLayout(client);
    watching = watchAgain((await watchOnce()).isOver);
  } catch (error) {
    await disk?.close();
    await client.close();
    throw error;
  }

  void watchConnection(client, (next) => {
    trouble = next;
    for (const log of [...followed.values()].flatMap((logs) => [...logs])) {
      log.setTrouble(next);
      if (next === undefined) void log.askForPartials();
    }
  });

  /** Resolves once all that is there is known; what comes later is taken in until `isOver` resolves. */
  async function watchOnce(): Promise<{ isOver: Promise<void> }> {
    const born = await bucketBirth(opened, client.address);
    const seen = new Set<string>();
    const entries = await opened.bucket.watch();
    const initialized = createDeferred();
    const isOver = (async () => {
      for await (const entry of entries) {
        const { key, created, isUpdate } = entry;
        if (key.startsWith(keyHead)) {
          const record = recordIn(entry);
          if (record !== undefined) seen.add(key);
          take(key, record, created.getTime());
        }
        // The layout is an entry, too: there is always a last one.
        if (isUpdate) initialized.resolve();
      }
    })();
    const timer = setInterval(() => {
      void bucketBirth(opened, client.address).then(
        (now) => now !== born && entries.stop(),
        // A cluster that has lost its bucket is filled again by the agents.
        (error) => isNotFound(error) && entries.stop(),
      );
    }, checkMs).unref();
    stopWatching = () => entries.stop();
    if (closed) entries.stop();
    const isWhole = await Promise.race([
      initialized.promise.then(() => true),
      isOver,
      sleep(firstMs, undefined, { ref: false }),
    ]);
    // What has not come yet is not gone.
    if (isWhole) for (const key of known.keys()) if (!seen.has(key)) known.delete(key);
    return { isOver: isOver.catch(() => undefined).finally(() => clearInterval(timer)) };
  }

  async function watchAgain(first: Promise<void>): Promise<void> {
    for (let isOver: Promise<void> | undefined = first; !closed; ) {
      try {
        await isOver;
        if (closed) return;
        opened = await openLayout(client);
        ({ isOver } = await watchOnce());
      } catch {
        isOver = undefined;
        await sleep(retryMs, undefined, { ref: false });
      }
    }
  }

  function take(key: string, record: SharedRecord | undefined, putAt: number): void {
    if (record === undefined) {
      known.delete(key);
      return;
    }
    known.set(key, { record, putAt });
    for (const log of followed.get(record.info.id) ?? []) void log.update({ record, putAt });
  }

  async function get(id: string): Promise<Log | undefined> {
    const entry = known.get(recordKey(id)) ?? (await lookUp(id));
    if (entry === undefined) {
      await forget(id);
      return undefined;
    }
    const before = open.get(id);
    const opening = before ?? openFollowedNatsLog({ opened, client, cache, known: entry, trouble, onFollow });
    keepOpen(id, opening);
    try {
      const log = await opening;
      if (before === undefined) return log;
      // What is open goes on with what it has while the cluster does not answer.
      await log.refresh().catch(() => undefined);
      log.setTrouble(trouble);
      void log.update(known.get(recordKey(id)) ?? entry);
      return log;
    } catch (error) {
      if (open.get(id) === opening) open.delete(id);
      throw new SseTailError('request', storeTrouble(error, client.address), { status: 503 }, error);
    }
  }

  /** As the newest. The oldest goes, but none that somebody subscribes to: they would share nothing with the next. */
  function keepOpen(id: string, log: Promise<FollowedNatsLog>): void {
    open.delete(id);
    open.set(id, log);
    for (const oldest of open.keys()) {
      if (open.size <= mostOpen) return;
      if (!followed.has(oldest) && oldest !== id) open.delete(oldest);
    }
  }

  function onFollow(log: FollowedNatsLog): () => void {
    const { id } = log.info;
    const logs = followed.get(id) ?? new Set();
    followed.set(id, logs.add(log));
    // It may have been read for long. Not at once: whoever subscribes is not ready for news yet.
    queueMicrotask(() => {
      const entry = known.get(recordKey(id));
      log.setTrouble(trouble);
      if (entry !== undefined) void log.update(entry);
    });
    return () => {
      logs.delete(log);
      if (logs.size === 0) followed.delete(id);
    };
  }

  /** Where the watch has not come to it yet. */
  async function lookUp(id: string): Promise<KnownRecord | undefined> {
    const entry = await opened.bucket.get(recordKey(id)).catch((error) => {
      throw new SseTailError('request', storeTrouble(error, client.address), { status: 503 }, error);
    });
    const record = recordIn(entry);
    return record === undefined ? undefined : { record, putAt: entry?.created.getTime() ?? 0 };
  }

  async function forget(id: string): Promise<void> {
    const log = await open.get(id)?.catch(() => undefined);
    open.delete(id);
    await Promise.all([...(followed.get(id) ?? []), ...(log === undefined ? [] : [log])].map((one) => one.close()));
  }

  async function list(): Promise<LogSummary[]> {
    const summaries = [...known.values()].map(({ record, putAt }) => summaryIn(record, putAt));
    return summaries.sort((a, b) => b.createdAt - a.createdAt);
  }

  async function remove(id: string): Promise<void> {
    // Also one that has ended, for as long as its agent stays: it would be sent again.
    if (await isWritten(id)) throw new SseTailError('locked', `An agent is writing ${id}.`, { id });
    await openLogSubject(client, opened.layout, opened.manager, id).purge();
    await opened.bucket.delete(recordKey(id));
    known.delete(recordKey(id));
    await forget(id);
  }

  function isWritten(id: string): Promise<boolean> {
    return client.connection.request(opened.layout.writer(id), '', { timeout: askMs }).then(
      () => true,
      () => false,
    );
  }

  return {
    create: () => Promise.reject(onlyRead()),
    resume: () => Promise.reject(onlyRead()),
    get,
    list,
    findByPaths: async () => undefined,
    findByName: async (name) => (await list()).find((log) => log.lasting === true && log.name === name)?.id,
    remove,
    async setUrl() {},
    async close() {
      closed = true;
      stopWatching();
      const forgotten = Promise.all([...new Set([...open.keys(), ...followed.keys()])].map(forget));
      // None of them asks for anything more from the next turn on; what waits for an answer has waited enough.
      await turn();
      await client.close();
      await forgotten;
      await disk?.close();
      await watching;
    },
  };
}

function onlyRead(): SseTailError {
  return new SseTailError('journal', 'A NATS store is read-only here: only an agent with --store writes to it.');
}
