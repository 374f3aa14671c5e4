import { type Trailer, trailerAt, trailerBefore, trailerSign, verifies } from './trailer.ts';

/** Whole, verified batches in a buffer: bytes `[start, end)` and their first and last id. */
export interface Batches {
  start: number;
  end: number;
  firstId: number;
  lastId: number;
}

/**
 * The batches in `bytes[start, end)`, both of which are batch boundaries; undefined unless all of them verify and
 * their ids follow each other. Walks backwards: a batch's length is in its trailer, so its lines need not be looked at.
 *
 * @param areVerified their checksums were looked at before
 */
export function verifiedBatches(bytes: Buffer, start: number, end: number, areVerified = false): Batches | undefined {
  let at = end;
  let firstId = -1;
  let lastId = -1;
  while (at > start) {
    const trailer = trailerBefore(bytes, at);
    if (trailer === undefined || trailer.batchStart < start) return undefined;
    if (!areVerified && !verifies(bytes, trailer)) return undefined;
    if (lastId < 0) lastId = trailer.lastId;
    else if (trailer.lastId !== firstId - 1) return undefined;
    firstId = trailer.firstId;
    at = trailer.batchStart;
  }
  return lastId < 0 ? undefined : { start, end, firstId, lastId };
}

/** Where the last complete trailer in `bytes[start, end)` ends, or undefined. Not verified. */
export function lastBoundary(bytes: Buffer, start: number, end: number): number | undefined {
  for (const mark of marksBefore(bytes, start, end)) {
    const trailer = trailerAt(bytes, mark + 1, end);
    if (trailer !== undefined) return trailer.end;
  }
  return undefined;
}

/** The last batch that lies in `bytes[start, end)` as a whole and verifies. */
export function lastWholeBatch(bytes: Buffer, start: number, end: number): Trailer | undefined {
  for (const mark of marksBefore(bytes, start, end)) {
    const trailer = trailerAt(bytes, mark + 1, end);
    if (trailer !== undefined && trailer.batchStart >= start && verifies(bytes, trailer)) return trailer;
  }
  return undefined;
}

/**
 * How large a window that ends at `end`, too, has to be at least: as the batch whose trailer ends there says, or four
 * times as large where that begins in this one or nothing can be made of it.
 */
export function largerWindow(bytes: Buffer, end: number, mostBytes: number): number {
  const { batchStart = 0 } = trailerBefore(bytes, end) ?? {};
  const isLonger = batchStart < 0 && end - batchStart <= mostBytes;
  return isLonger ? end - batchStart : end * 4;
}

/** The first batch that lies in `bytes[start, end)` as a whole, verifies and has no id below `leastId`. */
export function firstWholeBatch(bytes: Buffer, start: number, end: number, leastId: number): Trailer | undefined {
  for (let mark = bytes.indexOf(trailerSign, start); mark >= 0; mark = bytes.indexOf(trailerSign, mark + 1)) {
    const trailer = trailerAt(bytes, mark + 1, end);
    if (trailer === undefined || trailer.batchStart < start || trailer.firstId < leastId) continue;
    if (verifies(bytes, trailer)) return trailer;
  }
  return undefined;
}

/**
 * The leading batches of `bytes[start, end)` that verify and whose ids go on from `firstId`, or undefined when the
 * first one does not. `start` is a batch boundary. For buffers known to be damaged: looks at every byte.
 */
export function leadingBatches(bytes: Buffer, start: number, end: number, firstId: number): Batches | undefined {
  let at = start;
  let nextId = firstId;
  for (;;) {
    const mark = bytes.indexOf(trailerSign, at);
    const trailer = mark < 0 ? undefined : trailerAt(bytes, mark + 1, end);
    if (trailer === undefined || trailer.batchStart !== at || trailer.firstId !== nextId) break;
    if (!verifies(bytes, trailer)) break;
    at = trailer.end;
    nextId = trailer.lastId + 1;
  }
  return at === start ? undefined : { start, end: at, firstId, lastId: nextId - 1 };
}

/**
 * Moves the events of whole, verified batches together, over the trailers between them, which no client gets. So the
 * buffer must be the caller's own. Of one batch nothing is moved.
 * @returns where the events stand then
 */
export function joinEvents(bytes: Buffer, { start, end }: Batches): { start: number; end: number } {
  const last = trailerBefore(bytes, end) as Trailer;
  let eventsStart = last.batchStart;
  for (let at = last.batchStart; at > start; ) {
    const trailer = trailerBefore(bytes, at) as Trailer;
    eventsStart -= trailer.start - trailer.batchStart;
    bytes.copyWithin(eventsStart, trailer.batchStart, trailer.start);
    at = trailer.batchStart;
  }
  return { start: eventsStart, end: last.start };
}

/** Most trailers stand near the end of what is read. */
const nearbyBytes = 6 * 1024;

/** Backwards a search takes ten times as long as forwards: so it goes forwards through one piece before another. */
function* marksBefore(bytes: Buffer, start: number, end: number): Generator<number> {
  let pieceBytes = nearbyBytes;
  for (let to = end; to > start; pieceBytes *= 2) {
    const from = Math.max(start, to - pieceBytes);
    // A mark that begins in the piece may end after it.
    const piece = bytes.subarray(0, Math.min(bytes.length, to + trailerSign.length - 1));
    const marks: number[] = [];
    for (let mark = piece.indexOf(trailerSign, from); mark >= 0; mark = piece.indexOf(trailerSign, mark + 1)) {
      marks.push(mark);
    }
    yield* marks.reverse();
    to = from;
  }
}
