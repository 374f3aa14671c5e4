import { setTimeout as sleep } from 'node:timers/promises';
import { createListeners } from '../../../system/listeners.ts';
import { isFinished, type LogStatus } from '../../../words/log.ts';
import type { PartialRows } from '../../../words/wire.ts';
import type { JournalListener } from '../../journal.ts';
import type { Log, LogListener } from '../../store.ts';
import type { BatchCache } from '../batch-cache.ts';
import type { OpenedLayout } from '../layout.ts';
import { type LogSubject, openLogSubject } from '../log-subject.ts';
import { type NatsJournal, openNatsJournal } from '../nats-journal.ts';
import type { SharedRecord } from './log-record.ts';

/** A log in the cluster, which an agent somewhere writes or nobody any more. */
export interface FollowedNatsLog extends Log {
  readonly journal: NatsJournal;
  /** The bucket has news of it. */
  update(record: SharedRecord, status: LogStatus): Promise<void>;
  /** The cluster does not answer (one sentence), or does again. */
  setTrouble(trouble: string | undefined): void;
  /** Takes in what the stream holds by now. @throws what the cluster says */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** The last lines of a log that has ended are waited for so long: they were stored before its end was told. */
const lastLinesMs = 10_000;
const retryMs = 100;
const askMs = 1000;

/** The cluster is listened to only while somebody subscribes to the log or its journal. */
export async function openFollowedNatsLog(
  { layout, manager }: OpenedLayout,
  client: LogSubject['client'],
  known: { record: SharedRecord; status: LogStatus; trouble: string | undefined },
  cache: BatchCache,
): Promise<FollowedNatsLog> {
  let { record, status, trouble } = known;
  const { id } = record.info;
  const { connection } = client;
  const journal = await openNatsJournal(openLogSubject(client, layout, manager, id), { cache });
  journal.learn(record.epochs, record.last);
  const listeners = createListeners<LogListener>();
  const partials = new Map<string, PartialRows>();
  let subscribers = 0;
  let stopFollowing = () => {};

  function takePartial(partial: PartialRows): void {
    const channel = `${partial.stream ?? 'stdout'} ${partial.source ?? ''}`;
    if (partial.rows.length === 0) partials.delete(channel);
    else partials.set(channel, partial);
    for (const listener of listeners) listener.onPartial?.(partial);
  }

  function follow(): void {
    const stopLines = journal.follow();
    const live = connection.subscribe(layout.live(id), {
      callback(error, message) {
        if (error === null) takePartial(message.json<PartialRows>());
      },
    });
    // What is unfinished now; nobody answers for a log that nobody writes.
    void connection.request(layout.writer(id), '', { timeout: askMs }).then(
      (answer) => answer.json<{ partials: PartialRows[] }>().partials.forEach(takePartial),
      () => undefined,
    );
    stopFollowing = () => {
      stopLines();
      live.unsubscribe();
      partials.clear();
    };
  }

  function followWhile(unsubscribe: () => void): () => void {
    if (++subscribers === 1) follow();
    let isSubscribed = true;
    return () => {
      unsubscribe();
      if (!isSubscribed) return;
      isSubscribed = false;
      if (--subscribers === 0) stopFollowing();
    };
  }

  /** Lines before status: whoever is told that the log ended has been told all of it. */
  async function update(next: SharedRecord, nextStatus: LogStatus): Promise<void> {
    journal.learn(next.epochs, 0);
    if (isFinished(nextStatus)) {
      const endsAt = Date.now() + lastLinesMs;
      while (journal.lastId < next.last && Date.now() < endsAt) {
        await journal.refresh().catch(() => undefined);
        if (journal.lastId < next.last) await sleep(retryMs);
      }
      journal.learn(next.epochs, next.last);
    }
    const before = standing();
    record = next;
    status = nextStatus;
    announceSince(before);
  }

  /** An ended log has all its lines. */
  function delivery(): string | undefined {
    return isFinished(status) ? undefined : (trouble ?? record.trouble);
  }

  function standing(): string {
    return JSON.stringify([status, delivery()]);
  }

  function announceSince(before: string): void {
    if (standing() !== before) for (const listener of listeners) listener.onStatus?.(status);
  }

  const followed: NatsJournal = Object.create(journal, {
    subscribe: { value: (listener: JournalListener) => followWhile(journal.subscribe(listener)) },
  });

  return {
    get info() {
      return record.info;
    },
    journal: followed,
    get status() {
      return status;
    },
    get sources() {
      return record.sources;
    },
    get partials() {
      return [...partials.values()];
    },
    subscribe: (listener) => followWhile(listeners.add(listener)),
    update,
    get delivery() {
      return delivery();
    },
    setTrouble(next) {
      const before = standing();
      trouble = next;
      announceSince(before);
    },
    async refresh() {
      if (subscribers === 0) await journal.refresh();
    },
    async close() {
      stopFollowing();
      await journal.close();
    },
  };
}
