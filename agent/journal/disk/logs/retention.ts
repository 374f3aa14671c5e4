import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { listSegments, type Segment } from '../segment/segment.ts';
import { removeSegmentFile } from '../segment/survey-file.ts';
import { lockName } from './followed-log.ts';
import { liveOwner, takeLock } from './lock.ts';
import { recordIfReadable } from './log-file.ts';
import { isPersistent, readLogIndex } from './log-index.ts';
import { logIdsIn } from './state-dir.ts';

export const defaultRetainAllBytes = 10 * 1024 * 1024 * 1024;

/** No log id begins like this. */
const doomedPrefix = '.removed-';

/** A segment that retention may take, and how. */
interface Candidate {
  live: boolean;
  modifiedMs: number;
  bytes: number;
  remove(): Promise<void>;
}

/**
 * Brings a state dir down to `limitBytes`: oldest segments of logs that nobody writes first, then oldest ones of live
 * logs. The newest segment stays where a log is being written or is persistent; any other log goes as a whole with
 * its last one.
 *
 * @param dropOldest removes the oldest segment of a log that this process writes, unless it begins past line `firstId`:
 * its own retention may have been there first; false when it writes no such log
 */
export async function retainAll(
  dir: string,
  limitBytes: number,
  dropOldest: (id: string, firstId: number) => Promise<boolean>,
): Promise<void> {
  await removeDoomed(dir);
  const index = await readLogIndex(dir);
  await index.save().catch(() => undefined);
  let total = 0;
  const candidates: Candidate[] = [];
  for (const id of await logIdsIn(dir)) {
    const directory = join(dir, id);
    // What nobody may look into is no reason to leave the others.
    const segments = await listSegments(directory).catch(() => []);
    if (segments.length === 0) continue;
    total += segments.reduce((sum, segment) => sum + segment.size, 0);
    const live = (await liveOwner(join(directory, lockName))) !== undefined;
    const known = index.get(id);
    const keepsNewest = live || (known === undefined ? await mayBePersistent(directory) : isPersistent(known));
    for (const segment of keepsNewest ? segments.slice(0, -1) : segments) {
      const isLast = segment === segments.at(-1);
      candidates.push({
        live,
        modifiedMs: await modifiedMs(segment),
        bytes: segment.size,
        async remove() {
          if (isLast) await removeUnlessPersistent(directory);
          else if (!(await dropOldest(id, segment.firstId))) await removeSegmentFile(segment.path);
        },
      });
    }
  }
  candidates.sort((a, b) => Number(a.live) - Number(b.live) || a.modifiedMs - b.modifiedMs);
  for (const candidate of candidates) {
    if (total <= limitBytes) return;
    await candidate.remove();
    total -= candidate.bytes;
  }
}

/** An index may be of another log that had this id before. */
async function removeUnlessPersistent(directory: string): Promise<void> {
  if (!(await mayBePersistent(directory))) await removeLog(directory);
}

/** What can't be read may be the record of a persistent one. */
async function mayBePersistent(directory: string): Promise<boolean> {
  const record = await recordIfReadable(directory);
  return record === undefined || record.info.lasting === true;
}

/**
 * Removes a log's directory. It is renamed first, as its lock would not be the last of its files to go.
 *
 * @throws SseTailError kind `locked` while an agent writes it
 */
export async function removeLog(directory: string): Promise<void> {
  const lock = await takeLock(join(directory, lockName));
  const doomed = join(dirname(directory), `${doomedPrefix}${basename(directory)}`);
  try {
    await rm(doomed, { recursive: true, force: true });
    await rename(directory, doomed);
  } finally {
    await lock.release();
  }
  await rm(doomed, { recursive: true, force: true });
}

/** What an interrupted removal left. */
async function removeDoomed(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith(doomedPrefix)) await rm(join(dir, name), { recursive: true, force: true });
  }
}

async function modifiedMs(segment: Segment): Promise<number> {
  return (await stat(segment.path).catch(() => undefined))?.mtimeMs ?? 0;
}
