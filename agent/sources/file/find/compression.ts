import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Pace } from '../../../system/pace.ts';
import { SseTailError } from '../../../words/errors.ts';
import { fsPath } from '../../../words/raw-text.ts';
import { emptyHead, extendHead, type Head } from './fingerprint.ts';
import { mayBeProcessed } from './rotated-name.ts';

export type Compression = 'gzip' | 'zstd';

/** How a file is compressed, by its name's ending and its first bytes; undefined for one that is followed as text. */
export async function compressionOf(path: string): Promise<Compression | undefined> {
  if (!unpackable.test(path)) return undefined;
  const handle = await open(fsPath(path), 'r');
  try {
    return await compressionOfOpen(handle, path);
  } finally {
    await handle.close();
  }
}

/** The same of a file that is open already, and may have another name by now; that of multilog says nothing. */
export async function compressionOfOpen(handle: FileHandle, path: string): Promise<Compression | undefined> {
  const ending = unpackable.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined && !mayBeProcessed(path)) return undefined;
  const magic = await magicOf(handle);
  if (ending !== 'zst' && magic.startsWith('1f8b')) return 'gzip';
  return ending !== 'gz' && magic === '28b52ffd' ? 'zstd' : undefined;
}

/** Whether an open file is packed, whatever its name. */
export async function isPacked(handle: FileHandle): Promise<boolean> {
  return packedStart.test(await magicOf(handle));
}

/** The same without a wait; undefined where there is one. */
export function isPackedNow({ fd }: FileHandle, pace: Pace): boolean | undefined {
  if (!pace.isQuick) return undefined;
  const start = Buffer.alloc(magicBytes);
  return pace.run(() => packedStart.test(start.toString('hex', 0, readSync(fd, start, 0, magicBytes, 0))));
}

/** gzip, zstd, bzip2, xz. */
const packedStart = /^(1f8b|28b52ffd|425a68|fd377a58)/;

const magicBytes = 4;

async function magicOf(handle: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(magicBytes), 0, magicBytes, 0);
  return buffer.toString('hex', 0, bytesRead);
}

const unpackable = /\.(gz|zst)$/i;

/** The program that undoes a compression for which there is nothing here, by the file's name and its first bytes. */
export async function otherUnpackerOf(path: string): Promise<'xz' | 'bzip2' | undefined> {
  const ending = /\.(xz|bz2)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) return undefined;
  const handle = await open(fsPath(path), 'r');
  try {
    const magic = await magicOf(handle);
    if (ending === 'xz') return magic === 'fd377a58' ? 'xz' : undefined;
    return magic.startsWith('425a68') ? 'bzip2' : undefined;
  } finally {
    await handle.close();
  }
}

/** Whether this Node can undo a compression. */
export function canUnpack(compression: Compression): boolean {
  return compression === 'gzip' || 'createZstdDecompress' in zlib;
}

/** Whether an open file of this name is compressed in a way that can be undone here. */
export async function canBeUnpacked(handle: FileHandle, path: string): Promise<boolean> {
  const compression = await compressionOfOpen(handle, path);
  return compression !== undefined && canUnpack(compression);
}

/** Refuses a compression that this Node can't undo (kind `source`). */
export function requireCompression(compression: Compression, path: string): void {
  if (canUnpack(compression)) return;
  throw new SseTailError(
    'source',
    `${path} is compressed with zstd, which needs Node 22.15 or newer to read (this is ${process.version}); unpack it with zstd -d first.`,
    { path },
  );
}

const defaultChunkBytes = 256 * 1024;

/**
 * The text of a compressed file, in chunks. Of one that is damaged all comes that can be unpacked, and then the error.
 * A handle that is given stays open.
 *
 * @param isOver nobody wants more of it: it ends there
 */
