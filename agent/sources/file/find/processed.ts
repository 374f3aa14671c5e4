import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fsPath } from '../../../words/raw-text.ts';
import { canBeUnpacked, isPacked } from './compression.ts';
import { type Neighbor, withListed } from './directory-files.ts';
import { type Head, hasHead } from './fingerprint.ts';
import { isNewerByName, mayBeProcessed } from './rotated-name.ts';

/** What had the path last, of those that were read. */
interface Read {
  id: string;
  mtimeNs: bigint;
  head: Head;
  size?: bigint | undefined;
  path?: string | undefined;
}

/**
 * multilog, svlogd and s6-log can hand each file that they rotate to a program, and keep what that makes of it in its
 * place: another file, with such a name as well, and written last. Whether `one` is such a file, of text that was read,
 * as far as can be told.
 *
 * @param path of the log
 * @param leftNow the file that was read where it is still there: what it is made into has no newer name
 * @param made what `madeOf` it
 */
export async function isProcessed(
  one: Neighbor,
  path: string,
  left: Read,
  leftNow: Neighbor | undefined,
  made: Neighbor | undefined,
): Promise<boolean> {
  const itsPath = leftNow?.path ?? (hasStamp(left.path) ? left.path : undefined);
  // svlogd begins to process a file while the next one is written, or is full already: its name tells, its times don't.
  if (itsPath !== undefined) return isNewerByName(one.path, itsPath, basename(path)) !== true;
  if (one.bornNs !== undefined && one.bornNs < left.mtimeNs) return true;
  if (made !== undefined) return made.id === one.id;
  const isIt = await withListed(one, async (handle, { size }) => {
    return (
      (await isPacked(handle)) || (left.head.length > 0 && size === left.size && (await hasHead(handle, left.head)))
    );
  });
  return isIt === true;
}

function hasStamp(path = ''): path is string {
  return basename(path).startsWith('@');
}

/** Whether a file that came after one that is gone may be what a program has made of that. */
export async function mayBeMadeOf(
  one: Neighbor | undefined,
  path: string,
  { mtimeNs }: Pick<Read, 'mtimeNs'>,
): Promise<boolean> {
  return one !== undefined && mayBeProcessed(one.path) && (await hasStateSince(path, mtimeNs));
}

/** Whether it is packed in a way that can't be undone here. */
export async function isUnreadable(one: Neighbor): Promise<boolean> {
  const isSo = await withListed(
    one,
    async (handle) => (await isPacked(handle)) && !(await canBeUnpacked(handle, one.path)),
  );
  return isSo === true;
}

/**
 * What a program has made of a file that was read to its end and is gone, whatever that is: times in the zone of the
 * reader, a part of the lines, packed. With it comes a new `state` of the program, and the name is the oldest one.
 *
 * @param family what was rotated
 */
export async function madeOf(
  family: readonly Neighbor[],
  path: string,
  { id, mtimeNs }: Read,
): Promise<Neighbor | undefined> {
  // Where an earlier run has read it, its rest is in what was made of it.
  if (id === '') return undefined;
  const isBeingNamed = family.some((one) => /^processed$|\.t$/.test(basename(one.path)));
  if (!isBeingNamed && !(await hasStateSince(path, mtimeNs))) return undefined;
  const later = family.filter((one) => one.mtimeNs >= mtimeNs && (one.bornNs === undefined || one.bornNs >= mtimeNs));
  const base = basename(path);
  return later.reduce<Neighbor | undefined>(
    (oldest, one) => (oldest === undefined || isNewerByName(oldest.path, one.path, base) ? one : oldest),
    undefined,
  );
}

/** svlogd renames the new state last, when what was read is gone. */
async function hasStateSince(path: string, sinceNs: bigint): Promise<boolean> {
  for (const name of ['newstate', 'state']) {
    try {
      if ((await stat(fsPath(join(dirname(path), name)), { bigint: true })).ctimeNs >= sinceNs) return true;
    } catch {
      // There is none now.
    }
  }
  return false;
}
