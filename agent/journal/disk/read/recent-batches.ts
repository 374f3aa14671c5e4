import type { Batch } from '../../../frame/block.ts';
import { originInForce } from '../../../frame/excerpt.ts';
import { frameEnd, frameStart } from '../../../frame/scan.ts';
import { sliceFrom } from '../../../frame/slices.ts';
import type { BlockMemory } from '../../block-memory.ts';
import type { LentBlock } from '../../journal.ts';

/**
 * The newest batches of a burst that are in memory still: a reader that is only just behind gets them from here, and
 * not from the file that they were just written to.
 */
export interface RecentBatches {
  /** Takes over a batch that is in the journal now. */
  add(batch: Batch): void;
  /**
   * What is in memory of the lines `fromId` to `toId`: a whole batch as it is, or a part of one, copied into `memory`.
   * Undefined where the first of them is not.
   */
  lend(fromId: number, toId: number, memory: BlockMemory): LentBlock | undefined;
  /** The journal is closed: none is kept any longer than by those who were lent it. */
  close(): void;
}

/** One that is being sent while the next one is announced. */
const mostBatches = 2;
/** Less takes no longer to read than to keep. */
const leastBytes = 64 * 1024;
/** A reader that begins amid a batch may want little of it. */
const mostCopied = 256 * 1024;

export function createRecentBatches(): RecentBatches {
  /** The oldest is first. */
  const recent: HeldBatch[] = [];
  let isClosed = false;

  return {
    add(batch) {
      if (isClosed || batch.length < leastBytes) {
        batch.release();
        return;
      }
      recent.push(new HeldBatch(batch));
      if (recent.length > mostBatches) recent.shift()?.letGo();
    },

    lend(fromId, toId, memory) {
      const held = recent.find(({ batch }) => batch.firstId <= fromId && fromId <= batch.lastId);
      if (held === undefined) return undefined;
      const { batch } = held;
      return fromId === batch.firstId && batch.lastId <= toId ? held.lend() : copyOf(batch, fromId, toId, memory);
    },

    close() {
      isClosed = true;
      for (const held of recent.splice(0)) held.letGo();
    },
  };
}

/** A batch that is released once it is not recent any more and all who were lent it have given it back. */
class HeldBatch {
  readonly batch: Batch;
  #holders = 1;

  constructor(batch: Batch) {
    this.batch = batch;
  }

  lend(): LentBlock {
    const { bytes, length, firstId, lastId } = this.batch;
    let isLent = true;
    this.#holders++;
    const release = () => {
      if (isLent) this.letGo();
      isLent = false;
    };
    return { bytes: bytes.subarray(0, length), firstId, lastId, release };
  }

  letGo(): void {
    this.#holders--;
    if (this.#holders === 0) this.batch.release();
  }
}

function copyOf(batch: Batch, fromId: number, toId: number, memory: BlockMemory): LentBlock | undefined {
  const start = frameStart(batch.bytes, 0, fromId);
  const lastId = Math.min(batch.lastId, toId);
  const end = lastId === batch.lastId ? batch.length : frameEnd(batch.bytes, start, lastId);
  const bytes = batch.bytes.subarray(0, end);
  const slice = sliceFrom({ bytes, firstId: batch.firstId, lastId }, start, fromId, mostCopied);
  const origin = originInForce(bytes, 0, start);
  const originLength = origin.end - origin.start;
  const copy = memory.takeSpare(originLength + slice.bytes.length);
  if (copy === undefined) return undefined;
  bytes.copy(copy, 0, origin.start, origin.end);
  slice.bytes.copy(copy, originLength);
  return {
    bytes: copy.subarray(0, originLength + slice.bytes.length),
    firstId: fromId,
    lastId: slice.lastId,
    release: memory.lend(copy),
  };
}
