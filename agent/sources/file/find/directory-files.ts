import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, isOutOfDescriptors } from '../../../words/errors.ts';
import { fsPath } from '../../../words/raw-text.ts';
import { entriesOf } from './entries.ts';
import { fileId } from './fingerprint.ts';
import { rawRealpath } from './presence.ts';
import { readFlags } from './read-flags.ts';
import { rotationOf } from './rotated-name.ts';

/** A file of a directory, as a look at it gave. */
export interface Neighbor {
  path: string;
  id: string;
  mtimeNs: bigint;
  /** Renaming changes this, and leaves the time of the last write. */
  ctimeNs: bigint;
  /** When it was made; undefined where the file system doesn't know. */
  bornNs?: bigint;
}

/** In a larger directory only files that are named like rotated ones are looked for. */
const directoryLimit = 5000;

/**
 * The files beside the one at `path`, wherever that really is where it is a symlink: first those named like rotated
 * ones, so that in a directory of a thousand logs, all rotated at midnight, not every one is looked at for every
 * other. Last those that a rotation has moved one directory down.
 */
export async function* neighborsOf(path: string): AsyncGenerator<Neighbor> {
  const base = basename(path);
  for (const directory of await directoriesOf(path)) {
    const names = await list(directory);
    const rotated = new Set(names.filter((name) => rotationOf(name, base)));
    const others = names.length > directoryLimit ? [] : names.filter((name) => !rotated.has(name));
    for (const name of [...rotated, ...others]) {
      const neighbor = await look(directory, name);
      if (neighbor !== undefined) yield neighbor;
    }
  }
  for (const at of await basesBelow(path)) yield* await listRotated(at, true);
}

/**
 * The files that a rotation has made of this path, in no order. A rotation in the middle of the listing would hide
 * one of them (listed under the name that it had, looked at under the one that it has), so two listings have to
 * agree.
 *
 * @param isBelow the path is one of `basesBelow`
 */
export async function rotatedFiles(path: string, isBelow: boolean): Promise<Neighbor[]> {
  let family = await listRotated(path, isBelow);
  let ids = idsByPath(family);
  for (let tries = 0; tries < 10; tries++) {
    const again = await listRotated(path, isBelow);
    const isSame = again.length === family.length && again.every(({ id, path: at }) => ids.get(at) === id);
    family = again;
    ids = idsByPath(family);
    if (isSame) break;
  }
  return family;
}

const idsByPath = (family: readonly Neighbor[]) => new Map(family.map((one) => [one.path, one.id]));

/** A directory that holds more of them is not one for rotated files. */
const mostDirectoriesBelow = 64;

/**
 * Where logrotate's `olddir` may have put the rotated files of a path: for each directory directly below that has such
 * files, and no log of the same name that they would be of, the path that the log would have there.
 */
export async function basesBelow(path: string): Promise<string[]> {
  const target = await targetOf(path);
  const all = await Promise.all([path, ...(target === undefined ? [] : [target])].map(basesBelowOne));
  return all.flat();
}

async function basesBelowOne(path: string): Promise<string[]> {
  const base = basename(path);
  const below = (await entriesOf(dirname(path))).filter((entry) => entry.isDirectory());
  if (below.length > mostDirectoriesBelow) return [];
  const bases: string[] = [];
  for (const { name } of below) {
    const names = await list(join(dirname(path), name));
    if (!names.includes(base) && names.some((one) => rotationOf(one, base)))
      bases.push(join(dirname(path), name, base));
  }
  return bases;
}

/**
 * What a search among the rotated files of a path finds. A rotation in the middle of it hides a file (looked for
 * under its old name, it has its new one already), so a search that one has crossed is made again.
 */
export async function searchRotated<Found>(
  path: string,
  search: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  // Listing takes most of the time, and hardly any file is hidden.
  const first = await search();
  if (first !== undefined) return first;
  let listed = await namesNow(path);
  for (let tries = 0; ; tries++) {
    const found = await search();
    if (found !== undefined || tries === 10) return found;
    const listedNow = await namesNow(path);
    if (listedNow === listed) return undefined;
    listed = listedNow;
  }
}

async function namesNow(path: string): Promise<string> {
  const target = await targetOf(path);
  const bases = [path, ...(target === undefined ? [] : [target])];
  const families = [
    ...bases.map((base) => rotatedFiles(base, false)),
    ...(await basesBelow(path)).map((base) => rotatedFiles(base, true)),
  ];
  return (await Promise.all(families))
    .flat()
    .map((one) => `${one.path} ${one.id}`)
    .sort()
    .join('\n');
}

/**
 * Undefined where there is no such file, or none that can be read. Rejects where there is no descriptor to read it
 * with: taken for a file that is gone, it would be passed over for good.
 */
export async function withFile<Result>(
  path: string,
  examine: (handle: FileHandle, stats: BigIntStats) => Promise<Result>,
): Promise<Result | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(fsPath(path), readFlags);
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error;
    return undefined;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    return stats.isFile() ? await examine(handle, stats) : undefined;
  } catch (error) {
    // It opens, and reads fail: a broken disk, a file of a server that is gone, some of /sys.
    if (errorCode(error) === undefined) throw error;
    return undefined;
  } finally {
    await handle.close();
  }
}

