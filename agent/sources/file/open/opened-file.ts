import { type BigIntStats, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Pace } from '../../../system/pace.ts';
import { haveSameBeginning } from '../find/directory-files.ts';
import { extendHead, fileId, type Head, hasHead, headBytes, readHead } from '../find/fingerprint.ts';
import { pathOfOpen } from '../find/presence.ts';
import { type Encoding, markOf, mayBecomeMark } from './utf16.ts';

/** What a read came to. The bytes are a part of the buffer given; `cut` means that the file is not what it was. */
export type ReadResult = { type: 'bytes'; bytes: Buffer } | { type: 'nothing' } | { type: 'cut' };

/** An open file and how far it has been read. Only the follower that opened it reads it, one read at a time. */
export interface OpenedFile {
  /** `device:inode`. */
  readonly id: string;
  /** Reading goes on here. */
  readonly offset: number;
  /** Of the bytes before `offset`. */
  readonly head: Head;
  /** Of what it holds now, read or not. */
  headNow(): Promise<Head>;
  /** As its first bytes have it; known once those have been read. */
  readonly encoding: Encoding;
  /** The descriptor was given up (see `park`). */
  readonly isParked: boolean;
  /**
   * What follows on `offset`. The same read takes in the last bytes before `offset`, which have to be what they were:
   * a file that was cut, or cut and written longer than before, is noticed however it falls between two looks, and no
   * byte of the new content is taken for a continuation of the old.
   */
  read(buffer: Buffer): Promise<ReadResult>;
  /** The same of bytes that are at hand, without a wait; undefined where there is one. */
  readNow(buffer: Buffer, pace: Pace): ReadResult | undefined;
  /** Moves `offset` behind bytes that `read` gave (all of them or the first ones). */
  consume(bytes: Buffer): void;
  /** After a cut: the file is new from its first byte on. */
  restart(): void;
  /** Whether another file has, at the same place, the bytes last read from this one. */
  isContinuedBy(other: FileHandle): Promise<boolean>;
  /** Whether another file begins with the same `size` bytes, as far as the first and last of these show. */
  beginsLike(other: FileHandle, size: number): Promise<boolean>;
  stat(): Promise<BigIntStats>;
  /** Where it is now, or was when it was removed, as far as that can be told. */
  pathNow(): Promise<string | undefined>;
  /** Gives up the descriptor, to be opened again when there is something to read. */
  park(): Promise<void>;
  /**
   * Opens it again under `path`, by way of `open`; false when that is another file or its content is not what it was.
   * Rejects as `open` does.
   */
  reopen(path: string, open: (path: string) => Promise<FileHandle>): Promise<boolean>;
  close(): Promise<void>;
}

/** So many bytes before the offset are compared with each read. */
const checkBytes = 256;

/** Takes an open descriptor, of which everything before `offset` counts as read. */
export async function createOpenedFile(handle: FileHandle, id: string, offset: number): Promise<OpenedFile> {
  let current: FileHandle | undefined = handle;
  let at = offset;
  let head = await readHead(handle, offset);
  let checked = await readCheck(handle, offset);
  if (head.length < Math.min(offset, 1024) || checked === undefined) {
    // Cut between the choice of the offset and now.
    at = 0;
    head = { length: 0, crc: 0 };
    checked = Buffer.alloc(0);
  }
  let check: Buffer = checked;
  let encoding: Encoding = at === 0 ? 'unmarked' : markOf(await readStart(handle)).encoding;

  function handleNow(): FileHandle {
    if (current === undefined) throw new Error(`file ${id} is read while it is parked`);
    return current;
  }

  /** @param bytesRead how many there are in the buffer, from those on that are known */
  function resultOf(buffer: Buffer, bytesRead: number): ReadResult {
    if (bytesRead < check.length || buffer.compare(check, 0, check.length, 0, check.length) !== 0) {
      return { type: 'cut' };
    }
    const bytes = buffer.subarray(check.length, bytesRead);
    if (bytes.length === 0 || (at === 0 && mayBecomeMark(bytes))) return { type: 'nothing' };
    return { type: 'bytes', bytes };
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
    get isParked() {
      return current === undefined;
    },

    async read(buffer) {
      const { bytesRead } = await handleNow().read(buffer, 0, buffer.length, at - check.length);
      return resultOf(buffer, bytesRead);
    },

    readNow(buffer, pace) {
      if (!pace.isQuick) return undefined;
      const { fd } = handleNow();
      const bytesRead = pace.run(() => readSync(fd, buffer, 0, buffer.length, at - check.length));
      return resultOf(buffer, bytesRead);
    },

    consume(bytes) {
      if (at === 0) encoding = markOf(bytes).encoding;
      head = extendHead(head, bytes);
      at += bytes.length;
      check =
        bytes.length >= checkBytes
          ? Buffer.from(bytes.subarray(-checkBytes))
          : Buffer.concat([check.subarray(Math.max(0, check.length + bytes.length - checkBytes)), bytes]);
    },

    restart() {
      at = 0;
      head = { length: 0, crc: 0 };
      check = Buffer.alloc(0);
    },

    async isContinuedBy(other) {
      if (!(await hasHead(other, head))) return false;
      const theirs = await readCheck(other, at);
      return theirs?.equals(check) ?? false;
    },

    beginsLike: (other, size) => haveSameBeginning(handleNow(), other, size),

    headNow: () => (current === undefined ? Promise.resolve(head) : readHead(current, headBytes)),

    stat() {
      return handleNow().stat({ bigint: true });
    },

    pathNow: async () => current && pathOfOpen(current),

    async park() {
      const closing = current;
      current = undefined;
      await closing?.close();
    },

    async reopen(path, open) {
      if (current !== undefined) return true;
      const opened = await open(path);
      const stats = await opened.stat({ bigint: true });
      if (fileId(stats) === id && (await hasHead(opened, head))) {
        current = opened;
        return true;
      }
      await opened.close();
      return false;
    },

    async close() {
      await current?.close();
      current = undefined;
    },
  };
}

/** The last bytes before `offset`; undefined when the file doesn't reach that far. */
async function readCheck(handle: FileHandle, offset: number): Promise<Buffer | undefined> {
  const length = Math.min(offset, checkBytes);
  if (length === 0) return Buffer.alloc(0);
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(length), 0, length, offset - length);
  return bytesRead === length ? buffer : undefined;
}

async function readStart(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(3), 0, 3, 0);
  return buffer.subarray(0, bytesRead);
}
