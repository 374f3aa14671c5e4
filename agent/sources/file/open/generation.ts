import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Compression } from '../find/compression.ts';
import { fileId } from '../find/fingerprint.ts';
import { createOpenedFile, type OpenedFile } from './opened-file.ts';
import { lastLinesOffset, type StartAt } from './start-offset.ts';
import { createUnpackedFile, lastLinesUnpacked } from './unpacked-file.ts';
import { createUtf16Text, type Encoding, isUtf16, markOf, type Utf16Text } from './utf16.ts';

/** One file of those that had the path, in their order. The last one has it now (or had it last). */
export interface Generation {
  file: OpenedFile;
  utf16?: Utf16Text;
  /** Its text as it is given: its byte order mark says so, whatever the log was told; undefined without one. */
  textEncoding?: 'utf-8';
  /** Line ends still to be passed over before the first line that is wanted. */
  skipLines: number;
  /** Passes over the NULs at the beginning of a file: the hole that a writer without O_APPEND leaves when it is cut. */
  skipsHole: boolean;
  /** A copy (of a file that was cut) and a compressed file are complete from the start. */
  origin: 'file' | 'copy' | 'compressed';
  /** Of a compressed one that can't be unpacked to its end, once that is met: what is to be said of it. */
  damage?: { sentence?: string };
  /** Once its text has ended: see `Channel.cutOff`. */
  cutOff?: string;
  /** Ids of copies of it, once it was removed. */
  copies?: ReadonlySet<string>;
  /** When bytes came last, or it lost the path (performance.now). */
  activeAt: number;
  /** When the next generation was found to hold text. */
  successorTextAt?: number;
  /** When it was first to be left for something that is no file. */
  leavingAt?: number;
  /** Its last write, as a stat had it after which it was still found to hold what had been read. */
  mtimeNs: bigint;
  /** The same, of a stat after which nothing was read yet: it may be the time of a cut. */
  statedMtimeNs: bigint;
}

/** A generation of the open file `handle`, from its beginning on; undefined for what is not a plain file. */
export async function createGeneration(
  handle: FileHandle,
  beginning: StartAt | { offset: number },
): Promise<Generation | undefined> {
  const stats = await handle.stat({ bigint: true });
  if (!stats.isFile()) return undefined;
  const offset = await offsetOf(handle, Number(stats.size), beginning);
  const generation = generationOf(await createOpenedFile(handle, fileId(stats), offset), stats);
  if (beginning !== 'all' && 'line' in beginning) generation.skipLines = beginning.line - 1;
  return generation;
}

/** A generation that is compressed; of one that can't be unpacked (undefined) nothing is read. */
export async function createCompressedGeneration(
  handle: FileHandle,
  compression: Compression | undefined,
  beginning: StartAt | { offset: number },
  onDamage: (error: unknown) => void,
): Promise<Generation> {
  const stats = await handle.stat({ bigint: true });
  const offset = compression === undefined ? 0 : await unpackedOffset(handle, compression, beginning);
  const file = await createUnpackedFile(handle, fileId(stats), compression, offset, onDamage);
  const skipLines = beginning !== 'all' && 'line' in beginning ? beginning.line - 1 : 0;
  return { ...generationOf(file, stats), origin: 'compressed', skipLines };
}

async function unpackedOffset(handle: FileHandle, compression: Compression, beginning: StartAt | { offset: number }) {
  if (beginning === 'all' || 'line' in beginning) return 0;
  return 'offset' in beginning ? beginning.offset : lastLinesUnpacked(handle, compression, beginning.last);
}

function generationOf(file: OpenedFile, { mtimeNs }: BigIntStats): Generation {
  const generation: Generation = {
    file,
    skipLines: 0,
    skipsHole: file.offset === 0,
    origin: 'file',
    activeAt: performance.now(),
    mtimeNs,
    statedMtimeNs: mtimeNs,
  };
  takeEncoding(generation, file.encoding);
  return generation;
}

async function offsetOf(handle: FileHandle, size: number, beginning: StartAt | { offset: number }): Promise<number> {
  if (beginning === 'all' || 'line' in beginning) return 0;
  if ('offset' in beginning) return beginning.offset;
  const { buffer } = await handle.read(Buffer.alloc(3), 0, 3, 0);
  return lastLinesOffset(handle, size, beginning.last, markOf(buffer).encoding);
}

function takeEncoding(generation: Generation, encoding: Encoding): void {
  delete generation.utf16;
  delete generation.textEncoding;
  if (encoding !== 'unmarked') generation.textEncoding = 'utf-8';
  if (isUtf16(encoding)) generation.utf16 = createUtf16Text(encoding);
}

/** Takes in bytes that follow on the generation's offset, and returns what of them is text that is wanted, as UTF-8. */
export function takeText(generation: Generation, bytes: Buffer): Buffer {
  const { file } = generation;
  let text = bytes;
  if (file.offset === 0) {
    const mark = markOf(bytes);
    text = bytes.subarray(mark.length);
    takeEncoding(generation, mark.encoding);
  }
  file.consume(bytes);
  if (generation.utf16 !== undefined) text = generation.utf16.push(text);
  if (generation.skipsHole) text = withoutHole(generation, text);
  return generation.skipLines > 0 ? withoutLines(generation, text) : text;
}

function withoutHole(generation: { skipsHole: boolean }, text: Buffer): Buffer {
  // A hole may be as large as a disk.
  if (text.length <= zeros.length && zeros.compare(text, 0, text.length, 0, text.length) === 0) return noBytes;
  let at = 0;
  while (at < text.length && text[at] === 0) at++;
  if (at < text.length) generation.skipsHole = false;
  return text.subarray(at);
}

const zeros = Buffer.alloc(256 * 1024);
const noBytes = Buffer.alloc(0);

function withoutLines(generation: { skipLines: number }, text: Buffer): Buffer {
  let at = 0;
  while (generation.skipLines > 0) {
    const end = text.indexOf(10, at);
    if (end === -1) return noBytes;
    at = end + 1;
    generation.skipLines--;
  }
  return text.subarray(at);
}
