import type { JetStreamManager } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { FilePosition } from '../../../words/position.ts';
import {
  type BatchHead,
  encodingOf,
  type Payload,
  parsePositions,
  positionsOf,
  readHead,
  unpacked,
  writeHead,
} from '../message/batch-message.ts';
import { type Client, listen } from './client.ts';
import { isNotFound, type Layout } from './layout.ts';

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
  /**
   * The first batch at a sequence or after it, as the next best server has it: it may be behind the leader.
   *
   * @param by the leader has all that there is, and more to do
   */
  next(seq: number, by?: 'anyone' | 'leader'): Promise<StoredBatch | undefined>;
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

/** The server stores no message as large as this one. */
export class TooLarge extends Error {
  constructor(line: number, bytes: number, mostBytes: number) {
    super(`messages of ${mostBytes} bytes, and line ${line} needs ${bytes}`);
  }
}

const requestMs = 5000;
const wrongLastSequence = [10071, 10164];

export function openLogSubject(client: Client, layout: Layout, manager: JetStreamManager, log: string): LogSubject {
  const { connection, headers: newHeaders } = client;
  const subject = layout.batches(log);
  const stream = layout.streamOf(log);

  async function getFromAnyone(query: Query): Promise<StoredMessage | undefined> {
    const place = `$JS.API.DIRECT.GET.${stream}`;
    const answer = await connection.request(place, JSON.stringify(query), { timeout: requestMs });
    const status = answer.headers?.code ?? 0;
    if (status === 404) return undefined;
    if (status >= 300 || answer.headers === undefined) throw new Error(`${status} ${answer.headers?.description}`);
    return { seq: sequenceIn(answer.headers, 'Nats-Sequence'), headers: answer.headers, data: answer.data };
  }

  /**
   * The only server that has a stream leads it, and is asked as any server is: NATS 2.9 lists a stream before it has
   * its store, and crashes when the leader's way is taken to a stream that somebody makes at this moment.
   */
  async function getFromLeader(query: Query): Promise<StoredMessage | undefined> {
    if (!layout.isReplicated(log)) return getFromAnyone(query);
    try {
      const message = await manager.streams.getMessage(stream, query);
      return message === null ? undefined : { seq: message.seq, headers: message.header, data: message.data };
    } catch (error) {
      if (isNotFound(error) && !/stream not found/i.test(String(error))) return undefined;
      throw error;
    }
  }

  return {
    client,
    name: subject,
    async next(seq, by) {
      for (let from = Math.max(1, seq); ; ) {
        const get = by === 'leader' ? getFromLeader : getFromAnyone;
        const message = await get({ seq: from, next_by_subj: subject });
        if (message === undefined) return undefined;
        const batch = batchOf(message);
        if (batch !== undefined) return batch;
        from = Math.max(from, message.seq) + 1;
      }
    },
    async last() {
      const message = await getFromLeader({ last_by_subj: subject });
      return message && { seq: message.seq, batch: batchOf(message) };
    },
    async stream() {
      const { created, state, config } = await manager.streams.info(stream);
      const isLimited = config.max_bytes > 0 || config.max_age > 0 || config.max_msgs > 0;
      return { created, firstSeq: state.first_seq, isLimited };
    },
    async store(head, { bytes, isCompressed }, { expectedSeq, positions }) {
      const headers = writeHead(newHeaders(), head, { isCompressed, expectedSeq, positions });
      const size = bytes.length + headersRoom;
      // One without lines says which line comes next.
      if (size > client.maxPayload) throw new TooLarge(head.firstId, size, client.maxPayload);
      const answer = await connection.request(subject, bytes, { headers, timeout: requestMs }).catch((error) => {
        throw /timeout/i.test(String(error)) ? new Unacknowledged(String(error)) : error;
      });
      const ack = answer.json() as { seq?: number; error?: { err_code?: number; description: string } };
      if (ack.error === undefined && ack.seq !== undefined) return ack.seq;
      const { err_code: code = 0, description = 'no sequence was given' } = ack.error ?? {};
      throw wrongLastSequence.includes(code) ? new WrongSequence(description) : new Error(description);
    },
    async purge(beforeSeq) {
      // Nothing is before the first message. A server takes 1 for no limit, and removes all that the log has.
      if (beforeSeq !== undefined && beforeSeq <= 1) return;
      await manager.streams.purge(stream, { filter: subject, ...(beforeSeq === undefined ? {} : { seq: beforeSeq }) });
    },
    listen: (onBatch) =>
      listen(connection, layout.fresh(log), ({ headers, data }) => {
        if (headers === undefined) return;
        const batch = batchOf({ seq: sequenceIn(headers, 'Nats-Sequence'), headers, data });
        if (batch !== undefined) onBatch({ ...batch, previousSeq: sequenceIn(headers, 'Nats-Last-Sequence') });
      }),
  };
}

type Query = { last_by_subj: string } | { seq: number; next_by_subj: string };

interface StoredMessage {
  seq: number;
  headers: MsgHdrs;
  data: Uint8Array;
}

/** The server's own: whoever published the message may have set one of that name before it. 0 without one. */
function sequenceIn(headers: MsgHdrs, name: string): number {
  const seq = Number(headers.last(name) || 0);
  return Number.isSafeInteger(seq) ? seq : 0;
}

const headersRoom = 4096;
const smallMessage = 64 * 1024;

function batchOf({ seq, headers, data }: StoredMessage): StoredBatch | undefined {
  const head = readHead(headers);
  if (head === undefined || seq < 1) return undefined;
  // A small message is a part of what came from the socket at once, which it would hold in memory.
  const payload = data.length < smallMessage ? Buffer.from(data) : data;
  // Headers in the form that the library has take 4 KB, and a hundred thousand batches may be kept.
  return batchWith(head, seq, payload, { encoding: encodingOf(headers), positions: positionsOf(headers) });
}

/** In a function of its own: what it returns holds on to nothing else. */
function batchWith(
  head: BatchHead,
  seq: number,
  payload: Uint8Array,
  { encoding, positions }: { encoding: string; positions: string },
): StoredBatch {
  return {
    ...head,
    seq,
    storedBytes: payload.length,
    events: () => unpacked(payload, encoding, head.length),
    positions: () => parsePositions(positions),
  };
}
