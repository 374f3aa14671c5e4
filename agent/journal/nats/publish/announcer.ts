import { defined } from '../../../words/defined.ts';
import { isFinished, type LogStatus } from '../../../words/log.ts';
import type { PartialRows } from '../../../words/wire.ts';
import type { WritableLog } from '../../store.ts';
import { type Client, listen } from '../cluster/client.ts';
import { bucketBirth, isNotFound, type OpenedLayout } from '../cluster/layout.ts';
import type { StoredEnd } from '../cluster/stored-end.ts';
import { heartbeatMs, recordIn, recordKey, recordText, type SharedRecord } from '../logs/log-record.ts';
import type { Epoch } from '../message/epochs.ts';
import { lookAgain, type ProgressNews, type WriterAnswer } from '../message/live-message.ts';
import { countsIntervalMs } from './counts-interval.ts';

export interface AnnouncementOptions {
  log: WritableLog;
  opened: OpenedLayout;
  client: Client;
  /** Tells this agent from any other that has the same log. */
  session: string;
  epochs: () => readonly Epoch[];
  /** Where the log ends in its stream. */
  end: () => StoredEnd | undefined;
  /** The last line that the store has had. */
  published: () => number;
  /** A gateway says that the store has lost something. */
  onDoubt: () => void;
  /** Of the record that the bucket has, 0 without one: over another one nothing is put before it was looked at. */
  revision: number;
}

export interface Announcement {
  /** @param isLast the agent ends: nobody writes the log from now on */
  close(isLast: boolean): Promise<void>;
}

const lookMs = 500;
/** Room for headers in what the server takes at most. */
const headerBytes = 512;

/**
 * Keeps a log's record in the bucket as the log stands, sends its unfinished rows and how far its program is to whoever
 * listens, and answers who asks for its writer. Until it is closed, which puts the last record there.
 */
export function announceLog(options: AnnouncementOptions): Announcement {
  const { log, opened, client, session, published } = options;
  const { connection } = client;
  const { layout, bucket } = opened;
  const { id } = log.info;
  let put = { text: '', facts: '' };
  const begunAt = performance.now();
  let putAt = Number.NEGATIVE_INFINITY;
  let putting: Promise<void> = Promise.resolve();
  let { revision } = options;
  let isSuperseded = false;
  let sentProgress: string | undefined;

  const leaveAsking = listen(connection, layout.writer(id), (message) => {
    const { progress } = log;
    const answer: WriterAnswer = {
      session,
      last: log.journal.lastId,
      partials: log.partials.map(sendable),
      ...defined({ progress }),
    };
    const text = JSON.stringify(answer);
    message.respond(fits(text) ? text : JSON.stringify({ ...answer, partials: [] }));
    if (message.string() === lookAgain) beginAgain();
  });
  const leave = log.subscribe({
    onStatus() {
      look();
      sendProgress();
    },
    onPartial: (partial) => send(sendable(partial)),
  });
  const timer = setInterval(() => look(), lookMs).unref();
  look();
  sendProgress();

  function send(news: PartialRows | ProgressNews): void {
    if (!connection.isClosed()) connection.publish(layout.live(id), JSON.stringify(news));
  }

  function sendProgress(): void {
    const text = JSON.stringify(log.progress ?? null);
    if (text === sentProgress) return;
    sentProgress = text;
    send({ progress: log.progress ?? null });
  }

  /** The next look puts the record there, many gateways may ask at once. */
  function beginAgain(): void {
    put = { text: '', facts: '' };
    options.onDoubt();
  }

  function look(isLast = false): void {
    const { info, status, sources, journal } = log;
    const record: SharedRecord = {
      version: 1,
      info,
      status: sharedStatus(status, { isWhole: published() >= journal.lastId, isLast }),
      sources: [...sources],
      first: Math.min(journal.firstId, published() + 1),
      last: published(),
      size: journal.size,
      epochs: [...options.epochs()],
      ...defined({ trouble: journal.trouble, end: options.end() }),
    };
    const text = recordText(record, fits);
    const facts = JSON.stringify([record.status, record.sources, record.epochs, record.trouble]);
    const age = performance.now() - putAt;
    const isDue =
      facts !== put.facts ||
      (text !== put.text && (age > countsIntervalMs(performance.now() - begunAt) || isLast)) ||
      age > heartbeatMs;
    if (!isDue || isSuperseded || connection.isClosed()) return;
    put = { text, facts };
    putAt = performance.now();
    putting = putting
      .then(() => putRecord(text))
      .catch(() => {
        // Another look tries again.
        put = { text: '', facts: '' };
      });
  }

  /** A writer that was superseded, and has not noticed yet, says nothing of a log that another one writes. */
  async function putRecord(text: string): Promise<void> {
    const key = recordKey(id);
    const putOver = async (previousSeq: number) => {
      if (!isSuperseded) revision = await bucket.put(key, text, { previousSeq });
    };
    await putOver(revision).catch(async () => {
      await leaveWithoutBucket();
      const entry = await bucket.get(key);
      isSuperseded = newestOf(recordIn(entry)?.epochs) > newestOf(options.epochs());
      await putOver(entry?.revision ?? 0);
    });
  }

  /** Whoever connects makes what is missing. @throws where it is, or what the cluster says */
  async function leaveWithoutBucket(): Promise<void> {
    try {
      await bucketBirth(opened, client.address);
    } catch (error) {
      if (isNotFound(error)) await client.close();
      throw error;
    }
  }

  function fits(text: string): boolean {
    return Buffer.byteLength(text) <= client.maxPayload - headerBytes;
  }

  /** None rather than those of before. */
  function sendable(partial: PartialRows): PartialRows {
    return fits(JSON.stringify(partial)) ? partial : { ...partial, rows: [] };
  }

  return {
    async close(isLast) {
      clearInterval(timer);
      leave();
      look(isLast);
      await putting;
      leaveAsking();
    },
  };
}

function newestOf(epochs: readonly Epoch[] = []): number {
  return epochs.reduce((newest, { epoch }) => Math.max(newest, epoch), 0);
}

/** Nobody is to take a log for finished whose last lines are still to come. */
function sharedStatus(status: LogStatus, { isWhole, isLast }: { isWhole: boolean; isLast: boolean }): LogStatus {
  if (status.state === 'exited' && !isWhole && !isLast) return { state: 'running', startedAt: status.startedAt };
  return isLast && !isFinished(status) ? { state: 'stopped' } : status;
}
