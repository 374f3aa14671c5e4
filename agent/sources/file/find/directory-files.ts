import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readFlags } from '../open/opened-file.ts';
import { fileId } from './fingerprint.ts';
import { rotationOf } from './rotated-name.ts';

/** A file of a folder, as a look at it gave. */
export interface Neighbour {
  path: string;
  id: string;
  mtimeNs: bigint;
}

/** In a larger folder only files that are named like rotated ones are looked for. */
const folderLimit = 5000;

/**
 * The files beside the one at `path`, wherever that really is where it is a symlink: first those named like rotated ones,
 * so that in a folder of a thousand logs, all rotated at midnight, not every one is looked at for every other.
 */
export async function* neighboursOf(path: string): AsyncGenerator<Neighbour> {
  const base = basename(path);
  for (const folder of await foldersOf(path)) {
    const names = await list(folder);
    const rotated = names.filter((name) => rotationOf(name, base));
    const others = names.length > folderLimit ? [] : names.filter((name) => !rotated.includes(name));
    for (const name of [...rotated, ...others]) {
      const neighbour = await look(folder, name);
      if (neighbour !== undefined) yield neighbour;
    }
  }
}

/**
 * The files that a rotation has made of this path, in no order. A rotation in the middle of the listing would
 * hide one of them (listed under the name that it had, looked at under the one that it has), so two listings have to agree.
 */
export async function rotatedFiles(path: string): Promise<Neighbour[]> {
  let family = await listRotated(path);
  for (let tries = 0; tries < 10; tries++) {
    const again = await listRotated(path);
    const isSame = again.length === family.length && again.every(({ id }) => family.some((one) => one.id === id));
    family = again;
    if (isSame) break;
  }
  return family;
}

/**
 * What a search among the rotated files of a path finds. A rotation in the middle of it hides a file (looked for under its
 * old name, it has its new one already), so a search that one has crossed is made again.
 */
export async function searchRotated<Found>(
  path: string,
  search: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
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
  const family = await rotatedFiles(path);
  return family
    .map((one) => `${one.path} ${one.id}`)
    .sort()
    .join('\n');
}

/** Undefined where there is no such file, or none that can be read. */
export async function withFile<Result>(
  path: string,
  examine: (handle: FileHandle, stats: BigIntStats) => Promise<Result>,
): Promise<Result | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, readFlags);
  } catch {
    return undefined;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    return stats.isFile() ? await examine(handle, stats) : undefined;
  } finally {
    await handle.close();
  }
}

async function listRotated(path: string): Promise<Neighbour[]> {
  const found: Neighbour[] = [];
  for (const name of await list(dirname(path))) {
    const neighbour = rotationOf(name, basename(path)) && (await look(dirname(path), name));
    if (neighbour !== undefined) found.push(neighbour);
  }
  return found;
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function look(folder: string, name: string): Promise<Neighbour | undefined> {
  const path = join(folder, name);
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? { path, id: fileId(stats), mtimeNs: stats.mtimeNs } : undefined;
  } catch {
    // Renamed or removed since the folder was listed, or a link to nothing.
    return undefined;
  }
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
