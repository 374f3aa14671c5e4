import type { FileHandle } from 'node:fs/promises';
import { errorCode } from '../../../words/errors.ts';
import type { BlockMemory } from '../../block-memory.ts';
import type { Segment } from '../segment/segment.ts';
import { readFully, type SharedHandle } from '../segment/shared-handle.ts';

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
  /** They are all that the segment had: they end at a batch boundary. */
  reachesEnd: boolean;
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

/**
 * Reads into the whole buffer, or as much as the segment has. Bytes that the disk can't give are damage, not an error.
 */
export function startRead({ segment, handle, offset }: Spot, buffer: Buffer, bytes: number): Read {
  const wanted = Math.min(bytes, segment.size - offset);
  const length = readFully(handle, buffer, wanted, offset).catch((error: unknown) => {
    if (errorCode(error) === 'EIO') return 0;
    throw error;
  });
  return { buffer, wanted, reachesEnd: offset + wanted === segment.size, length };
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
