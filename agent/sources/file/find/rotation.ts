import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FilePosition } from '../../../words/position.ts';
import { canBeUnpacked, holdsTextOf, readUnpackedHead } from './compression.ts';
import {
  basesBelow,
  type Neighbor,
  neighborsOf,
  requireMade,
  rotatedFiles,
  searchRotated,
  targetOf,
  uncrossed,
  withFile,
  withListed,
} from './directory-files.ts';
import { fileId, type Head, hasHead } from './fingerprint.ts';
import { presenceAt } from './presence.ts';
import { isProcessed, isUnreadable, madeOf, mayBeMadeOf } from './processed.ts';
import {
  isCompressed,
  isNewerByName,
  mayBeProcessed,
  mayHaveProducts,
  productsOf,
  schemeOf,
  withoutCompression,
} from './rotated-name.ts';

/**
 * What became of the file of a position.
 * - `same`: it is at its path, at least as long as it was read, and begins as it did.
 * - `rotated`: what follows on the position is in another file of the directory: in the file itself under a new name,
 *   in a copy that was made of it before it was cut, or in a compressed file.
 * - `dropped`: it is gone (or was cut), but files that had the path after it are still there; `isProcessed`: the first
 *   of these may be what a program has made of it.
 * - `cut`: the file at the path is the same and shorter; `replaced`: it is another one (or was written anew), and
 *   what followed on the position can't be read any more, or is in one of the files that can't.
 * - `missing`: there is no file at the path, and no trace of the old one.
 */
export type Trace =
  | { fate: 'same' }
  | { fate: 'rotated'; path: string; id: string; how: 'renamed' | 'copied' | 'compressed' }
  | { fate: 'dropped'; successors: Successor[]; isProcessed?: boolean }
  | { fate: 'cut'; unread: Successor[] }
  | { fate: 'replaced'; unread: Successor[] }
  | { fate: 'missing' };

export async function trace(position: FilePosition): Promise<Trace> {
  const found = (await searchRotated(position.path, () => find(position))) ?? (await traceLost(position));
  // A file that still has the path was not rotated in between. Of another one it is not known where its text was read
  // to.
  return position.isUnsure && found.fate !== 'same' && found.fate !== 'missing'
    ? { fate: 'replaced', unread: [] }
    : found;
}

/** Where what follows on the position is. */
async function find(position: FilePosition): Promise<Trace | undefined> {
  const isHere = await withFile(
    position.path,
    async (handle, stats) => fileId(stats) === position.file && (await holds(handle, stats, position, position.path)),
  );
  if (isHere) return { fate: 'same' };
  const renamed = await findById(position);
  if (renamed !== undefined) return { fate: 'rotated', path: renamed, id: position.file, how: 'renamed' };
  // An empty head would fit any file.
  if (position.head.length === 0) return undefined;
  const madeAfterNs = position.writtenAtUs === undefined ? undefined : BigInt(position.writtenAtUs - 1) * 1000n;
  const copy = await findCopy(position.path, position.head, madeAfterNs, (handle, stats) => {
    return fits(handle, stats, position);
  });
  if (copy !== undefined) return { fate: 'rotated', path: copy.path, id: copy.id, how: 'copied' };
  const compressed = await findCompressed(position.path, position.head, { madeAfterNs });
  return compressed && { fate: 'rotated', path: compressed.path, id: compressed.id, how: 'compressed' };
}

async function traceLost(position: FilePosition): Promise<Trace> {
  const there = await withFile(position.path, async (_handle, stats) => ({ id: fileId(stats), size: stats.size }));
  const after = (await successors(position.path, leftFrom(position), (one) => one.id === there?.id)) ?? [];
  const first = after.find((one) => !one.isUnreadable);
  if (first !== undefined) {
    const isProcessed = await mayBeMadeOf(first, position.path, leftFrom(position));
    return { fate: 'dropped', successors: after, ...(isProcessed && { isProcessed }) };
  }
  if (there === undefined) return { fate: 'missing' };
  const isCut = there.id === position.file && there.size < BigInt(position.offset);
  return { fate: isCut ? 'cut' : 'replaced', unread: after };
}

