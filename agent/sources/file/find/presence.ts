import { type BigIntStats, statSync } from 'node:fs';
import { type FileHandle, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fsPath, rawText } from '../../../words/raw-text.ts';
import { type Absence, absenceFor } from './absence.ts';
import { fileId } from './fingerprint.ts';

/** What is at a path now. */
export type Presence = { type: 'file'; id: string; stats: BigIntStats } | PipePresence | Absence;

/** A FIFO, a device, a socket, or standard input by its path. */
export interface PipePresence {
  type: 'pipe';
  id: string;
  isFifo: boolean;
}

export async function presenceAt(path: string): Promise<Presence> {
  try {
    return presenceOf(await stat(fsPath(path), { bigint: true }));
  } catch (error) {
    return failureAt(path, error);
  }
}

/** The same without a wait, in a tenth of the time: for a path that something happened to just now. */
export function presenceNow(path: string): Presence {
  try {
    return presenceOf(statSync(fsPath(path), { bigint: true }));
  } catch (error) {
    return failureAt(path, error);
  }
}

function presenceOf(stats: BigIntStats): Presence {
  if (stats.isFile()) return { type: 'file', id: fileId(stats), stats };
  if (stats.isDirectory()) return { type: 'none', why: 'directory', code: 'EISDIR' };
  return { type: 'pipe', id: fileId(stats), isFifo: stats.isFIFO() };
}

function failureAt(path: string, error: unknown): Presence {
  return isStdinPath(path) ? { type: 'pipe', id: 'stdin', isFifo: false } : absenceFor(error);
}

/** Whether the path means this process's own standard input, however it is spelled. */
export function isStdinPath(path: string): boolean {
  return /^\/(dev\/stdin|(dev|proc\/self)\/fd\/0)$/.test(path);
}

/**
 * Whether the file at the path can be written under another name or in another directory: a hard link, a symlink's
 * target.
 */
export async function isWrittenElsewhere(path: string, { nlink }: BigIntStats): Promise<boolean> {
  if (nlink > 1n) return true;
  try {
    return (await rawRealpath(path)) !== join(await rawRealpath(dirname(path)), basename(path));
  } catch {
    return false;
  }
}

/** Where an open file is, or was when it was removed; undefined where the system does not tell. */
export async function pathOfOpen({ fd }: FileHandle): Promise<string | undefined> {
  try {
    return rawText(await readlink(`/proc/self/fd/${fd}`, 'buffer')).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

/** Where a path leads to, in raw text as the path is. */
export async function rawRealpath(path: string): Promise<string> {
  return rawText(await realpath(fsPath(path), 'buffer'));
}
