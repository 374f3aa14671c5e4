import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Block } from '../../../frame/block.ts';
import { partsOf } from '../../../frame/parts.ts';
import { SseTailError } from '../../../words/errors.ts';
import type { Cursor } from '../../journal.ts';
import type { WritableLog } from '../../store.ts';
import { type Payload, packed } from '../batch-message.ts';
import { createBatchWriter, Superseded } from '../batch-writer.ts';
import { type Client, connectStore } from '../client.ts';
import { openLayout, storeTrouble } from '../layout.ts';
import { openLogSubject, TooLarge } from '../log-subject.ts';
import { parseRecord, recordKey } from '../logs/log-record.ts';
import type { StoreAddress } from '../store-address.ts';
import { announceLog } from './announcer.ts';

/** Brings a log that is kept here to the store of many machines. Its journal on disk is the outbox. */
export interface Publisher {
  /** Lines that the store has not acknowledged yet. */
  readonly undelivered: number;
  /**
   * Resolves once the store has acknowledged every line (true), or after `deadlineMs` (false). What it acknowledged is
   * not read back.
   */
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

/** A batch as the server gets it, before it is compressed. */
const mostBatchBytes = 512 * 1024;
/** Batches that are being compressed or wait for their turn. */
const mostReady = 4;
/** Room for headers in what the server takes at most. */
const headerBytes = 4096;
const firstRetryMs = 250;
const lastRetryMs = 5000;
/** Lines that come to the store later than this are said to be late. */
const lateMs = 2000;
const lookMs = 500;
const askMs = 1000;
const endMs = 2000;

/** Nothing more is published: somebody else writes this log in the store. */
class Refused extends Error {}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: its steps share how far it has come.
export function startPublishing({ log, address, credentials, report }: PublisherOptions): Publisher {
  const { info, journal } = log;
  const writer = createBatchWriter();
  const session = `${hostname()} ${process.pid} ${randomUUID()}`;
  const closing = new AbortController();
  /** The last line that the store has acknowledged, or that it turned out to have when the connection was made. */
  let doneId = 0;
  /** The last line that the store ever had: gateways wait for those that it has lost. */
  let highestId = 0;
  let trouble: string | undefined;
  let refusal: string | undefined;
  let reported: string | undefined;
  let behindSince: number | undefined;
  let wake = () => {};

  const leaveJournal = journal.subscribe({ onBlock: () => wake() });
  const looks = setInterval(look, lookMs).unref();
  const ended = run();

  async function run(): Promise<void> {
    let retryMs = firstRetryMs;
    while (!closing.signal.aborted && refusal === undefined) {
      let client: Client | undefined;
      try {
        client = await connectStore({
          address,
          reconnects: false,
          ...(credentials === undefined ? {} : { credentials }),
        });
        await publish(client, () => {
          retryMs = firstRetryMs;
          trouble = undefined;
        });
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
    else if (error instanceof SseTailError) trouble = error.message;
    else trouble = storeTrouble(error, address);
  }

  /** As long as the connection lasts. */
  async function publish(client: Client, onBegun: () => void): Promise<void> {
    const { connection } = client;
    const opened = await openLayout(client, info.id);
    const { layout, manager, bucket } = opened;
    await refuseSecondWriter(client, layout.writer(info.id));
    const known = await bucket.get(recordKey(info.id));
    const record = known === null || known.operation !== 'PUT' ? undefined : parseRecord(known.string());
    if (record !== undefined && record.info.createdAt !== info.createdAt) {
      throw new Refused(`The store already has a different log ${info.id}: this one is not published.`);
    }
    writer.learn(record?.epochs ?? []);
    const subject = openLogSubject(client, layout, manager, info.id);
    await writer.begin(subject, journal.lastId);
    doneId = writer.lastId;
    highestId = Math.max(highestId, doneId, Math.min(record?.last ?? 0, journal.lastId));
    const announced = announceLog({
      log,
      opened,
      connection,
      session,
      epochs: () => writer.epochs,
      published: () => highestId,
    });
    const isOver = new Promise<void>((resolve) => {
      void connection.closed().then(() => resolve());
      closing.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      onBegun();
      await sendAll(client, isOver);
    } finally {
      await announced.close(closing.signal.aborted);
    }
  }

  /** Two agents must not write one log: the one that is there keeps it as long as it answers. */
  async function refuseSecondWriter({ connection }: Client, subject: string): Promise<void> {
    const answer = await connection.request(subject, '', { timeout: askMs }).catch(() => undefined);
    const other = answer?.json<{ session: string }>().session;
    if (other === undefined || other === session) return;
    throw new SseTailError('locked', `Another agent (${other.split(' ', 2).join(', process ')}) publishes ${info.id}.`);
  }

  async function sendAll(client: Client, isOver: Promise<void>): Promise<void> {
    const { connection } = client;
    const over = () => connection.isClosed() || closing.signal.aborted;
    const cursor = journal.read(writer.lastId + 1);
    try {
      while (!over()) {
        const news = new Promise<void>((resolve) => {
          wake = resolve;
        });
        if (!(await sendKept(client, cursor))) await Promise.race([news, isOver]);
      }
    } finally {
      cursor.close();
    }
  }

  /** False when there was nothing to send. While one batch is stored the next ones are compressed. */
  async function sendKept({ maxPayload }: Client, cursor: Cursor): Promise<boolean> {
    const mostBytes = Math.min(mostBatchBytes, maxPayload - headerBytes);
    const ready: { part: Block; payload: Promise<Payload> }[] = [];
    let hasSent = false;
    for (let isEnd = false; ; ) {
      if (!isEnd && ready.length < mostReady) {
        const next = await cursor.next();
        isEnd = next === undefined;
        // Readers see by the ids what retention took before it could be sent.
        if (next?.type === 'block') {
          for (const part of partsOf(next, mostBytes)) ready.push({ part, payload: packed(part.bytes) });
        }
        if (ready.length < mostReady && !isEnd) continue;
      }
      const first = ready.shift();
      if (first === undefined) return hasSent;
      await send(first.part, first.payload, maxPayload);
      hasSent = true;
    }
  }

  async function send({ bytes, firstId, lastId }: Block, payload: Promise<Payload>, maxPayload: number): Promise<void> {
    try {
      await writer.write({ events: bytes, firstId, lastId }, payload);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      throw new SseTailError(
        'journal',
        `${address.shown} takes messages of ${maxPayload} bytes, and line ${firstId} needs ${error.message}: set max_payload to 1MB.`,
      );
    }
    doneId = lastId;
    highestId = Math.max(highestId, doneId);
    trouble = undefined;
  }

  function sentence(): string | undefined {
    if (refusal !== undefined) return refusal;
    const behind = journal.lastId - doneId;
    if (behind <= 0 && trouble === undefined) {
      behindSince = undefined;
      return undefined;
    }
    behindSince ??= Date.now();
    if (Date.now() - behindSince < lateMs) return undefined;
    const lines = behind === 1 ? '1 line is' : `${behind.toLocaleString('en-US')} lines are`;
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

  return {
    get undelivered() {
      return Math.max(0, journal.lastId - doneId);
    },
    async delivered(deadlineMs) {
      const endsAt = Date.now() + deadlineMs;
      while (doneId < journal.lastId && refusal === undefined && Date.now() < endsAt) await sleep(20);
      return doneId >= journal.lastId && refusal === undefined;
    },
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
