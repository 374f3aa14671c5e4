import { moduleOnce } from '../../system/web-assembly.ts';

/** Where something stands next from an index on, or Infinity. `from` only grows for the same bytes. */
export type Finder = (bytes: Buffer, from: number) => number;

/** What `needle-scan.wat` is assembled to, as a test makes sure. */
export const assembled =
  'AGFzbQEAAAABCAFgA39/fwF/AwIBAAUDAQADBxECBm1lbW9yeQIABGZpbmQAAAq5AgG2AgEMe0EA/QAEACEDQRD9AAQAIQRBIP0ABAAhBUEw/QAEACEGQcAA/QAEACEHQdAA/QAEACEIQQ/9DyEJQQAgAmv9DyEKAkADQCAAIAFPDQEgAP0ABAAhCyAA/QAEASEMIAD9AAQCIQ0gAyALIAn9Tv0OIAQgC0EE/W39Dv1OIAUgDCAJ/U79DiAGIAxBBP1t/Q79Tv1OIAcgDSAJ/U79DiAIIA1BBP1t/Q79Tv1OIAogC0Eg/Q/9JiALQQn9D/0jIAtBCv0P/SP9UCALQQ39D/0jIAtBG/0P/SP9UP1Q/U8gC0H/AP0P/SMgC0HCAf0P/SMgDEGgAf0P/Sb9Tv1Q/VD9Tv1QIQ4gDv1TRQRAIABBEGohAAwBCwsgACAOQQD9D/0k/WRoaiEAIAAgAU8NACAADwtBfws=';

/** Bytes that are copied at once, twice as many each time: they stay in the processor's cache. */
const leastBytes = 4096;
export const windowBytes = 128 * 1024;
/** The tables stand before it. */
const windowAt = 1024;
const tableBytes = 16;

const signLength = 3;
/** Each has a bit of the tables. */
const groups = 8;
/** More of them in a pass would be found where they are not: a group's halves stand for each other. */
export const signsAPass = 2 * groups;

interface Exports {
  memory: { buffer: ArrayBuffer };
  find(at: number, end: number, isUnseen: number): number;
}

type Scanner = ReturnType<typeof scannerOn>;

/** One for all of a thread. Undefined where there is no SIMD. */
const scanner = moduleOnce(assembled, scannerOn);

/**
 * What finds texts in many bytes, all of them in one pass or a few, by SIMD instructions of WebAssembly: three bytes of
 * each, its sign, are looked for by their halves, 16 places at once ("Teddy" of Hyperscan), and the rest is compared
 * where they stand.
 *
 * @param needles of three bytes at least, none with a line end
 * @param isUnseenFound also bytes that are not shown, but for ESC: C0 without TAB, LF and CR, DEL, and C1 in UTF-8
 * @returns a finder for some of them each; undefined where there is no SIMD
 */
export function createNeedleScans(needles: readonly Buffer[], isUnseenFound: boolean): Finder[] | undefined {
  const its = scanner();
  if (its === undefined) return undefined;
  // Neighbors have much in common, so that fewer other signs are of the same halves.
  const signed = needles.map(signOf).sort((a, b) => Buffer.compare(a.sign, b.sign));
  const count = Math.max(Math.ceil(signed.length / signsAPass), isUnseenFound ? 1 : 0);
  const size = Math.ceil(signed.length / count);
  return Array.from({ length: count }, (_, pass) => {
    return scanOf(its, signed.slice(pass * size, (pass + 1) * size), isUnseenFound && pass === 0);
  });
}

interface Signed {
  bytes: Buffer;
  sign: Buffer;
  /** Where it stands in the needle. */
  signAt: number;
}

function scanOf(its: Scanner, needles: readonly Signed[], isUnseenFound: boolean): Finder {
  const tables = tablesOf(needles);
  const isUnseen = isUnseenFound ? isUnseenAt : () => false;

  /** The sign that was found need not be of the text that begins first. */
  function firstUpTo(bytes: Buffer, from: number, found: number): number {
    let first = found;
    for (const { bytes: needle, signAt } of needles) {
      if (signAt === 0) continue;
      const start = Math.max(from, first - signAt);
      const at = bytes.subarray(start, first + needle.length - 1).indexOf(needle);
      if (at !== -1) first = start + at;
    }
    return first;
  }

  const sought: Sought = { tables, isUnseenFound };
  return (bytes, from) => {
    for (let at = from; ; at++) {
      at = its.next(bytes, at, sought);
      if (at === -1) return Number.POSITIVE_INFINITY;
      const found = isUnseen(bytes, at) ? at : startOf(needles, bytes, at, from);
      if (found !== -1) return firstUpTo(bytes, from, found);
    }
  };
}

