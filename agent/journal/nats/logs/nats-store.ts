import { setImmediate as turn } from 'node:timers/promises';
import { SseTailError } from '../../../words/errors.ts';
import type { LogSummary } from '../../../words/log.ts';
import type { Log, LogStore } from '../../store.ts';
import { type ClientOptions, connectStore } from '../cluster/client.ts';
import { storeTrouble } from '../cluster/layout.ts';
import { openLogSubject } from '../cluster/log-subject.ts';
import { createBatchCache } from '../read/batch-cache.ts';
import { openDiskCache } from '../read/disk-cache.ts';
import { blockBytes } from '../read/nats-cursor.ts';
import { type BucketWatch, watchBucket } from './bucket-watch.ts';
import { watchConnection } from './connection-watch.ts';
import { type FollowedNatsLog, openFollowedNatsLog } from './followed-nats-log.ts';
import { recordKey, summaryIn } from './log-record.ts';

/** The newest of the logs that were opened for reading stay open, so that a page's requests share one. */
const mostOpen = 256;
/** What viewers read at the same time, and what those that fall behind read again. */
const mostCachedBytes = 64 * 1024 * 1024;
const mostOnDiskBytes = 1024 * 1024 * 1024;
const askMs = 1000;
const retryAfterSeconds = 5;

export interface NatsStoreOptions extends Omit<ClientOptions, 'reconnects'> {
  /** Where batches that were read are kept unpacked, for those who read them next; nowhere without it. */
  cacheDir?: string;
  /** Takes what the person who runs a gateway should know: one sentence at a time. */
  report?: (sentence: string) => void;
}

/**
 * The logs of many machines, for reading: what a gateway and `sse-tail cat --store` have. It writes nothing but what
 * `remove` takes away, and keeps no state: any number of them can be asked for the same log.
 *
 * @throws SseTailError kind `journal` where the cluster can't be reached, `usage` where the packages are missing
 */
export async function openNatsStore({ cacheDir, report, ...options }: NatsStoreOptions): Promise<LogStore> {
  const client = await connectStore({ ...options, reconnects: true });
  const open = new Map<string, Promise<FollowedNatsLog>>();
  /** Those that somebody subscribes to, by their ids: news of the bucket are for them. */
  const followed = new Map<string, Set<FollowedNatsLog>>();
  const disk = cacheDir === undefined ? undefined : await openDiskCache(cacheDir, mostOnDiskBytes);
  const cache = createBatchCache(mostCachedBytes, blockBytes, disk);
  let trouble: string | undefined;
  let watch: BucketWatch;
  try {
    watch = await watchBucket(client, (news) => {
      for (const log of followed.get(news.record.info.id) ?? []) void log.update(news);
    });
  } catch (error) {
    await disk?.close();
    await client.close();
    throw error;
  }

  void watchConnection(client, (next) => {
    if (next !== trouble) report?.(next ?? `${client.address.shown} answers again.`);
    trouble = next;
    for (const log of [...followed.values()].flatMap((logs) => [...logs])) {
      log.setTrouble(next);
      if (next === undefined) void log.askForUnkept();
    }
  });

  async function get(id: string): Promise<Log | undefined> {
    const known = await watch.lookUp(id).catch((error) => {
      throw laterRefusal(storeTrouble(error, client.address), error);
    });
    if (known === 'unsure') throw laterRefusal(`${client.address.shown} is new, and agents may still add their logs.`);
    if (known === undefined) {
      await forget(id);
      return undefined;
    }
    const before = open.get(id);
    const { opened, now } = watch;
    const opening = before ?? openFollowedNatsLog({ opened, client, cache, known, now, trouble, onFollow });
    keepOpen(id, opening);
    try {
      const log = await opening;
      if (before === undefined) return log;
      // What is open goes on with what it has while the cluster does not answer.
      await log.refresh().catch(() => undefined);
      log.setTrouble(trouble);
      void log.update(watch.known.get(recordKey(id)) ?? known);
      return log;
    } catch (error) {
      if (open.get(id) === opening) open.delete(id);
      throw laterRefusal(storeTrouble(error, client.address), error);
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
      const known = watch.known.get(recordKey(id));
      log.setTrouble(trouble);
      if (known !== undefined) void log.update(known);
    });
    return () => {
      logs.delete(log);
      if (logs.size === 0) followed.delete(id);
    };
  }

  async function forget(id: string): Promise<void> {
    const log = await open.get(id)?.catch(() => undefined);
    open.delete(id);
    await Promise.all([...(followed.get(id) ?? []), ...(log === undefined ? [] : [log])].map((one) => one.close()));
  }

  async function list(): Promise<LogSummary[]> {
    const now = watch.now();
    return watch.known.newestFirst().map((known) => summaryIn(known, now));
  }

  async function remove(id: string): Promise<void> {
    // Also one that has ended, for as long as its agent stays: it would be sent again.
    if (await isWritten(id)) throw new SseTailError('locked', `An agent is writing ${id}.`, { id });
    const { layout, manager, bucket } = watch.opened;
    await openLogSubject(client, layout, manager, id).purge();
    await bucket.delete(recordKey(id));
    watch.forget(id);
    await forget(id);
  }

  function isWritten(id: string): Promise<boolean> {
    return client.connection.request(watch.opened.layout.writer(id), '', { timeout: askMs }).then(
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
      const watchEnded = watch.close();
      const forgotten = Promise.all([...new Set([...open.keys(), ...followed.keys()])].map(forget));
      // None of them asks for anything more from the next turn on; what waits for an answer has waited enough.
      await turn();
      await client.close();
      await forgotten;
      await disk?.close();
      await watchEnded;
    },
  };
}

/** A client that asks again soon may get it. */
function laterRefusal(sentence: string, cause?: unknown): SseTailError {
  return new SseTailError('request', sentence, { status: 503, retryAfter: retryAfterSeconds }, cause);
}

function onlyRead(): SseTailError {
  return new SseTailError('journal', 'A NATS store is read-only here: only an agent with --store writes to it.');
}
