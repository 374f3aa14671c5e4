import type { Segment } from '../segment/segment.ts';
import { removeSegmentFile } from '../segment/survey-file.ts';

/** Removes the oldest segments of a journal, one after the other. */
export interface SegmentRetention {
  /** Makes room: called when a segment is begun, and when the newest has become larger than a segment. */
  retain(): void;
  /** See `FileJournal.dropOldest`. */
  dropOldest(firstId?: number): Promise<number | undefined>;
  /** Resolves when what was begun is done. */
  settled(): Promise<unknown>;
}

/** @param segments of the journal, oldest first; one that is removed is taken out of it */
export function createSegmentRetention(
  segments: Segment[],
  { segmentBytes, retainBytes }: { segmentBytes: number; retainBytes: number },
): SegmentRetention {
  let dropping: Promise<unknown> = Promise.resolve();

  async function removeOldest(newestFirstId = Number.POSITIVE_INFINITY): Promise<number | undefined> {
    const oldest = segments.length > 1 ? segments[0] : undefined;
    if (oldest === undefined || oldest.firstId > newestFirstId) return undefined;
    const isRemoved = await removeSegmentFile(oldest.path).then(
      () => true,
      () => false,
    );
    if (!isRemoved) return undefined;
    const at = segments.indexOf(oldest);
    if (at !== -1) segments.splice(at, 1);
    return oldest.size;
  }

  /** With the newest as large as it will be. */
  function expectedBytes(): number {
    const newestBytes = segments.at(-1)?.size ?? 0;
    const olderBytes = segments.slice(0, -1).reduce((sum, { size }) => sum + size, 0);
    return olderBytes + Math.max(segmentBytes, newestBytes);
  }

  return {
    retain() {
      // Whether there is need for a removal is only known when the ones before it are done.
      dropping = dropping.then(async () => {
        while (expectedBytes() > retainBytes && (await removeOldest()) !== undefined);
      });
    },
    dropOldest(firstId) {
      const dropped = dropping.then(() => removeOldest(firstId));
      dropping = dropped;
      return dropped;
    },
    settled: () => dropping,
  };
}
