import type { FileHandle } from 'node:fs/promises';
import { type Compression, unpackAll } from '../find/compression.ts';
import { emptyHead, extendHead } from '../find/fingerprint.ts';
import { pathOfOpen } from '../find/presence.ts';
import type { OpenedFile } from './opened-file.ts';
import { type Encoding, markOf } from './utf16.ts';

/**
 * A rotated file that was compressed before it was read to its end, as the text it holds: offset and head are those
 * that the file had as text, so that the position in it is found again whatever it is packed into. Nothing follows on
 * its end.
 *
 * One that can't be unpacked here (undefined) has no text. `onDamage` gets what is wrong with a file that can't be
 * unpacked to its end.
 */
export async function createUnpackedFile(
  handle: FileHandle,
  id: string,
  compression: Compression | undefined,
  offset: number,
  onDamage: (error: unknown) => void,
): Promise<OpenedFile> {
  const chunks = compression === undefined ? nothing() : unpackAll(handle, compression);
  let at = 0;
  let head = emptyHead;
  let encoding: Encoding = 'unmarked';
  /** Unpacked and not consumed. */
  let rest: Buffer = Buffer.alloc(0);
  let isAtEnd = false;

  async function unpackMore(): Promise<void> {
    while (rest.length === 0 && !isAtEnd) {
      try {
        const { value, done } = await chunks.next();
        if (done === true) isAtEnd = true;
        else rest = value;
      } catch (error) {
        isAtEnd = true;
        onDamage(error);
      }
    }
  }

  function consume(bytes: Buffer): void {
    if (at === 0) encoding = markOf(bytes).encoding;
    head = extendHead(head, bytes);
    at += bytes.length;
    rest = rest.subarray(bytes.length);
  }

  while (at < offset) {
    await unpackMore();
    if (isAtEnd) break;
    consume(rest.subarray(0, offset - at));
  }

  return {
    id,
    get offset() {
      return at;
    },
    get head() {
      return head;
    },
    get encoding() {
      return encoding;
    },
    headNow: () => Promise.resolve(head),
    isParked: false,

    async read(buffer) {
      await unpackMore();
      if (rest.length === 0) return { type: 'nothing' };
      const length = rest.copy(buffer);
      return { type: 'bytes', bytes: buffer.subarray(0, length) };
    },
    readNow: () => undefined,
    consume,
    restart() {},
    isContinuedBy: () => Promise.resolve(false),
    beginsLike: () => Promise.resolve(false),
    stat: () => handle.stat({ bigint: true }),
    pathNow: () => pathOfOpen(handle),
    park: () => Promise.resolve(),
    reopen: () => Promise.resolve(true),
    async close() {
      await chunks.return(undefined);
      await handle.close();
    },
  };
}

async function* nothing(): AsyncGenerator<Buffer> {}

/**
 * The offset in a compressed file's text at which its last `lines` lines begin. It can't be read backwards, so it is
 * unpacked twice: once to count them.
 */
export async function lastLinesUnpacked(handle: FileHandle, compression: Compression, lines: number): Promise<number> {
  let skipped = -lines;
  await eachLineEnd(handle, compression, () => {
    skipped++;
    return true;
  });
  if (skipped <= 0) return 0;
  let offset = 0;
  await eachLineEnd(handle, compression, (end) => {
    offset = end;
    return --skipped > 0;
  });
  return offset;
}

/** Calls `take` with the end of each line while it returns true. Why it can't be unpacked is said when it is read. */
async function eachLineEnd(handle: FileHandle, compression: Compression, take: (end: number) => boolean) {
  let from = 0;
  let isFinished = true;
  try {
    for await (const chunk of unpackAll(handle, compression)) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) if (!take(from + at + 1)) return;
      from += chunk.length;
      isFinished = chunk.at(-1) === 10;
    }
  } catch {}
  if (!isFinished) take(from);
}
