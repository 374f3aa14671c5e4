import { causeWithin } from '../../words/errors.ts';
import type { FilePosition } from '../../words/position.ts';
import type { Sink } from '../source.ts';
import { type Compression, unpackAll } from './find/compression.ts';
import { continuity } from './find/continuity.ts';
import { withFile } from './find/directory-files.ts';
import { fileId, headBytes, readHead } from './find/fingerprint.ts';
import type { Backpressure } from './follow/backpressure.ts';
import type { StartAt } from './open/start-offset.ts';
import { createUtf16Text, isUtf16, type Mark, markOf } from './open/utf16.ts';

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

/**
 * Gives the file's text to the sink, as far as it can be unpacked. Positions count the bytes of the text, which is
 * UTF-8 where a byte order mark said UTF-16. Resolves with what is to be said where that is not all of it. A stop ends
 * it wherever it is: to count the lines of a large file takes many seconds.
 */
export async function readCompressed(source: CompressedSource): Promise<string | undefined> {
  const { name, path, compression, sink, start, position, backpressure } = source;
  const { wait } = backpressure;
  const file: CompressedFile = { path, compression, isOver: () => backpressure.isLifted };
  const channel = sink.channel(name);
  try {
    const isSame = position !== undefined && (await continuity(position)) === 'same';
    const text = await openCompressed(file, isSame ? position : start);
    const identity = await withFile(path, async (handle, stats) => ({
      file: fileId(stats),
      head: await readHead(handle, headBytes),
    }));
    let offset = text.offset;
    for await (const chunk of text.chunks) {
      offset += chunk.length;
      const reached = identity && { source: name, path, offset, ...identity };
      await wait(channel.write(chunk, reached, text.encoding));
      if (file.isOver()) return undefined;
    }
    if (file.isOver()) return undefined;
    await wait(channel.end(identity && { source: name, path, offset, ...identity }));
    return undefined;
  } catch (error) {
    if (file.isOver()) return undefined;
    await wait(channel.end());
    const sentence = `${name} can't be read to its end: ${causeWithin(error)}`;
    await wait(sink.notice(sentence, name));
    return sentence;
  }
}

interface CompressedFile {
  path: string;
  compression: Compression;
  /** Nobody wants more of it. */
  isOver: () => boolean;
}

interface CompressedText {
  /** The text's bytes from where reading begins. */
  chunks: AsyncIterable<Buffer>;
  /** Offset in the text (not in the file) of the first of them. */
  offset: number;
  /** What a byte order mark says, whatever encoding was asked for. */
  encoding: 'utf-8' | undefined;
}

/**
 * The text of a compressed file from `start` on. It can't be read backwards, so for its last lines it is unpacked
 * twice: once to count them.
 */
async function openCompressed(file: CompressedFile, start: StartAt | { offset: number }): Promise<CompressedText> {
  const offset = await startOffset(file, start);
  const { chunks, mark } = await unpackText(file);
  return { chunks: skip(chunks, offset), offset, encoding: mark.encoding === 'unmarked' ? undefined : 'utf-8' };
}

async function startOffset(file: CompressedFile, start: StartAt | { offset: number }) {
  if (start === 'all') return 0;
  if ('offset' in start) return start.offset;
  const skipped = 'line' in start ? start.line - 1 : Math.max(0, (await countLines(file)) - start.last);
  if (skipped === 0) return 0;
  let lines = 0;
  let offset = 0;
  for await (const chunk of (await unpackText(file)).chunks) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      if (++lines === skipped) return offset + at + 1;
    }
    offset += chunk.length;
  }
  return offset;
}

/** Of those that can be unpacked: why the others can't is said when these are read. */
async function countLines(file: CompressedFile): Promise<number> {
  let lines = 0;
  let isUnfinished = false;
  try {
    for await (const chunk of (await unpackText(file)).chunks) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
      if (chunk.length > 0) isUnfinished = chunk.at(-1) !== 10;
    }
  } catch {}
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

/** What a file holds, from its first byte on; UTF-16 as UTF-8. */
async function unpackText({
  path,
  compression,
  isOver,
}: CompressedFile): Promise<{ chunks: AsyncIterable<Buffer>; mark: Mark }> {
  const unpacked = unpackAll(path, compression, isOver);
  let start: Buffer = Buffer.alloc(0);
  let failure: Failure | undefined;
  try {
    while (start.length < longestMark) {
      const { value, done } = await unpacked.next();
      if (done === true) break;
      start = Buffer.concat([start, value]);
    }
  } catch (error) {
    failure = { error };
  }
  const mark = markOf(start);
  return { chunks: decoded(start, unpacked, mark, failure), mark };
}

const longestMark = 3;

/** What keeps a text from its end. */
interface Failure {
  error: unknown;
}

async function* decoded(
  start: Buffer,
  rest: AsyncGenerator<Buffer>,
  { encoding, length }: Mark,
  early: Failure | undefined,
): AsyncGenerator<Buffer> {
  let failure = early;
  const utf16 = isUtf16(encoding) ? createUtf16Text(encoding) : undefined;
  try {
    if (start.length > 0) yield utf16?.push(start.subarray(length)) ?? start;
    try {
      for await (const chunk of rest) yield utf16?.push(chunk) ?? chunk;
    } catch (error) {
      failure = { error };
    }
    const unfinished = utf16?.flush();
    if (unfinished !== undefined && unfinished.length > 0) yield unfinished;
    if (failure !== undefined) throw failure.error;
  } finally {
    await rest.return(undefined);
  }
}
