import type { FilePosition } from '../../words/position.ts';
import type { StoredEnd } from './cluster/stored-end.ts';
import { type BatchIndex, createBatchIndex, type Mark } from './read/batch-index.ts';
import { createRefill } from './refill.ts';

/** Which lines a log has, and where its batches stand in the stream, as far as that is known. */
export interface Extent {
  /** The first line that is there, or that is to come again; `lastId + 1` where there is none. */
  readonly firstId: number;
  /** Also of lines that the stream does not have yet, or any more: it never falls. */
  readonly lastId: number;
  readonly first: Mark | undefined;
  /** Where a claim stands after it, it ends there. */
  readonly last: Mark | undefined;
  /** Of the log's last message, whether its lines count or not. */
  readonly lastSeq: number;
  /** Where the log ended, as its writer said. */
  readonly saidEnd: StoredEnd | undefined;
  readonly index: BatchIndex;
  readonly size: number;
  /** Where the followed files stand after the last batch, by source. */
  readonly positions: ReadonlyMap<string, FilePosition>;
  /** Whether lines that the stream has lost are to come again. */
  readonly isRefilling: boolean;
  /** Whoever has lines that are to come again is told once more. */
  remind(): void;
  /** What stands before it is gone. */
  beginWith(first: Mark): void;
  /** The last batch that counts, and the sequence of the message at the log's end. */
  endWith(batch: EndingBatch, seq: number): void;
  /** A batch follows those that were known. */
  add(batch: EndingBatch): void;
  /** Nothing up to a sequence is news. */
  passOver(seq: number): void;
  /** The followed files stand elsewhere. */
  move(positions: Iterable<FilePosition>): void;
  /** What is known from elsewhere. */
  learn(lastId: number, end: StoredEnd | undefined): void;
  /** Retention took all of it. */
  clear(): void;
  /** The stream is not the one that it was: its sequences mean other batches. What it had is to come again. */
  lose(): void;
}

export interface EndingBatch extends Mark {
  positions?(): FilePosition[];
}

/** @param onLoss lines are missing that the stream had: whoever has them is to send them again */
export function createExtent(onLoss?: () => void): Extent {
  const index = createBatchIndex();
  const refill = createRefill(onLoss);
  const positions = new Map<string, FilePosition>();
  let first: Mark | undefined;
  let last: Mark | undefined;
  let lastSeq = 0;
  let lastId = 0;
  let saidEnd: StoredEnd | undefined;

  function awaitedId(): number | undefined {
    if ((last?.lastId ?? 0) >= lastId) refill.end();
    return refill.firstId;
  }

  function firstId(): number {
    const stored = first?.firstId ?? lastId + 1;
    const awaited = awaitedId();
    return awaited === undefined ? stored : Math.min(awaited, stored);
  }

  function move(to: Iterable<FilePosition>): void {
    for (const position of to) positions.set(position.source, position);
  }

  function endWith(batch: EndingBatch, seq: number): void {
    if (batch.lastId > (last?.lastId ?? 0)) refill.progress();
    lastSeq = seq;
    last = endAfter(last, batch);
    lastId = Math.max(lastId, batch.lastId);
    index.add(batch);
    move(batch.positions?.() ?? []);
  }

  return {
    get firstId() {
      return firstId();
    },
    get lastId() {
      return lastId;
    },
    get first() {
      return first;
    },
    get last() {
      return last;
    },
    get lastSeq() {
      return lastSeq;
    },
    get saidEnd() {
      return saidEnd;
    },
    get size() {
      return first === undefined || last === undefined ? 0 : last.offset + last.length - first.offset;
    },
    index,
    positions,
    get isRefilling() {
      return awaitedId() !== undefined;
    },
    remind() {
      if (awaitedId() !== undefined) refill.remind();
    },
    beginWith(batch) {
      first = batch;
      index.dropBefore(batch.seq);
      index.add(batch);
    },
    endWith,
    add(batch) {
      endWith(batch, batch.seq);
      first ??= isClaim(batch) ? undefined : batch;
    },
    passOver(seq) {
      lastSeq = Math.max(lastSeq, seq);
    },
    move,
    learn(known, end) {
      saidEnd = end ?? saidEnd;
      if (known <= lastId) return;
      if (awaitedId() === undefined) refill.begin(firstId());
      lastId = known;
    },
    clear() {
      if (lastId === saidEnd?.lastId) refill.end();
      first = undefined;
      index.clear();
    },
    lose() {
      refill.begin(firstId());
      index.clear();
      first = undefined;
      last = undefined;
      lastSeq = 0;
    },
  };
}

function isClaim({ firstId, lastId }: Mark): boolean {
  return lastId < firstId;
}

/** A claim has no lines: what it stands behind is known by its ids. */
function endAfter(last: Mark | undefined, batch: Mark): Mark | undefined {
  if (!isClaim(batch)) return batch;
  if (last === undefined && batch.lastId === 0) return undefined;
  const { seq, offset, lastId } = batch;
  return { ...(last ?? { ...batch, firstId: lastId }), seq, offset, lastId, length: 0 };
}
