import { moduleOnce } from '../system/web-assembly.ts';
import { dataField, idField } from './fields.ts';

/**
 * Frames many lines at once: in JavaScript each line takes a call into native code to find its end and another one to
 * copy it, which is most of what encoding costs.
 */
export interface LineFramer {
  /**
   * Frames the lines in `bytes[start, end)`, each with an LF after it, as many as there is room for, from id `firstId`
   * on. Undefined where the first of them is too long. Where `out` is one of `takeRoom`, and after `at` it has room for
   * more than twice the lines' bytes, the frames stand there.
   */
  frame(lines: LinesToFrame, out: Buffer, at: number): FramedLines | undefined;
  /** A buffer of at least so many bytes in which frames can stand at once; undefined where none is left. */
  takeRoom(bytes: number): Buffer | undefined;
  /** Takes it back; false where it is none. */
  giveRoom(buffer: Buffer): boolean;
}

export interface LinesToFrame {
  bytes: Buffer;
  start: number;
  end: number;
  firstId: number;
}

export interface FramedLines {
  /** Valid until the next call, unless they are `inPlace`. */
  frames: Buffer;
  inPlace: boolean;
  lines: number;
  /** Where the first line begins that was not framed. */
  end: number;
}

/** What `frame-lines.wat` is assembled to, as a test makes sure. */
export const assembled =
  'AGFzbQEAAAABDAFgB39/f39/f38BfwMCAQAFBAEAsgEGCwJ/AUEAC38BQQALByEEBm1lbW9yeQIABWxpbmVzAwAEcmVzdAMBBWZyYW1lAAAK6QEB5gECBH8BewJAA0AgACABTw0BIAIgA08NASAHIAZPDQEgAkEA/QAEAP0LBAAgAkEQ/QAEAP0LBBAgAiAEaiECIAUhCANAIAgtAAAhCSAJQTlGBEAgCEEwOgAAIAhBAWshCCAIQQRPDQEFIAggCUEBajoAAAsLAkADQCAA/QAEACELIAIgC/0LBAAgC0EK/Q/9I/1kIQogCgRAIApoQQFqIQogACAKaiEAIAIgCmohAgwCCyAAQRBqIQAgAkEQaiECDAALCyACQQo6AAAgAkEBaiECIAdBAWohBwwACwsgByQAIAAkASACCw==';

interface Exports {
  memory: { buffer: ArrayBuffer };
  frame(from: number, end: number, to: number, limit: number, head: number, digit: number, most: number): number;
  lines: { value: number };
  rest: { value: number };
}

/** What stands where in the memory: the head of the next frame, then lines, then frames, then rooms. */
const linesAt = 64;
/** For the longest line, and what is read at a time. */
const linesRoom = 320 * 1024;
const framesAt = linesAt + linesRoom + 64;
/** The last frame may end after it, by as much as the longest line. */
const framesRoom = 440 * 1024;
const roomsAt = 1152 * 1024;
/** For a batch as large as they get before their sources wait, and the lines of one more read. */
const roomBytes = 2 * 1024 * 1024;
/** One is written while the next one is filled, or grows into another one. Two are kept for readers just behind. */
const roomCount = 5;
/** A trailer comes after the frames. */
const leftFree = 2048;

const lf = 0x0a;
const mostLines = 2 ** 31 - 1;

/**
 * One for all: it keeps nothing from one call to the next but its rooms, without which whoever comes later does.
 * Undefined where there is no WebAssembly with SIMD.
 */
export const lineFramer = moduleOnce(assembled, framerOn);

function framerOn(exports: Exports): LineFramer {
  const memory = Buffer.from(exports.memory.buffer);
  const rooms: Buffer[] = Array.from({ length: roomCount }, (_, at) =>
    memory.subarray(roomsAt + at * roomBytes, roomsAt + (at + 1) * roomBytes),
  );
  const freeRooms = [...rooms];

  return {
    frame({ bytes, start, end, firstId }, out, at) {
      const cut = end - start <= linesRoom ? end : bytes.lastIndexOf(lf, start + linesRoom - 1) + 1;
      if (cut <= start) return undefined;
      bytes.copy(memory, linesAt, start, cut);
      const digits = String(firstId).length;
      const head = memory.write(`${idField}${firstId}\n${dataField}`, 'latin1');
      const inPlace = out.buffer === memory.buffer;
      const framesStart = inPlace ? out.byteOffset + at : framesAt;
      // The last frame may be as long as all lines.
      const limit = inPlace ? out.byteOffset + out.length - leftFree - (cut - start) : framesAt + framesRoom;
      const framesEnd = exports.frame(
        linesAt,
        linesAt + cut - start,
        framesStart,
        limit,
        head,
        idField.length + digits - 1,
        Math.min(mostLines, 10 ** digits - firstId),
      );
      return {
        frames: memory.subarray(framesStart, framesEnd),
        inPlace,
        lines: exports.lines.value,
        end: start + exports.rest.value - linesAt,
      };
    },
    takeRoom: (bytes) => (bytes <= roomBytes ? freeRooms.pop() : undefined),
    giveRoom(buffer) {
      const isRoom = rooms.includes(buffer);
      if (isRoom) freeRooms.push(buffer);
      return isRoom;
    },
  };
}
