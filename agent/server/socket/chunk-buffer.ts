import { chunkHeadText, chunkTail } from './chunk.ts';

/**
 * Where what one client gets is put together. A socket that takes it at once, as most do, leaves the room to the next
 * one: a new buffer for each write costs more in garbage collection than copying into this one.
 */
export interface ChunkBuffer {
  /** A copy of the bytes as one chunk of a chunked response, until the next call. */
  chunk(bytes: Buffer): Buffer;
  /** A copy of the bytes, until the next call. */
  copy(bytes: Buffer): Buffer;
  /** What was made last is still needed. */
  keep(made: Buffer): void;
}

const roomBytes = 64 * 1024 + 16;

export function createChunkBuffer(): ChunkBuffer {
  let room = Buffer.allocUnsafeSlow(roomBytes);

  function roomFor(bytes: number): Buffer {
    return bytes <= room.length ? room.subarray(0, bytes) : Buffer.allocUnsafe(bytes);
  }

  return {
    chunk(bytes) {
      const head = chunkHeadText(bytes.length);
      const made = roomFor(head.length + bytes.length + chunkTail.length);
      made.write(head, 'latin1');
      bytes.copy(made, head.length);
      chunkTail.copy(made, head.length + bytes.length);
      return made;
    },
    copy(bytes) {
      const made = roomFor(bytes.length);
      bytes.copy(made);
      return made;
    },
    keep(made) {
      if (made.buffer === room.buffer) room = Buffer.allocUnsafeSlow(roomBytes);
    },
  };
}
