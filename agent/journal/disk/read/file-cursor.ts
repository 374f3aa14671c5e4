import type { FileHandle } from 'node:fs/promises';
import type { Block } from '../../../frame/block.ts';
import { excerptOf } from '../../../frame/excerpt.ts';
import type { Pace } from '../../../system/pace.ts';
import { errorCode, isOutOfDescriptors, SseTailError } from '../../../words/errors.ts';
import { createBlockMemory } from '../../block-memory.ts';
import type { BlockOrGap, Cursor, Damage } from '../../journal.ts';
import {
  type Batches,
  firstWholeBatch,
  joinEvents,
  lastBoundary,
  leadingBatches,
  verifiedBatches,
} from '../segment/batches.ts';
import { type Boundary, createOffsets } from '../segment/offsets.ts';
import { type Segment, segmentFor } from '../segment/segment.ts';
import { trailerBefore } from '../segment/trailer.ts';
import { locate } from './locate.ts';
import { createReadAhead, type Read, readByThread, readSize, type Spot, startRead } from './read-ahead.ts';
import type { RecentBatches } from './recent-batches.ts';

/** What cursors need to know of their journal; read anew at every step, as it grows and shrinks meanwhile. */
export interface CursorScope {
  /** Oldest first. */
  readonly segments: readonly Segment[];
  readonly firstId: number;
  readonly lastId: number;
  readonly closed: boolean;
  /**
   * Of a thread that has nothing to do while it waits for a block: it reads by itself as long as that is quick. The way
   * to libuv's threads and back takes as long as to read a block that the kernel has in memory.
   */
  readonly pace?: Pace | undefined;
  /** Where this process writes it. */
  readonly recent?: RecentBatches;
  damaged(damage: Damage): void;
  /** The segment's file is not there: takes it off the list, or brings it back. */
  vanished(segment: Segment): Promise<void>;
}

/** Where a cursor stands: at the batch boundary `offset` of an open segment; the next line there is `id`. */
interface Place extends Spot {
  id: number;
}

/** The first block is small, for pages and for the first line on the screen; later ones are as large as pays. */
const firstBlockBytes = 128 * 1024;
const blockBytes = 768 * 1024;
/** Batches that follow each other are often of about the same size: with a little more, so many are read as a whole. */
const slackBytes = 4 * 1024;
/**
 * Of all journals in the process, so that its bounds hold for all readers together. A buffer has room for whole batches
 * of almost any size.
 */
