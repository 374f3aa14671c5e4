import type { Block } from '../../../frame/block.ts';
import { partsOf } from '../../../frame/parts.ts';
import type { Cursor } from '../../journal.ts';
import { type Payload, packed } from '../message/batch-message.ts';

/** Lines as one message. */
export interface OutgoingMessage {
  part: Block;
  payload: Payload;
}

/** A block of the journal that is to be sent, while it is compressed or when it has been. */
export interface OutgoingBlock {
  /** One, unless it is too large for one. */
  messages: Promise<OutgoingMessage[]>;
  /** All of it is stored: its memory may be used for others. */
  release(): void;
}

/** What a cursor gives, in its order: while one block is stored the next ones are read and compressed. */
export interface Outgoing {
  /** Undefined when the journal holds no more for now. */
  next(): Promise<OutgoingBlock | undefined>;
}

/** Blocks that are being compressed or wait for their turn. */
const mostReady = 3;

/** @param mostBytes of a message; a longer line is one of its own */
export function createOutgoing(cursor: Cursor, mostBytes: number): Outgoing {
  const ready: OutgoingBlock[] = [];
  /** One reads at a time. */
  let filling: Promise<void> | undefined;

  async function fill(): Promise<void> {
    while (ready.length < mostReady) {
      const next = await cursor.next();
      if (next === undefined) return;
      // Readers see by the ids what retention took before it could be sent.
      if (next.type === 'gap') continue;
      const messages = messagesOf(next, mostBytes);
      // Its error is for who sends it.
      messages.catch(() => undefined);
      ready.push({ messages, release: next.release });
    }
  }

  function refill(): Promise<void> {
    filling ??= fill().finally(() => {
      filling = undefined;
    });
    return filling;
  }

  return {
    async next() {
      if (ready.length === 0) await refill();
      const first = ready.shift();
      // Its error is the next one's, who waits for it.
      if (first !== undefined) refill().catch(() => undefined);
      return first;
    },
  };
}

/** As the journal has it, where that is small enough once it is compressed: to cut it takes a search and a copy. */
async function messagesOf(block: Block, mostBytes: number): Promise<OutgoingMessage[]> {
  const payload = await packed(block.bytes);
  if (payload.bytes.length <= mostBytes) return [{ part: block, payload }];
  return Promise.all(
    Array.from(partsOf(block, mostBytes), async (part) => ({ part, payload: await packed(part.bytes) })),
  );
}
