import { setTimeout as sleep } from 'node:timers/promises';
import { createDeferred } from '../../../system/deferred.ts';
import type { Client } from '../cluster/client.ts';
import {
  bucketBirth,
  bucketStream,
  isComplete,
  isNotFound,
  lookAtReplicas,
  type OpenedLayout,
  openLayout,
} from '../cluster/layout.ts';
import { lookAgain } from '../message/live-message.ts';
import { createKnownLogs, type KnownLogs } from './known-logs.ts';
import { fillMs, type KnownRecord, keyHead, recordIn, recordKey } from './log-record.ts';
import { createServerClock, serverTime } from './server-clock.ts';

/** What the bucket has of all logs, as it is now: also once it was lost, and made anew. */
export interface BucketWatch {
  readonly opened: OpenedLayout;
  readonly known: Pick<KnownLogs, 'get' | 'newestFirst'>;
  /** By the clock of the servers, in milliseconds since the epoch. */
  now(): number;
  /**
   * What the bucket has of a log, where the watch may not have come to it yet. `unsure`: nothing so far, and agents
   * may still be putting their records there.
   *
   * @throws what the cluster says
   */
  lookUp(id: string): Promise<KnownRecord | 'unsure' | undefined>;
  /** The log was removed. */
  forget(id: string): void;
  close(): Promise<void>;
}

const checkMs = 5000;
const clockMs = 60_000;
/** The list of a hundred thousand logs takes a while. */
const firstMs = 30_000;
const retryMs = 1000;

/**
 * @param onRecord is called with news of a log
 * @throws what the cluster says
 */
export async function watchBucket(client: Client, onRecord: (news: KnownRecord) => void): Promise<BucketWatch> {
  const { connection, address } = client;
  const known = createKnownLogs();
  const clock = createServerClock();
  let closed = false;
  let stopWatching = () => {};
  let opened = await openLayout(client);
  const isStill = createCheck(address);
  const ended = watchAgain((await watchOnce()).isOver);
  const clockTimer = setInterval(() => void setClock().catch(() => undefined), clockMs).unref();

  /** Resolves once all that is there is known; what comes later is taken in until `isOver` resolves. */
  async function watchOnce(): Promise<{ isOver: Promise<void> }> {
    const birth = await bucketBirth(opened, address);
    // Without it, what has been stored says that it is later than that.
    await setClock().catch(() => undefined);
    const seen = new Set<string>();
    const entries = await opened.bucket.watch();
    const initialized = createDeferred();
    const { stop, stopped } = stopOf(entries);
    const isOver = (async () => {
      for await (const entry of entries) {
        if (stopped.isOver) return;
        const { key, created, isUpdate } = entry;
        clock.heard(created.getTime());
        if (key.startsWith(keyHead)) {
          const record = recordIn(entry);
          if (record === undefined) known.delete(key);
          else {
            seen.add(key);
            const news = { record, putAt: created.getTime() };
            known.set(key, news);
            onRecord(news);
          }
        }
        // The layout is an entry, too: there is always a last one.
        if (isUpdate) initialized.resolve();
      }
    })();
    const timer = setInterval(() => {
      void isStill(opened, birth).then(
        (isSo) => isSo || stop(),
        // A cluster that does not answer may have everything.
        () => undefined,
      );
    }, checkMs).unref();
    stopWatching = stop;
    if (closed) stop();
    const isWhole = await Promise.race([
      initialized.promise.then(() => true),
      isOver,
      stopped.whenOver,
      sleep(firstMs, undefined, { ref: false }),
    ]);
    // What has not come yet is not gone.
    const stopWaiting = isWhole ? settle(seen, birth) : () => {};
    return {
      isOver: Promise.race([isOver, stopped.whenOver])
        .catch(() => undefined)
        .finally(() => {
          clearInterval(timer);
          stopWaiting();
        }),
    };
  }

  /** Forgets the logs that the bucket does not have; one that was just made may yet get them again. */
  function settle(seen: ReadonlySet<string>, birth: string): () => void {
    const missing = () => [...known.keys()].filter((key) => !seen.has(key));
    const drop = () => missing().forEach(known.delete);
    const restMs = fillMs - ageOf(birth);
    if (restMs <= 0) drop();
    const timer = restMs > 0 ? setTimeout(drop, restMs).unref() : undefined;
    for (const key of missing()) {
      const id = known.get(key)?.record.info.id;
      // An agent whose connection did not break does not know that the bucket is another one.
      if (id !== undefined) connection.publish(opened.layout.writer(id), lookAgain);
    }
    return () => clearTimeout(timer);
  }

  async function watchAgain(first: Promise<void>): Promise<void> {
    for (let isOver: Promise<void> | undefined = first; !closed; ) {
      try {
        await isOver;
        if (closed) return;
        opened = await openLayout(client, { shards: opened.layout.shards, replicated: opened.replicated });
        ({ isOver } = await watchOnce());
      } catch {
        isOver = undefined;
        await sleep(retryMs, undefined, { ref: false });
      }
    }
  }

  async function setClock(): Promise<void> {
    clock.set(await serverTime(opened.manager, bucketStream(address)));
  }

  function ageOf(birth: string): number {
    return clock.now() - Date.parse(birth);
  }

  return {
    get opened() {
      return opened;
    },
    known,
    now: clock.now,
    async lookUp(id) {
      const watched = known.get(recordKey(id));
      if (watched !== undefined) return watched;
      // A bucket that is not there answers nobody who asks for an entry.
      const birth = await bucketBirth(opened, address);
      const entry = await opened.bucket.get(recordKey(id));
      const record = recordIn(entry);
      if (record !== undefined) return { record, putAt: entry?.created.getTime() ?? 0 };
      if (entry !== null) return undefined;
      return ageOf(birth) < fillMs ? 'unsure' : undefined;
    },
    forget: (id) => known.delete(recordKey(id)),
    async close() {
      closed = true;
      clearInterval(clockTimer);
      stopWatching();
      await ended;
    },
  };
}

/**
 * Whether the bucket is the one that was made at a moment, and no stream is missing: what is lost is made again, and
 * filled by the agents. Each time it also looks at one of the shards, as they may be many and seldom change.
 */
function createCheck(address: Client['address']): (opened: OpenedLayout, birth: string) => Promise<boolean> {
  let shard = -1;
  return async (opened, birth) => {
    const now = await bucketBirth(opened, address).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (now !== birth || !(await isComplete(opened, address))) return false;
    shard = (shard + 1) % opened.layout.shards;
    await lookAtReplicas(opened, address, shard);
    return true;
  };
}

/** What watches a stream that is gone may try to come back to it, and not end for long: nobody waits for that. */
function stopOf(entries: { stop(): void }) {
  const { promise, resolve } = createDeferred();
  const stopped = { isOver: false, whenOver: promise };
  const stop = () => {
    stopped.isOver = true;
    entries.stop();
    resolve();
  };
  return { stop, stopped };
}
