import type { JetStreamManager } from '@nats-io/jetstream';
import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import type { FilePosition } from '../../words/position.ts';
import type { Client } from './client.ts';
import { isNotFound, type Layout } from './layout.ts';
import { type BatchHead, type Payload, readHead, readPositions, unpacked, writeHead } from './message/batch-message.ts';

/** A batch in the stream. */
export interface StoredBatch extends BatchHead {
  /** Its sequence in the stream, which it shares with the batches of other logs. */
  seq: number;
  /** Bytes of the message, as it was compressed. */
  storedBytes: number;
  /** Its events, in a buffer of the caller's own. */
  events(): Promise<Buffer>;
  positions(): FilePosition[];
}

/** A batch that the server passed on as it was stored. */
export interface FreshBatch extends StoredBatch {
  /** Sequence of the log's batch before it, 0 where there is none: another one was missed. */
  previousSeq: number;
}

/** The end of a log in the stream. */
export interface Newest {
  seq: number;
  /** Undefined for a message that is no batch: somebody else published it under the log's subject. */
  batch: StoredBatch | undefined;
}

export interface StreamState {
  /** Tells it from one of the same name that was there before it. */
  created: string;
  /** What stands before this sequence was removed. */
  firstSeq: number;
  /** It removes the oldest messages by itself. */
  isLimited: boolean;
}

/** What a log is in the cluster: the messages under one subject of one stream. */
export interface LogSubject {
  readonly client: Client;
  /** Tells logs of one cluster apart. */
  readonly name: string;
  /** The first batch at a sequence or after it. May be answered by a server that is behind the leader. */
  next(seq: number): Promise<StoredBatch | undefined>;
  /** The last message, as the leader has it. */
  last(): Promise<Newest | undefined>;
  /**
   * Stores a batch if `expectedSeq` is still the last sequence of this log. Resolves with its own.
   *
   * @throws WrongSequence where it is not, any other error where it is not known whether it was stored
   */
  store(head: Omit<BatchHead, 'epoch'>, payload: Payload, place: StorePlace): Promise<number>;
  /** The stream that holds it, with other logs. */
  stream(): Promise<StreamState>;
  /** Removes what stands before a sequence; without one, everything. */
  purge(beforeSeq?: number): Promise<void>;
  /** Calls back with each batch that is stored from now on, if the connection does not break. */
  listen(onBatch: (batch: FreshBatch) => void): () => void;
}

export interface StorePlace {
  expectedSeq: number;
  positions?: Iterable<FilePosition> | undefined;
}

/** Another batch was stored meanwhile. */
export class WrongSequence extends Error {}

/** The server has said nothing: so does one whose disk is full, which reads and lists as usual. */
export class Unacknowledged extends Error {}

/** The server stores no batch as large as this one. */
export class TooLarge extends Error {}

const requestMs = 5000;
const wrongLastSequence = [10071, 10164];

export function openLogSubject(client: Client, layout: Layout, manager: JetStreamManager, log: string): LogSubject {
  const { connection, headers: newHeaders } = client;
  const subject = layout.batches(log);
  const stream = layout.streamOf(log);

  async function get(seq: number): Promise<Msg | undefined> {
    const query = JSON.stringify({ seq, next_by_subj: subject });
    const answer = await connection.request(`$JS.API.DIRECT.GET.${stream}`, query, { timeout: requestMs });
    const status = answer.headers?.code ?? 0;
    if (status === 404) return undefined;
    if (status >= 300) throw new Error(`${status} ${answer.headers?.description}`);
    return answer;
  }

  return {
    client,
    name: subject,
    async next(seq) {
      for (let at = Math.max(1, seq); ; at++) {
        const message = await get(at);
        if (message?.headers === undefined) return undefined;
        at = Number(message.headers.get('Nats-Sequence'));
        const batch = batchOf(at, message.headers, message.data);
        if (batch !== undefined) return batch;
      }
    },
    async last() {
      try {
        const message = await manager.streams.getMessage(stream, { last_by_subj: subject });
        if (message === null) return undefined;
        return { seq: message.seq, batch: batchOf(message.seq, message.header, message.data) };
      } catch (error) {
        if (isNotFound(error) && !/stream not found/i.test(String(error))) return undefined;
        throw error;
      }
    },
    async stream() {
      const { created, state, config } = await manager.streams.info(stream);
      const isLimited = config.max_bytes > 0 || config.max_age > 0 || config.max_msgs > 0;
      return { created, firstSeq: state.first_seq, isLimited };
    },
    async store(head, { bytes, isCompressed }, { expectedSeq, positions }) {
      const headers = writeHead(newHeaders(), head, { isCompressed, expectedSeq, positions });
      if (bytes.length + headersRoom > client.maxPayload) throw new TooLarge(String(bytes.length + headersRoom));
      const answer = await connection.request(subject, bytes, { headers, timeout: requestMs }).catch((error) => {
        throw /timeout/i.test(String(error)) ? new Unacknowledged(String(error)) : error;
      });
      const ack = answer.json() as { seq?: number; error?: { err_code?: number; description: string } };
      if (ack.error === undefined && ack.seq !== undefined) return ack.seq;
      const { err_code: code = 0, description = 'no sequence was given' } = ack.error ?? {};
      throw wrongLastSequence.includes(code) ? new WrongSequence(description) : new Error(description);
    },
    async purge(beforeSeq) {
      await manager.streams.purge(stream, { filter: subject, ...(beforeSeq === undefined ? {} : { seq: beforeSeq }) });
    },
    listen(onBatch) {
      const subscription = connection.subscribe(layout.fresh(log), {
        callback(error, message) {
          if (error !== null || message.headers === undefined) return;
          const batch = batchOf(Number(message.headers.get('Nats-Sequence')), message.headers, message.data);
          const previousSeq = Number(message.headers.get('Nats-Last-Sequence') || 0);
          if (batch !== undefined) onBatch({ ...batch, previousSeq });
        },
      });
      return () => subscription.unsubscribe();
    },
  };
}

const headersRoom = 4096;
const smallMessage = 64 * 1024;

function batchOf(seq: number, headers: MsgHdrs, data: Uint8Array): StoredBatch | undefined {
  const head = readHead(headers);
  if (head === undefined) return undefined;
  // A small message is a part of what came from the socket at once, which it would hold in memory.
  const payload = data.length < smallMessage ? Buffer.from(data) : data;
  return {
    ...head,
    seq,
    storedBytes: payload.length,
    events: () => unpacked(payload, headers, head.length),
    positions: () => readPositions(headers),
  };
}
