import { existsSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import type { Batch } from '../../../frame/block.ts';
import { createListeners } from '../../../system/listeners.ts';
import { SseTailError } from '../../../words/errors.ts';
import type { Journal, JournalListener } from '../../journal.ts';
import { createDamageReport } from '../read/damage-report.ts';
import { createFileCursor } from '../read/file-cursor.ts';
import { createRecentBatches } from '../read/recent-batches.ts';
import { firstIdOf, listSegments, type Segment } from '../segment/segment.ts';
import { readTail, type Tail } from '../segment/tail.ts';
import { sealBatch } from '../segment/trailer.ts';
import { createPositionTracker } from './positions.ts';
import { readPositions } from './recovery.ts';
import { createSegmentRetention } from './segment-retention.ts';
import { createSegmentWriter, type Written } from './segment-writer.ts';

/** A journal on disk that this process writes. */
export interface FileJournal extends Journal {
  readonly segments: readonly Segment[];
  /**
   * Removes the oldest segment, unless it is the newest, too, or begins past line `firstId` (where given). Resolves
   * with the bytes freed, undefined when nothing was.
   */
  dropOldest(firstId?: number): Promise<number | undefined>;
}

export interface FileJournalOptions {
  /** The log's directory, which exists. The caller holds its lock. */
  dir: string;
  /** A segment that would grow past this is ended. */
  segmentBytes?: number;
  /** Past this the oldest segments are removed when a segment is begun. */
  retainBytes?: number;
  /** Each batch is on the disk before it is announced. */
  fsync?: boolean;
  /** Makes sure of what else has to stand in the directory: no line is given before that is there. */
  beforeSegment?(): Promise<void>;
  /** A segment was begun. */
  onSegment?(): void;
  /** The directory had been removed while it was written and was made again: what else stood in it is gone. */
  onDirectoryLost?(): void;
}

const defaultSegmentBytes = 64 * 1024 * 1024;
const defaultRetainBytes = 1024 * 1024 * 1024;
const smallestSegmentBytes = 256 * 1024;
/** A log of the smallest `--retain` still has so many segments, so that retention takes it bit by bit. */
const segmentsRetained = 8;

/** Opens the journal in a log's directory for writing: cuts off a torn tail, continues after damage. */
export async function openFileJournal(options: FileJournalOptions): Promise<FileJournal> {
  const { dir, retainBytes = defaultRetainBytes } = options;
  const segmentBytes =
    options.segmentBytes ??
    Math.min(defaultSegmentBytes, Math.max(smallestSegmentBytes, Math.floor(retainBytes / segmentsRetained)));
  const segments = await listSegments(dir);
  const tail = await mendNewest(segments);
  let lastId = tail.damagedLastId;
  const positions = createPositionTracker(await readPositions(segments, tail.end));
  const listeners = createListeners<JournalListener>();
  const retention = createSegmentRetention(segments, { segmentBytes, retainBytes });
  const recent = createRecentBatches();
  let closed = false;
  let trouble: string | undefined;

  const writer = createSegmentWriter({
    dir,
    newest: tail.state === 'damaged' ? undefined : segments.at(-1),
    segmentBytes,
    fsync: options.fsync ?? false,
    beforeSegment: async () => options.beforeSegment?.(),
    onSegment(segment) {
      segments.push(segment);
      retention.retain();
      options.onSegment?.();
    },
    onTrouble(now) {
      trouble = now;
      for (const listener of listeners) listener.onTrouble?.(now);
    },
    onDirectoryLost() {
      keepOnly(segments, (segment) => existsSync(segment.path));
      options.onDirectoryLost?.();
    },
  });

  function append(batch: Batch): Promise<void> | undefined {
    if (closed) return Promise.reject(closedError());
    if (batch.firstId !== lastId + 1) {
      const expected = `the next batch begins with line ${lastId + 1}, not with ${batch.firstId}`;
      return Promise.reject(new RangeError(expected));
    }
    const note = positions.note(batch, writer.beginsSegment(batch.length));
    const bytes = sealBatch(batch, note);
    // A line at a time is announced in the same turn.
    const written = writer.write(bytes, batch.firstId);
    if (written instanceof Promise) return written.then((place) => appended(batch, bytes, place));
    appended(batch, bytes, written);
    return undefined;
  }

  function appended(batch: Batch, bytes: Buffer, { segment, offset }: Written): void {
    segment.offsets.add(batch.firstId, offset);
    segment.size = offset + bytes.length;
    // A batch that is larger than a segment takes more room than was made when the segment was begun.
    if (segment.size > segmentBytes) retention.retain();
    positions.written(batch.positions);
    lastId = batch.lastId;
    // Without its trailer, which is the journal's own business.
    const block = { bytes: bytes.subarray(0, batch.length), firstId: batch.firstId, lastId };
    for (const listener of listeners) listener.onBlock?.(block);
    recent.add(batch);
  }

  const scope = {
    segments,
    get firstId() {
      return firstIdOf(segments, lastId);
    },
    get lastId() {
      return lastId;
    },
    get closed() {
      return closed;
    },
    recent,
    damaged: createDamageReport((damage) => {
      for (const listener of listeners) listener.onDamage?.(damage);
    }),
    async vanished(segment: Segment) {
      await writer.checkDirectory();
      if (!writer.holds(segment)) keepOnly(segments, (other) => other !== segment);
    },
  };

  return {
    get firstId() {
      return scope.firstId;
    },
    get lastId() {
      return lastId;
    },
    location: dir,
    keepsBursts: true,
    get size() {
      return segments.reduce((sum, segment) => sum + segment.size, 0);
    },
    get trouble() {
      return trouble;
    },
    segments,
    positions: positions.current,
    append,
    read: (fromId, toId) => createFileCursor(scope, fromId, toId),
    subscribe(listener) {
      if (trouble !== undefined) listener.onTrouble?.(trouble);
      return listeners.add(listener);
    },
    dropOldest: retention.dropOldest,
    async close() {
      closed = true;
      recent.close();
      await writer.close();
      await retention.settled();
    },
  };
}

/** Cuts a torn tail off the newest segment. Its size, and where the journal ends, are known afterwards. */
async function mendNewest(segments: readonly Segment[]): Promise<Tail> {
  const newest = segments.at(-1);
  if (newest === undefined) return { end: 0, lastId: 0, state: 'clean', damagedLastId: 0 };
  const handle = await newest.handle.acquire();
  try {
    const tail = await readTail(newest, handle, newest.size);
    if (tail.state === 'torn') {
      await truncate(newest.path, tail.end);
      newest.size = tail.end;
    }
    return tail;
  } finally {
    newest.handle.release();
  }
}

function keepOnly(segments: Segment[], wanted: (segment: Segment) => boolean): void {
  const kept = segments.filter(wanted);
  segments.splice(0, segments.length, ...kept);
}

function closedError(): SseTailError {
  return new SseTailError('journal', 'The journal is closed.');
}
