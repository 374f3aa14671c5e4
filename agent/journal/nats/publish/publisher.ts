import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { count } from '../../../words/amounts.ts';
import { defined } from '../../../words/defined.ts';
import { SseTailError, sentenceForViewers } from '../../../words/errors.ts';
import type { WritableLog } from '../../store.ts';
import { createBatchWriter, Superseded } from '../batch-writer.ts';
import { type Client, connectStore } from '../cluster/client.ts';
import { openLayout, storeTrouble } from '../cluster/layout.ts';
import { openLogSubject, TooLarge, Unacknowledged } from '../cluster/log-subject.ts';
import type { StoreAddress } from '../cluster/store-address.ts';
import { recordIn, recordKey } from '../logs/log-record.ts';
import { parseWriterAnswer } from '../message/live-message.ts';
import { announceLog } from './announcer.ts';
import { createDelivery } from './delivery.ts';
import { createLateness } from './lateness.ts';
import { createOutgoing, type Outgoing, type OutgoingMessage } from './outgoing.ts';
import { createStreamRetention, type StreamRetention } from './stream-retention.ts';

/** Brings a log that is kept here to the store of many machines. Its journal on disk is the outbox. */
export interface Publisher {
  /** Lines that the store has not acknowledged yet. */
  readonly unacknowledged: number;
  /** Lines that a power failure at the store could still take; those that it has not acknowledged, too. */
  readonly undelivered: number;
  /** Resolves once the store has acknowledged every line (true), or after `deadlineMs` (false). */
  acknowledged(deadlineMs: number): Promise<boolean>;
  /** Resolves once every line is delivered (true), or after `deadlineMs` (false). */
  delivered(deadlineMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface PublisherOptions {
  log: WritableLog;
  address: StoreAddress;
  /** Path of a credentials file. */
  credentials?: string;
  /** Takes what the person who runs the agent should know: one sentence at a time. */
  report(sentence: string): void;
}

/** A batch as the server gets it, compressed. */
const mostMessageBytes = 512 * 1024;
/** The server acknowledges a message that its stream has no room for, and drops it with everything before it. */
const mostShareOfStream = 1 / 8;
/** Room for headers in what the server takes at most. */
const headerBytes = 4096;
const firstRetryMs = 250;
const lastRetryMs = 5000;
/** Lines that come to the store later than this are said to be late. */
const lateMs = 2000;
const lookMs = 500;
const longestQuietMs = 60_000;
const askMs = 1000;
const endMs = 2000;

/** Nothing more is published: somebody else writes this log in the store. */
class Refused extends Error {}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: its steps share how far it has come.
export function startPublishing({ log, address, credentials, report }: PublisherOptions): Publisher {
  const { info, journal } = log;
  const writer = createBatchWriter(log);
  const session = `${hostname()} ${process.pid} ${randomUUID()}`;
  const closing = new AbortController();
  const delivery = createDelivery(address.syncMs);
  let trouble: string | undefined;
  let troubleSince: number | undefined;
  let refusal: string | undefined;
  let reported: string | undefined;
  const lateness = createLateness(lateMs);
  let retryMs = firstRetryMs;
  /** Of the store when it was last there. */
  let shards: number | undefined;
  let outgoing: Outgoing | undefined;
  /** Whether the store still has what it had. */
  let isInDoubt = false;
  let wake = () => {};

  const leaveJournal = journal.subscribe({
    onBlock(block) {
      outgoing?.came(block);
      wake();
    },
  });
  const looks = setInterval(look, lookMs).unref();
  const ended = run();

  async function run(): Promise<void> {
    while (!closing.signal.aborted && refusal === undefined) {
      let client: Client | undefined;
      try {
        client = await connectStore({
          address,
          reconnects: false,
          ...(credentials === undefined ? {} : { credentials }),
        });
        await publish(client);
      } catch (error) {
        fail(error);
      }
      await client?.close().catch(() => undefined);
      look();
      // After a cluster was away not everybody comes back at the same moment.
      await sleep(retryMs * (0.5 + Math.random()), undefined, { signal: closing.signal }).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, lastRetryMs);
    }
  }

  function fail(error: unknown): void {
    if (closing.signal.aborted) return;
    if (error instanceof Refused) refusal = error.message;
    else if (error instanceof Superseded)
      refusal = `Another agent now publishes ${info.id}: new lines of this agent are not published.`;
    else if (error instanceof SseTailError) trouble = sentenceForViewers(error);
    else if (error instanceof TooLarge) trouble = `${address.shown} takes ${error.message}: set max_payload to 1MB.`;
    else if (error instanceof Unacknowledged)
      trouble = `${address.shown} does not acknowledge lines: its disk may be full.`;
    else trouble = storeTrouble(error, address);
  }

  /** A connection alone means little: a server whose disk is full lets us in as well. */
  function clearTrouble(): void {
    retryMs = firstRetryMs;
    trouble = undefined;
  }

  /** As long as the connection lasts. */
  async function publish(client: Client): Promise<void> {
    const { connection } = client;
    const opened = await openLayout(client, { log: info.id, ...defined({ shards }) });
    shards = opened.layout.shards;
    const { layout, manager, bucket } = opened;
    await refuseSecondWriter(client, layout.writer(info.id));
    const known = await bucket.get(recordKey(info.id));
    const record = recordIn(known);
    if (record !== undefined && record.info.createdAt !== info.createdAt) {
      throw new Refused(`The store already has a different log ${info.id}: this one is not published.`);
    }
    writer.learn(record?.epochs ?? [], record?.end);
    const subject = openLogSubject(client, layout, manager, info.id);
    await writer.begin(subject, journal.lastId);
    delivery.found(writer.lastId);
    delivery.had(Math.min(record?.last ?? 0, journal.lastId));
    const announced = announceLog({
      log,
      opened,
      client,
      session,
      epochs: () => writer.epochs,
      end: () => writer.end,
      onDoubt() {
        isInDoubt = true;
        wake();
      },
      published: () => delivery.highestId,
      revision: known?.revision ?? 0,
    });
    void connection.closed().then(() => wake());
    try {
      if (writer.lastId >= journal.lastId) clearTrouble();
      await sendAll(client, opened.streamBytes, createStreamRetention(subject, writer.epochs));
    } finally {
      await announced.close(closing.signal.aborted);
    }
  }

  /** Two agents must not write one log: the one that is there keeps it as long as it answers. */
  async function refuseSecondWriter({ connection }: Client, subject: string): Promise<void> {
    const answer = await connection.request(subject, '', { timeout: askMs }).catch(() => undefined);
    const other = answer && parseWriterAnswer(answer.string())?.session;
    if (other === undefined || other === session) return;
    throw new SseTailError('locked', `Another agent (${other.split(' ', 2).join(', process ')}) publishes ${info.id}.`);
  }

  async function sendAll(
    { connection, maxPayload }: Client,
    streamBytes: number,
    retention: StreamRetention,
  ): Promise<void> {
    const cursor = journal.read(writer.lastId + 1);
    const mostBytes = Math.min(mostMessageBytes, maxPayload - headerBytes, streamBytes * mostShareOfStream);
    outgoing = createOutgoing(cursor, mostBytes);
    try {
      while (!connection.isClosed() && !closing.signal.aborted) {
        const news = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const lines = await outgoing.next();
        if (lines !== undefined) {
          try {
            for (const message of await lines.messages) {
              await send(message);
              retention.stored({ ...message, ...writer.written(message.length) });
            }
          } finally {
            lines.release();
          }
          await retention.trim(journal.firstId);
        } else if (isInDoubt || delivery.dueMs === 0) await lookBack();
        else await quiet(news);
      }
    } finally {
      outgoing.close();
      outgoing = undefined;
      cursor.close();
    }
  }

  async function send(message: OutgoingMessage): Promise<void> {
    await writer.write(message);
    // The server has stored it right after the batch before, so none of them is lost.
    delivery.intact();
    delivery.acknowledge(message.lastId);
    clearTrouble();
  }

  /** A node behind the one that we are connected to may have been restarted without what it had not synced. */
  async function lookBack(): Promise<void> {
    isInDoubt = false;
    await writer.verify();
    delivery.intact();
  }

  async function quiet(news: Promise<void>): Promise<void> {
    const timer = setTimeout(() => wake(), Math.min(delivery.dueMs ?? longestQuietMs, longestQuietMs)).unref();
    await news;
    clearTimeout(timer);
  }

  function sentence(): string | undefined {
    if (refusal !== undefined) return refusal;
    const behind = journal.lastId - delivery.acknowledgedId;
    const isLate = lateness.isLate(delivery.acknowledgedId, journal.lastId);
    const now = performance.now();
    troubleSince = trouble === undefined ? undefined : (troubleSince ?? now);
    if (!isLate && now - (troubleSince ?? now) < lateMs) return undefined;
    const lines = behind === 1 ? '1 line is' : `${count(behind)} lines are`;
    const what = behind > 0 ? `${lines} not in the store yet; nothing is lost.` : '';
    return [trouble, what].filter((part) => part).join(' ');
  }

  function look(): void {
    const now = sentence();
    log.setDelivery(now);
    // The terminal gets each cause once, not each count.
    const cause = refusal ?? (now === undefined ? undefined : (trouble ?? 'behind'));
    if (cause === reported) return;
    if (now !== undefined) report(now);
    else if (reported !== undefined) report('The store has every line again.');
    reported = cause;
  }

  async function reaches(id: () => number, deadlineMs: number): Promise<boolean> {
    const endsAt = performance.now() + deadlineMs;
    while (id() < journal.lastId && refusal === undefined && performance.now() < endsAt) await sleep(20);
    return id() >= journal.lastId && refusal === undefined;
  }

  return {
    get unacknowledged() {
      return Math.max(0, journal.lastId - delivery.acknowledgedId);
    },
    get undelivered() {
      return Math.max(0, journal.lastId - delivery.deliveredId);
    },
    acknowledged: (deadlineMs) => reaches(() => delivery.acknowledgedId, deadlineMs),
    delivered: (deadlineMs) => reaches(() => delivery.deliveredId, deadlineMs),
    async close() {
      clearInterval(looks);
      leaveJournal();
      closing.abort();
      wake();
      // A cluster that does not answer must not keep the agent from ending.
      await Promise.race([ended, sleep(endMs, undefined, { ref: false })]);
    },
  };
}
