import type { FileHandle } from 'node:fs/promises';
import type { Pace } from '../../../system/pace.ts';
import { errorCode } from '../../../words/errors.ts';
import type { BlockMemory } from '../../block-memory.ts';
import type { Segment } from '../segment/segment.ts';
import { readFully, readFullySync, type SharedHandle } from '../segment/shared-handle.ts';

/** A position in an open segment. */
export interface Spot {
  segment: Segment;
  /** The segment's handle when it was opened: another one stands there once its file was made again. */
  shared: SharedHandle;
  handle: FileHandle;
  offset: number;
}

/** Bytes of a segment on their way into memory. */
export interface Read {
  buffer: Buffer;
  wanted: number;
  /** They end at a batch boundary: one that is known, or the segment's end. */
  reachesEnd: boolean;
  /** Of the file, by `VerifiedRanges`, when they were asked for. */
  change: number;
  /** How many there are. */
  length: Promise<number>;
}

/**
 * One read that is begun before it is needed: one core checks and sends what was read before while the other one reads.
 */
export interface ReadAhead {
  /** Begins to read, unless many others read. Nothing else may have been begun. */
  begin(spot: Spot, bytes: number): void;
  /** What was begun there, if anything was; what was begun elsewhere is dropped. */
  take(spot: Spot): Read | undefined;
  drop(): void;
}

/** As a burst leaves them. Where the next boundary known is further, others will be before it. */
const largestBatchBytes = 2 * 1024 * 1024;

/**
 * How much to read at a batch boundary instead of so many bytes: up to another one, where it is known. What is read of
 * a batch whose end is not has to be read again.
 */
export function readSize({ segment, offset }: Spot, bytes: number): number {
  const size = segment.offsets.span(offset, bytes) ?? bytes;
  return size > Math.max(bytes, largestBatchBytes) ? bytes : size;
}

/** Reads so many bytes, or as many as the segment has. */
export function startRead(spot: Spot, buffer: Buffer, bytes: number): Read {
  const { segment, handle, offset } = spot;
  const wanted = Math.min(bytes, segment.size - offset);
  return readOf(spot, buffer, wanted, readFully(handle, buffer, wanted, offset));
}

/**
 * The same by the thread that asks. The event loop goes round first where it has been held for some milliseconds:
 * whoever reads on and on must not be the only one.
 */
export async function readByThread(spot: Spot, buffer: Buffer, bytes: number, pace: Pace): Promise<Read> {
  const { segment, handle, offset } = spot;
  if (performance.now() - wentRoundAt >= turnMs) {
    await new Promise((resolve) => setImmediate(resolve));
    wentRoundAt = performance.now();
  }
  const wanted = Math.min(bytes, segment.size - offset);
  const length = (async () => pace.run(() => readFullySync(handle.fd, buffer, wanted, offset)))();
  return readOf(spot, buffer, wanted, length);
}

const turnMs = 4;
let wentRoundAt = 0;

/** Bytes that the disk can't give are damage, not an error. */
function readOf({ segment, shared, offset }: Spot, buffer: Buffer, wanted: number, reading: Promise<number>): Read {
  const end = offset + wanted;
  const length = reading.catch((error: unknown) => {
    if (errorCode(error) === 'EIO') return 0;
    throw error;
  });
  const reachesEnd = end === segment.size || segment.offsets.span(end - 1, 1) === 1;
  return { buffer, wanted, reachesEnd, change: shared.verified.change, length };
}

export function createReadAhead(memory: BlockMemory): ReadAhead {
  let begun: { read: Read; shared: SharedHandle; offset: number } | undefined;

  function drop(): void {
    if (begun === undefined) return;
    const { read, shared } = begun;
    begun = undefined;
    const giveBack = () => {
      memory.giveBack(read.buffer);
      shared.release();
    };
    read.length.then(giveBack, giveBack);
  }

  return {
    begin(spot, bytes) {
      const { segment, shared, offset } = spot;
      const wanted = Math.min(bytes, segment.size - offset);
      const buffer = wanted > 0 ? memory.takeSpare(wanted) : undefined;
      if (buffer === undefined) return;
      // A hold of its own: the cursor may leave the segment before the read is done.
      shared.acquire().catch(() => undefined);
      begun = { read: startRead(spot, buffer, wanted), shared, offset };
      // Told to whoever takes it.
      begun.read.length.catch(() => undefined);
    },

    take({ shared, offset }) {
      if (begun === undefined || begun.shared !== shared || begun.offset !== offset) {
        drop();
        return undefined;
      }
      const { read } = begun;
      begun = undefined;
      shared.release();
      return read;
    },

    drop,
  };
}
