import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { fileId, hasHead } from './fingerprint.ts';
import { readFlags } from './opened-file.ts';
import type { FilePosition } from './source.ts';

/**
 * What became of the file of a position.
 * - `same`: it is at its path, at least as long as it was read, and begins as it did.
 * - `rotated`: what follows on the position is in another file of the folder: in the file itself under a new name, or in
 *   a copy that was made of it before it was cut.
 * - `cut`: the file at the path is the same and shorter; `replaced`: it is another one (or was written anew), and what
 *   followed on the position can't be read any more.
 * - `missing`: there is no file at the path, and no trace of the old one.
 */
export type Trace =
  | { fate: 'same' }
  | { fate: 'rotated'; path: string; how: 'renamed' | 'copied' }
  | { fate: 'cut' }
  | { fate: 'replaced' }
  | { fate: 'missing' };

/** A file of a folder, as a look at it gave. */
export interface Neighbour {
  path: string;
  id: string;
  mtimeNs: bigint;
}

/** In a larger folder only files that are named like rotated ones are looked for. */
const folderLimit = 5000;

export async function trace(position: FilePosition): Promise<Trace> {
  const there = await withFile(position.path, async (handle, stats) => ({
    id: fileId(stats),
    isShorter: stats.size < BigInt(position.offset),
    fits: await fits(handle, stats, position),
  }));
  if (there?.id === position.file && there.fits) return { fate: 'same' };
  const renamed = await findById(position);
  if (renamed !== undefined) return { fate: 'rotated', path: renamed, how: 'renamed' };
  const copy = await findCopy(position.path, (handle, stats) => isCopy(handle, stats, position));
  if (copy !== undefined) return { fate: 'rotated', path: copy.path, how: 'copied' };
  if (there === undefined) return { fate: 'missing' };
  return { fate: there.id === position.file && there.isShorter ? 'cut' : 'replaced' };
}

/** Where in the folder of its path the file of a position is now, by its inode. */
export async function findById(position: Pick<FilePosition, 'path' | 'file' | 'offset' | 'head'>) {
  for (const folder of await foldersOf(position.path)) {
    for (const neighbour of await neighbours(folder, basename(position.path))) {
      if (neighbour.id !== position.file || neighbour.path === position.path) continue;
      const isIt = await withFile(neighbour.path, async (handle, stats) => {
        return fileId(stats) === position.file && (await fits(handle, stats, position));
      });
      if (isIt) return neighbour.path;
    }
  }
  return undefined;
}

/** The newest file named like a rotated one that `isIt`: a copy that copytruncate made. */
export async function findCopy(
  path: string,
  isIt: (handle: FileHandle, stats: BigIntStats) => Promise<boolean>,
): Promise<Neighbour | undefined> {
  const family = (await rotated(path)).reverse();
  for (const neighbour of family) {
    if (await withFile(neighbour.path, isIt)) return neighbour;
  }
  return undefined;
}

/**
 * The files that had this path after a file that has left it and before the one that has it now, oldest first: named like
 * rotated ones and last written later. Rotating keeps the time of the last write, whatever the scheme of names is.
 */
export async function successors(
  path: string,
  after: { id: string; mtimeNs: bigint },
  isKnown: (id: string) => boolean,
): Promise<Neighbour[]> {
  const family = await rotated(path);
  const at = family.findIndex((one) => one.id === after.id);
  return family.filter((one, index) => {
    if (one.id === after.id || isKnown(one.id)) return false;
    if (one.mtimeNs === after.mtimeNs) return at === -1 || index > at;
    return one.mtimeNs > after.mtimeNs;
  });
}

/** Compressed files that were rotated after `mtimeNs`: their text is not read. */
export async function compressedSince(path: string, mtimeNs: bigint): Promise<string[]> {
  const family = await neighbours(dirname(path), basename(path));
  return family
    .filter((one) => one.mtimeNs > mtimeNs && isCompressed(one.path) && rotationOf(basename(one.path), basename(path)))
    .map((one) => one.path);
}

export function isCompressed(path: string): boolean {
  return /\.(gz|zst|bz2|xz|lz4|zip)$/i.test(path);
}

/** How a name was made from another one by a rotation. */
export type Rotation = { number: number } | { date: string };

