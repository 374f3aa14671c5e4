import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { SseTailError } from '../errors.ts';
import type { StartAt } from './tail-start.ts';

export type Compression = 'gzip' | 'zstd';

/** How a file is compressed, by its name's ending and its first bytes; undefined for one that is followed as text. */
export async function compressionOf(path: string): Promise<Compression | undefined> {
  const ending = /\.(gz|zst)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) return undefined;
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.subarray(0, bytesRead).toString('hex');
    if (ending === 'gz') return magic.startsWith('1f8b') ? 'gzip' : undefined;
    return magic === '28b52ffd' ? 'zstd' : undefined;
  } finally {
    await handle.close();
  }
}

/** Refuses a compression that this Node can't undo (kind `source`). */
export function requireCompression(compression: Compression, path: string): void {
  if (compression === 'gzip' || 'createZstdDecompress' in zlib) return;
  throw new SseTailError(
    'source',
    `${path} is compressed with zstd, which needs Node 22.15 or newer to read (this is ${process.version}); unpack it with zstd -d first.`,
    { path },
  );
}

export interface CompressedText {
  /** The text's bytes from where reading begins. */
  chunks: AsyncIterable<Buffer>;
  /** Offset in the text (not in the file) of the first of them. */
  offset: number;
}

/**
 * The text of a compressed file from `start` on. It can't be read backwards, so for its last lines it is unpacked twice:
 * once to count them.
 */
export async function openCompressed(
  path: string,
  compression: Compression,
  start: StartAt | { offset: number },
): Promise<CompressedText> {
  const offset = await startOffset(path, compression, start);
  return { chunks: skip(unpack(path, compression), offset), offset };
}

async function startOffset(path: string, compression: Compression, start: StartAt | { offset: number }) {
  if (start === 'all') return 0;
  if ('offset' in start) return start.offset;
  const skipped =
    'line' in start ? start.line - 1 : Math.max(0, (await countLines(unpack(path, compression))) - start.last);
  if (skipped === 0) return 0;
  let lines = 0;
  let offset = 0;
  for await (const chunk of unpack(path, compression) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      if (++lines === skipped) return offset + at + 1;
    }
    offset += chunk.length;
  }
  return offset;
}

async function countLines(stream: AsyncIterable<Buffer>): Promise<number> {
  let lines = 0;
  let isUnfinished = false;
  for await (const chunk of stream) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
    isUnfinished = chunk.at(-1) !== 10;
  }
  return isUnfinished ? lines + 1 : lines;
}

function unpack(path: string, compression: Compression): Readable {
  const input = createReadStream(path, { highWaterMark: chunkBytes });
  const output = createUnpacker(compression);
  input.on('error', (error) => output.destroy(error));
  output.on('close', () => input.destroy());
  return input.pipe(output);
}

const chunkBytes = 256 * 1024;

function createUnpacker(compression: Compression): Transform {
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize: chunkBytes });
  const { createZstdDecompress } = zlib as unknown as { createZstdDecompress(options: object): Transform };
  return createZstdDecompress({ chunkSize: chunkBytes });
}

async function* skip(stream: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of stream) {
    const start = Math.min(left, chunk.length);
    left -= start;
    if (start < chunk.length) yield chunk.subarray(start);
  }
}
