import type { StoredBatch } from '../cluster/log-subject.ts';
import type { BatchHead } from '../message/batch-message.ts';

/** Where a batch stands. */
export interface Mark extends Pick<BatchHead, 'firstId' | 'lastId' | 'epoch' | 'offset' | 'length'> {
  seq: number;
}

/** What is known of a log's batches: some of them, in the order of their ids. The rest is found by bisection. */
export interface BatchIndex {
  add(mark: Mark): void;
  /** The last known batch that begins at a line or before it, the first that begins after it. */
  around(id: number): { before: Mark | undefined; after: Mark | undefined };
  /** The first known batch that begins at an offset or after it. */
  fromOffset(offset: number): Mark | undefined;
  /** What stands before a sequence is gone. */
  dropBefore(seq: number): void;
  clear(): void;
}

const mostMarks = 4096;

export function createBatchIndex(): BatchIndex {
  let marks: Mark[] = [];

  /** How many of them begin before a value, or at it. */
  function countUpTo(value: number, of: (mark: Mark) => number): number {
    let from = 0;
    for (let to = marks.length; from < to; ) {
      const middle = (from + to) >> 1;
      if (of(marks[middle] as Mark) <= value) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  return {
    add({ seq, firstId, lastId, epoch, offset, length }) {
      if (lastId < firstId) return;
      const at = countUpTo(firstId, (mark) => mark.firstId);
      if (marks[at - 1]?.firstId === firstId) return;
      marks.splice(at, 0, { seq, firstId, lastId, epoch, offset, length });
      // Evenly fewer: whatever is asked for then takes one step of the bisection more.
      if (marks.length > mostMarks) marks = marks.filter((_, index) => index % 2 === 0 || index === marks.length - 1);
    },
    around(id) {
      const count = countUpTo(id, (mark) => mark.firstId);
      return { before: marks[count - 1], after: marks[count] };
    },
    fromOffset: (offset) => marks[countUpTo(offset - 1, (mark) => mark.offset)],
    dropBefore(seq) {
      marks = marks.filter((mark) => mark.seq >= seq);
    },
    clear() {
      marks = [];
    },
  };
}

/**
 * The batch that holds a line, or up to which line there is none; `stale` where other batches stand at the places that
 * are known: the stream is another one.
 */
export type Located = StoredBatch | { goneUpTo: number } | 'stale';

export function isBatch(located: Located): located is StoredBatch {
  return located !== 'stale' && !('goneUpTo' in located);
}

/**
 * Finds the batch that holds a line. `first` and `last` are batches that are there, and `id` lies between them.
 *
 * @param next the first batch of the log at a sequence or after it whose lines count
 */
export async function locate(
  id: number,
  { first, last, index }: { first: Mark; last: Mark; index: BatchIndex },
  next: (seq: number) => Promise<StoredBatch | undefined>,
): Promise<Located> {
  const known = index.around(id);
  let before = known.before ?? first;
  let after = known.after ?? last;
  if (before.lastId >= id && before.firstId <= id) {
    const batch = await next(before.seq);
    if (batch?.seq === before.seq) return batch.firstId <= id && batch.lastId >= id ? batch : 'stale';
    return { goneUpTo: Math.max(id, (batch?.firstId ?? before.lastId + 1) - 1) };
  }
  if (last.firstId <= id) after = { ...last, seq: last.seq + 1, firstId: last.lastId + 1 };
  let from = before.seq + 1;
  let to = after.seq;
  for (let step = 0; from < to; step++) {
    const at = probe(step, { id, from, to, before, after });
    const batch = await next(at);
    if (batch === undefined || batch.seq >= to) {
      to = at;
      continue;
    }
    index.add(batch);
    if (batch.firstId <= id && batch.lastId >= id) return batch;
    if (batch.lastId < id) {
      before = batch;
      from = batch.seq + 1;
    } else {
      after = batch;
      to = at;
    }
  }
  return { goneUpTo: after.firstId - 1 };
}

interface Bracket {
  id: number;
  from: number;
  to: number;
  before: Mark;
  after: Mark;
}

/** The next one, for who reads on; then where it would be if lines came evenly, and the middle by turns. */
function probe(step: number, { id, from, to, before, after }: Bracket): number {
  if (step === 0) return from;
  const share = step % 2 === 0 ? 0.5 : (id - before.lastId) / Math.max(1, after.firstId - before.lastId);
  return Math.min(to - 1, from + Math.floor((to - from) * Math.min(1, Math.max(0, share))));
}
