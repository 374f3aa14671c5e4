import { setTimeout as sleep } from 'node:timers/promises';
import { excerptOf } from '../../../frame/excerpt.ts';
import type { BlockOrGap, Cursor } from '../../journal.ts';
import type { StoredBatch } from '../cluster/log-subject.ts';
import { createReadAhead, discard, enoughFirstBytes, type ReadyBatches } from './read-ahead.ts';

/** What cursors need to know of their journal, read anew at every step. */
export interface CursorScope {
  readonly firstId: number;
  readonly lastId: number;
  readonly closed: boolean;
  /** A block is no larger than this, unless a batch is. */
  readonly mostBlockBytes: number;
  /** The batch that holds a line, up to where there is none, or `wait` where it is still to come. */
  find(id: number): Promise<StoredBatch | { goneUpTo: number } | 'wait'>;
  /** Some batches after another one, in their order; none where there is none, or where a gap comes first. */
  after(batch: StoredBatch): Promise<StoredBatch[]>;
  unpack(batches: readonly StoredBatch[]): ReadyBatches;
}

/** As large as pays. */
export const blockBytes = 768 * 1024;
const firstRetryMs = 50;
const lastRetryMs = 1000;

/** A cluster that does not answer is waited for: lines are given, told as gone, or late, and never left out. */
export function createNatsCursor(scope: CursorScope, fromId: number, toId = Number.POSITIVE_INFINITY): Cursor {
  let nextId = Math.max(1, fromId);
  const ahead = createReadAhead({
    after: scope.after,
    unpack: scope.unpack,
    mostBlockBytes: Math.min(blockBytes, scope.mostBlockBytes),
    lastWanted: () => limit(),
  });
  let closed = false;
  let seeks = 0;

  const ended = () => closed || scope.closed;
  const limit = () => Math.min(toId, scope.lastId);

  async function next(): Promise<BlockOrGap | undefined> {
    let retryMs = firstRetryMs;
    while (!ended() && nextId <= limit()) {
      const turn = seeks;
      // Whoever is no longer there, or elsewhere, reads no further.
      const isStale = () => ended() || seeks !== turn;
      const step = await readAt(nextId, isStale).catch(() => 'wait' as const);
      if (isStale()) {
        if (step !== 'wait' && step.type === 'block') step.release?.();
        continue;
      }
      if (step === 'wait') {
        await sleep(retryMs);
        retryMs = Math.min(retryMs * 2, lastRetryMs);
        continue;
      }
      nextId = (step.type === 'gap' ? step.to : step.lastId) + 1;
      return step;
    }
    return undefined;
  }

  async function readAt(id: number, isStale: () => boolean): Promise<BlockOrGap | 'wait'> {
    const to = limit();
    if (id < scope.firstId)
      return { type: 'gap', from: id, to: Math.min(scope.firstId - 1, toId), reason: 'retention' };
    const ready = (await takeAhead(id, isStale)) ?? (await begin(id, to, isStale));
    if (ready === 'wait') return 'wait';
    if ('goneUpTo' in ready) return { type: 'gap', from: id, to: Math.min(ready.goneUpTo, toId), reason: 'retention' };
    const { batches, unpacked } = ready;
    const [{ firstId, lastId }] = batches as [StoredBatch];
    const events = await unpacked;
    const last = batches[events.count - 1];
    if (last === undefined) {
      events.release();
      return { type: 'gap', from: id, to: Math.min(lastId, toId), reason: 'damage' };
    }
    const { bytes, release } = events;
    return { type: 'block', ...excerptOf({ bytes, firstId, lastId: last.lastId }, id, to), release };
  }

  async function takeAhead(id: number, isStale: () => boolean): Promise<ReadyBatches | 'wait' | undefined> {
    const ready = await ahead.take(id);
    if (!isStale()) return ready;
    if (ready !== undefined) discard(ready);
    return 'wait';
  }

  /** Where the reader has not read on: the batch that holds a line, with those after it as far as they make a block. */
  async function begin(
    id: number,
    to: number,
    isStale: () => boolean,
  ): Promise<ReadyBatches | { goneUpTo: number } | 'wait'> {
    const first = await scope.find(id);
    if (isStale() || first === 'wait') return 'wait';
    if ('goneUpTo' in first) return first;
    // A page has its lines with it.
    if (first.lastId >= to) return scope.unpack([first]);
    if (first.length < enoughFirstBytes) {
      ahead.beginWith(first);
      return (await takeAhead(first.firstId, isStale)) ?? scope.unpack([first]);
    }
    ahead.begin(first);
    return scope.unpack([first]);
  }

  return {
    get nextId() {
      return nextId;
    },
    next,
    seek(id) {
      if (id === nextId) return;
      nextId = id;
      seeks++;
      ahead.drop();
    },
    rest: ahead.drop,
    close() {
      closed = true;
      ahead.drop();
    },
  };
}
