import { constants, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createVerifiedRanges, type VerifiedRanges } from '../../verified-ranges.ts';

/** One open file for all who read it: opened by the first, closed by the last. */
export interface SharedHandle {
  /** Rejects with the system's error. Each success is matched by one `release`. */
  acquire(): Promise<FileHandle>;
  release(): void;
  /** Of the file. */
  readonly verified: VerifiedRanges;
}

export function createSharedHandle(path: string): SharedHandle {
  let users = 0;
  let opening: Promise<FileHandle> | undefined;

  return {
    verified: createVerifiedRanges(),

    async acquire() {
      users++;
      opening ??= open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      const mine = opening;
      try {
        return await mine;
      } catch (error) {
        users--;
        if (opening === mine) opening = undefined;
        throw error;
      }
    },

    release() {
      users--;
      if (users > 0 || opening === undefined) return;
      const closing = opening;
      opening = undefined;
      // Nobody waits for it, and a file that was only read has nothing to lose by a failing close.
      closing.then((handle) => handle.close()).catch(() => undefined);
    },
  };
}

/** Reads until `length` bytes are there or the file ends; returns how many there are. */
export async function readFully(handle: FileHandle, into: Buffer, length: number, position: number): Promise<number> {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(into, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

export function readFullySync(fd: number, into: Buffer, length: number, position: number): number {
  let done = 0;
  while (done < length) {
    const bytesRead = readSync(fd, into, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}
