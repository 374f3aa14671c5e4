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
  /** What the next lines have in common. */
  origin(origin: Origin): void;
  /** Encodes `bytes[start, end)` (valid UTF-8 without LF and CR) under the next id. The bytes are copied. */
  line(bytes: Buffer, start: number, end: number): void;
  /** The batch so far, or undefined when it has no line; the builder starts a new one under the next id. */
  take(): Batch | undefined;
}

/** Room left behind a batch so that the journal can put its trailer there and write both at once. */
const trailerRoom = 1024;
const smallestBuffer = 8 * 1024;
/** A buffer of this size or more is not sized after the one before: one huge batch must not make all others huge. */
const largestGuess = 512 * 1024;
/** Below this, a loop beats the call into native code. */
const shortCopy = 24;

const lf = 0x0a;

/** @param firstId id of the first line, e.g. the journal's `lastId + 1` */
export function createBatchBuilder(firstId: number): BatchBuilder {
  const prefix = createPrefix(firstId);
  let batchFirstId = firstId;
  let nextId = firstId;
  let out = Buffer.allocUnsafeSlow(smallestBuffer);
  let length = 0;
  let inForce: Origin | undefined;

  function reserve(bytes: number): void {
    const needed = length + bytes + trailerRoom;
    if (needed <= out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, out.length * 2));
    out.copy(larger, 0, 0, length);
    out = larger;
  }

  return {
    get length() {
      return length;
    },
    get lines() {
      return nextId - batchFirstId;
    },

    origin(origin) {
      if (inForce !== undefined && sameOrigin(inForce, origin)) return;
      inForce = origin;
      const text = eventText('origin', origin);
      reserve(text.length * 3);
      length += out.write(text, length, 'utf8');
    },

    line(bytes, start, end) {
      reserve(end - start + prefix.length + 2);
      const head = prefix.bytes;
      for (let i = 0; i < prefix.length; i++) out[length++] = head[i] as number;
      if (end - start <= shortCopy) {
        for (let i = start; i < end; i++) out[length++] = bytes[i] as number;
      } else {
        bytes.copy(out, length, start, end);
        length += end - start;
      }
      out[length++] = lf;
      out[length++] = lf;
      nextId++;
      prefix.increment();
    },

    take() {
      if (nextId === batchFirstId) return undefined;
      const batch: Batch = { bytes: out, length, firstId: batchFirstId, lastId: nextId - 1 };
      const guess = Math.min(length + (length >> 2) + trailerRoom, largestGuess);
      out = Buffer.allocUnsafeSlow(Math.max(smallestBuffer, guess));
      length = 0;
      batchFirstId = nextId;
      inForce = undefined;
      return batch;
    },
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
