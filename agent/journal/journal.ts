import type { Batch, Block } from '../frame/block.ts';
import type { FilePosition } from '../words/position.ts';
import type { Gap } from '../words/wire.ts';

/** What a cursor came to: bytes to copy, or ids that can't be given. */
export type BlockOrGap = ({ type: 'block' } & LentBlock) | ({ type: 'gap' } & Gap);

/** A block whose bytes stay as they are until it is released. Others may read them, too. */
export interface LentBlock extends Block {
  /**
   * Gives its memory back, to be used for other blocks: the bytes must not be looked at afterwards. Without it, it is
   * collected as usual.
   */
  release(): void;
}

/** A position in the journal that moves forward. Many of them read one journal at their own pace. */
export interface Cursor {
  /** Id of the next line that `next` would give. */
  readonly nextId: number;
  /**
   * The next block (it begins with the origin that is in force), a gap, or undefined when the journal holds nothing
   * from `nextId` on, or nothing up to `toId`. Blocks grow while a reader reads on, up to some 768 KiB,
   * or one batch that is larger.
   */
  next(): Promise<BlockOrGap | undefined>;
  /**
   * Goes on with another line: what comes before was given another way (live) or passed over, or what was read is
   * wanted again.
   */
  seek(nextId: number): void;
  /** Nothing is wanted for a while: gives back the memory of what was read ahead. */
  rest(): void;
  close(): void;
}

/** Bytes of a journal that are not what was written. Found when they are read; everything else is served. */
export interface Damage {
  /** The segment's path, or what the store has instead. */
  segment: string;
  /** Position and length in bytes. */
  offset: number;
  length: number;
  /** Ids that can't be given because of it, both included; `to` is `from - 1` when none is missing. */
  from: number;
  to: number;
}

/** News of a journal. */
export interface JournalListener {
  /**
   * A batch is in the journal: `block.bytes` are its events, without the journal's own trailer. Called in order, once
   * each. The bytes are valid during the call only: their buffer is used again.
   */
  onBlock?(block: Block): void;
  /** Writing, or reading what another process writes, fails (one sentence) or works again (undefined). */
  onTrouble?(trouble: string | undefined): void;
  /** Damage was found, told once for each place. */
  onDamage?(damage: Damage): void;
}

/**
 * Where a log is kept: an append-only sequence of lines with ids without gap. A log does not know which store it is on.
 *
 * `firstId`, `lastId` and `subscribe` are synchronous, so "what exists up to n" and "call me after n" can be one step.
 */
export interface Journal {
  /** Id of the first line kept; `lastId + 1` when none is. */
  readonly firstId: number;
  /** Id of the last line appended, 0 when there never was one. Ids are never reused. */
  readonly lastId: number;
  /** The directory where another thread or process can read it; undefined where only this one can. */
  readonly location?: string | undefined;
  /** Bytes kept. */
  readonly size: number;
  /**
   * Why it can't be written right now, in one sentence; undefined while it can, and where another process writes it.
   */
  readonly trouble: string | undefined;
  /** Why its newest lines can't be read right now, in one sentence without a path; undefined where they can. */
  readonly unread?: string | undefined;
  /** Large batches are in memory for a while after they were announced: readers wait for nothing then. */
  readonly keepsBursts?: boolean;
  /** Where the followed files stood at the last append, by source name. */
  readonly positions: ReadonlyMap<string, FilePosition>;
  /**
   * Appends a batch whose `firstId` is `lastId + 1` and resolves once it is written and announced. The batch is the
   * journal's from then on, which releases it when it does not need it any more. Undefined when that took no wait: a
   * promise costs more than all else of a line that comes by itself. One at a time: the next append begins after the
   * one before has resolved. When writing fails it keeps trying, says so through `onTrouble`, and resolves late; it
   * rejects only when the journal is closed meanwhile.
   */
  append(batch: Batch): Promise<void> | undefined;
  /** A cursor whose first line is `fromId` (ids before `firstId` come as a gap), ending after `toId` where given. */
  read(fromId: number, toId?: number): Cursor;
  /** Returns the way to unsubscribe. */
  subscribe(listener: JournalListener): () => void;
  /** Ends it after what is being appended; cursors give undefined from then on. */
  close(): Promise<void>;
}
