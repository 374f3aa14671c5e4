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

function* cut({ bytes, firstId, lastId }: Block): Generator<Block> {
  let start = 0;
  let id = firstId;
  while (bytes.length - start > sliceBytes && id < lastId) {
    const { end, nextId } = sliceEnd(bytes, start, id);
    yield { bytes: bytes.subarray(start, end), firstId: id, lastId: nextId - 1 };
    start = end;
    id = nextId;
  }
  yield { bytes: start === 0 ? bytes : bytes.subarray(start), firstId: id, lastId };
}

/**
 * Where the last frame begins that is not frame `id` and within a slice's reach; frame `id + 1` where there is none.
 */
function sliceEnd(bytes: Buffer, start: number, id: number): { end: number; nextId: number } {
  const end = lastFrameStart(bytes, start + sliceBytes);
  const nextId = end !== undefined && end > start ? idAt(bytes, end) : undefined;
  if (end !== undefined && nextId !== undefined && nextId > id) return { end, nextId };
  return { end: frameStart(bytes, start, id + 1), nextId: id + 1 };
}
