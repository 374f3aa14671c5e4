import type { Block } from '../../../frame/block.ts';
import { partsOf } from '../../../frame/parts.ts';
import type { Cursor } from '../../journal.ts';
import { type Payload, packed } from '../message/batch-message.ts';

/** A batch that is to be sent, while it is compressed or when it has been. */
export interface OutgoingBatch {
  part: Block;
  payload: Promise<Payload>;
  /** It was stored: its memory may be used for others. */
  release(): void;
}

/** What a cursor gives, as batches in their order: while one is stored the next ones are read and compressed. */
export interface Outgoing {
  /** Undefined when the journal holds no more for now. */
  next(): Promise<OutgoingBatch | undefined>;
}

/** Batches that are being compressed or wait for their turn. */
const mostReady = 4;

/** @param mostBytes of a batch before it is compressed; a longer line is one of its own */
export function createOutgoing(cursor: Cursor, mostBytes: number): Outgoing {
  const ready: OutgoingBatch[] = [];
  /** One reads at a time. */
  let filling: Promise<void> | undefined;

  async function fill(): Promise<void> {
    while (ready.length < mostReady) {
      const next = await cursor.next();
      if (next === undefined) return;
      // Readers see by the ids what retention took before it could be sent.
      if (next.type === 'gap') continue;
      const parts = [...partsOf(next, mostBytes)];
      let left = parts.length;
      const release = () => {
        if (--left === 0) next.release();
      };
      for (const part of parts) ready.push({ part, payload: packed(part.bytes), release });
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
