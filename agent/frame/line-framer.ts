import { dataField, idField } from './fields.ts';

/**
 * Frames many lines at once: in JavaScript each line takes a call into native code to find its end and another one to
 * copy it, which is most of what encoding costs.
 */
export interface LineFramer {
  /**
   * Frames the lines in `bytes[start, end)`, each with an LF after it, as many as there is room for, from id `firstId`
   * on. Undefined where the first of them is too long.
   */
  frame(bytes: Buffer, start: number, end: number, firstId: number): FramedLines | undefined;
}

export interface FramedLines {
  /** Valid until the next call. */
  frames: Buffer;
  lines: number;
  /** Where the first line begins that was not framed. */
  end: number;
}

/** What `frame-lines.wat` is assembled to, as a test makes sure. */
export const assembled =
  'AGFzbQEAAAABDAFgB39/f39/f38BfwMCAQAFAwEAEQYLAn8BQQALfwFBAAsHIQQGbWVtb3J5AgAFbGluZXMDAARyZXN0AwEFZnJhbWUAAArpAQHmAQIEfwF7AkADQCAAIAFPDQEgAiADTw0BIAcgBk8NASACQQD9AAQA/QsEACACQRD9AAQA/QsEECACIARqIQIgBSEIA0AgCC0AACEJIAlBOUYEQCAIQTA6AAAgCEEBayEIIAhBBE8NAQUgCCAJQQFqOgAACwsCQANAIAD9AAQAIQsgAiAL/QsEACALQQr9D/0j/WQhCiAKBEAgCmhBAWohCiAAIApqIQAgAiAKaiECDAILIABBEGohACACQRBqIQIMAAsLIAJBCjoAACACQQFqIQIgB0EBaiEHDAALCyAHJAAgACQBIAIL';

interface Exports {
  memory: { buffer: ArrayBuffer };
  frame(from: number, end: number, to: number, limit: number, head: number, digit: number, most: number): number;
  lines: { value: number };
  rest: { value: number };
}

/** Declared by none of the libraries that an agent is compiled with. */
interface Engine {
  WebAssembly: {
    Module: new (bytes: Buffer) => object;
    Instance: new (module: object) => { exports: Exports };
  };
}

/** What stands where in the memory: the head of the next frame, then lines, then frames. */
const linesAt = 64;
/** For the longest line, and what is read at a time. */
const linesRoom = 320 * 1024;
const framesAt = linesAt + linesRoom + 64;
/** The last frame may end after it, by as much as the longest line. */
const framesRoom = 440 * 1024;

const lf = 0x0a;
const mostLines = 2 ** 31 - 1;

/** One for all: it keeps nothing from one call to the next. */
let framer: LineFramer | 'impossible' | undefined;

/** Undefined where there is no WebAssembly with SIMD, or no address space for its memory (`ulimit -v`). */
export function lineFramer(): LineFramer | undefined {
  framer ??= createLineFramer();
  return framer === 'impossible' ? undefined : framer;
}

function createLineFramer(): LineFramer | 'impossible' {
  let exports: Exports;
  try {
    const { WebAssembly } = globalThis as unknown as Engine;
    const module = new WebAssembly.Module(Buffer.from(assembled, 'base64'));
    exports = new WebAssembly.Instance(module).exports;
  } catch {
    return 'impossible';
  }
  const memory = Buffer.from(exports.memory.buffer);

  return {
    frame(bytes, start, end, firstId) {
      const cut = end - start <= linesRoom ? end : bytes.lastIndexOf(lf, start + linesRoom - 1) + 1;
      if (cut <= start) return undefined;
      bytes.copy(memory, linesAt, start, cut);
      const digits = String(firstId).length;
      const head = memory.write(`${idField}${firstId}\n${dataField}`, 'latin1');
      const framesEnd = exports.frame(
        linesAt,
        linesAt + cut - start,
        framesAt,
        framesAt + framesRoom,
        head,
        idField.length + digits - 1,
        Math.min(mostLines, 10 ** digits - firstId),
      );
      return {
        frames: memory.subarray(framesAt, framesEnd),
        lines: exports.lines.value,
        end: start + exports.rest.value - linesAt,
      };
    },
  };
}
