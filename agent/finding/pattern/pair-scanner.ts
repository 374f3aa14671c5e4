import { moduleOnce } from '../../system/web-assembly.ts';

/** Finds two bytes that stand side by side, in either case: by SIMD instructions of WebAssembly, in one pass. */
export interface PairScanner {
  /**
   * Where they stand next, from `from` on; -1 where they do nowhere any more. To be called with `from` that only grows
   * for the same bytes.
   *
   * @param lower the two bytes, in lower case
   * @param owner who asks: bytes that were copied for another one are copied again
   */
  next(haystack: Buffer, from: number, lower: Buffer, owner: object): number;
}

/** What `pair-scan.wat` is assembled to, as a test makes sure. */
export const assembled =
  'AGFzbQEAAAABFAJgBX97e3t7AXtgBn9/f39/fwF/AwMCAAEFAwEAAwcRAgZtZW1vcnkCAARmaW5kAAEK1AECIAAgAP0ABAAgAv1QIAH9IyAA/QAEASAE/VAgA/0j/U4LsAECBHsBfyAC/Q8hBiAD/Q8hByAE/Q8hCCAF/Q8hCQJAA0AgACABTw0BIAAgBiAHIAggCRAAIABBEGogBiAHIAggCRAA/VAgAEEgaiAGIAcgCCAJEAAgAEEwaiAGIAcgCCAJEAD9UP1Q/VNFBEAgAEHAAGohAAwBCwsDQCAAIAYgByAIIAkQAP1kIQogCkUEQCAAQRBqIQAMAQsLIAAgCmhqIQAgACABTw0AIAAPC0F/Cw==';

/**
 * Bytes that are copied at once, twice as many each time: they stay in the processor's cache. Where several look
 * through the same bytes in turn, each begins with few.
 */
export const leastBytes = 4096;
export const windowBytes = 128 * 1024;

interface Exports {
  memory: { buffer: ArrayBuffer };
  find(at: number, end: number, first: number, firstBit: number, second: number, secondBit: number): number;
}

/** One for all of a thread. Undefined where there is no SIMD. */
export const pairScanner = moduleOnce(assembled, scannerOn);

function scannerOn({ find, memory }: Exports): PairScanner {
  const window = Buffer.from(memory.buffer);
  let held: { owner: object; haystack: Buffer; begin: number; end: number; size: number } | undefined;

  function load(owner: object, haystack: Buffer, begin: number) {
    const isNext = held?.owner === owner && held.haystack === haystack && begin >= held.begin;
    const size = isNext && held ? Math.min(2 * held.size, windowBytes) : leastBytes;
    const end = begin + haystack.copy(window, 0, begin, begin + size);
    held = { owner, haystack, begin, end, size };
    return held;
  }

  return {
    next(haystack, from, lower, owner) {
      if (from >= haystack.length - 1) return -1;
      const [first, second] = lower as unknown as [number, number];
      let its = held;
      if (its?.owner !== owner || its.haystack !== haystack || from < its.begin || from >= its.end - 1) its = undefined;
      for (let at = from; ; at = its.end - 1) {
        if (its === undefined || at > from) its = load(owner, haystack, at);
        const { begin, end } = its;
        const found = find(at - begin, end - begin - 1, first, caseBitOf(first), second, caseBitOf(second));
        if (found >= 0) return begin + found;
        if (end === haystack.length) {
          held = undefined;
          return -1;
        }
      }
    },
  };
}

/** The bit in which the cases of a letter differ. */
function caseBitOf(lower: number): number {
  return lower >= 0x61 && lower <= 0x7a ? 0x20 : 0;
}
