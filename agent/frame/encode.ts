import type { Origin } from '../words/line.ts';
import type { Batch } from './block.ts';
import { eventText } from './events.ts';
import { dataField, idField } from './fields.ts';
import { lineFramer } from './line-framer.ts';

/**
 * Encodes lines into the bytes that every client receives: `id: 42\ndata: the line\n\n`, with an `origin` event before
 * the first line and wherever the origin changes. Framing: HTML standard, 9.2.5 and 9.2.6 (event stream).
 */
export interface BatchBuilder {
  /** Bytes encoded so far. */
  readonly length: number;
  /** Lines encoded so far. */
  readonly lineCount: number;
  /**
   * Most of the next lines stand in `chunk`, which does not change until it is said that none does any more
   * (undefined). Their bytes are copied together first, which is cheaper than each line by itself.
   */
  expect(chunk: Buffer | undefined): void;
  /** What the next lines have in common. */
  origin(origin: Origin): void;
  /** Encodes `bytes[start, end)` (valid UTF-8 without LF and CR) under the next id. The bytes are copied. */
  line(bytes: Buffer, start: number, end: number): void;
  /** The same for several lines, one after the other, each with an LF after it. */
  lines(bytes: Buffer, start: number, end: number): void;
  /** The batch so far, or undefined when it has no line; the builder starts a new one under the next id. */
  take(): Batch | undefined;
}

/** Room left after a batch so that the journal can put its trailer there and write both at once. */
const trailerRoom = 1024;
const smallestBuffer = 8 * 1024;
/** Buffers are used again: new large ones cost a full garbage collection every few batches, and cold memory. */
const largeBuffer = 1024 * 1024;
const largestRecycled = 4 * largeBuffer;
/** One is written while the next one is filled. */
const mostFreeLarge = 2;
/** Up to this length a loop beats the call into native code. */
const shortCopy = 24;

/** Less is framed sooner line by line. */
const worthFraming = 2 * 1024;
/** The framer wants it beside twice the lines' bytes. */
const roomAfterFrames = 4 * 1024;

const lf = 0x0a;
const notIn = Number.NEGATIVE_INFINITY;

/** @param firstId id of the first line, e.g. the journal's `lastId + 1` */
export function createBatchBuilder(firstId: number): BatchBuilder {
  const prefix = new Prefix(firstId);
  const buffers = createBuffers();
  let batchFirstId = firstId;
  let nextId = firstId;
  let out: Buffer = Buffer.allocUnsafeSlow(smallestBuffer);
  let view = viewOf(out);
  let length = 0;
  let inForce: Origin | undefined;
  let chunk: Buffer | undefined;
  /** Where the copy of `chunk` stands in `out`, after all frames. */
  let chunkAt = notIn;

  function reserve(bytes: number): void {
    const needed = length + bytes + trailerRoom;
    if (needed <= out.length) return;
    const larger = buffers.take(Math.max(needed, out.length * 2));
    out.copy(larger, 0, 0, length);
    buffers.recycle(out);
    out = larger;
    view = viewOf(out);
    chunkAt = notIn;
  }

  /** `Buffer.copy` of a part makes an object for each line, `copyWithin` does not. */
  function bringIn(source: Buffer): void {
    reserve(2 * source.length);
    chunkAt = out.length - source.length;
    source.copy(out, chunkAt);
  }

  /** Returns how far it has come. */
  function frameMany(bytes: Buffer, start: number, end: number): number {
    const framer = end - start < worthFraming ? undefined : lineFramer();
    let at = start;
    while (framer !== undefined && at < end) {
      reserve(2 * (end - at) + roomAfterFrames);
      const framed = framer.frame({ bytes, start: at, end, firstId: nextId }, out, length);
      if (framed === undefined) break;
      if (!framed.inPlace) {
        reserve(framed.frames.length);
        framed.frames.copy(out, length);
      }
      length += framed.frames.length;
      nextId += framed.lines;
      at = framed.end;
    }
    if (at > start) prefix.moveTo(nextId);
    return at;
  }

  return {
    get length() {
      return length;
    },
    get lineCount() {
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
      // The frames may come as near to the copy of the chunk as this: what goes before the line must not reach its
      // bytes, nor what comes after it (two line ends for the one in the chunk) the next line's.
      const isRoom = length + prefix.length + prefix.slack <= chunkAt + (bytes === chunk ? start : -size - 1);
      if (!isRoom) chunkAt = notIn;
      if (bytes === chunk && size > shortCopy && chunkAt === notIn) bringIn(bytes);

      length += prefix.put(view, length);
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
    },

    lines(bytes, start, end) {
      chunkAt = notIn;
      for (let left = end - frameMany(bytes, start, end); left > 0; ) {
        // What is left stands after the frames, as in `bringIn`, and they grow toward it: room for one at least.
        reserve(2 * left + prefix.length + prefix.slack);
        const to = out.length - trailerRoom;
        let at = to - left;
        bytes.copy(out, at, end - left, end);
        while (at < to && length + prefix.length + prefix.slack <= at) {
          const next = out.indexOf(lf, at) + 1;
          length += prefix.put(view, length);
          out.copyWithin(length, at, next);
          length += next - at;
          out[length++] = lf;
          at = next;
          nextId++;
        }
        left = to - at;
      }
    },

    take() {
      if (nextId === batchFirstId) return undefined;
      const bytes = out;
      const release = () => buffers.recycle(bytes);
      const batch: Batch = { bytes, length, firstId: batchFirstId, lastId: nextId - 1, release };
      out = buffers.take(Math.max(smallestBuffer, Math.min(length + (length >> 2) + trailerRoom, largeBuffer)));
      view = viewOf(out);
      length = 0;
      batchFirstId = nextId;
      inForce = undefined;
      chunkAt = notIn;
      return batch;
    },
  };
}