export async function* unpackAll(
  file: string | FileHandle,
  compression: Compression,
  isOver: () => boolean = () => false,
): AsyncGenerator<Buffer> {
  const handle = typeof file === 'string' ? await open(fsPath(file), 'r') : file;
  let given = 0;
  try {
    for await (const chunk of unpack(handle, compression)) {
      if (isOver()) return;
      given += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const rest = await lastTextOf(handle, compression, given, isOver);
    if (isOver()) return;
    if (rest.length > 0) yield rest;
    throw error;
  } finally {
    if (handle !== file) await handle.close();
  }
}

/**
 * What can be unpacked of a damaged file after so many bytes of its text. A stream that fails gives nothing of what it
 * holds, nor of what its last call has unpacked: that call gets one byte here, found in steps.
 */
async function lastTextOf(
  handle: FileHandle,
  compression: Compression,
  given: number,
  isOver: () => boolean,
): Promise<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let sure: number | undefined = 0;
  for (const step of [fedAtOnce, 256, 1]) {
    if (sure === undefined) break;
    const parts: Buffer[] = [];
    let passed = 0;
    const unpacker = createUnpacker(compression, comparedChunkBytes).on('data', (chunk: Buffer) => {
      const isNew = passed + chunk.length > given;
      if (isNew) parts.push(chunk.subarray(Math.max(0, given - passed)));
      passed += chunk.length;
    });
    sure = await feed(unpacker, handle, { sure, step, isOver });
    rest = Buffer.concat(parts);
  }
  return rest;
}

/** Its text may be a thousand times as long. */
const fedAtOnce = 16 * 1024;

/**
 * Writes a file to the unpacker, what is `sure` at once, from there on in steps. Resolves with the offset of the step
 * that fails; undefined where none does.
 */
async function feed(
  unpacker: Transform,
  handle: FileHandle,
  { sure, step, isOver }: { sure: number; step: number; isOver: () => boolean },
): Promise<number | undefined> {
  let onError = (): void => {};
  unpacker.on('error', () => onError());
  for (let at = 0; !isOver(); ) {
    const length = at < sure ? Math.min(fedAtOnce, sure - at) : step;
    // Where the disk is damaged, what comes before that.
    const read = await handle.read(Buffer.allocUnsafe(length), 0, length, at).catch(() => undefined);
    if (read === undefined || read.bytesRead === 0) break;
    const isTaken = await new Promise<boolean>((resolve) => {
      onError = () => resolve(false);
      unpacker.write(read.buffer.subarray(0, read.bytesRead), (error) =>
        resolve(error === undefined || error === null),
      );
    });
    if (!isTaken) return at;
    at += read.bytesRead;
  }
  unpacker.destroy();
  return undefined;
}

/** The text of a compressed file, in chunks of at most `chunkBytes`. The handle stays open. */
function unpack(handle: FileHandle, compression: Compression, chunkBytes = defaultChunkBytes): AsyncIterable<Buffer> {
  const input = Readable.from(chunksOf(handle, chunkBytes), { objectMode: false });
  // An error is what reading the output comes to.
  return pipeline(input, createUnpacker(compression, chunkBytes), () => {});
}

/** Its own stream would close the handle. */
async function* chunksOf(handle: FileHandle, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * The head of the text in an open compressed file of this name, over its first `length` bytes; undefined where it can't
 * be unpacked.
 */
export async function readUnpackedHead(handle: FileHandle, path: string, length: number): Promise<Head | undefined> {
  try {
    const compression = await compressionOfOpen(handle, path);
    if (compression === undefined || !canUnpack(compression)) return undefined;
    let head = emptyHead;
    for await (const chunk of unpack(handle, compression, headChunkBytes)) {
      head = extendHead(head, chunk.subarray(0, length - head.length));
      if (head.length >= length) break;
    }
    return head;
  } catch {
    return undefined;
  }
}

const headChunkBytes = 4096;

/**
 * Whether the text in an open compressed file of this name is all that another open file holds, or as far as it can be
 * unpacked the beginning of that: it is being made.
 */
export async function holdsTextOf(handle: FileHandle, path: string, plain: FileHandle): Promise<boolean> {
  let at = 0;
  try {
    const compression = await compressionOfOpen(handle, path);
    if (compression === undefined || !canUnpack(compression)) return false;
    for await (const chunk of unpack(handle, compression, comparedChunkBytes)) {
      const { buffer, bytesRead } = await plain.read(Buffer.allocUnsafe(chunk.length), 0, chunk.length, at);
      if (!chunk.equals(buffer.subarray(0, bytesRead))) return false;
      at += chunk.length;
    }
    return at === (await plain.stat()).size;
  } catch {
    return at > 0;
  }
}

const comparedChunkBytes = 64 * 1024;

function createUnpacker(compression: Compression, chunkSize: number): Transform {
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize });
  const { createZstdDecompress } = zlib as unknown as { createZstdDecompress(options: object): Transform };
  return createZstdDecompress({ chunkSize });
}