const memory = createBlockMemory(1.25 * blockBytes);
const firstRetryMs = 50;
const lastRetryMs = 1000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: `seek` may come amid any step of a read.
export function createFileCursor(scope: CursorScope, fromId: number, toId = Number.POSITIVE_INFINITY): Cursor {
  let nextId = Math.max(1, fromId);
  let place: Place | undefined;
  let readBytes = firstBlockBytes;
  /** Where the last block was read, while the place is still after it. */
  let readFrom: Boundary | undefined;
  const ahead = createReadAhead(memory);
  /** Size of the batch before the place, 0 when it is not known. */
  let batchBytes = 0;
  let closed = false;
  let isReading = false;
  /** Set by `seek`: the place is of no use any more, nor is what is being read there. */
  let sought = false;

  async function next(): Promise<BlockOrGap | undefined> {
    isReading = true;
    try {
      for (let retryMs = firstRetryMs; !ended() && nextId <= Math.min(toId, scope.lastId); ) {
        const recent = nextId < scope.firstId ? undefined : scope.recent?.lend(nextId, toId, memory);
        if (recent !== undefined) {
          leave();
          nextId = recent.lastId + 1;
          return { type: 'block', ...recent };
        }
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
      isReading = false;
      if (ended()) leave();
    }
  }

  function ended(): boolean {
    return closed || scope.closed;
  }

  /** One step toward the next block or gap; `again` when it only changed the place. */
  async function advance(): Promise<BlockOrGap | 'again' | 'wait'> {
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
  async function enter(): Promise<BlockOrGap | 'again' | 'wait'> {
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
      if (isOutOfDescriptors(error)) return 'wait';
      throw new SseTailError('journal', `The journal's segment ${segment.path} can't be read.`, {}, error);
    }
    try {
      await shared.verified.look(handle, true);
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
    ahead.drop();
  }

  async function readBlock(at: Place): Promise<BlockOrGap | 'again'> {
    const looking = at.shared.verified.look(at.handle);
    if (looking !== undefined) await looking;
    const read = ahead.take(at) ?? (await readHere(at));
    const { buffer, wanted, reachesEnd } = read;
    let isLent = false;
    try {
      const length = await read.length;
      // What comes after it is left over from another block.
      const bytes = buffer.subarray(0, length);
      const end = reachesEnd ? length : lastBoundary(bytes, 0, length);
      if (end === undefined && length === wanted) {
        // A batch larger than the block, or damage as large.
        readBytes *= 2;
        return 'again';
      }
      readBytes = blockBytes;
      if (end !== undefined && length === wanted) readOn(at, bytes, end);
      const batches = wholeBatches(at, read, bytes, length === wanted ? end : undefined);
      if (batches === undefined) return at.shared === at.segment.handle ? passDamage(at) : 'again';
      const block = excerpt(at, bytes, batches);
      if (block === 'again') return 'again';
      isLent = true;
      return { type: 'block', ...block, release: memory.lend(buffer) };
    } finally {
      if (!isLent) memory.giveBack(buffer);
    }
  }

  async function readHere(at: Place): Promise<Read> {
    const bytes = readSize(at, readBytes);
    const buffer = await memory.take(bytes);
    const { pace } = scope;
    return pace?.isQuick ? readByThread(at, buffer, bytes, pace) : startRead(at, buffer, bytes);
  }

  /** Begins to read what comes after a block, where it will be wanted. */
  function readOn(at: Place, bytes: Buffer, end: number): void {
    const last = trailerBefore(bytes, end);
    if (last === undefined) return;
    batchBytes = last.end - last.batchStart;
    readBytes = wholeBatchesWithin(blockBytes);
    if (last.lastId >= toId || scope.pace?.isQuick) return;
    const next = { ...at, offset: at.offset + end };
    ahead.begin(next, readSize(next, readBytes));
  }

  /** About so many bytes: what is read of a batch whose end is not is read again. */
  function wholeBatchesWithin(bytes: number): number {
    if (batchBytes === 0) return bytes;
    return Math.max(1, Math.floor(bytes / batchBytes)) * batchBytes + slackBytes;
  }

  /** The batches from the place on that verify: all of them up to `end`, or as many as there are. */
  function wholeBatches(at: Place, read: Read, bytes: Buffer, end: number | undefined): Batches | undefined {
    const whole = end === undefined ? undefined : verifiedAt(at, read, bytes.subarray(0, end));
    return whole?.firstId === at.id ? whole : leadingBatches(bytes, 0, bytes.length, at.id);
  }

  function verifiedAt({ shared, offset }: Place, { change }: Read, bytes: Buffer): Batches | undefined {
    const { verified } = shared;
    const to = offset + bytes.length;
    if (verified.has(offset, to, change)) return verifiedBatches(bytes, 0, bytes.length, true);
    const batches = verifiedBatches(bytes, 0, bytes.length);
    if (batches !== undefined) verified.add(offset, to, change);
    return batches;
  }

  /** What is wanted of the batches, and moves the place past it. */
  function excerpt(at: Place, bytes: Buffer, batches: Batches): Block | 'again' {
    if (batches.lastId < nextId) return passBatches(at, batches);
    const { start, end } = joinEvents(bytes, batches);
    readFrom = { id: at.id, offset: at.offset };
    passBatches(at, batches);
    const { firstId, lastId } = batches;
    return excerptOf({ bytes: bytes.subarray(start, end), firstId, lastId }, nextId, toId);
  }

  function passBatches(at: Place, { end, lastId }: Batches): 'again' {
    at.offset += end;
    at.id = lastId + 1;
    at.segment.offsets.add(at.id, at.offset);
    return 'again';
  }

  /** The batch at the place does not verify: continues at the next one that does. */
  async function passDamage(at: Place): Promise<BlockOrGap | 'again'> {
    const { segment, offset: damageStart, id: lostFrom } = at;
    const found = await nextWholeBatch(at);
    if (found === 'grown') return 'again';
    if (found?.offset === damageStart && found.id === lostFrom) {
      // It was read in part: up to where another one began in a file that was written anew.
      segment.offsets = createOffsets(segment.firstId);
      readBytes = found.bytes + slackBytes;
      return 'again';
    }
    at.offset = found?.offset ?? segment.size;
    at.id = found?.id ?? segmentAfter(segment)?.firstId ?? scope.lastId + 1;
    const length = at.offset - damageStart;
    scope.damaged({ segment: segment.path, offset: damageStart, length, from: lostFrom, to: at.id - 1 });
    return at.id > nextId ? gap(at.id - 1, 'damage') : 'again';
  }

  /** Looks through the rest of the segment, which takes memory in proportion to the damage. */
  async function nextWholeBatch(at: Place): Promise<(Boundary & { bytes: number }) | undefined | 'grown'> {
    for (let searchBytes = blockBytes; ; searchBytes *= 2) {
      const { size } = at.segment;
      const window = Buffer.allocUnsafeSlow(Math.min(searchBytes, size - at.offset));
      const length = await startRead(at, window, window.length).length;
      const batch = firstWholeBatch(window, 0, length, at.id);
      if (batch !== undefined) {
        const { firstId: id, batchStart, end } = batch;
        return { id, offset: at.offset + batchStart, bytes: end - batchStart };
      }
      if (at.offset + window.length < size) continue;
      return at.segment.size > size ? 'grown' : undefined;
    }
  }

  function segmentAfter(segment: Segment): Segment | undefined {
    return scope.segments.find((other) => other.firstId > segment.firstId);
  }

  function gap(to: number, reason?: 'retention' | 'damage'): BlockOrGap {
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
      ahead.drop();
      if (isReading) sought = true;
      else if (place !== undefined && readFrom !== undefined && id >= readFrom.id && id < place.id) {
        Object.assign(place, readFrom);
        // It took little of the last block, and may take little of the next one.
        readBytes = wholeBatchesWithin(firstBlockBytes);
      } else leave();
    },
    rest: ahead.drop,
    close() {
      closed = true;
      if (!isReading) leave();
    },
  };
}
