import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { Coding } from './coding.ts';

/** Node has it from 22.15 and 23.8 on. */
interface Zstd {
  zstdCompress?: (bytes: Buffer, done: (error: Error | null, compressed: Buffer) => void) => void;
  zstdCompressSync?: (bytes: Buffer) => Buffer;
}

const { zstdCompress, zstdCompressSync } = zlib as Zstd;
const magic = 0xfd2fb528;
const nothing = Buffer.alloc(0);

/** Each piece is a frame: decoders take frames after each other as one content (RFC 8878, 3). */
export const zstd: Coding | undefined =
  zstdCompress === undefined || zstdCompressSync === undefined
    ? undefined
    : {
        name: 'zstd',
        head: nothing,
        compress: promisify(zstdCompress),
        compressNow: zstdCompressSync,
        store: storedFrame,
        // A body of no frame at all is none.
        end: () => storedFrame(nothing),
      };

/** A frame of one raw block, in a single segment that says how long it is. */
function storedFrame(bytes: Buffer): Buffer {
  const isShort = bytes.length < 256;
  const at = isShort ? 6 : 7;
  const frame = Buffer.allocUnsafe(at + 3 + bytes.length);
  frame.writeUInt32LE(magic, 0);
  frame[4] = isShort ? 0x20 : 0x60;
  if (isShort) frame[5] = bytes.length;
  else frame.writeUInt16LE(bytes.length - 256, 5);
  frame.writeUIntLE(bytes.length * 8 + 1, at, 3);
  bytes.copy(frame, at + 3);
  return frame;
}
