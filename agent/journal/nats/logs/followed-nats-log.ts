import { setTimeout as sleep } from 'node:timers/promises';
import { createListeners } from '../../../system/listeners.ts';
import { isFinished } from '../../../words/log.ts';
import type { JournalListener } from '../../journal.ts';
import type { Log, LogListener } from '../../store.ts';
import { listen } from '../cluster/client.ts';
import type { OpenedLayout } from '../cluster/layout.ts';
import { type LogSubject, openLogSubject } from '../cluster/log-subject.ts';
import { parseLive } from '../message/live-message.ts';
import { type NatsJournal, openNatsJournal } from '../nats-journal.ts';
import type { BatchCache } from '../read/batch-cache.ts';
import { type KnownRecord, statusIn } from './log-record.ts';
import { createLogWriter } from './log-writer.ts';
import { createUnkept } from './unkept.ts';

/** A log in the cluster, which an agent somewhere writes or nobody any more. */
export interface FollowedNatsLog extends Log {
  readonly journal: NatsJournal;
  /** The bucket has news of it. An older one that still waits for its last lines counts no more. */
  update(known: KnownRecord): Promise<void>;
  /** The cluster does not answer (one sentence), or does again. */
  setTrouble(trouble: string | undefined): void;
  /** The connection was broken: what is not a line yet, and how far the program is, is asked for. Never rejects. */
  askForUnkept(): Promise<void>;
  /** Takes in what the stream holds by now. @throws what the cluster says */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface FollowedNatsLogOptions {
  opened: OpenedLayout;
  client: LogSubject['client'];
  cache: BatchCache;
  known: KnownRecord;
  /** Milliseconds since the epoch, by the server's clock. */
  now: () => number;
  trouble: string | undefined;
  /** Somebody subscribes to it: it is to be updated until the returned function is called. */
  onFollow(log: FollowedNatsLog): () => void;
}

/** The last lines of a log that has ended are waited for so long: they were stored before its end was told. */
const lastLinesMs = 10_000;
const retryMs = 100;
/** An agent that was killed is known by its silence. */
const silenceCheckMs = 30_000;

/** The cluster is listened to only while somebody subscribes to the log or its journal. */
export async function openFollowedNatsLog(options: FollowedNatsLogOptions): Promise<FollowedNatsLog> {
  const { opened, client, cache, now, onFollow } = options;
  let { known, trouble } = options;
  let status = statusIn(known, now());
  const { id } = known.record.info;
  const { layout, manager } = opened;
  const { connection } = client;
  const writer = createLogWriter(connection, layout.writer(id));
  const subject = openLogSubject(client, layout, manager, id);
  const journal = await openNatsJournal(subject, { cache, onLoss: writer.report });
  journal.learn(known.record.epochs, known.record.last, known.record.end);
  const listeners = createListeners<LogListener>();
  const unkept = createUnkept({
    onPartial(partial) {
      for (const listener of listeners) listener.onPartial?.(partial);
    },
    onProgress() {
      for (const listener of listeners) listener.onStatus?.(status);
    },
  });
  let subscribers = 0;
  let updates = 0;
  let closed = false;
  let stopFollowing = () => {};

  async function askForUnkept(): Promise<void> {
    const { progressNews } = unkept;
    const answer = await writer.ask();
    if (answer !== undefined && subscribers > 0 && !isFinished(status)) unkept.replace(answer, progressNews);
  }

  function follow(): void {
    const stopLines = journal.follow();
    const stopPartials = listen(connection, layout.live(id), (message) => {
      const news = parseLive(message.string());
      if (news !== undefined && !('progress' in news && isFinished(status))) unkept.take(news);
    });
    const stopUpdates = onFollow(followed);
    const timer = setInterval(() => stand(known, trouble), silenceCheckMs).unref();
    void askForUnkept();
    stopFollowing = () => {
      clearInterval(timer);
      stopUpdates();
      stopLines();
      stopPartials();
      unkept.forget();
      stopFollowing = () => {};
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
  async function update(next: KnownRecord): Promise<void> {
    const turn = ++updates;
    const { epochs, last, end } = next.record;
    journal.learn(epochs, 0, end);
    if (isFinished(statusIn(next, now()))) {
      const endsAt = Date.now() + lastLinesMs;
      while (journal.lastId < last && Date.now() < endsAt) {
        await journal.refresh().catch(() => undefined);
        if (journal.lastId < last) await sleep(retryMs);
        if (closed || turn !== updates) return;
      }
      journal.learn(epochs, last);
    }
    stand(next, trouble);
  }

  /** An ended log has all its lines. */
  function delivery(): string | undefined {
    return isFinished(status) ? undefined : (trouble ?? known.record.trouble);
  }

  function standing(): string {
    return JSON.stringify([status, delivery()]);
  }

  /** How it stands now, by what the bucket has of it and how long it has been silent. */
  function stand(next: KnownRecord, nextTrouble: string | undefined): void {
    const before = standing();
    const wasFinished = isFinished(status);
    [known, trouble, status] = [next, nextTrouble, statusIn(next, now())];
    if (isFinished(status)) unkept.end();
    else if (wasFinished && subscribers > 0) void askForUnkept();
    if (standing() !== before) for (const listener of listeners) listener.onStatus?.(status);
  }

  const followedJournal: NatsJournal = Object.create(journal, {
    subscribe: { value: (listener: JournalListener) => followWhile(journal.subscribe(listener)) },
  });

  const followed: FollowedNatsLog = {
    get info() {
      return known.record.info;
    },
    journal: followedJournal,
    get status() {
      return status;
    },
    get sources() {
      return known.record.sources;
    },
    get partials() {
      return unkept.partials;
    },
    get progress() {
      return unkept.progress;
    },
    subscribe: (listener) => followWhile(listeners.add(listener)),
    reach: (line) => writer.reach(line, journal, () => closed || isFinished(status)),
    update,
    get delivery() {
      return delivery();
    },
    setTrouble(next) {
      stand(known, next);
    },
    askForUnkept,
    async refresh() {
      if (subscribers === 0) await journal.refresh();
    },
    async close() {
      closed = true;
      stopFollowing();
      await journal.close();
    },
  };
  return followed;
}
