import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, open, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createVerifiedRanges, type VerifiedRanges } from '../../verified-ranges.ts';

/**
 * Unpacked batches on this machine's disk, read as fast as a journal is. Its directory can be deleted at any time, is
 * of this process alone, and goes with it.
 */
export interface DiskCache {
  /** Fills `target` with what was put there; false where it is not (any more), damaged, or of another length. */
  read(key: string, target: Buffer): Promise<boolean>;
  /** Written in the background, or not at all where the disk can't keep up. The bytes must not change meanwhile. */
  put(key: string, bytes: Buffer): void;
  /** Whatever has a key that begins so. */
  drop(prefix: string): void;
  close(): Promise<void>;
}

interface Piece {
  pack: Pack;
  offset: number;
  length: number;
  crc: number;
}

/** A file of pieces, one after the other; the oldest goes as a whole. */
interface Pack {
  path: string;
  handle: FileHandle;
  verified: VerifiedRanges;
  bytes: number;
  /** Reads and writes under way, and whether it is to be closed after the last of them. */
  uses: number;
  isOld: boolean;
}

const packs = 8;
/** Of what is free on the disk. */
const mostShare = 0.1;
const mostWriting = 16;
const ownName = /^gateway-(\d+)-\w+$/;

/**
 * @param parent a directory of this user alone, which other gateways on this machine may use as well
 * @returns undefined where the disk has no place for it: then each batch is unpacked when it is read
 */
export async function openDiskCache(parent: string, mostBytes: number): Promise<DiskCache | undefined> {
  try {
    await removeAbandoned(parent);
    const { bavail, bsize } = await statfs(parent);
    // mkdtemp makes it for this user only.
    const dir = await mkdtemp(join(parent, `gateway-${process.pid}-`));
    return createDiskCache(dir, Math.min(mostBytes, bavail * bsize * mostShare));
  } catch {
    return undefined;
  }
}

/** Of killed gateways. What another container has in use stays readable to it when it is removed. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(ownName.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function createDiskCache(dir: string, mostBytes: number): DiskCache {
  const packBytes = mostBytes / packs;
  const pieces = new Map<string, Piece>();
  const writing = new Set<string>();
  const all: Pack[] = [];
  let made = 0;
  /** Follows the newest pack when that is full. */
  let spare: Pack | undefined;
  let opening: Promise<void> | undefined;
  let closed = false;

  /** Room at the end of the newest pack; undefined while there is none. */
  function place(length: number): { pack: Pack; offset: number } | undefined {
    let pack = all.at(-1);
    if (spare !== undefined && (pack === undefined || pack.bytes + length > packBytes)) {
      pack = spare;
      spare = undefined;
      all.push(pack);
      if (all.length > packs) void leave(all.shift() as Pack).catch(() => undefined);
    }
    // In time: what comes while a file is being made is not kept.
    if (spare === undefined && (pack === undefined || pack.bytes > packBytes / 2)) prepareSpare();
    if (pack === undefined || pack.bytes + length > packBytes) return undefined;
    pack.bytes += length;
    return { pack, offset: pack.bytes - length };
  }

  function prepareSpare(): void {
    if (closed) return;
    const path = join(dir, `${++made}.cache`);
    opening ??= open(path, 'wx+', 0o600)
      .then((handle) => {
        spare = { path, handle, verified: createVerifiedRanges(), bytes: 0, uses: 0, isOld: false };
      })
      // Its directory was deleted, or the disk is full.
      .catch(() => undefined)
      .finally(() => {
        opening = undefined;
      });
  }

  async function leave(pack: Pack): Promise<void> {
    pack.isOld = true;
    for (const [key, piece] of pieces) if (piece.pack === pack) pieces.delete(key);
    await rm(pack.path, { force: true });
    if (pack.uses === 0) await pack.handle.close();
  }

  async function using<Result>(pack: Pack, use: (handle: FileHandle) => Promise<Result>): Promise<Result | undefined> {
    pack.uses++;
    try {
      return await use(pack.handle);
    } catch {
      return undefined;
    } finally {
      if (--pack.uses === 0 && pack.isOld) await pack.handle.close().catch(() => undefined);
    }
  }

  prepareSpare();

  return {
    async read(key, target) {
      const piece = pieces.get(key);
      if (piece === undefined) return false;
      const { pack, offset, length, crc } = piece;
      if (length !== target.length) return false;
      const { verified } = pack;
      const isIntact = await using(pack, async (handle) => {
        await verified.look(handle);
        const { change } = verified;
        const { bytesRead } = await handle.read(target, 0, length, offset);
        if (bytesRead !== length) return false;
        if (verified.has(offset, offset + length, change)) return true;
        if (crc32(target) !== crc) return false;
        verified.add(offset, offset + length, change);
        return true;
      });
      if (isIntact) return true;
      if (pieces.get(key) === piece) pieces.delete(key);
      return false;
    },
    put(key, bytes) {
      if (closed || pieces.has(key) || writing.has(key) || writing.size >= mostWriting || bytes.length > packBytes)
        return;
      const room = place(bytes.length);
      if (room === undefined) return;
      const { pack, offset } = room;
      const piece = { pack, offset, length: bytes.length, crc: crc32(bytes) };
      writing.add(key);
      void using(pack, (handle) => handle.write(bytes, 0, bytes.length, offset)).then((written) => {
        // It may have been dropped meanwhile.
        if (writing.delete(key) && written?.bytesWritten === bytes.length && !pack.isOld) pieces.set(key, piece);
      });
    },
    drop(prefix) {
      for (const key of pieces.keys()) if (key.startsWith(prefix)) pieces.delete(key);
      for (const key of writing) if (key.startsWith(prefix)) writing.delete(key);
    },
    async close() {
      closed = true;
      await opening;
      await Promise.all([...all.splice(0), ...(spare === undefined ? [] : [spare])].map(leave));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
