import { setTimeout as sleep } from 'node:timers/promises';
import { startAtFrame } from '../../frame/excerpt.ts';
import { frameEnd } from '../../frame/scan.ts';
import type { BlockOrGap, Cursor } from '../journal.ts';
import type { StoredBatch } from './log-subject.ts';

/** What cursors need to know of their journal, read anew at every step. */
export interface CursorScope {
  readonly firstId: number;
  readonly lastId: number;
  readonly closed: boolean;
  /** A block is no larger than this, unless a batch is. */
  readonly mostBlockBytes: number;
  /** The batch that holds a line, up to where there is none, or `wait` where it is still to come. */
  find(id: number): Promise<StoredBatch | { goneUpTo: number } | 'wait'>;
  /** The first batch after another one whose lines count. */
  after(batch: StoredBatch): Promise<StoredBatch | undefined>;
}

/** The first block is small, for the first line on the screen; later ones are as large as pays. */
const firstBlockBytes = 128 * 1024;
const blockBytes = 768 * 1024;
const firstRetryMs = 50;
const lastRetryMs = 1000;

/** A cluster that does not answer is waited for: lines are given, told as gone, or late, and never left out. */
export function createNatsCursor(scope: CursorScope, fromId: number, toId = Number.POSITIVE_INFINITY): Cursor {
  let nextId = Math.max(1, fromId);
  let wantedBytes = Math.min(firstBlockBytes, scope.mostBlockBytes);
  /** Read one too many for the last block: the next one begins with it. */
  let ahead: StoredBatch | undefined;
  /** The next block, while its reader is busy with the one before. */
  let coming: { id: number; step: Promise<BlockOrGap | 'wait'> } | undefined;
  let closed = false;
  let seeks = 0;
  let blocks = 0;

  const ended = () => closed || scope.closed;
  const limit = () => Math.min(toId, scope.lastId);

  async function next(): Promise<BlockOrGap | undefined> {
    let retryMs = firstRetryMs;
    while (!ended() && nextId <= limit()) {
      const at = { id: nextId, seeks };
      const known = coming?.id === at.id ? coming.step : undefined;
      coming = undefined;
      const step = await (known ?? readSafely(at.id));
      if (ended()) return undefined;
      if (seeks !== at.seeks) continue;
      if (step === 'wait') {
        await sleep(retryMs);
        retryMs = Math.min(retryMs * 2, lastRetryMs);
        continue;
      }
      nextId = (step.type === 'gap' ? step.to : step.lastId) + 1;
      // Not for who has everything, nor for a page that wanted some lines.
      if (nextId <= limit() && blocks++ > 0) coming = { id: nextId, step: readSafely(nextId) };
      return step;
    }
    return undefined;
  }

  function readSafely(id: number): Promise<BlockOrGap | 'wait'> {
    return readAt(id).catch(() => 'wait');
  }

  async function readAt(id: number): Promise<BlockOrGap | 'wait'> {
    const to = limit();
    if (id < scope.firstId)
      return { type: 'gap', from: id, to: Math.min(scope.firstId - 1, toId), reason: 'retention' };
    const found = ahead !== undefined && ahead.firstId === id ? ahead : await scope.find(id);
    ahead = undefined;
    if (found === 'wait') return 'wait';
    if ('goneUpTo' in found) return { type: 'gap', from: id, to: Math.min(found.goneUpTo, toId), reason: 'retention' };
    const { batches, lastId } = await gather(found, to);
    if (batches.length === 0) return { type: 'gap', from: id, to: Math.min(found.lastId, toId), reason: 'damage' };
    return cut(Buffer.concat(batches), { firstId: found.firstId, lastId }, id, to);
  }

  /**
   * A batch and those that follow it without a gap, up to a block's size, the last wanted line, or one that can't be
   * unpacked.
   */
  async function gather(first: StoredBatch, to: number): Promise<{ batches: Buffer[]; lastId: number }> {
    const batches = [readable(first)];
    const lastIds = [first.lastId];
    let bytes = first.length;
    let last = first;
    while (last.lastId < to && bytes < wantedBytes) {
      const following = await scope.after(last);
      if (following === undefined || following.firstId !== last.lastId + 1) break;
      if (bytes + following.length > wantedBytes) {
        ahead = following;
        break;
      }
      batches.push(readable(following));
      lastIds.push(following.lastId);
      bytes += following.length;
      last = following;
    }
    wantedBytes = Math.min(blockBytes, scope.mostBlockBytes);
    const read = await Promise.all(batches);
    const damaged = read.indexOf(undefined);
    const whole = read.slice(0, damaged === -1 ? read.length : damaged).filter((one) => one !== undefined);
    return { batches: whole, lastId: lastIds[whole.length - 1] ?? 0 };
  }

  function cut(bytes: Buffer, ids: { firstId: number; lastId: number }, from: number, to: number): BlockOrGap {
    let start = 0;
    let end = bytes.length;
    let { lastId } = ids;
    if (lastId > to) {
      end = frameEnd(bytes, 0, to);
      lastId = to;
    }
    if (from > ids.firstId) start = startAtFrame(bytes, 0, from);
    return { type: 'block', bytes: bytes.subarray(start, end), firstId: from, lastId, release() {} };
  }

  function drop(): void {
    ahead = undefined;
    coming = undefined;
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
      drop();
    },
    rest: drop,
    close() {
      closed = true;
      drop();
    },
  };
}

/** Undefined where it is damaged. Caught at once: others are waited for first. */
function readable(batch: StoredBatch): Promise<Buffer | undefined> {
  return batch.events().catch(() => undefined);
}
