import type { FileHandle } from 'node:fs/promises';
import type { Boundary } from '../segment/offsets.ts';
import type { Segment } from '../segment/segment.ts';
import { readFully } from '../segment/shared-handle.ts';
import { type Trailer, trailerAt, trailerSign, verifies } from '../segment/trailer.ts';

/** Nearer than this, reading on is cheaper than another probe. */
const nearEnoughBytes = 128 * 1024;
const probeBytes = 16 * 1024;
/** For batches larger than a probe. */
const largestProbeBytes = 1024 * 1024;

/**
 * A batch boundary at or before line `id` and not far from it: looked for between the nearest boundaries known, where
 * the id would stand if all lines were equally long. What it finds on the way is remembered in `segment.offsets`, so a
 * segment never read costs neither time nor memory.
 *
 * @param endId id of the line after the segment's last one
 */
export async function locate(segment: Segment, handle: FileHandle, id: number, endId: number): Promise<Boundary> {
  let before = segment.offsets.before(id);
  let after = segment.offsets.after(id) ?? { id: endId, offset: segment.size };
  for (let probe = 1; before.id !== id && after.offset - before.offset > nearEnoughBytes; probe++) {
    const at = guess(before, after, id, probe);
    const batch = await nextBatch(handle, at, after.offset);
    if (batch === undefined) {
      after = { id: after.id, offset: at };
      continue;
    }
    const { start, end } = batch;
    for (const boundary of [start, end]) segment.offsets.add(boundary.id, boundary.offset);
    if (end.id <= id) before = end;
    else if (start.id > id) after = start;
    // What a burst has left may be much larger than what is near: looking within it finds its end over and over.
    else return start;
  }
  return before;
}

interface BatchPlace {
  start: Boundary;
  end: Boundary;
}

/**
 * Where to look next: a little before the id, then a little after it, so that two looks are enough where lines are
 * alike. Where they are not, every third look halves what is left.
 */
function guess(before: Boundary, after: Boundary, id: number, probe: number): number {
  const span = after.offset - before.offset;
  if (probe % 3 === 0) return before.offset + Math.floor(span / 2);
  const ahead = (span * (id - before.id)) / Math.max(1, after.id - before.id);
  const margin = nearEnoughBytes / 2;
  const at = ahead > margin ? ahead - margin : nearEnoughBytes;
  return before.offset + Math.floor(Math.min(at, span - 1));
}

/** The first batch whose trailer begins in `[from, limit)` and that verifies: where it begins, and the one after it. */
async function nextBatch(handle: FileHandle, from: number, limit: number): Promise<BatchPlace | undefined> {
  let windowBytes = probeBytes;
  for (let at = from; at < limit; ) {
    const window = Buffer.allocUnsafe(Math.min(windowBytes, limit - at));
    const length = await readFully(handle, window, window.length, at);
    for (let mark = window.indexOf(trailerSign); mark >= 0; mark = window.indexOf(trailerSign, mark + 1)) {
      const trailer = trailerAt(window, mark + 1, length);
      if (trailer === undefined) continue;
      if (await verifiesInFile(handle, window, at, trailer)) return placeOf(trailer, at);
    }
    if (length < window.length || at + length >= limit) return undefined;
    // The last mark's trailer may end beyond the window: the next one begins with it and is large enough.
    const lastMark = window.lastIndexOf(trailerSign);
    const carry = Math.max(trailerSign.length, lastMark < 0 ? 0 : length - lastMark);
    at += Math.max(1, length - carry);
    windowBytes = Math.max(Math.min(windowBytes * 2, largestProbeBytes), carry * 2);
  }
  return undefined;
}

function placeOf({ firstId, batchStart, lastId, end }: Trailer, at: number): BatchPlace {
  return { start: { id: firstId, offset: at + batchStart }, end: { id: lastId + 1, offset: at + end } };
}

async function verifiesInFile(handle: FileHandle, window: Buffer, at: number, trailer: Trailer): Promise<boolean> {
  if (trailer.batchStart >= 0) return verifies(window, trailer);
  if (at + trailer.batchStart < 0) return false;
  const batch = Buffer.allocUnsafe(trailer.end - trailer.batchStart);
  if ((await readFully(handle, batch, batch.length, at + trailer.batchStart)) < batch.length) return false;
  return verifies(batch, {
    ...trailer,
    batchStart: 0,
    start: trailer.start - trailer.batchStart,
    end: batch.length,
  });
}
