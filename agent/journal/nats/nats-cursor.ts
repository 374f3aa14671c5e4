import { setTimeout as sleep } from 'node:timers/promises';
import { startAtFrame } from '../../frame/excerpt.ts';
import { frameEnd } from '../../frame/scan.ts';
import type { BlockOrGap, Cursor } from '../journal.ts';
import type { LentBytes } from './cache/disk-cache.ts';
import type { StoredBatch } from './log-subject.ts';
import { createReadAhead, type ReadyBatch, release } from './read-ahead.ts';

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
  unpack(batch: StoredBatch): ReadyBatch;
}

/** The first block is small, for the first line on the screen; later ones are as large as pays. */
const firstBlockBytes = 128 * 1024;
const blockBytes = 768 * 1024;
/** Several batches are copied into one block until it is about as large as pays. */
const enoughBytes = 256 * 1024;
const firstRetryMs = 50;
const lastRetryMs = 1000;

/** A cluster that does not answer is waited for: lines are given, told as gone, or late, and never left out. */
export function createNatsCursor(scope: CursorScope, fromId: number, toId = Number.POSITIVE_INFINITY): Cursor {
  let nextId = Math.max(1, fromId);
  let wantedBytes = Math.min(firstBlockBytes, scope.mostBlockBytes);
  const ahead = createReadAhead(scope, () => limit());
  /** Was read one too many for the last block: the next one begins with it. */
  let held: ReadyBatch | undefined;
  let closed = false;
  let seeks = 0;

  const ended = () => closed || scope.closed;
  const limit = () => Math.min(toId, scope.lastId);

  async function next(): Promise<BlockOrGap | undefined> {
    let retryMs = firstRetryMs;
    while (!ended() && nextId <= limit()) {
      const at = { id: nextId, seeks };
      const step = await readAt(at.id).catch(() => 'wait' as const);
      if (ended()) return undefined;
      if (seeks !== at.seeks) continue;
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

  async function readAt(id: number): Promise<BlockOrGap | 'wait'> {
    const to = limit();
    if (id < scope.firstId)
      return { type: 'gap', from: id, to: Math.min(scope.firstId - 1, toId), reason: 'retention' };
    const first = (await readyAt(id)) ?? (await scope.find(id));
    if (first === 'wait') return 'wait';
    if ('goneUpTo' in first) return { type: 'gap', from: id, to: Math.min(first.goneUpTo, toId), reason: 'retention' };
    const found = 'batch' in first ? first : scope.unpack(first);
    const { events, lastId } = await gather(found, to);
    if (events === undefined)
      return { type: 'gap', from: id, to: Math.min(found.batch.lastId, toId), reason: 'damage' };
    return cut(events, { firstId: found.batch.firstId, lastId }, id, to);
  }

  async function readyAt(id: number): Promise<ReadyBatch | undefined> {
    const before = held;
    held = undefined;
    if (before?.batch.firstId === id) return before;
    if (before !== undefined) release(before);
    return ahead.take(id);
  }

  /**
   * A batch and those that follow it without a gap, up to a block's size, the last wanted line, or one that can't be
   * unpacked.
   */
  async function gather(first: ReadyBatch, to: number): Promise<{ events: LentBytes | undefined; lastId: number }> {
    const batches = [first];
    let bytes = first.batch.length;
    let { lastId } = first.batch;
    // Not for a page that has its lines with the first batch.
    if (lastId < to) ahead.begin(first.batch);
    while (lastId < to && bytes < Math.min(wantedBytes, enoughBytes)) {
      const following = await ahead.take(lastId + 1);
      if (following === undefined) break;
      if (bytes + following.batch.length > wantedBytes) {
        held = following;
        break;
      }
      batches.push(following);
      bytes += following.batch.length;
      lastId = following.batch.lastId;
    }
    wantedBytes = Math.min(blockBytes, scope.mostBlockBytes);
    const read = await Promise.all(batches.map(({ events }) => events));
    const damaged = read.indexOf(undefined);
    const whole = read.filter(
      (lent, index): lent is LentBytes => lent !== undefined && (damaged < 0 || index < damaged),
    );
    return { events: joined(whole), lastId: batches[whole.length - 1]?.batch.lastId ?? 0 };
  }

  function cut(
    { bytes, release }: LentBytes,
    ids: { firstId: number; lastId: number },
    from: number,
    to: number,
  ): BlockOrGap {
    let start = 0;
    let end = bytes.length;
    let { lastId } = ids;
    if (lastId > to) {
      end = frameEnd(bytes, 0, to);
      lastId = to;
    }
    if (from > ids.firstId) start = startAtFrame(bytes, 0, from);
    return { type: 'block', bytes: bytes.subarray(start, end), firstId: from, lastId, release };
  }

  function drop(): void {
    if (held !== undefined) release(held);
    held = undefined;
    ahead.drop();
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

function joined(parts: readonly LentBytes[]): LentBytes | undefined {
  if (parts.length < 2) return parts[0];
  const bytes = Buffer.concat(parts.map((part) => part.bytes));
  for (const part of parts) part.release();
  return { bytes, release() {} };
}
