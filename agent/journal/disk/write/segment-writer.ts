import { constants, fstatSync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createPace } from '../../../system/pace.ts';
import { errorCode, SseTailError } from '../../../words/errors.ts';
import { writeTrouble } from '../../trouble.ts';
import { createSegment, type Segment } from '../segment/segment.ts';
import { createSharedHandle, readFully } from '../segment/shared-handle.ts';

/** Writes batches to the newest segment and begins new ones. Never gives up on a batch, only on being closed. */
export interface SegmentWriter {
  /** Whether the next batch, of `bytes` bytes, will begin a segment. */
  beginsSegment(bytes: number): boolean;
  /**
   * Writes a sealed batch whose first id is `firstId`. Where it stands comes once it is written (and, where asked for,
   * on the disk), which takes no wait for a small one; the caller then counts it into the segment's size, before it
   * writes the next one. Rejects with kind `journal` only when closed meanwhile.
   */
  write(batch: Buffer, firstId: number): Written | Promise<Written>;
  /** Looks whether the log's directory was removed, and brings it back with what is still open. Never rejects. */
  checkDirectory(): Promise<void>;
  /** Whether this segment's file is open for writing, and so not lost even where its name is gone. */
  holds(segment: Segment): boolean;
  /** Lets the attempt being made finish, and makes no other. */
  close(): Promise<void>;
}

/** Where a batch begins. */
export interface Written {
  segment: Segment;
  offset: number;
}

export interface SegmentWriterOptions {
  dir: string;
  /** The segment to go on in; its file is at least `size` bytes long. */
  newest: Segment | undefined;
  segmentBytes: number;
  fsync: boolean;
  /** Makes sure of what else has to stand in the directory. While it rejects no segment is begun. */
  beforeSegment(): Promise<void>;
  /** A segment was begun, before its first batch is written. */
  onSegment(segment: Segment): void;
  onTrouble(trouble: string | undefined): void;
  /** The log's directory had been removed and was made again. */
  onDirectoryLost(): void;
}