/**
 * Whether `name` is what a rotation makes of `base`: `app.log.1`, `app.log-20250131`, `app.1.log`, `app-2025-01-31.log`,
 * `app.log.old`, each possibly compressed.
 */
export function rotationOf(name: string, base: string): Rotation | undefined {
  const plain = name.replace(/\.(gz|zst|bz2|xz|lz4|zip)$/i, '');
  const { name: stem, ext } = parse(base);
  const mark = plain.startsWith(base)
    ? plain.slice(base.length)
    : plain.startsWith(stem) && plain.endsWith(ext)
      ? plain.slice(stem.length, plain.length - ext.length)
      : '';
  const suffix = /^[._-](.+)$/.exec(mark)?.[1];
  if (suffix === undefined) return undefined;
  if (/^\d{1,5}$/.test(suffix)) return { number: Number(suffix) };
  if (/^(old|prev|bak)$/i.test(suffix)) return { number: 1 };
  if (/^\d{4}[-_.]?\d{2}[-_.]?\d{2}([-_.T]?[\d:_.-]*Z?)$|^\d{6,}$/.test(suffix)) return { date: suffix };
  return undefined;
}

/** Oldest first, by the last write; where that doesn't tell (clocks tick in steps of 4 ms) by the name. */
export function byAge(a: Neighbour, b: Neighbour, base: string): number {
  if (a.mtimeNs !== b.mtimeNs) return a.mtimeNs < b.mtimeNs ? -1 : 1;
  const [left, right] = [rotationOf(basename(a.path), base), rotationOf(basename(b.path), base)];
  if (left && right && 'number' in left && 'number' in right) return right.number - left.number;
  return a.path < b.path ? -1 : 1;
}

/**
 * The readable files that a rotation has made of this path, oldest first. A rotation in the middle of the listing would
 * hide one of them (listed under the name that it had, looked at under the one that it has), so two listings have to agree.
 */
async function rotated(path: string): Promise<Neighbour[]> {
  let family = await listRotated(path);
  for (let tries = 0; tries < 10; tries++) {
    const again = await listRotated(path);
    const isSame = again.length === family.length && again.every(({ id }, at) => id === family[at]?.id);
    family = again;
    if (isSame) break;
  }
  return family;
}

async function listRotated(path: string): Promise<Neighbour[]> {
  const base = basename(path);
  const names = (await list(dirname(path))).filter((name) => !isCompressed(name) && rotationOf(name, base));
  return (await statAll(dirname(path), names)).sort((a, b) => byAge(a, b, base));
}

async function neighbours(folder: string, base: string): Promise<Neighbour[]> {
  const names = await list(folder);
  return statAll(folder, names.length > folderLimit ? names.filter((name) => rotationOf(name, base)) : names);
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function statAll(folder: string, names: string[]): Promise<Neighbour[]> {
  const found: Neighbour[] = [];
  for (const name of names) {
    const path = join(folder, name);
    try {
      const stats = await stat(path, { bigint: true });
      if (stats.isFile()) found.push({ path, id: fileId(stats), mtimeNs: stats.mtimeNs });
    } catch {
      // Renamed or removed since the folder was listed, or a link to nothing.
    }
  }
  return found;
}

/** The folder of the path, and the one its file really is in where the path is a symlink. */
async function foldersOf(path: string): Promise<string[]> {
  const folder = dirname(path);
  try {
    const real = dirname(await realpath(path));
    return real === folder || real === (await realpath(folder)) ? [folder] : [folder, real];
  } catch {
    return [folder];
  }
}

async function fits(
  handle: FileHandle,
  stats: BigIntStats,
  { offset, head }: Pick<FilePosition, 'offset' | 'head'>,
): Promise<boolean> {
  return stats.size >= BigInt(offset) && (await hasHead(handle, head));
}

/** An empty head would fit any file. */
async function isCopy(handle: FileHandle, stats: BigIntStats, position: FilePosition): Promise<boolean> {
  return position.head.length > 0 && (await fits(handle, stats, position));
}

/** Undefined where there is no such file, or none that can be read. */
export async function withFile<Result>(
  path: string,
  look: (handle: FileHandle, stats: BigIntStats) => Promise<Result>,
): Promise<Result | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, readFlags);
  } catch {
    return undefined;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    return stats.isFile() ? await look(handle, stats) : undefined;
  } finally {
    await handle.close();
  }
}
