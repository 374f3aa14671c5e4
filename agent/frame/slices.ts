import type { Block } from './block.ts';

/** What a client that stops reading holds up is one slice. Smaller ones cost more writes. */
const sliceBytes = 64 * 1024;

/** Before each frame, as an origin stands before the first. No line holds a line end. */
const frameMark = '\n\nid: ';
const eventEnd = 2;
/** Of Number.MAX_SAFE_INTEGER. */
const mostDigits = 16;

/**
 * A block as pieces of at most 64 KiB (a longer line is a piece of its own), each of whole events. The origin in force stands in
 * the first piece only, so they belong behind each other.
 */
export function* slicesOf({ bytes, firstId, lastId }: Block): Generator<Block> {
  let start = 0;
  let id = firstId;
  while (bytes.length - start > sliceBytes && id < lastId) {
    const end = sliceEnd(bytes, start, id);
    const nextId = idAt(bytes, end);
    yield { bytes: bytes.subarray(start, end), firstId: id, lastId: nextId - 1 };
    start = end;
    id = nextId;
  }
  yield { bytes: start === 0 ? bytes : bytes.subarray(start), firstId: id, lastId };
}

/** Where the last frame begins that is not frame `id` and within a slice's reach; frame `id + 1` where there is none. */
function sliceEnd(bytes: Buffer, start: number, id: number): number {
  const mark = bytes.lastIndexOf(frameMark, start + sliceBytes - eventEnd);
  if (mark >= start && idAt(bytes, mark + eventEnd) > id) return mark + eventEnd;
  return bytes.indexOf(`${frameMark}${id + 1}\n`, start) + eventEnd;
}

/** Id of the frame that begins at `start`. */
function idAt(bytes: Buffer, start: number): number {
  const digits = start + 'id: '.length;
  return Number.parseInt(bytes.toString('latin1', digits, digits + mostDigits), 10);
}
