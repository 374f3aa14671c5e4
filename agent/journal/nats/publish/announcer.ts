import type { NatsConnection } from '@nats-io/transport-node';
import { defined } from '../../../words/defined.ts';
import { isFinished, type LogStatus } from '../../../words/log.ts';
import type { WritableLog } from '../../store.ts';
import type { OpenedLayout } from '../layout.ts';
import { heartbeatMs, recordKey, type SharedRecord } from '../logs/log-record.ts';
import type { Epoch } from '../message/epochs.ts';
import { countsIntervalMs } from './counts-interval.ts';

export interface AnnouncementOptions {
  log: WritableLog;
  opened: OpenedLayout;
  connection: NatsConnection;
  /** Tells this agent from any other that has the same log. */
  session: string;
  epochs: () => readonly Epoch[];
  /** The last line that the store has had. */
  published: () => number;
}

export interface Announcement {
  /** @param isLast the agent ends: nobody writes the log from now on */
  close(isLast: boolean): Promise<void>;
}

const lookMs = 500;

/**
 * Keeps a log's record in the bucket as the log stands, sends its unfinished rows to whoever listens, and answers who
 * asks for its writer. Until it is closed, which puts the last record there.
 */
export function announceLog(options: AnnouncementOptions): Announcement {
  const { log, opened, connection, session, published } = options;
  const { layout, bucket } = opened;
  const { id } = log.info;
  let put = { text: '', facts: '' };
  const begunAt = Date.now();
  let putAt = 0;
  let putting: Promise<void> = Promise.resolve();

  const writer = connection.subscribe(layout.writer(id), {
    callback(error, message) {
      if (error === null) message.respond(JSON.stringify({ session, partials: log.partials }));
    },
  });
  const leave = log.subscribe({
    onStatus: () => look(),
    onPartial(partial) {
      if (!connection.isClosed()) connection.publish(layout.live(id), JSON.stringify(partial));
    },
  });
  const timer = setInterval(() => look(), lookMs).unref();
  look();

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
      ...defined({ trouble: journal.trouble }),
    };
    const text = JSON.stringify(record);
    const facts = JSON.stringify([record.status, record.sources, record.epochs, record.trouble]);
    const age = Date.now() - putAt;
    const isDue =
      facts !== put.facts ||
      (text !== put.text && (age > countsIntervalMs(Date.now() - begunAt) || isLast)) ||
      age > heartbeatMs;
    if (!isDue || connection.isClosed()) return;
    put = { text, facts };
    putAt = Date.now();
    putting = putting
      .then(() => bucket.put(recordKey(id), text))
      .then(
        () => undefined,
        () => {
          // Another look tries again.
          put = { text: '', facts: '' };
        },
      );
  }

  return {
    async close(isLast) {
      clearInterval(timer);
      leave();
      look(isLast);
      await putting;
      if (!connection.isClosed()) writer.unsubscribe();
    },
  };
}

/** Nobody is to take a log for finished whose last lines are still to come. */
function sharedStatus(status: LogStatus, { isWhole, isLast }: { isWhole: boolean; isLast: boolean }): LogStatus {
  if (status.state === 'exited' && !isWhole && !isLast) return { state: 'running', startedAt: status.startedAt };
  return isLast && !isFinished(status) ? { state: 'stopped' } : status;
}
