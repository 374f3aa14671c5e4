import { lstatSync, type Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createPace, type Pace } from '../../../system/pace.ts';
import { errorCode } from '../../../words/errors.ts';
import { createOffsets, type Offsets } from './offsets.ts';
import { createSharedHandle, type SharedHandle } from './shared-handle.ts';

/** One file of a journal: batches whose first id is its name. */
export interface Segment {
  /** Id of its first line, and of the next line while it is empty. */
  readonly firstId: number;
  readonly path: string;
  /** Bytes in whole batches (and damage between them); what comes after it is not part of the journal. */
  size: number;
  /** Its file's inode when it was listed, 0 when it was begun here: another one means that the file was made again. */
  inode: number;
  /** What is remembered of its file's batches; begun anew when that is another one. */
  offsets: Offsets;
  /** For reading. Replaced when the file was removed and made again. */
  handle: SharedHandle;
}

const segmentPattern = /^(\d{12,16})\.sse$/;

export function segmentName(firstId: number): string {
  return `${String(firstId).padStart(12, '0')}.sse`;
}

/** The id in a segment's file name, undefined when it is not the name of a segment. */
function segmentFirstId(name: string): number | undefined {
  const digits = segmentPattern.exec(name)?.[1];
  const id = digits === undefined ? 0 : Number(digits);
  return id >= 1 && name === segmentName(id) ? id : undefined;
}

export function createSegment(dir: string, firstId: number, size: number, inode = 0): Segment {
  const path = join(dir, segmentName(firstId));
  return { firstId, path, size, inode, offsets: createOffsets(firstId), handle: createSharedHandle(path) };
}

/** The segments in a log's directory, oldest first, with the size of their files. No directory: none. */
export async function listSegments(dir: string): Promise<Segment[]> {
  const pace = createPace();
  // One after the other, each of a large log's would wait for the thread pool where it has to go there.
  const found = await Promise.all((await namesIn(dir)).map((name) => segmentNamed(dir, name, pace)));
  return found.filter((segment) => segment !== undefined).sort((a, b) => a.firstId - b.firstId);
}

async function segmentNamed(dir: string, name: string, pace: Pace): Promise<Segment | undefined> {
  const firstId = segmentFirstId(name);
  if (firstId === undefined) return undefined;
  const path = join(dir, name);
  const found = pace.isQuick ? pace.run(() => lstatSync(path, { throwIfNoEntry: false })) : await lstatIfThere(path);
  return found?.isFile() ? createSegment(dir, firstId, found.size, found.ino) : undefined;
}

/** The segment in which `id` would stand: the last one whose first id is not past it. Oldest first. */
export function segmentFor(segments: readonly Segment[], id: number): Segment | undefined {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle] as Segment).firstId <= id) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1];
}

/** Id of the first line kept in these segments; `lastId + 1` when there is none. */
export function firstIdOf(segments: readonly Segment[], lastId: number): number {
  return Math.min(segments[0]?.firstId ?? lastId + 1, lastId + 1);
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
