import type { Block } from '../../../frame/block.ts';
import { partsOf } from '../../../frame/parts.ts';
import type { Cursor, LentBlock } from '../../journal.ts';
import { type Payload, packed, totalLength } from '../message/batch-message.ts';

/** Lines as one message. */
export interface OutgoingMessage {
  firstId: number;
  lastId: number;
  /** Of its events, uncompressed. */
  length: number;
  payload: Payload;
}

/** Lines that are to be sent, while they are compressed or when they have been. */
export interface OutgoingLines {
  /** One, unless they are too much for one. */
  messages: Promise<OutgoingMessage[]>;
  /** All of them are stored: their memory may be used for others. */
  release(): void;
}

/** The lines of a journal from a cursor on, in their order: while some are stored the next ones are compressed. */
export interface Outgoing {
  /** Undefined when the journal holds no more for now. */
  next(): Promise<OutgoingLines | undefined>;
  /** The journal announces a block: to read what was just written takes longer than to copy it. */
  came(block: Block): void;
  /** Nothing more is sent: what was read for it is released. */
  close(): void;
}

/** So many are being compressed, or wait for their turn. */
const mostReady = 2;
/** Of what was read from disk: only one message at a time is on its way to the server and back. */
const mostEnoughBytes = 2 * 1024 * 1024;
/** Of what a message may have: lines are not all alike. */
const usualShare = 0.75;
/** Of what comes while a message is on its way. */
const mostFreshBytes = 256 * 1024;

/** @param mostBytes of a message; a longer line is one of its own */
export function createOutgoing(cursor: Cursor, mostBytes: number): Outgoing {
  const ready: OutgoingLines[] = [];
  /** One reads at a time. */
  let filling: Promise<void> | undefined;
  /** Read already, and not one with what was read before it. */
  let nextBlock: LentBlock | undefined;
  /** The cursor has come to the end of the journal; what is announced from now on is not read from disk. */
  let isAtEnd = false;
  let fresh: Block[] = [];
  let freshBytes = 0;
  /** As much as fits into a message once it is compressed, going by what was compressed last. */
  let enoughBytes = mostEnoughBytes;
  let isClosed = false;

  async function fill(): Promise<void> {
    isAtEnd = false;
    while (ready.length < mostReady) {
      const blocks = await readBlocks();
      isAtEnd = blocks.length === 0;
      if (isAtEnd) return;
      const release = () => blocks.forEach((block) => void block.release());
      if (isClosed) return release();
      ready.push({ messages: compressed(blocks), release });
    }
  }

  /** Some that follow each other. */
  async function readBlocks(): Promise<LentBlock[]> {
    const blocks: LentBlock[] = [];
    for (let bytes = 0; bytes < enoughBytes; ) {
      const next = nextBlock ?? (await readBlock());
      nextBlock = undefined;
      if (next === undefined) break;
      const last = blocks.at(-1);
      if (last !== undefined && next.firstId !== last.lastId + 1) {
        nextBlock = next;
        break;
      }
      blocks.push(next);
      bytes += next.bytes.length;
    }
    return blocks;
  }

  async function readBlock(): Promise<LentBlock | undefined> {
    for (;;) {
      const next = await cursor.next();
      // Readers see by the ids what retention took before it could be sent.
      if (next?.type !== 'gap') return next;
    }
  }

  function refill(): Promise<void> {
    filling ??= fill().finally(() => {
      filling = undefined;
    });
    return filling;
  }

  function compressed(blocks: readonly Block[]): Promise<OutgoingMessage[]> {
    const messages = messagesOf(blocks, mostBytes);
    // Its error is for who sends them.
    messages.then(learn, () => undefined);
    return messages;
  }

  function learn(messages: readonly OutgoingMessage[]): void {
    const length = messages.reduce((sum, message) => sum + message.length, 0);
    const stored = messages.reduce((sum, { payload }) => sum + payload.bytes.length, 0);
    enoughBytes = Math.min(mostEnoughBytes, (mostBytes * usualShare * length) / stored);
  }

  function takeFresh(): void {
    const last = fresh.at(-1);
    if (last === undefined) return;
    ready.push({ messages: compressed(fresh), release: () => {} });
    cursor.seek(last.lastId + 1);
    fresh = [];
    freshBytes = 0;
  }

  return {
    async next() {
      if (ready.length === 0) takeFresh();
      if (ready.length === 0) await refill();
      const first = ready.shift();
      // Its error is the next one's, who waits for it.
      if (!isAtEnd) refill().catch(() => undefined);
      return first;
    },
    came({ bytes, firstId, lastId }) {
      const nextId = (fresh.at(-1)?.lastId ?? cursor.nextId - 1) + 1;
      // After one that is left to the cursor all are.
      if (!isAtEnd || firstId !== nextId || freshBytes + bytes.length > mostFreshBytes) return;
      fresh.push({ bytes: Buffer.from(bytes), firstId, lastId });
      freshBytes += bytes.length;
    },
    close() {
      isClosed = true;
      nextBlock?.release();
      // Until then they are read by the threads that compress.
      for (const { messages, release } of ready.splice(0)) messages.then(release, release);
    },
  };
}

/** As the journal has them, where that is small enough once it is compressed: to cut them takes a search and a copy. */
async function messagesOf(blocks: readonly Block[], mostBytes: number): Promise<OutgoingMessage[]> {
  const whole = await messageOf(blocks);
  if (whole.payload.bytes.length <= mostBytes) return [whole];
  const [first] = blocks as [Block];
  const parts =
    blocks.length > 1
      ? blocks.map((block) => messagesOf([block], mostBytes))
      : Array.from(partsOf(first, mostBytes), (part) => messageOf([part]));
  return (await Promise.all(parts)).flat();
}

/** @param blocks at least one; each follows the one before it */
async function messageOf(blocks: readonly Block[]): Promise<OutgoingMessage> {
  const events = blocks.map(({ bytes }) => bytes);
  const payload = await packed(events);
  const [first, last] = [blocks[0], blocks.at(-1)] as [Block, Block];
  return { firstId: first.firstId, lastId: last.lastId, length: totalLength(events), payload };
}
