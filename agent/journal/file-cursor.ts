import type { FileHandle } from 'node:fs/promises';
import { errorCode, SseTailError } from '../errors.ts';
import { type Batches, firstWholeBatch, lastBoundary, leadingBatches, verifiedBatches } from './batches.ts';
import { createBlockMemory } from './block-memory.ts';
import { endAfterFrame, startAtFrame } from './excerpt.ts';
import type { Block, Cursor, Damage, Reading } from './journal.ts';
import { locate } from './locate.ts';
import type { Boundary } from './offsets.ts';
import { type Segment, segmentFor } from './segment.ts';
import { readFully, type SharedHandle } from './shared-handle.ts';

/** What cursors need to know of their journal; read anew at every step, as it grows and shrinks meanwhile. */
export interface CursorScope {
  /** Oldest first. */
  readonly segments: readonly Segment[];
  readonly firstId: number;
  readonly lastId: number;
  readonly closed: boolean;
  damaged(damage: Damage): void;
  /** The segment's file is not there: takes it off the list, or brings it back. */
  vanished(segment: Segment): Promise<void>;
}

/** Where a cursor stands: at the batch boundary `offset` of an open segment; the next line there is `id`. */
interface Place {
  segment: Segment;
  /** The segment's handle when it was entered: another one stands there once its file was made again. */
  shared: SharedHandle;
  handle: FileHandle;
  offset: number;
  id: number;
}

/** The first block is small, for pages and for the first line on the screen; later ones are as large as pays. */
const firstBlockBytes = 128 * 1024;
const blockBytes = 512 * 1024;
const memory = createBlockMemory(blockBytes);
const firstRetryMs = 50;
const lastRetryMs = 1000;