/** Buffers of batches that were written, for those to come. */
function createBuffers() {
  const freeLarge: Buffer[] = [];
  let freeSmall: Buffer | undefined;

  return {
    take(bytes: number): Buffer {
      if (freeSmall !== undefined && freeSmall.length >= bytes) {
        const small = freeSmall;
        freeSmall = undefined;
        return small;
      }
      if (bytes <= largeBuffer / 4) return Buffer.allocUnsafeSlow(bytes);
      const room = lineFramer()?.takeRoom(bytes);
      if (room !== undefined) return room;
      const fit = freeLarge.findIndex((buffer) => buffer.length >= bytes);
      if (fit >= 0) return freeLarge.splice(fit, 1)[0] as Buffer;
      return Buffer.allocUnsafeSlow(Math.max(bytes, largeBuffer));
    },
    recycle(buffer: Buffer): void {
      if (buffer.length >= largeBuffer && lineFramer()?.giveRoom(buffer)) return;
      if (buffer.length < largeBuffer) freeSmall = buffer;
      else if (buffer.length <= largestRecycled && freeLarge.length < mostFreeLarge) freeLarge.push(buffer);
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

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const zero = 0x30;
const nine = 0x39;
const afterId = `\n${dataField}`;

/** `id: <id>\ndata: ` as bytes, counted up in place: printing the number anew costs more than the rest of a frame. */
class Prefix {
  length = 0;
  /** Behind it up to three more bytes are written over, and one is needed for the line end. */
  readonly slack = 4;
  private id: number;
  private bytes: Buffer = Buffer.alloc(0);
  private words = viewOf(this.bytes);

  constructor(firstId: number) {
    this.id = firstId;
    this.print();
  }

  /** Writes it, by four bytes at once (half as long as a loop over bytes), and counts on. Returns its length. */
  put(into: DataView, at: number): number {
    const { words, length } = this;
    for (let i = 0; i < length; i += 4) into.setUint32(at + i, words.getUint32(i, true), true);
    this.increment();
    return length;
  }

  moveTo(id: number): void {
    this.id = id;
    this.print();
  }

  private increment(): void {
    this.id++;
    const { bytes } = this;
    const end = this.length - afterId.length;
    let at = end - 1;
    while (at >= idField.length && bytes[at] === nine) at--;
    if (at < idField.length) {
      this.print();
      return;
    }
    (bytes[at] as number)++;
    while (++at < end) bytes[at] = zero;
  }

  private print(): void {
    const text = `${idField}${this.id}${afterId}`;
    this.length = text.length;
    this.bytes = Buffer.alloc(text.length + 3);
    this.bytes.write(text, 'latin1');
    this.words = viewOf(this.bytes);
  }
}
