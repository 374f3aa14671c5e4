import type { FilePosition } from '../words/position.ts';

/** Consecutive frames under their origins, ready for the journal: one write, one announcement. */
export interface Batch {
  /** `bytes[0, length)` is an `origin` event and what follows it; after `length` there may be room for the trailer. */
  bytes: Buffer;
  length: number;
  /** Ids of the first and last frame, both included. */
  firstId: number;
  lastId: number;
  /** Where the files stand whose lines are in this batch. */
  positions?: FilePosition[];
  /** Gives the buffer back to be used again. Called once, by the journal that the batch was given to. */
  release(): void;
}

/** Journal bytes for the wire: whole events from an `origin` on, so that any client can make sense of them. */
export interface Block {
  bytes: Buffer;
  firstId: number;
  lastId: number;
}
