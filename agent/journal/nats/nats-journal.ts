import type { Block } from '../../frame/block.ts';
import { createListeners } from '../../system/listeners.ts';
import type { Journal, JournalListener } from '../journal.ts';
import { createAppender } from './appender.ts';
import { createCatchUp } from './catch-up.ts';
import { lastCounting, nextCounting } from './cluster/counting.ts';
import type { LogSubject } from './cluster/log-subject.ts';
import type { StoredEnd } from './cluster/stored-end.ts';
import { createCursorScope } from './cursor-scope.ts';
import { createExtent } from './extent.ts';
import { createEpochs, type Epoch } from './message/epochs.ts';
import { createNews } from './news.ts';
import { type BatchCache, createBatchCache } from './read/batch-cache.ts';
import { createBatchFinder } from './read/batch-finder.ts';
import { createFreshBatches } from './read/fresh-batches.ts';
import { blockBytes, createNatsCursor } from './read/nats-cursor.ts';
import { createSteps } from './steps.ts';
import { isAllTaken, isReplaced } from './stream-change.ts';

/** A log in the cluster. Whoever only reads it calls `refresh` and `follow`, whoever writes it `append`. */
export interface NatsJournal extends Journal {
  /** Takes in what the cluster holds by now. @throws what the cluster says */
  refresh(): Promise<void>;
  /** Hears of what others store, until the returned function is called. */
  follow(): () => void;
  /** What is known from elsewhere: of writers, how many lines there were, and where the log ended in the stream. */
  learn(epochs: readonly Epoch[], lastId: number, end?: StoredEnd): void;
}

export interface NatsJournalOptions {
  /** About so many bytes of lines are kept; without it as much as the stream keeps. */
  retainBytes?: number;
  /** Shared by the logs of a process; without it nothing is cached. */
  cache?: BatchCache;
  /** Lines are missing that the stream had: whoever has them is to send them again. */
  onLoss?: () => void;
}

/** A core message may be lost, and the last one has none after it that shows so. */
const checkMs = 5000;
/** While batches come, only what retention took is not known by them. */
const ticksBetweenChecks = 12;
/** Where little is kept, what a reader takes at once is little, too: the rest of a segment, on disk. */
const blockShare = 1 / 8;

/** @throws what the cluster says */
export async function openNatsJournal(subject: LogSubject, options: NatsJournalOptions = {}): Promise<NatsJournal> {
  const { retainBytes = Number.POSITIVE_INFINITY, cache = createBatchCache(0, blockBytes) } = options;
  const listeners = createListeners<JournalListener>();
  const steps = createSteps();
  const extent = createExtent(options.onLoss);
  const epochs = createEpochs(forgetBatches);
  const finder = createBatchFinder(subject, epochs, { index: extent.index, cache });
  const announce = createNews({ extent, epochs, keep: (batch) => cache.put(subject.name, batch), send: sendFresh });
  const catchUp = createCatchUp({ subject, epochs, extent, announce, lose, isClosed: () => steps.closed });
  const fresh = createFreshBatches(() => {
    void steps.next(() => catchUp.withFresh(fresh.takeGathered())).catch(() => undefined);
  });
  const appender = createAppender({ subject, extent, retainBytes, onBlock, onTrouble, checkOpen: steps.checkOpen });
  let nextRefresh: Promise<void> | undefined;
  await refresh();

  function onBlock(block: Block): void {
    for (const listener of listeners) listener.onBlock?.(block);
  }

  function onTrouble(trouble: string | undefined): void {
    for (const listener of listeners) listener.onTrouble?.(trouble);
  }

  function sendFresh(block: Block): void {
    const startedAt = performance.now();
    onBlock(block);
    fresh.sent(startedAt, performance.now());
  }

  /** What an older writer stored may not be the log's. */
  function forgetBatches(): void {
    extent.index.clear();
    cache.drop(subject.name);
  }

  function lose(): void {
    extent.lose();
    cache.drop(subject.name);
  }

  /** Many viewers that come in the same moment share one that has not begun. */
  function refresh(): Promise<void> {
    nextRefresh ??= steps.next(async () => {
      nextRefresh = undefined;
      const stored = await subject.last();
      if (stored === undefined && (await isAllTaken(subject, extent))) return extent.clear();
      if (await isReplaced(subject, extent, stored)) lose();
      else extent.remind();
      const newest = stored === undefined ? undefined : await lastCounting(subject, epochs, stored);
      if (stored === undefined || newest === undefined) return;
      if (extent.first === undefined || extent.first.seq < newest.seq) await findFirst();
      if (listeners.size === 0) {
        if (stored.seq > extent.lastSeq) extent.endWith(newest, stored.seq);
        return;
      }
      // Those that have come need not be asked for.
      await catchUp.withFresh(fresh.takeGathered());
      await catchUp.withStream(newest, stored.seq);
    });
    return nextRefresh;
  }

  async function findFirst(): Promise<void> {
    const found = (await nextCounting(subject, epochs, 1)) ?? (await nextCounting(subject, epochs, 1, 'leader'));
    if (found !== undefined) extent.beginWith(found);
  }

  const scope = createCursorScope({ extent, finder, steps, mostBlockBytes: retainBytes * blockShare, refresh });

  return {
    get firstId() {
      return extent.firstId;
    },
    get lastId() {
      return extent.lastId;
    },
    get size() {
      return extent.size;
    },
    get trouble() {
      return appender.trouble;
    },
    positions: extent.positions,
    append: appender.append,
    read: (fromId, toId) => createNatsCursor(scope, fromId, toId),
    subscribe(listener) {
      if (appender.trouble !== undefined) listener.onTrouble?.(appender.trouble);
      return listeners.add(listener);
    },
    refresh,
    follow() {
      const leave = subject.listen(fresh.take);
      const stopChecks = checkNowAndThen(() => void refresh().catch(() => undefined), fresh);
      return () => {
        stopChecks();
        leave();
      };
    },
    learn(known, lastId, end) {
      epochs.learn(known);
      extent.learn(lastId, end);
    },
    close: steps.close,
  };
}

/** While batches come it is seldom: each of them shows whether one before it was missed. */
function checkNowAndThen(check: () => void, come: { readonly count: number }): () => void {
  let seen = come.count;
  let ticks = 0;
  const timer = setInterval(() => {
    if (come.count === seen || ++ticks % ticksBetweenChecks === 0) check();
    seen = come.count;
  }, checkMs).unref();
  check();
  return () => clearInterval(timer);
}
