import type { Block } from './block.ts';
import { frameStart, idAt, lastFrameStart } from './scan.ts';

/** What a client that stops reading holds up is one slice. Smaller ones cost more writes. */
const sliceBytes = 64 * 1024;

/**
 * A block as pieces of at most 64 KiB (a longer line is a piece of its own), each of whole events. The origin in force
 * stands in the first piece only, so they belong after each other.
 */
export function slicesOf(block: Block): Iterable<Block> {
  return block.bytes.length <= sliceBytes ? [block] : cut(block);
}

function* cut(block: Block): Generator<Block> {
  for (let start = 0, firstId = block.firstId; firstId <= block.lastId; ) {
    const slice = sliceFrom(block, start, firstId, sliceBytes);
    yield slice;
    start += slice.bytes.length;
    firstId = slice.lastId + 1;
  }
}

/** The events of a block from `start` on, the first line of which is `firstId`: as many as `mostBytes` hold, or one. */
export function sliceFrom({ bytes, lastId }: Block, start: number, firstId: number, mostBytes: number): Block {
  if (firstId === lastId || bytes.length - start <= mostBytes) {
    return { bytes: start === 0 ? bytes : bytes.subarray(start), firstId, lastId };
  }
  const last = lastFrameStart(bytes, start + mostBytes);
  const nextId = last !== undefined && last > start ? idAt(bytes, last) : undefined;
  if (nextId !== undefined && nextId > firstId) {
    return { bytes: bytes.subarray(start, last), firstId, lastId: nextId - 1 };
  }
  return { bytes: bytes.subarray(start, frameStart(bytes, start, firstId + 1)), firstId, lastId: firstId };
}
