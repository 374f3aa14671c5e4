import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basesBelow, comparedBytes, type Neighbor, rotatedFiles, targetOf, withFile } from './directory-files.ts';
import { fileId, type Head, readHead } from './fingerprint.ts';
import { isCompressed, mayBeProcessed } from './rotated-name.ts';

/** A copy of a file that was removed. */
export interface Copy {
  id: string;
  path: string;
  /** So much of the file it has. */
  size: number;
  head: Head;
  bornNs: bigint;
}

/** A file that was removed and is still open. */
export interface Removed {
  stats: BigIntStats;
  /** Whether another file begins with the same `size` bytes. */
  beginsLike(other: FileHandle, size: number): Promise<boolean>;
}

/**
 * The files named like rotated ones of a path that are copies of a file that was there and is removed (`mv` to another
 * file system, `cp` and `rm`). The open file is what they are compared with: logs of one program may begin with the
 * same lines, and have the same size. What was made after the removal is no copy, even if it holds the same.
 */
export async function copiesAt(path: string, removed: Removed): Promise<Copy[]> {
  for (let tries = 0; ; tries++) {
    const listed = await listedAt(path);
    const looks = listed.filter((one) => !isCompressed(one.path) && !mayBeProcessed(one.path));
    const copies: Copy[] = [];
    let isMoved = false;
    for (const { path: at, id } of looks) {
      const there = await withFile(at, async (handle, stats) => {
        return { id: fileId(stats), copy: await copyIn(handle, stats, at, removed) };
      });
      if (there?.copy !== undefined) copies.push(there.copy);
      // It may be under a name that was looked at before.
      isMoved ||= there?.id !== id;
    }
    if (!isMoved || tries === mostTries) return copies;
  }
}

const mostTries = 3;

async function copyIn(
  handle: FileHandle,
  stats: BigIntStats,
  path: string,
  removed: Removed,
): Promise<Copy | undefined> {
  const size = Number(stats.size);
  if (!mayBeCopy(stats, removed.stats) || !(await removed.beginsLike(handle, size))) return undefined;
  return { id: fileId(stats), path, size, head: await readHead(handle, size), bornNs: stats.birthtimeNs };
}

async function listedAt(path: string): Promise<Neighbor[]> {
  const target = await targetOf(path);
  const bases = target === undefined ? [path] : [path, target];
  const families = await Promise.all([
    ...bases.map((base) => rotatedFiles(base, false)),
    ...(await basesBelow(path)).map((base) => rotatedFiles(base, true)),
  ]);
  return families.flat();
}

/**
 * A removal is the last change of a file, or lines that came later are. Those that came after the copy was made are
 * not in it: as long as it has more than what such files may all begin with, it is one.
 */
function mayBeCopy(copy: BigIntStats, original: BigIntStats): boolean {
  if (copy.size === 0n || copy.size > original.size) return false;
  if (copy.size < original.size && copy.size < comparedBytes) return false;
  return copy.birthtimeNs <= original.ctimeNs;
}