/** While a search went on, a rotation has changed what it searches: what it found, or missed, says nothing. */
class Crossed extends Error {}

/** Makes a search again that a rotation has crossed; undefined when rotating doesn't stop. */
export async function uncrossed<Found>(search: () => Promise<Found>): Promise<Found | undefined> {
  for (let waitMs = 1; ; waitMs *= 2) {
    try {
      return await search();
    } catch (error) {
      if (!(error instanceof Crossed)) throw error;
      if (waitMs > emptyMs) return undefined;
      // A compressor gets time to write.
      await sleep(waitMs);
    }
  }
}

/**
 * What `examine` finds in a file that was listed, and in no other one that has got its name since: then the search is
 * crossed. Undefined when it can't be read.
 */
export async function withListed<Result>(
  listed: Neighbor,
  examine: (handle: FileHandle, stats: BigIntStats) => Promise<Result>,
): Promise<Result | undefined> {
  const examined = await withFile(listed.path, async (handle, stats) => {
    if (fileId(stats) !== listed.id) throw new Crossed();
    return { result: await examine(handle, stats) };
  });
  if (examined !== undefined) return examined.result;
  const there = await look(dirname(listed.path), basename(listed.path));
  if (there?.id !== listed.id) throw new Crossed();
  return undefined;
}

/** A compressed file that was empty when it was opened may be one that is being made: the search is crossed. */
export function requireMade({ size, mtimeMs }: BigIntStats): void {
  if (size === 0n && Math.abs(Date.now() - Number(mtimeMs)) < emptyMs) throw new Crossed();
}

/** One that stays empty for longer is taken for what it is. */
const emptyMs = 500;

/**
 * Whoever can write in the directory of a log can write the log. One below may be another one's, whose links lead to
 * what he may not read: they are no files there.
 */
async function listRotated(path: string, isBelow: boolean): Promise<Neighbor[]> {
  const found: Neighbor[] = [];
  for (const name of await list(dirname(path))) {
    const neighbor = rotationOf(name, basename(path)) && (await look(dirname(path), name, isBelow ? lstat : stat));
    if (neighbor !== undefined) found.push(neighbor);
  }
  return found;
}

async function list(directory: string): Promise<string[]> {
  return (await entriesOf(directory)).map(({ name }) => name);
}

async function look(directory: string, name: string, statOf = stat): Promise<Neighbor | undefined> {
  const path = join(directory, name);
  try {
    const stats = await statOf(fsPath(path), { bigint: true });
    return stats.isFile() ? { path, id: fileId(stats), ...timesOf(stats) } : undefined;
  } catch {
    // Renamed or removed since the directory was listed, or a link to nothing.
    return undefined;
  }
}

/** A file whose last write is older than itself was restored or unpacked: when it was made says nothing. */
function timesOf({ mtimeNs, ctimeNs, birthtimeNs }: BigIntStats): Omit<Neighbor, 'path' | 'id'> {
  const isKnown = birthtimeNs > 0n && birthtimeNs <= mtimeNs;
  return isKnown ? { mtimeNs, ctimeNs, bornNs: birthtimeNs } : { mtimeNs, ctimeNs };
}

/** The path that a symlink leads to, where its target may be rotated under a name of its own; undefined for others. */
export async function targetOf(path: string): Promise<string | undefined> {
  try {
    const target = await rawRealpath(path);
    return target === join(await rawRealpath(dirname(path)), basename(path)) ? undefined : target;
  } catch {
    return undefined;
  }
}

/** The directory of the path, and the one its file really is in where the path is a symlink. */
async function directoriesOf(path: string): Promise<string[]> {
  const directory = dirname(path);
  try {
    const real = dirname(await rawRealpath(path));
    return real === directory || real === (await rawRealpath(directory)) ? [directory] : [directory, real];
  } catch {
    return [directory];
  }
}

/** Whether a file of `size` bytes holds what the one at `path` begins with: as far as its first and last bytes show. */
export async function isBeginningOf(path: string, handle: FileHandle, size: number): Promise<boolean> {
  const isSame = await withFile(path, async (other, stats) => {
    return stats.size >= BigInt(size) && (await haveSameBeginning(handle, other, size));
  });
  return isSame === true;
}

export const comparedBytes = 4096;

/** Whether two files begin with the same `size` bytes: as far as the first and last of these show. */
export async function haveSameBeginning(one: FileHandle, other: FileHandle, size: number): Promise<boolean> {
  const last = Math.max(0, size - comparedBytes);
  return (
    (await haveSameBytes(one, other, 0, Math.min(size, comparedBytes))) &&
    (await haveSameBytes(one, other, last, size - last))
  );
}

async function haveSameBytes(one: FileHandle, other: FileHandle, from: number, length: number): Promise<boolean> {
  const [ours, theirs] = [Buffer.alloc(length), Buffer.alloc(length)];
  const [{ bytesRead }, { bytesRead: theirBytes }] = await Promise.all([
    one.read(ours, 0, length, from),
    other.read(theirs, 0, length, from),
  ]);
  return bytesRead === length && theirBytes === length && ours.equals(theirs);
}
