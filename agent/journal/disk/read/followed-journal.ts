import { access } from 'node:fs/promises';
import { createListeners } from '../../../system/listeners.ts';
import type { Pace } from '../../../system/pace.ts';
import { errorCode, SseTailError } from '../../../words/errors.ts';
import type { Damage, Journal, JournalListener } from '../../journal.ts';
import { unreadTrouble } from '../../trouble.ts';
import { firstWholeBatch, joinEvents, lastBoundary, leadingBatches, verifiedBatches } from '../segment/batches.ts';
import { createOffsets } from '../segment/offsets.ts';
import { firstIdOf, listSegments, type Segment } from '../segment/segment.ts';
import { createSharedHandle, readFully } from '../segment/shared-handle.ts';
import { readTail, type Tail } from '../segment/tail.ts';
import { createDamageReport } from './damage-report.ts';
import { createFileCursor } from './file-cursor.ts';

/** A journal on disk that another process writes, or nobody any more: for reading only. */
export interface FollowedJournal extends Journal {
  /** Takes in what the directory holds by now and announces it. Never rejects. */
  refresh(): Promise<void>;
}

const blockBytes = 512 * 1024;

/**
 * Nothing is changed on disk. A batch counts once its trailer is complete and verifies, so half-written ones are not
 * seen. It learns of news by `refresh` only.
 *
 * @param onDamage told once for each place, without a subscription
 * @param pace of a thread that does nothing else: see `CursorScope`
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a refresh and all readers share the segments.
export async function openFollowedJournal(
  dir: string,
  onDamage: (damage: Damage) => void = () => {},
  pace?: Pace,
): Promise<FollowedJournal> {
  const segments: Segment[] = [];
  const listeners = createListeners<JournalListener>();
  let lastId = 0;
  let closed = false;
  let refreshing: Promise<void> | undefined;
  let again = false;
  let unread: string | undefined;

  const scope = {
    segments,
    pace,
    get firstId() {
      return firstIdOf(segments, lastId);
    },
    get lastId() {
      return lastId;
    },
    get closed() {
      return closed;
    },
    damaged: createDamageReport((damage) => {
      onDamage(damage);
      for (const listener of listeners) listener.onDamage?.(damage);
    }),
    async vanished(segment: Segment) {
      // Retention, and whoever removes the log, may have taken those before it too. Readers may hold them open.
      const older = segments.filter(({ firstId }) => firstId < segment.firstId);
      const remaining = await Promise.all(older.map(({ path }) => isThere(path)));
      const gone = new Set([segment, ...older.filter((_, at) => !remaining[at])]);
      segments.splice(0, segments.length, ...segments.filter((one) => !gone.has(one)));
    },
  };

  /** One at a time; a call during one makes it look once more, as what it has seen may be older than the call. */
  function refresh(): Promise<void> {
    again = true;
    refreshing ??= refreshAll().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  async function refreshAll(): Promise<void> {
    while (again && !closed) {
      again = false;
      // A directory or file that is gone or can't be read now is looked at again the next time.
      await takeIn().then(
        () => sayUnread(undefined),
        (error) => sayUnread(errorCode(error) === 'ENOENT' ? undefined : unreadTrouble(error)),
      );
    }
  }

  function sayUnread(next: string | undefined): void {
    if (next === unread) return;
    unread = next;
    for (const listener of listeners) listener.onTrouble?.(unread);
  }

  async function takeIn(): Promise<void> {
    const newest = segments.at(-1);
    const found = await listSegments(dir);
    const files = new Map(found.map((segment) => [segment.firstId, segment]));
    const remaining = segments.filter((segment) => files.has(segment.firstId));
    segments.splice(0, segments.length, ...remaining);
    for (const segment of remaining) followFile(segment, files.get(segment.firstId) as Segment);
    const begun = found.filter((segment) => newest === undefined || segment.firstId > newest.firstId);
    if (newest === undefined) return begin(begun);
    const newestFile = files.get(newest.firstId);
    if (newestFile !== undefined) await growTo(newest, newestFile.size, begun.length > 0);
    for (const [index, segment] of begun.entries()) {
      const { size } = segment;
      segment.size = 0;
      lastId = Math.max(lastId, segment.firstId - 1);
      segments.push(segment);
      await growTo(segment, size, index < begun.length - 1);
    }
  }

  /** The first look: only the newest segment's end is read. */
  async function begin(found: Segment[]): Promise<void> {
    const newest = found.at(-1);
    if (newest === undefined) return;
    const tail = await tailOf(newest).catch((error) => {
      if (errorCode(error) === 'ENOENT') throw error;
      // What is before it can be read all the same.
      segments.push(...found);
      newest.size = 0;
      lastId = newest.firstId - 1;
      throw error;
    });
    if (tail.state !== 'damaged') newest.size = tail.end;
    segments.push(...found);
    lastId = tail.damagedLastId;
  }

  /**
   * Takes in the batches between what is known of a segment and its file's size, and announces them. A segment that is
   * `ended` gets nothing more: what is left in it is damage.
   */
  async function growTo(segment: Segment, fileSize: number, ended: boolean): Promise<void> {
    if (fileSize <= segment.size) return;
    const handle = await segment.handle.acquire();
    try {
      for (let wanted = blockBytes; segment.size < fileSize; ) {
        const bytes = Buffer.allocUnsafeSlow(Math.min(wanted, fileSize - segment.size));
        const length = await readFully(handle, bytes, bytes.length, segment.size);
        if (takeBatches(segment, bytes.subarray(0, length))) wanted = blockBytes;
        else if (length < wanted) break;
        else wanted *= 2;
      }
    } finally {
      segment.handle.release();
    }
    if (ended) segment.size = fileSize;
  }

  /** Whether there was a whole batch at the start of `bytes`, or after damage there. */
  function takeBatches(segment: Segment, bytes: Buffer): boolean {
    const end = lastBoundary(bytes, 0, bytes.length);
    if (end === undefined) return false;
    const whole = verifiedBatches(bytes, 0, end);
    const nextId = lastId + 1;
    const batches = whole?.firstId === nextId ? whole : leadingBatches(bytes, 0, bytes.length, nextId);
    if (batches === undefined) {
      const later = firstWholeBatch(bytes, 0, bytes.length, nextId);
      if (later === undefined) return false;
      segment.size += later.batchStart;
      lastId = later.firstId - 1;
      return true;
    }
    segment.offsets.add(batches.firstId, segment.size);
    segment.size += batches.end;
    lastId = batches.lastId;
    const events = joinEvents(bytes, batches);
    const block = { bytes: bytes.subarray(events.start, events.end), firstId: batches.firstId, lastId };
    for (const listener of listeners) listener.onBlock?.(block);
    return true;
  }

  await refresh();
  return {
    get firstId() {
      return scope.firstId;
    },
    get lastId() {
      return lastId;
    },
    location: dir,
    get size() {
      return segments.reduce((sum, segment) => sum + segment.size, 0);
    },
    trouble: undefined,
    get unread() {
      return unread;
    },
    positions: new Map(),
    async append() {
      throw new SseTailError('journal', `The journal in ${dir} is open read-only.`);
    },
    read: (fromId, toId) => createFileCursor(scope, fromId, toId),
    subscribe: (listener) => listeners.add(listener),
    refresh,
    async close() {
      closed = true;
      await refreshing;
    },
  };
}

async function tailOf(segment: Segment): Promise<Tail> {
  const handle = await segment.handle.acquire();
  try {
    return await readTail(segment, handle, segment.size);
  } finally {
    segment.handle.release();
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function followFile(segment: Segment, { inode, path }: Segment): void {
  if (inode === segment.inode) return;
  segment.inode = inode;
  segment.handle = createSharedHandle(path);
  segment.offsets = createOffsets(segment.firstId);
}
