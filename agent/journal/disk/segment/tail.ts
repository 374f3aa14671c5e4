import type { FileHandle } from 'node:fs/promises';
import { beginsEventLine, idsNamed, isEventLine, longestHead } from '../../../frame/scan.ts';
import { largerWindow, lastWholeBatch } from './batches.ts';
import type { Segment } from './segment.ts';
import { readFully } from './shared-handle.ts';
import { beginsTrailer, lastIdNamed, trailerAt, trailerSign, verifies } from './trailer.ts';

/** How a segment ends. */
export interface Tail {
  /** Where its last whole batch ends, and that batch's last id (the segment's first id less one when it has none). */
  end: number;
  lastId: number;
  /**
   * What comes after that batch:
   * - `clean`: nothing.
   * - `torn`: the beginning of a batch whose write did not complete: nobody was sent it.
   * - `damaged`: something else; clients may have seen lines up to `damagedLastId`.
   */
  state: 'clean' | 'torn' | 'damaged';
  damagedLastId: number;
}

const firstWindowBytes = 64 * 1024;
/** In the shortest frame. */
const shortestFrameBytes = 14;
/** A trailer up to its last id. */
const longestIds = 64;
const lf = 0x0a;

/** Reads backwards from the end of the segment's file (`fileSize` bytes) to the last batch that verifies. */
export async function readTail(segment: Segment, handle: FileHandle, fileSize: number): Promise<Tail> {
  let windowBytes = firstWindowBytes;
  for (;;) {
    const start = Math.max(0, fileSize - windowBytes);
    const window = Buffer.allocUnsafe(fileSize - start);
    const length = await readFully(handle, window, window.length, start);
    const last = lastWholeBatch(window, 0, length);
    if (last === undefined && start > 0) {
      windowBytes = largerWindow(window, window.length, fileSize);
      continue;
    }
    const end = start + (last?.end ?? 0);
    const lastId = last?.lastId ?? segment.firstId - 1;
    return { end, lastId, ...judgeTail(window.subarray(end - start, length), lastId + 1) };
  }
}

/** Tells a torn write from damage in the bytes after the last whole batch. Pure. */
function judgeTail(bytes: Buffer, nextId: number): Pick<Tail, 'state' | 'damagedLastId'> {
  if (bytes.length === 0) return { state: 'clean', damagedLastId: nextId - 1 };
  if (beginsBatch(bytes)) return { state: 'torn', damagedLastId: nextId - 1 };
  return { state: 'damaged', damagedLastId: largestId(bytes, nextId) };
}

/**
 * Whether these bytes are what a write of a batch leaves when it is interrupted: its own lines only, the last one
 * possibly cut short, and at most the beginning of a trailer. A flipped byte in a batch that was complete does not look
 * like that: either a line has no known field any more, or a complete trailer stands there that does not verify.
 */
function beginsBatch(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(lf, at);
    const line = bytes.toString('latin1', at, Math.min(lineEnd < 0 ? bytes.length : lineEnd, at + longestHead));
    const cutShort = lineEnd < 0;
    if (line.startsWith(':')) return trailerIsTorn(bytes, at);
    const known = cutShort ? beginsEventLine(line) : isEventLine(line);
    if (!known) return false;
    if (cutShort) break;
    at = lineEnd + 1;
  }
  return true;
}

/** Torn: the file ends inside the trailer's text, or after it where only its last line end is missing. */
function trailerIsTorn(bytes: Buffer, start: number): boolean {
  if (!beginsTrailer(bytes.toString('latin1', start, start + longestHead))) return false;
  const lineEnd = bytes.indexOf(lf, start);
  if (lineEnd < 0) return true;
  if (lineEnd + 1 < bytes.length) return false;
  const completed = Buffer.concat([bytes, Buffer.from([lf])]);
  const trailer = trailerAt(completed, start, completed.length);
  return trailer !== undefined && verifies(completed, trailer);
}

/** The largest id that frames or a trailer in damaged bytes name, as far as so many frames can stand there. */
function largestId(bytes: Buffer, nextId: number): number {
  const plausible = nextId + Math.floor(bytes.length / shortestFrameBytes);
  let largest = nextId - 1;
  for (const ids of [idsNamed(bytes), trailerIdsNamed(bytes)]) {
    for (const id of ids) if (id > largest && id <= plausible) largest = id;
  }
  return largest;
}

function* trailerIdsNamed(bytes: Buffer): Generator<number> {
  for (let mark = bytes.indexOf(trailerSign); mark >= 0; mark = bytes.indexOf(trailerSign, mark + 1)) {
    const id = lastIdNamed(bytes.toString('latin1', mark + 1, mark + 1 + longestIds));
    if (id !== undefined) yield id;
  }
}