/**
 * A file that is gone was last written no later than what came after it: in the same microsecond it is taken for
 * older.
 */
export function leftFrom({ head, writtenAtUs }: FilePosition): Left {
  const writtenAtNs = BigInt(writtenAtUs ?? Number.MAX_SAFE_INTEGER) * 1000n;
  // Its inode may be another file's by now.
  return { id: '', head, mtimeNs: writtenAtNs + 1n };
}

/** Where in the directory of its path the file of a position is now, by its inode. */
export async function findById(position: Omit<FilePosition, 'source'>): Promise<string | undefined> {
  for await (const neighbor of neighborsOf(position.path)) {
    if (neighbor.id !== position.file || neighbor.path === position.path) continue;
    const isIt = await withFile(neighbor.path, async (handle, stats) => {
      return fileId(stats) === position.file && (await holds(handle, stats, position, neighbor.path));
    });
    if (isIt) return neighbor.path;
  }
  return undefined;
}

/**
 * The newest file named like a rotated one that `isIt`: a copy that copytruncate made of a file with this head.
 *
 * @param madeAfterNs when the file was last written
 */
export async function findCopy(
  path: string,
  head: Head,
  madeAfterNs: bigint | undefined,
  isIt: (handle: FileHandle, stats: BigIntStats) => Promise<boolean>,
): Promise<Neighbor | undefined> {
  return whereverRotated(path, async (base, isBelow) => {
    const family = await rotated(base, isBelow);
    for (const neighbor of family.reverse()) {
      if (isCompressed(neighbor.path) || !canBeCopy(neighbor, head, madeAfterNs)) continue;
      if (await withFile(neighbor.path, isIt)) return neighbor;
    }
    return undefined;
  });
}

/**
 * What a search finds among the files rotated from the path, or else, where that is a symlink, from what it leads to:
 * of `app.log`, a link to `app-20261128.log`, the dated ones are the rotated ones, and of one into another directory
 * those beside its target. Or else one directory down, where logrotate's `olddir` may be.
 *
 * @param search is told where; `isBelow`: files of that name there need not have been the path's
 */
