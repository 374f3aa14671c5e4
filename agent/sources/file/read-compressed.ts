import type { FilePosition } from '../../words/position.ts';
import type { Sink } from '../source.ts';
import { type Compression, unpack } from './find/compression.ts';
import { continuity } from './find/continuity.ts';
import { withFile } from './find/directory-files.ts';
import { fileId, headBytes, readHead } from './find/fingerprint.ts';
import type { Backpressure } from './follow/backpressure.ts';
import type { StartAt } from './open/start-offset.ts';

/** A compressed file that was named: read once. */
export interface CompressedSource {
  name: string;
  path: string;
  compression: Compression;
  sink: Sink;
  start: StartAt;
  /** Goes on here, if it is still that file. */
  position: FilePosition | undefined;
  backpressure: Backpressure;
}

/** Gives the file's text to the sink, as far as it can be unpacked. Positions count the bytes of the text. */
export async function readCompressed(source: CompressedSource): Promise<void> {
  const { name, path, compression, sink, start, position, backpressure } = source;
  const { wait } = backpressure;
  const channel = sink.channel(name);
  try {
    const isSame = position !== undefined && (await continuity(position)) === 'same';
    const text = await openCompressed(path, compression, isSame ? position : start);
    const identity = await withFile(path, async (handle, stats) => ({
      file: fileId(stats),
      head: await readHead(handle, headBytes),
    }));
    let offset = text.offset;
    for await (const chunk of text.chunks) {
      offset += chunk.length;
      await wait(channel.write(chunk, identity && { source: name, path, offset, ...identity }));
      if (backpressure.isLifted) return;
    }
    await wait(channel.end(identity && { source: name, path, offset, ...identity }));
  } catch (error) {
    await wait(channel.end());
    const message = error instanceof Error ? error.message : String(error);
    await wait(sink.notice(`${name} can't be read to its end: ${message}`, name));
  }
}

interface CompressedText {
  /** The text's bytes from where reading begins. */
  chunks: AsyncIterable<Buffer>;
  /** Offset in the text (not in the file) of the first of them. */
  offset: number;
}

/**
 * The text of a compressed file from `start` on. It can't be read backwards, so for its last lines it is unpacked
 * twice: once to count them.
 */
async function openCompressed(
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
  for await (const chunk of unpack(path, compression)) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      if (++lines === skipped) return offset + at + 1;
    }
    offset += chunk.length;
  }
  return offset;
}

async function countLines(chunks: AsyncIterable<Buffer>): Promise<number> {
  let lines = 0;
  let isUnfinished = false;
  for await (const chunk of chunks) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
    isUnfinished = chunk.at(-1) !== 10;
  }
  return isUnfinished ? lines + 1 : lines;
}

async function* skip(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    const start = Math.min(left, chunk.length);
    left -= start;
    if (start < chunk.length) yield chunk.subarray(start);
  }
}
