import type { StoredBatch } from './cluster/log-subject.ts';
import type { Extent } from './extent.ts';
import type { BatchFinder } from './read/batch-finder.ts';
import { isBatch } from './read/batch-index.ts';
import type { CursorScope } from './read/nats-cursor.ts';
import type { Steps } from './steps.ts';

export interface CursorScopeOptions {
  extent: Extent;
  finder: BatchFinder;
  steps: Steps;
  mostBlockBytes: number;
  /** Takes in what the stream holds by now. */
  refresh(): Promise<void>;
}

/** What cursors read: the lines that are known, and where one is missing, what has become of it meanwhile. */
export function createCursorScope({ extent, finder, steps, mostBlockBytes, refresh }: CursorScopeOptions): CursorScope {
  async function find(id: number): Promise<StoredBatch | { goneUpTo: number } | 'wait'> {
    const { first, last } = extent;
    if (first === undefined || last === undefined || id > last.lastId) {
      if (!extent.isRefilling) return { goneUpTo: extent.lastId };
      // Whoever only reads is not passed on what comes back.
      await refresh();
      return 'wait';
    }
    if (id < first.firstId) return { goneUpTo: first.firstId - 1 };
    const found = await finder.find(id, { first, last });
    if (found !== 'stale' && (isBatch(found) || found.goneUpTo < extent.lastId)) return found;
    // Retention may have moved on, or the stream has lost its end.
    await refresh();
    return 'wait';
  }

  return {
    get firstId() {
      return extent.firstId;
    },
    get lastId() {
      return extent.lastId;
    },
    get closed() {
      return steps.closed;
    },
    mostBlockBytes,
    find,
    after: finder.after,
    unpack: finder.unpack,
  };
}
