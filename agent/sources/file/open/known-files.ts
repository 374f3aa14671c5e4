import type { FileHandle } from 'node:fs/promises';
import { BoundedMap } from '../../../system/bounded-map.ts';
import { withFile } from '../find/directory-files.ts';
import { type Head, hasHead } from '../find/fingerprint.ts';
import { possibleBases } from '../find/rotated-name.ts';
import type { OpenedFile } from './opened-file.ts';

/** A followed name, as far as it reads files that other names may find as well. */
export interface Claimant {
  /** What is read under one name of a group isn't read again under another one. Globs share with every group. */
  readonly group: string;
  /** A file that it was refused has become free, or another name was refused one that it has. */
  recheck(): void;
}

/**
 * Which files are being read, and up to where those were read that were let go: a file that comes back, or that another
 * name of the same group finds (`app.log` after its rotation to `app.log.1`), is continued where it was left.
 */
export interface FileMemory {
  /** False while another name reads this file. */
  isFree(id: string, claimant: Claimant): boolean;
  /** Takes the file for this name, if it is free. */
  claim(id: string, claimant: Claimant): boolean;
  /** Would take the file, which another name has: hears of it once it is free. */
  want(id: string, claimant: Claimant): void;
  /** Whether another name was refused this file. */
  isWanted(id: string): boolean;
  /** It has read nothing of the file. */
  unclaim(id: string, claimant: Claimant): void;
  /** It has read the file this far and lets it go. `bornNs`: 0 where that is not known. */
  release(file: Pick<OpenedFile, 'id' | 'offset' | 'head'> & { bornNs: bigint }, claimant: Claimant): void;
  /** The file was removed: what comes under its inode is another one. */
  forget(id: string, claimant: Claimant): void;
  /**
   * Up to where the file (if it is still that one: inodes are reused) has been read; undefined for one not read yet.
   */
  offsetOf(id: string, claimant: Claimant, handle: FileHandle): Promise<number | undefined>;
  /** Whether the file at `path` is being read or has been. */
  isKnown(file: { id: string; path: string }, claimant: Claimant): Promise<boolean>;
}

/** The group of what globs match. */
export const globGroup = '*';

const rememberedFiles = 4096;

interface ReadPart {
  group: string;
  offset: number;
  head: Head;
  /** Logs may all begin with the same lines, and a new one gets the inode of one that was removed. */
  bornNs: bigint;
}

export function createFileMemory(): FileMemory {
  const claims = new Map<string, Claimant[]>();
  /** As long as the file is claimed. */
  const wanted = new Map<string, Set<Claimant>>();
  const released = new BoundedMap<string, ReadPart[]>(rememberedFiles);

  function isFree(id: string, claimant: Claimant): boolean {
    return claims.get(id)?.every((other) => other === claimant || !isShared(other.group, claimant.group)) ?? true;
  }

  function unclaim(id: string, claimant: Claimant): void {
    const holders = claims.get(id);
    if (!holders?.includes(claimant)) return;
    const others = holders.filter((other) => other !== claimant);
    if (others.length > 0) claims.set(id, others);
    else claims.delete(id);
    const waiting = wanted.get(id);
    wanted.delete(id);
    for (const other of waiting ?? []) if (other !== claimant) other.recheck();
  }

  async function offsetOf(id: string, { group }: Claimant, handle: FileHandle): Promise<number | undefined> {
    const part = released.get(id)?.find((one) => isShared(one.group, group));
    // Where nothing was read, it may be another one that has its inode now.
    if (part === undefined || part.offset === 0) return undefined;
    const { size, birthtimeNs } = await handle.stat({ bigint: true });
    const isAnother = part.bornNs > 0n && birthtimeNs > 0n && part.bornNs !== birthtimeNs;
    if (isAnother || size < BigInt(part.offset)) return undefined;
    return (await hasHead(handle, part.head)) ? part.offset : undefined;
  }

  return {
    isFree,
    claim(id, claimant) {
      if (!isFree(id, claimant)) return false;
      const others = claims.get(id) ?? [];
      if (!others.includes(claimant)) claims.set(id, [...others, claimant]);
      return true;
    },
    want(id, claimant) {
      const holders = claims.get(id);
      const waiting = wanted.get(id) ?? new Set();
      if (holders === undefined || waiting.has(claimant)) return;
      wanted.set(id, waiting.add(claimant));
      for (const holder of holders) if (holder !== claimant) holder.recheck();
    },
    isWanted: (id) => wanted.has(id),
    unclaim,
    release({ id, offset, head, bornNs }, claimant) {
      const { group } = claimant;
      const others = released.get(id)?.filter((one) => !isShared(one.group, group)) ?? [];
      released.set(id, [...others, { group, offset, head, bornNs }]);
      unclaim(id, claimant);
    },
    forget(id, claimant) {
      released.delete(id);
      unclaim(id, claimant);
    },
    offsetOf,
    async isKnown({ id, path }, claimant) {
      if (!isFree(id, claimant) || claims.get(id)?.includes(claimant)) return true;
      if (!released.has(id)) return false;
      return (await withFile(path, (handle) => offsetOf(id, claimant, handle))) !== undefined;
    },
  };
}

function isShared(group: string, other: string): boolean {
  return group === other || group === globGroup || other === globGroup;
}

/**
 * Files that were named share nothing, but for a log and the rotated ones beside it (as a shell expands `app.log*`):
 * what was read under one of these names isn't read again under the other.
 */
export function familiesOf(paths: string[]): (path: string) => string {
  const named = new Set(paths);
  return (path) => possibleBases(path).find((one) => named.has(one)) ?? path;
}
