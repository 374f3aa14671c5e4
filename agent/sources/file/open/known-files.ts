import type { FileHandle } from 'node:fs/promises';
import { BoundedMap } from '../../../system/bounded-map.ts';
import { withFile } from '../find/directory-files.ts';
import { emptyHead, type Head, hasHead } from '../find/fingerprint.ts';
import { possibleBases } from '../find/rotated-name.ts';
import type { OpenedFile } from './opened-file.ts';

/**
 * Which files are being read, and up to where those were read that were let go: a file that comes back, or that another
 * name of the same glob finds (`app.log` after its rotation to `app.log.1`), goes on where it was left.
 */
export interface FileMemory {
  /** False while another name reads this file. */
  isFree(id: string, owner: object): boolean;
  /** Takes the file for this owner, if it is free. */
  claim(id: string, owner: object): boolean;
  /** The owner has read nothing of it. */
  unclaim(id: string, owner: object): void;
  /** The owner has read the file this far and lets it go. */
  release(file: Pick<OpenedFile, 'id' | 'offset' | 'head'>, owner: object): void;
  /** The file was removed: what comes under its inode is another one. */
  forget(id: string, owner: object): void;
  /** Up to where the file (if it is still that one: inodes are reused) has been read; 0 for a file not seen before. */
  offsetOf(id: string, handle: FileHandle): Promise<number>;
  /** Whether the file at `path` is being read or has been. */
  isKnown(file: { id: string; path: string }): Promise<boolean>;
}

const rememberedFiles = 4096;

export function createFileMemory(): FileMemory {
  const owners = new Map<string, object>();
  const released = new BoundedMap<string, { offset: number; head: Head }>(rememberedFiles);

  function isFree(id: string, owner: object): boolean {
    const current = owners.get(id);
    return current === undefined || current === owner;
  }

  function unclaim(id: string, owner: object): void {
    if (owners.get(id) === owner) owners.delete(id);
  }

  return {
    isFree,
    claim(id, owner) {
      if (!isFree(id, owner)) return false;
      owners.set(id, owner);
      return true;
    },
    unclaim,
    release({ id, offset, head }, owner) {
      unclaim(id, owner);
      released.set(id, { offset, head });
    },
    forget(id, owner) {
      unclaim(id, owner);
      released.delete(id);
    },
    async offsetOf(id, handle) {
      const { offset, head } = released.get(id) ?? { offset: 0, head: emptyHead };
      if (offset === 0) return 0;
      const { size } = await handle.stat();
      return size >= offset && (await hasHead(handle, head)) ? offset : 0;
    },
    async isKnown({ id, path }) {
      if (owners.has(id)) return true;
      const { offset, head } = released.get(id) ?? { offset: 0, head: emptyHead };
      // Nothing of it was read: it may be another one that has its inode now.
      if (offset === 0) return false;
      const isIt = await withFile(path, async (handle, stats) => {
        return stats.size >= BigInt(offset) && (await hasHead(handle, head));
      });
      return isIt === true;
    },
  };
}

/**
 * Files that were named share nothing, but for a log and the rotated ones beside it (as a shell expands `app.log*`):
 * what was read under one of these names isn't read again under the other.
 */
export function createFamilyMemories(paths: string[]): (path: string) => FileMemory {
  const named = new Set(paths);
  const memories = new Map<string, FileMemory>();
  return (path) => {
    const base = possibleBases(path).find((one) => named.has(one)) ?? path;
    const memory = memories.get(base) ?? createFileMemory();
    memories.set(base, memory);
    return memory;
  };
}
