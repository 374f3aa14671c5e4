import type { Origin } from '../line.ts';
import { eventText } from '../wire.ts';
import type { Batch } from './journal.ts';

/**
 * Encodes lines into the bytes that every client receives: `id: 42\ndata: the line\n\n`, with an `origin` event before
 * the first line and wherever the origin changes. Framing: HTML standard, 9.2.5 and 9.2.6 (event stream).
 */
export interface BatchBuilder {
  /** Bytes encoded so far. */
  readonly length: number;
  /** Lines encoded so far. */
  readonly lines: number;
  /**
   * Most of the next lines stand in `chunk`, which does not change until it is said that none does any more (undefined). Their
   * bytes are copied together first, which is cheaper than each line by itself.
   */
  expect(chunk: Buffer | undefined): void;
  /** What the next lines have in common. */
  origin(origin: Origin): void;
  /** Encodes `bytes[start, end)` (valid UTF-8 without LF and CR) under the next id. The bytes are copied. */
  line(bytes: Buffer, start: number, end: number): void;
  /** The batch so far, or undefined when it has no line; the builder starts a new one under the next id. */
  take(): Batch | undefined;
  /** Takes back the buffer of a batch that nobody needs any more. */
  recycle(bytes: Buffer): void;
}

/** Room left behind a batch so that the journal can put its trailer there and write both at once. */
const trailerRoom = 1024;
const smallestBuffer = 8 * 1024;
/** Buffers are used again: new large ones cost a full garbage collection every few batches, and cold memory. */
const largeBuffer = 1024 * 1024;
const largestRecycled = 4 * largeBuffer;
/** One is written while the next one is filled. */
const mostFreeLarge = 2;
/** Up to this length a loop beats the call into native code. */
const shortCopy = 24;

const lf = 0x0a;
const notIn = Number.NEGATIVE_INFINITY;

/** @param firstId id of the first line, e.g. the journal's `lastId + 1` */
export function createBatchBuilder(firstId: number): BatchBuilder {
  const prefix = createPrefix(firstId);
  const freeLarge: Buffer[] = [];
  let freeSmall: Buffer | undefined;
  let batchFirstId = firstId;
  let nextId = firstId;
  let out: Buffer = Buffer.allocUnsafeSlow(smallestBuffer);
  let length = 0;
  let inForce: Origin | undefined;
  let chunk: Buffer | undefined;
  /** Where the copy of `chunk` stands in `out`, behind all frames. */
  let chunkAt = notIn;

  function reserve(bytes: number): void {
    const needed = length + bytes + trailerRoom;
    if (needed <= out.length) return;
    const larger = bufferOf(Math.max(needed, out.length * 2));
    out.copy(larger, 0, 0, length);
    recycle(out);
    out = larger;
    chunkAt = notIn;
  }

  function bufferOf(bytes: number): Buffer {
    if (freeSmall !== undefined && freeSmall.length >= bytes) {
      const small = freeSmall;
      freeSmall = undefined;
      return small;
    }
    const fit = freeLarge.findIndex((buffer) => buffer.length >= bytes);
    if (fit >= 0) return freeLarge.splice(fit, 1)[0] as Buffer;
    return Buffer.allocUnsafeSlow(bytes <= largeBuffer / 4 ? bytes : Math.max(bytes, largeBuffer));
  }

  function recycle(buffer: Buffer): void {
    if (buffer.length < largeBuffer) freeSmall = buffer;
    else if (buffer.length <= largestRecycled && freeLarge.length < mostFreeLarge) freeLarge.push(buffer);
  }

  /** `Buffer.copy` of a part makes an object for each line, `copyWithin` does not. */
  function bringIn(source: Buffer): void {
    reserve(2 * source.length);
    chunkAt = out.length - source.length;
    source.copy(out, chunkAt);
  }

  return {
    get length() {
      return length;
    },
    get lines() {
      return nextId - batchFirstId;
    },

    expect(next) {
      chunk = next;
      chunkAt = notIn;
    },

    origin(origin) {
      if (inForce !== undefined && sameOrigin(inForce, origin)) return;
      inForce = origin;
      const text = eventText('origin', origin);
      reserve(text.length * 3);
      length += out.write(text, length, 'utf8');
      if (length > chunkAt) chunkAt = notIn;
    },

    line(bytes, start, end) {
      const size = end - start;
      reserve(size + prefix.length + 2);
      // The frames may come as near to the copy of the chunk as this: what goes before the line must not reach its bytes,
      // nor what goes behind it (two line ends for the one in the chunk) the next line's.
      const isRoom = length + prefix.length + 1 <= chunkAt + (bytes === chunk ? start : -size - 1);
      if (!isRoom) chunkAt = notIn;
      if (bytes === chunk && size > shortCopy && chunkAt === notIn) bringIn(bytes);

      const head = prefix.bytes;
      for (let i = 0; i < prefix.length; i++) out[length++] = head[i] as number;
      if (size <= shortCopy) {
        for (let i = start; i < end; i++) out[length++] = bytes[i] as number;
      } else {
        if (bytes === chunk) out.copyWithin(length, chunkAt + start, chunkAt + end);
        else bytes.copy(out, length, start, end);
        length += size;
      }
      out[length++] = lf;
      out[length++] = lf;
      nextId++;
      prefix.increment();
    },

    take() {
      if (nextId === batchFirstId) return undefined;
      const batch: Batch = { bytes: out, length, firstId: batchFirstId, lastId: nextId - 1 };
      out = bufferOf(Math.max(smallestBuffer, Math.min(length + (length >> 2) + trailerRoom, largeBuffer)));
      length = 0;
      batchFirstId = nextId;
      inForce = undefined;
      chunkAt = notIn;
      return batch;
    },

    recycle,
  };
}

function sameOrigin(a: Origin, b: Origin): boolean {
  return (
    a === b ||
    (a.time === b.time &&
      a.source === b.source &&
      a.stream === b.stream &&
      a.kind === b.kind &&
      a.continued === b.continued)
  );
}

/** `id: <id>\ndata: ` as bytes, counted up in place: printing the number anew costs more than the rest of a frame. */
interface Prefix {
  bytes: Buffer;
  length: number;
  increment(): void;
}

function createPrefix(firstId: number): Prefix {
  const zero = 0x30;
  const nine = 0x39;
  const digitsStart = 'id: '.length;
  const prefix: Prefix = { bytes: Buffer.alloc(0), length: 0, increment };

  function print(id: number): void {
    prefix.bytes = Buffer.from(`id: ${id}\ndata: `, 'latin1');
    prefix.length = prefix.bytes.length;
  }

  let id = firstId;
  function increment(): void {
    id++;
    const { bytes } = prefix;
    let at = prefix.length - '\ndata: '.length - 1;
    while (at >= digitsStart && bytes[at] === nine) at--;
    if (at < digitsStart) {
      print(id);
      return;
    }
    (bytes[at] as number)++;
    const digitsEnd = prefix.length - '\ndata: '.length;
    while (++at < digitsEnd) bytes[at] = zero;
  }

  print(firstId);
  return prefix;
}