export function createFileCursor(scope: CursorScope, fromId: number, toId = Number.POSITIVE_INFINITY): Cursor {
  let nextId = Math.max(1, fromId);
  let place: Place | undefined;
  let readBytes = firstBlockBytes;
  /** Where the last block was read, while the place is still behind it. */
  let readFrom: Boundary | undefined;
  let closed = false;
  let reading = false;
  /** Set by `seek`: the place is of no use any more, nor is what is being read there. */
  let sought = false;

  async function next(): Promise<Reading | undefined> {
    reading = true;
    try {
      for (let retryMs = firstRetryMs; !ended() && nextId <= Math.min(toId, scope.lastId); ) {
        sought = false;
        const step = await advance();
        if (sought) {
          leave();
        } else if (step === 'wait') {
          await new Promise((resolve) => setTimeout(resolve, retryMs));
          retryMs = Math.min(retryMs * 2, lastRetryMs);
        } else if (step !== 'again' && !ended()) {
          nextId = (step.type === 'gap' ? step.to : step.lastId) + 1;
          return step;
        }
      }
      // Nothing is held open for a client that has everything: its segment's file may be removed for good.
      leave();
      return undefined;
    } finally {
      reading = false;
      if (ended()) leave();
    }
  }

  function ended(): boolean {
    return closed || scope.closed;
  }

  /** One step towards the next reading; `again` when it only changed the place. */
  async function advance(): Promise<Reading | 'again' | 'wait'> {
    if (place?.shared !== place?.segment.handle) leave();
    if (place === undefined) return enter();
    if (place.offset < place.segment.size) return readBlock(place);
    const following = segmentAfter(place.segment);
    if (following === undefined) return gap(scope.lastId);
    if (following.firstId > nextId) return gap(following.firstId - 1);
    leave();
    return 'again';
  }

  /** Opens the segment that holds `nextId` and finds a boundary before it. */
  async function enter(): Promise<Reading | 'again' | 'wait'> {
    const segment = segmentFor(scope.segments, nextId);
    if (segment === undefined) return gap((scope.segments[0]?.firstId ?? scope.lastId + 1) - 1);
    const shared = segment.handle;
    let handle: FileHandle;
    try {
      handle = await shared.acquire();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') {
        await scope.vanished(segment);
        return scope.segments.includes(segment) ? 'wait' : 'again';
      }
      if (errorCode(error) === 'EMFILE' || errorCode(error) === 'ENFILE') return 'wait';
      throw new SseTailError('journal', `The journal's segment ${segment.path} can't be read.`, {}, error);
    }
    try {
      const boundary = await locate(segment, handle, nextId, segmentAfter(segment)?.firstId ?? scope.lastId + 1);
      place = { segment, shared, handle, ...boundary };
      return 'again';
    } catch (error) {
      shared.release();
      throw error;
    }
  }

  function leave(): void {
    place?.shared.release();
    place = undefined;
    readFrom = undefined;
  }

  async function readBlock(at: Place): Promise<Reading | 'again'> {
    const remaining = at.segment.size - at.offset;
    const wanted = Math.min(readBytes, remaining);
    const reachesEnd = wanted === remaining;
    const buffer = await memory.take(wanted);
    let isLent = false;
    try {
      const length = await readReadable(at.handle, buffer.subarray(0, wanted), at.offset);
      // What stands behind is left over from another block.
      const bytes = buffer.subarray(0, length);
      const end = reachesEnd ? length : lastBoundary(bytes, 0, length);
      if (end === undefined && length === wanted) {
        // A batch larger than the block, or damage as large. Others like it may follow.
        readBytes *= 2;
        return 'again';
      }
      readBytes = Math.max(readBytes, blockBytes);
      const batches = wholeBatches(at, bytes, length === wanted ? end : undefined);
      if (batches === undefined) return at.shared === at.segment.handle ? passDamage(at) : 'again';
      const block = excerpt(at, bytes, batches);
      if (block === 'again') return 'again';
      isLent = true;
      return { type: 'block', ...block, release: memory.lend(buffer) };
    } finally {
      if (!isLent) memory.giveBack(buffer);
    }
  }

  /** The batches from the place on that verify: all of them up to `end`, or as many as there are. */
  function wholeBatches(at: Place, bytes: Buffer, end: number | undefined): Batches | undefined {
    const whole = end === undefined ? undefined : verifiedBatches(bytes, 0, end);
    return whole?.firstId === at.id ? whole : leadingBatches(bytes, 0, bytes.length, at.id);
  }

  /** What is wanted of the batches, and moves the place behind it. */
  function excerpt(at: Place, bytes: Buffer, batches: Batches): Block | 'again' {
    if (batches.lastId < nextId) return passBatches(at, batches);
    let { start, end, lastId } = batches;
    if (lastId > toId) {
      end = endAfterFrame(bytes, start, toId);
      lastId = toId;
    }
    if (nextId > batches.firstId) start = startAtFrame(bytes, start, nextId);
    readFrom = { id: at.id, offset: at.offset };
    passBatches(at, batches);
    return { bytes: bytes.subarray(start, end), firstId: nextId, lastId };
  }

  function passBatches(at: Place, { end, lastId }: Batches): 'again' {
    at.offset += end;
    at.id = lastId + 1;
    return 'again';
  }

  /** The batch at the place does not verify: goes on at the next one that does. */
  async function passDamage(at: Place): Promise<Reading | 'again'> {
    const { segment, offset: damageStart, id: lostFrom } = at;
    const found = await nextWholeBatch(at);
    if (found === 'grown') return 'again';
    at.offset = found?.offset ?? segment.size;
    at.id = found?.id ?? segmentAfter(segment)?.firstId ?? scope.lastId + 1;
    const length = at.offset - damageStart;
    scope.damaged({ segment: segment.path, offset: damageStart, length, from: lostFrom, to: at.id - 1 });
    return at.id > nextId ? gap(at.id - 1, 'damage') : 'again';
  }

  /** Looks through the rest of the segment, which takes memory in proportion to the damage. */
  async function nextWholeBatch(at: Place): Promise<Boundary | undefined | 'grown'> {
    for (let searchBytes = blockBytes; ; searchBytes *= 2) {
      const { size } = at.segment;
      const window = Buffer.allocUnsafeSlow(Math.min(searchBytes, size - at.offset));
      const length = await readReadable(at.handle, window, at.offset);
      const batch = firstWholeBatch(window, 0, length, at.id);
      if (batch !== undefined) return { id: batch.firstId, offset: at.offset + batch.batchStart };
      if (at.offset + window.length < size) continue;
      return at.segment.size > size ? 'grown' : undefined;
    }
  }

  function segmentAfter(segment: Segment): Segment | undefined {
    return scope.segments.find((other) => other.firstId > segment.firstId);
  }

  function gap(to: number, reason?: 'retention' | 'damage'): Reading {
    const known = nextId < scope.firstId ? 'retention' : 'damage';
    return { type: 'gap', from: nextId, to: Math.min(to, toId), reason: reason ?? known };
  }

  return {
    get nextId() {
      return nextId;
    },
    next,
    seek(id) {
      if (id === nextId) return;
      nextId = id;
      if (reading) sought = true;
      else if (place !== undefined && readFrom !== undefined && id >= readFrom.id && id < place.id) {
        Object.assign(place, readFrom);
      } else leave();
    },
    close() {
      closed = true;
      if (!reading) leave();
    },
  };
}

/** Fills `into` as far as the file and the disk let it; bytes that can't be read are damage, not an error. */
async function readReadable(handle: FileHandle, into: Buffer, position: number): Promise<number> {
  try {
    return await readFully(handle, into, into.length, position);
  } catch (error) {
    if (errorCode(error) === 'EIO') return 0;
    throw error;
  }
}
