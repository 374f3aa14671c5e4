import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';
import type { Coding } from './coding.ts';

/** With a higher level log text gets a few hundredths smaller and takes two or three times as long. */
const level = 4;
/** A sync flush ends a piece at a byte's boundary; what comes after a piece of its own can't refer to it. */
const finishFlush = constants.Z_SYNC_FLUSH;
const options: ZlibOptions = { level, finishFlush, chunkSize: 32 * 1024 };
/** A window of 8 KiB: making room for it takes less time than for the usual one. */
const fewBytesOptions: ZlibOptions = { level, finishFlush, windowBits: 13, memLevel: 6, chunkSize: 4096 };

const deflate = promisify<Buffer, ZlibOptions, Buffer>(deflateRaw);
/** Magic number, deflate, no flags, no time, no hint, system unknown (RFC 1952, 2.3). */
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** What a sync flush ends with, an empty block: Go's decoder (Caddy, Traefik) holds back everything until it comes. */
const flush = Buffer.from([0, 0, 0, 0xff, 0xff]);
/** An empty last block (RFC 1951, 3.2.6). */
const lastBlock = [0x03, 0x00];

/**
 * One member for the whole body: what comes after the first member browsers don't read. So its checksum has to be that
 * of all pieces.
 */
export const gzip: Coding = {
  name: 'gzip',
  head,
  compress: (bytes) => deflate(bytes, options),
  compressNow: (bytes) => deflateRawSync(bytes, fewBytesOptions),
  store(bytes) {
    const block = Buffer.allocUnsafe(5 + bytes.length + flush.length);
    block[0] = 0;
    block.writeUInt16LE(bytes.length, 1);
    block.writeUInt16LE(~bytes.length & 0xffff, 3);
    bytes.copy(block, 5);
    flush.copy(block, 5 + bytes.length);
    return block;
  },
  end({ crc, length }) {
    const end = Buffer.from([...lastBlock, 0, 0, 0, 0, 0, 0, 0, 0]);
    end.writeUInt32LE(crc >>> 0, 2);
    end.writeUInt32LE(length % 2 ** 32, 6);
    return end;
  },
};