async function whereverRotated<Found>(
  path: string,
  search: (base: string, isBelow: boolean) => Promise<Found | undefined>,
  mayBeBelow = true,
): Promise<Found | undefined> {
  const here = await search(path, false);
  if (here !== undefined) return here;
  const target = await targetOf(path);
  const there = target === undefined ? undefined : await search(target, false);
  if (there !== undefined) return there;
  for (const base of mayBeBelow ? await basesBelow(path) : []) {
    const below = await search(base, true);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** So many bytes at the beginning are hardly the same in two logs by chance: times and ids are among them. */
const tellingBytes = 256;

/** Logs of one program may begin with the same line. A copy was made later than what it is a copy of was written. */
function canBeCopy({ bornNs }: Neighbor, head: Head, madeAfterNs = 0n): boolean {
  return head.length >= tellingBytes || bornNs === undefined || bornNs >= madeAfterNs;
}

/** A file that left the path. */
export interface Left {
  id: string;
  mtimeNs: bigint;
  /** Finds it again where it was compressed meanwhile. */
  head: Head;
  /** All of it, where that is known. */
  size?: bigint;
  /** Where it was last, where that is known. */
  path?: string;
  /** Of one that was removed, ids of copies. */
  copies?: ReadonlySet<string>;
}

/** Of a time at which there was nothing there is no file to be found. */
function canBeFound({ id, head }: Left): boolean {
  return id !== '' || head.length > 0;
}

/** A file that came after another one. */
export interface Successor extends Neighbor {
  /** It is packed in a way that can't be undone here. */
  isUnreadable?: true;
}

/**
 * The files that had this path after one that has left it and before the one that has it now, oldest first: named by
 * the same scheme as the one that left, and last written later. Rotating keeps the time of the last write, whatever the
 * scheme is. Compressing may not, so a compressed one has to have a newer name as well. All of them are of one listing:
 * a file that is read, and one that can't be, may become the other at any time. Undefined while rotating goes on too
 * quickly for a look at all of them.
 */
export function successors(
  path: string,
  left: Left,
  isKnown: (file: Neighbor) => boolean | Promise<boolean>,
): Promise<Successor[] | undefined> {
  const search = (base: string, isBelow: boolean) => successorsAt(base, left, isKnown, isBelow);
  const mayBeBelow = canBeFound(left);
  return uncrossed(async () => {
    return (await whereverRotated(path, search, mayBeBelow)) ?? (await besideLeft(path, left, search)) ?? [];
  });
}

/** Where it has been moved to a directory that is known of an open file only: logrotate's `olddir` may be anywhere. */
async function besideLeft(
  path: string,
  left: Left,
  search: (base: string, isBelow: boolean) => Promise<Successor[] | undefined>,
): Promise<Successor[] | undefined> {
  if (left.path === undefined) return undefined;
  const directory = dirname(left.path);
  const bases = [path, (await targetOf(path)) ?? path];
  if (bases.some((base) => dirname(base) === directory)) return undefined;
  for (const base of bases) {
    const there = join(directory, basename(base));
    // Of a log of that name they would be, and not of this one.
    const found = (await presenceAt(there)).type === 'none' ? await search(there, true) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Undefined where there is none, and that which left is not there either. */
async function successorsAt(
  path: string,
  left: Left,
  isKnown: (file: Neighbor) => boolean | Promise<boolean>,
  isBelow: boolean,
): Promise<Successor[] | undefined> {
  const { family, leftNow } = await schemeFamily(path, left, isBelow);
  if (isBelow && leftNow === undefined) return undefined;
  const at = family.findIndex((one) => one.id === left.id);
  const isMadeOfRead = await processedOf(family, path, left, leftNow);
  const found = new Map<string, Successor>();
  for (const [index, one] of family.entries()) {
    if (one.id === left.id || one.id === leftNow?.id) continue;
    if (isCompressed(one.path)) {
      if (!isCompressedLater(one, left, leftNow, path)) continue;
    } else if (one.mtimeNs === left.mtimeNs ? at !== -1 && index < at : isWrittenBefore(one, left)) {
      continue;
    }
    if (mayBeProcessed(one.path) && (await isMadeOfRead(one))) continue;
    // A rotation that links before it unlinks has two names for a file meanwhile.
    if (found.has(one.id) || (await isKnown(one))) continue;
    found.set(one.id, (await isReadable(one)) ? one : { ...one, isUnreadable: true });
  }
  return found.size > 0 || leftNow !== undefined ? [...found.values()] : undefined;
}

/** Tells which files are what a program has made of text that was read. */
async function processedOf(
  family: Neighbor[],
  path: string,
  left: Left,
  leftNow: Neighbor | undefined,
): Promise<(one: Neighbor) => Promise<boolean>> {
  const some = leftNow === undefined ? family.filter((one) => mayBeProcessed(one.path)) : [];
  const made = some.length > 0 ? await madeOf(some, path, left) : undefined;
  return (one) => isProcessed(one, path, left, leftNow, made);
}

/**
 * The files that the rotation made which made one of `left`: the name that it has now says how they are named. Where it
 * is gone, they are those schemes of which a file was renamed after it was last written. `worker-2.log` beside
 * `worker.log` is neither.
 */
async function schemeFamily(
  path: string,
  left: Left,
  isBelow: boolean,
): Promise<{ family: Neighbor[]; leftNow: Neighbor | undefined }> {
  const all = await rotated(path, isBelow);
  const scheme = (one: Neighbor) => schemeOf(basename(one.path), basename(path));
  const leftNow =
    all.find((one) => one.id === left.id) ??
    (await compressedAt(path, isBelow, left.head, { madeAfterNs: left.mtimeNs })) ??
    all.find((one) => left.copies?.has(one.id));
  const evident = leftNow === undefined ? all.filter((one) => isEvidentlyRotated(one, left, scheme(one))) : [leftNow];
  const schemes = new Set(evident.map(scheme));
  // Of one that was written to after its renaming the times are those of a file under its own name.
  const isNewer = (one: Neighbor) => leftNow && isNewerByName(one.path, leftNow.path, basename(path)) === true;
  const family = all.filter((one) => {
    if (!schemes.has(scheme(one))) return false;
    return one.id === left.id || isNumbered(scheme(one)) || isNewer(one) || !wasBesideIt(one, left);
  });
  return { family, leftNow };
}

/** Positions have times in microseconds, rounded up: what was made in the last one was written after that. */
function isWrittenBefore({ mtimeNs, bornNs }: Neighbor, left: Left): boolean {
  return mtimeNs < left.mtimeNs && (bornNs === undefined || bornNs < left.mtimeNs - positionStepNs);
}

const positionStepNs = 1001n;

/** It was there before the other one was last written, under the name that it has. */
function wasBesideIt({ mtimeNs, ctimeNs, bornNs }: Neighbor, left: Left): boolean {
  return bornNs !== undefined && bornNs < left.mtimeNs && ctimeNs === mtimeNs;
}

/**
 * A name that is complete and has a number after it is no name to write to, and neither is a time of multilog. Of such
 * a file its times prove nothing: one that copytruncate emptied is as old as the log, and clocks tick in steps of 4 ms,
 * within which a file is written to and renamed.
 */
function isNumbered(scheme: string | undefined): boolean {
  return scheme === 'after.n' || scheme === 'tai64n';
}

/** A file that is written under its own name has the time of its last write also as that of its last change. */
function isEvidentlyRotated(one: Neighbor, left: Left, scheme: string | undefined): boolean {
  const { mtimeNs, ctimeNs, bornNs } = one;
  // Compressing changes the times of any file.
  if (isCompressed(one.path)) return scheme?.startsWith('after') === true;
  if (isNumbered(scheme)) return !isWrittenBefore(one, left);
  if (bornNs !== undefined && bornNs < left.mtimeNs - secondNs) return false;
  return ctimeNs > mtimeNs;
}

async function isReadable(one: Neighbor): Promise<boolean> {
  if (isCompressed(one.path)) return isUnpackable(one);
  return !mayBeProcessed(one.path) || !(await isUnreadable(one));
}

async function isUnpackable(one: Neighbor): Promise<boolean> {
  const isSo = await withListed(one, (handle, stats) => {
    requireMade(stats);
    return canBeUnpacked(handle, one.path);
  });
  return isSo === true;
}

/**
 * The newest compressed file whose text begins so, written at `sinceNs` at the earliest. `madeAfterNs` as for a copy.
 */
export function findCompressed(path: string, head: Head, made: Made): Promise<Neighbor | undefined> {
  return uncrossed(() => searchCompressed(path, head, made));
}

interface Made {
  sinceNs?: bigint;
  madeAfterNs?: bigint | undefined;
}

function searchCompressed(path: string, head: Head, made: Made): Promise<Neighbor | undefined> {
  return whereverRotated(path, (base, isBelow) => compressedAt(base, isBelow, head, made));
}

async function compressedAt(
  base: string,
  isBelow: boolean,
  head: Head,
  { sinceNs = 0n, madeAfterNs }: Made,
): Promise<Neighbor | undefined> {
  // An empty head would fit any file.
  if (head.length === 0) return undefined;
  const family = await rotated(base, isBelow);
  for (const neighbor of family.reverse()) {
    const mayBePacked = isCompressed(neighbor.path) || mayBeProcessed(neighbor.path);
    if (!mayBePacked || neighbor.mtimeNs < sinceNs) continue;
    if (!canBeCopy(neighbor, head, madeAfterNs)) continue;
    const theirs = await withListed(neighbor, (handle) => readUnpackedHead(handle, neighbor.path, head.length));
    if (theirs?.length === head.length && theirs.crc === head.crc) return neighbor;
  }
  return undefined;
}

/**
 * Oldest first, by the last write; where that doesn't tell (clocks tick in steps of 4 ms) by the name. Names of two
 * schemes don't tell either: `app.1.log` and `app.1234567.log` are compared with others of their own kind only, or
 * there would be no order in which all are. Names of multilog and svlogd always tell: what a program makes of a file is
 * written last.
 */
export function byAge(a: Neighbor, b: Neighbor, base: string): number {
  if (a.mtimeNs === b.mtimeNs || mayHaveProducts(base)) return byName(a, b, base);
  return a.mtimeNs < b.mtimeNs ? -1 : 1;
}

function byName(a: Neighbor, b: Neighbor, base: string): number {
  const [schemeOfA = '', schemeOfB = ''] = [a, b].map(({ path }) => schemeOf(basename(path), base));
  if (schemeOfA !== schemeOfB) return schemeOfA < schemeOfB ? -1 : 1;
  if (isNewerByName(a.path, b.path, base)) return 1;
  if (isNewerByName(b.path, a.path, base)) return -1;
  return a.path < b.path ? -1 : 1;
}

async function rotated(path: string, isBelow: boolean): Promise<Neighbor[]> {
  const family = await rotatedFiles(path, isBelow);
  // Of a file that is being compressed, or processed, there are two for a while, and only one is known to be whole.
  const paths = new Set(family.map((one) => one.path));
  const products = new Set(
    family.flatMap(({ path: of }) => productsOf(basename(of)).map((name) => join(dirname(of), name))),
  );
  const whole = family.filter(
    (one) => !products.has(one.path) && (!isCompressed(one.path) || !paths.has(withoutCompression(one.path))),
  );
  return whole.sort((a, b) => byAge(a, b, basename(path)));
}

/**
 * Whether a compressed file is made of an open one, or was: it holds the same, and was begun after that was last
 * written. A program that compresses its log as it rotates (Python's handlers) removes the log only then.
 */
export async function isPackedIn(one: Neighbor, handle: FileHandle): Promise<boolean> {
  if (!isCompressed(one.path)) return false;
  const { mtimeNs } = await handle.stat({ bigint: true });
  if (one.bornNs !== undefined && one.bornNs + clockStepNs < mtimeNs) return false;
  return (await uncrossed(() => withListed(one, (packed) => holdsTextOf(packed, one.path, handle)))) === true;
}

/** Times are those of the kernel's last tick, some milliseconds ago. */
const clockStepNs = 20_000_000n;

/** Some compressors keep the time of the last write to the second only, others don't keep it: the name has to agree. */
function isCompressedLater(one: Neighbor, left: Left, leftNow: Neighbor | undefined, path: string): boolean {
  const isNewer = leftNow && isNewerByName(one.path, leftNow.path, basename(path));
  if (isNewer === undefined) return one.mtimeNs > left.mtimeNs;
  return isNewer && one.mtimeNs + secondNs > left.mtimeNs;
}

const secondNs = 1_000_000_000n;

/** The path of the position may have been a link to a compressed file. */
async function holds(
  handle: FileHandle,
  stats: BigIntStats,
  position: Omit<FilePosition, 'source'>,
  at: string,
): Promise<boolean> {
  if (await fits(handle, stats, position)) return true;
  const { head, path } = position;
  const target = at === path ? await targetOf(path) : at;
  if (target === undefined || !isCompressed(target) || head.length === 0) return false;
  const theirs = await readUnpackedHead(handle, target, head.length);
  return theirs?.length === head.length && theirs.crc === head.crc;
}

async function fits(
  handle: FileHandle,
  stats: BigIntStats,
  { offset, head, writtenAtUs }: Pick<FilePosition, 'offset' | 'head' | 'writtenAtUs'>,
): Promise<boolean> {
  // Any file has an empty head. One that was made after ours was last written has its inode, but is another one.
  if (head.length === 0 && writtenAtUs !== undefined && stats.birthtimeNs > BigInt(writtenAtUs) * 1000n) return false;
  return stats.size >= BigInt(offset) && (await hasHead(handle, head)) && !(await isHole(handle, offset));
}

/**
 * Whether NULs stand before the offset (two of them: UTF-16 has a NUL in each line end). A writer without O_APPEND
 * leaves them where its text was when the file is cut, and then all such files have the same head.
 */
async function isHole(handle: FileHandle, offset: number): Promise<boolean> {
  if (offset < 2) return false;
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(2), 0, 2, offset - 2);
  return bytesRead === 2 && buffer[0] === 0 && buffer[1] === 0;
}