/** Where a text begins, from `from` on, whose sign stands at an index; -1 where it is no such text's. */
function startOf(needles: readonly Signed[], bytes: Buffer, at: number, from: number): number {
  for (const { bytes: needle, sign, signAt } of needles) {
    if (bytes[at] !== sign[0] || bytes[at + 1] !== sign[1] || bytes[at + 2] !== sign[2]) continue;
    const start = at - signAt;
    // Another text, with the same sign in it, may begin later.
    if (start < from || start + needle.length > bytes.length) continue;
    if (bytes.compare(needle, 0, needle.length, start, start + needle.length) === 0) return start;
  }
  return -1;
}

/** Of who asks: bytes that were copied for another one are copied again. */
interface Sought {
  tables: Uint8Array;
  isUnseenFound: boolean;
}

function scannerOn({ find, memory }: Exports) {
  const memoryBytes = Buffer.from(memory.buffer);
  const window = memoryBytes.subarray(windowAt);
  /** Signs that begin in `[begin, end)` can be found in it. */
  let held: { sought: Sought; haystack: Buffer; begin: number; end: number; size: number } | undefined;

  function load(sought: Sought, haystack: Buffer, begin: number) {
    const isNext = held?.sought === sought && held.haystack === haystack && begin >= held.begin;
    const size = isNext && held ? Math.min(2 * held.size, windowBytes) : leastBytes;
    if (held?.sought !== sought) memoryBytes.set(sought.tables);
    const length = haystack.copy(window, 0, begin, begin + size);
    const isLast = begin + length === haystack.length;
    // No text has it, and no character begins with it.
    if (isLast) window.fill(0xff, length, length + signLength);
    // A sign that begins at the end of what was copied is found in what is copied next.
    held = { sought, haystack, begin, end: begin + length - (isLast ? 0 : signLength - 1), size };
    return held;
  }

  return {
    /** Where a sign may stand next; -1 where none does any more. */
    next(haystack: Buffer, from: number, sought: Sought): number {
      let its = held;
      // Whoever begins anew may have read something else into the same bytes.
      if (its?.sought !== sought || its.haystack !== haystack || from <= its.begin || from >= its.end) its = undefined;
      for (let at = from; at < haystack.length; at = its.end) {
        its = its !== undefined && at < its.end ? its : load(sought, haystack, at);
        const found = find(windowAt + at - its.begin, windowAt + its.end - its.begin, sought.isUnseenFound ? 1 : 0);
        if (found >= 0) return its.begin + found - windowAt;
      }
      held = undefined;
      return -1;
    },
  };
}

/** Which of the signs have a byte of such a half, for each half of each of their bytes. */
function tablesOf(needles: readonly Signed[]): Uint8Array {
  const tables = new Uint8Array(2 * signLength * tableBytes);
  for (const [i, { sign }] of needles.entries()) {
    const bit = 1 << Math.floor((i * groups) / Math.max(groups, needles.length));
    for (const [at, byte] of sign.entries()) {
      const low = 2 * at * tableBytes;
      const high = low + tableBytes;
      tables[low + (byte & 0x0f)] = (tables[low + (byte & 0x0f)] as number) | bit;
      tables[high + (byte >> 4)] = (tables[high + (byte >> 4)] as number) | bit;
    }
  }
  return tables;
}

/** The three bytes of a text that are the rarest in logs. */
function signOf(bytes: Buffer): Signed {
  let signAt = 0;
  let most = -1;
  for (let at = 0; at + signLength <= bytes.length; at++) {
    let rarity = 0;
    for (let i = 0; i < signLength; i++) rarity += rarityOf(bytes[at + i] as number);
    if (rarity > most) [signAt, most] = [at, rarity];
  }
  return { bytes, sign: bytes.subarray(signAt, signAt + signLength), signAt };
}

/** Most of a log is common small letters and digits; capitals stand in levels and names. */
function rarityOf(byte: number): number {
  const character = String.fromCharCode(byte);
  if (' etaoinsrldc0123'.includes(character)) return 0;
  if (/[a-z0-9.:/=]/.test(character)) return 1;
  return /[A-Z_-]/.test(character) ? 2 : 3;
}

/** What is not shown besides ESC, and may stand in the middle of what is. */
export function isUnseenAt(bytes: Buffer, at: number): boolean {
  const byte = bytes[at] as number;
  if (byte === c1Lead) return (bytes[at + 1] ?? 0xff) < 0xa0;
  return byte === 0x7f || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b);
}

const c1Lead = 0xc2;