const firstRetryMs = 100;
const lastRetryMs = 2000;
/** A removed directory is noticed after this long at the latest, and the open segment is saved from it. */
const directoryCheckMs = 200;
const copyBytes = 1024 * 1024;
/** Up to here the write itself takes less than the way through the thread pool. */
const smallBatchBytes = 32 * 1024;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: every step may find or replace the open file.
export function createSegmentWriter(options: SegmentWriterOptions): SegmentWriter {
  const { dir, segmentBytes, fsync } = options;
  const pace = createPace();
  let segment = options.newest;
  let handle: FileHandle | undefined;
  /** The file can't grow any more (EFBIG), whatever its size. */
  let full = false;
  let directoryCheckedAt = 0;
  let trouble: string | undefined;
  const closing = new AbortController();
  /**
   * Writes and checks of the directory, one after the other: what is written while a removed file is copied would stay
   * behind in it.
   */
  let last: Promise<unknown> = Promise.resolve();
  let underWay = 0;

  function write(batch: Buffer, firstId: number): Written | Promise<Written> {
    return (underWay === 0 ? writeNow(batch) : undefined) ?? inTurn(() => writeUntilDone(batch, firstId));
  }

  async function inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    underWay++;
    const done = last.then(act);
    last = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      underWay--;
    }
  }

  /**
   * Undefined where it takes a wait, or something has to be seen to first. What a failed attempt left is overwritten by
   * the next one.
   */
  function writeNow(batch: Buffer): Written | undefined {
    if (fsync || batch.length > smallBatchBytes || !pace.isQuick || trouble !== undefined) return undefined;
    if (handle === undefined || segment === undefined || closing.signal.aborted) return undefined;
    if (beginsSegment(batch.length)) return undefined;
    const { fd } = handle;
    const offset = segment.size;
    try {
      if (isRemovalNoticed(handle)) return undefined;
      pace.run(() => writeFullySync(fd, batch, offset));
    } catch {
      return undefined;
    }
    return { segment, offset };
  }

  async function writeUntilDone(batch: Buffer, firstId: number): Promise<Written> {
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, lastRetryMs)) {
      if (closing.signal.aborted) throw closedError(trouble);
      try {
        const written = await tryWrite(batch, firstId);
        setTrouble(undefined);
        return written;
      } catch (error) {
        setTrouble(writeTrouble(error));
      }
      await pause(retryMs, closing.signal);
    }
  }

  async function tryWrite(batch: Buffer, firstId: number): Promise<Written> {
    // A segment that is left while its file is removed would be lost for good, before the next look.
    const isEnded = beginsSegment(batch.length);
    if (handle !== undefined && (isEnded || isRemovalNoticed(handle))) await saveDirectory();
    if (isEnded) await begin(firstId);
    handle ??= await reopen(firstId);
    const current = segment as Segment;
    const offset = current.size;
    try {
      await writeFully(handle, batch, offset);
      if (fsync) await handle.datasync();
    } catch (error) {
      await giveUp(handle, current);
      if (errorCode(error) !== 'EFBIG' || offset === 0) throw error;
      full = true;
      return tryWrite(batch, firstId);
    }
    return { segment: current, offset };
  }

  function beginsSegment(bytes: number): boolean {
    return segment === undefined || full || (segment.size > 0 && segment.size + bytes > segmentBytes);
  }

  async function begin(firstId: number): Promise<void> {
    // An empty segment already has the right name: one that was just begun, or whose first batch never got written.
    if (segment?.firstId === firstId && segment.size === 0 && handle !== undefined) return;
    const next = createSegment(dir, firstId, 0);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
    const opened = await openInDirectory(next.path, flags);
    try {
      // What an attempt before this one left behind was announced to nobody.
      await opened.truncate(0);
      await options.beforeSegment();
      if (fsync) await syncDirectories();
    } catch (error) {
      await opened.close();
      throw error;
    }
    await handle?.close().catch(() => undefined);
    handle = opened;
    full = false;
    const known = segment?.firstId === firstId;
    segment = known ? segment : next;
    if (!known) options.onSegment(next);
  }

  /** The newest segment, or a new one where its file is gone or shorter than what was written to it. */
  async function reopen(firstId: number): Promise<FileHandle> {
    const current = segment as Segment;
    const reopened = await openIfThere(current.path);
    try {
      const size = (await reopened?.stat())?.size ?? -1;
      if (reopened !== undefined && size >= current.size) {
        if (size > current.size) await reopened.truncate(current.size);
        return reopened;
      }
    } catch (error) {
      await reopened?.close();
      throw error;
    }
    await reopened?.close();
    await begin(firstId);
    return handle as FileHandle;
  }

  /** Takes a half-written batch away and lets go of the file, which may have gone bad. */
  async function giveUp(opened: FileHandle, current: Segment): Promise<void> {
    await opened.truncate(current.size).catch(() => undefined);
    const stillLinked = linkCount(opened) > 0;
    // Of a removed file the open handle is all there is.
    if (!stillLinked) return;
    handle = undefined;
    await opened.close().catch(() => undefined);
  }

  /** Looks now and then: a removed file still takes all that is written. */
  function isRemovalNoticed(opened: FileHandle): boolean {
    const now = performance.now();
    if (now - directoryCheckedAt < directoryCheckMs) return false;
    const isRemoved = linkCount(opened) === 0;
    if (!isRemoved) directoryCheckedAt = now;
    return isRemoved;
  }

  async function saveDirectory(): Promise<void> {
    if (handle === undefined || segment === undefined || linkCount(handle) > 0) return;
    await saveRemovedSegment(handle, segment);
    directoryCheckedAt = performance.now();
  }

  /** Writes to a removed file succeed and are lost at its last close: it is copied back while it is open. */
  async function saveRemovedSegment(removed: FileHandle, current: Segment): Promise<void> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    const copy = await openInDirectory(current.path, flags);
    try {
      const chunk = Buffer.allocUnsafe(Math.min(copyBytes, current.size));
      for (let at = 0; at < current.size; ) {
        const length = await readFully(removed, chunk, Math.min(chunk.length, current.size - at), at);
        if (length === 0) break;
        await writeFully(copy, chunk.subarray(0, length), at);
        at += length;
      }
      if (fsync) await copy.sync();
    } catch (error) {
      await copy.close();
      await unlinkQuietly(current.path);
      throw error;
    }
    handle = copy;
    current.handle = createSharedHandle(current.path);
    await removed.close().catch(() => undefined);
    options.onDirectoryLost();
  }

  async function openInDirectory(path: string, flags: number): Promise<FileHandle> {
    try {
      return await open(path, flags, 0o600);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const opened = await open(path, flags, 0o600);
      options.onDirectoryLost();
      return opened;
    }
  }

  /** A new file's name is on the disk only when its directory is, and that one's name when the state dir is. */
  async function syncDirectories(): Promise<void> {
    for (const path of [dir, dirname(dir)]) {
      const directory = await open(path, constants.O_RDONLY);
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    }
  }

  function setTrouble(now: string | undefined): void {
    if (now === trouble) return;
    trouble = now;
    options.onTrouble(now);
  }

  return {
    beginsSegment,
    write,
    checkDirectory: () => inTurn(saveDirectory).catch((error) => setTrouble(writeTrouble(error))),
    holds: (other) => other === segment && handle !== undefined,
    async close() {
      closing.abort();
      await last;
      const opened = handle;
      handle = undefined;
      await opened?.close().catch(() => undefined);
    },
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function writeFullySync(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}

/** Synchronous: on an open file it takes a microsecond or two, a tenth of the way through the thread pool. */
function linkCount(handle: FileHandle): number {
  return fstatSync(handle.fd).nlink;
}

async function unlinkQuietly(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}

function closedError(trouble: string | undefined): SseTailError {
  return new SseTailError('journal', trouble ?? 'The journal was closed before the lines were written.');
}

/** Ends early, without an error, when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
