import { moduleOnce } from '../../system/web-assembly.ts';
import { framePairs, suspectEndings, suspectLastBytes, suspectPairs } from './edges.ts';
import { calendarLetters } from './plain-line.ts';
import { formOf, isFormFor, type KnownForms, type StampForm } from './stamp-form.ts';
import { hashesOf, type SoughtWord, soughtWords } from './suspects.ts';

/**
 * Finds the lines that stand for themselves many at once, by SIMD instructions of WebAssembly: what `PlainLineReader`
 * says of them, at a tenth of its time. Where it is not sure, or a line's time is of another form than those before, it
 * stops.
 */
export interface LineScanner {
  /** Slices of blocks that are longer don't fit. */
  readonly room: number;
  /** Looks at these events from now on. @param isWide usual lines are of other characters than ASCII, too */
  load(events: Buffer, isWide?: boolean): void;
  /** What comes next arrived then, in milliseconds since the epoch: to be said after `load`, and where it changes. */
  arriveAt(time: number): void;
  /** Reads times from now on as this line has it. @param stamp the time that it says it is from */
  learn(visible: string, stamp: number, arrived: number): void;
  /**
   * Reads lines from the event at `at` on.
   *
   * @param isClose each line takes a closer look
   */
  scan(at: number, isClose: boolean, limits: ScanLimits): ScanEnd;
  /** How many lines it has read, and the codes of their levels. Valid until the next scan. */
  readonly lines: number;
  readonly codes: Uint8Array;
  /** How many times it has noted; time `i` is that of line `lineOf(i)` of those read and the ones after it. */
  readonly times: number;
  timeOf(i: number): number;
  lineOf(i: number): number;
  /** When the last line is from; whether it, or one of those before it, says so. */
  readonly time: number;
  readonly isStamped: boolean;
  /** The last line that was read: its text is `[lastStart, lastEnd)`. */
  readonly lastStart: number;
  readonly lastEnd: number;
  /** Where the event is that ended it; the text of its line, and whether that is usual. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
  readonly isPlain: boolean;
}

/** What is known before a scan. */
export interface ScanLimits {
  /** Lines, and times, to read at most. */
  lines: number;
  times: number;
  /** When lines are from that don't say so, as long as none does. */
  time: number;
  /** The time that was noted last. Another one is noted that is as far from it as this. */
  noted: number;
  precisionMs: number;
}

/** `stamp`: a line that may say a time of another form; the reader of single lines has to look. */
export type ScanEnd = 'read' | 'event' | 'line' | 'stamp' | 'full';
const ends: readonly ScanEnd[] = ['read', 'event', 'line', 'stamp', 'full'];

/** What `line-scan.wat` is assembled to, as a test makes sure. */
export const assembled =
  'AGFzbQEAAAABHAVgAn9/AX9gAX8Bf2AAAX9gAn98AGADf39/AX8DEA8AAQIAAQEDAgICAQICAgQFAwEACgZBCn8BQQALfwFBAAt/AUEAC38BQQALfAFEAAAAAAAAAAALfAFEAAAAAAAAAAALfwFBAAt+AUIAC38BQQALfwFBAAsHEQIGbWVtb3J5AgAEc2NhbgAOCp0bDx8BAX8gAS8BACECIAAgAkEDdmotAAAgAkEHcXZBAXELeQEBfyAALQAAIQEgAS0AgIkBQQRxBEADQCAAQQFqIQAgAC0AAC0AgIkBQQRxDQALIAAjAU8EQEEADwsgAC0AACEBIAFBMGtBCkkgAUEoRnJBgMQAIAAQAHIPCyABQS9GBEAjAUEBay0AAEEwa0EKSQ8LQYAEIAAQAAtfAQN/IwFBAWstAAAtAICGASEAIABFBEBBAA8LIABBAkYEQEEBDwsjAUEEaygCAEGgwICBAnIhAUGAiAEhAgNAIAIoAgAgAUYEQEEBDwsgAkEEaiECIAIoAgANAAtBAAszACAB/QAEACAA/QAEAP1RIAD9AAQg/U4gAf0ABBAgAP0ABBD9USAA/QAEMP1O/VD9U0ULMgEBfyAAKAIAIQEgAUHw4cOHf3FBsODAgQNGIAFBhoyYMGpB8OHDh39xQbDgwIEDRnELRAEBfyAALQAAQTBrQQpJIAAtAAFBMGtBCklxRQRAQf8BDwsgAC0AAEEwa0EKbCAALQABQTBraiEBIAFB/wEgAUE8TRsLDgAgASAAuKAkBEEBJAYLiQYBCX9BACgCUEEARyMA/QAEAEEA/QAEAP1RQQD9AAQg/U4jAP0ABBBBAP0ABBD9UUEA/QAEMP1O/VD9U0VxBEAjAEEAKAJQaiEAIAAtAABBMGshASAALQABQTBrIQIgAUEKTyACQQpPcgRAQQIPCyABQQpsIAJqIQEgAUE8SwRAQQIPCyABQegHbCEDIABBAmohACAALQAAIQIgAkEsRiACQS5GcgRAIAAoAgBBCHZBsODAAWshByAHIAdB9uzZA2pyQYCBggRxRSAALQAEQTBrQQpPcQRAIABBBGohACADIAdBEHZqIAdB/wFxQeQAbCAHQQh2Qf8BcUEKbGpqIQMFIABBAWohBUHkACEEAkADQCAAQQFqIQAgAC0AACECIAJBMGtBCklFDQEgAyAEIAJBMGtsaiEDIARBCm4hBAwACwsgACAFayEFIAVFIAVBACgCXEtyBEBBAg8LCwsgACkDAEEAKQNAhUEAKQNIg1BFBEBBAg8LIABBACgCVGohAEEAKAJYIQYgAC0AACECIAJB3QBGBEAgBkEBcUUEQEECDwsFIAJBIEcEQEECDwsgBkECcQRAQQIPCyAGQQRxBEAgAC0AASECIAJBwQBJIAJB+gBLciACQdoARiACQdUARiACQccARnJycgRAQQIPCwsLIANBACsDYBAGIAAkAkEBDwsjACEAIAAtAABB2wBGBEAgAEEBaiEACyAALQAEIQIgAC0AAEEwa0EKSQRAIAAtAAIhBSAAEAQhCCAFQS9GIAAtAAFBL0ZyIAggAC0AB0Ewa0EKSXEgAC0ACEHUAEYgAC0ACEEgRnJxcgRAQQIPCyACQS1GIAJBL0ZyIAVBOkYgCCAALQAKQS5GcXJyIAVBLUYgBUEgRnIgAC0AAy0AgIkBQQd2IAAtAAVBIEZycXJBAXQPCyMALQABQSxGBEAjAC0AA0HbAEZBAXQPCyAALQADQSBGIAAtAANBLEZyIAAtAAAtAICJAUEHdnEgAkEwa0EKSSACQSBGciACLQCAiQFBB3ZycUEBdAuDAgEFf0EBJAkjAiEAIAAtAABB3QBGBEAgAEEBaiEACyAALQAALQCAiQFBBHFFBEBBAA8LA0AgAEEBaiEAIAAtAAAtAICJAUEEcQ0ACyAAIwJrQQJNJAkgACgCACEBIAAtAAQhBAJAIAFByZyZ+gRGBEBBAiECQQQhAwwBCyABQcSKiaoFRiAEQccARnEEQEEBIQJBBSEDDAELIAFB1KSFmgRGIARBxQBGcQRAQQEhAkEFIQMMAQsgAUHXgsnyBEYgAUHFpMn6BEYgAUHGgtGKBEZycgRAQQQPC0EADwsgACADai0AACEEIAJBACAELQCAiQFBBHEgBEE6RiAEQfwARnJyGwuyAgIEfwN7IwEjAGshASABQSggAUEoSRshAQNAIwAgAGohAyAD/QAEACEEIAP9AAQBIQUgA/0ABAIhBiAEQSD9D/0jIARBK/0P/SP9UCAFQSP9D/0jIAUgBv0jIAVBOv0P/SMgBUEt/Q/9I/1QIAVBK/0P/SMgBUH+AP0P/SMgBUHeAP0P/SP9UP1Q/VD9Tv1Q/U79ZCECIAIEQCAAIAJoaiABSQRAQQEPCwsgAEEQaiEAIAAgAUkNAAtBACgCWEEQcUUEQEEADwsjAkEBaiEDIAMtAABBMGtBCkkgAy0AAUEwa0EKSXEEQCADLQACIQIgAkHPAEYgAkHFAEZyBEAgA0EDaiEDIAMtAAAhAiACQSBGIAJBK0ZyBEAgA0EBaiEDCwsLIAMjAU8EQEEADwsgAxABC/sBAQh/IAAtAABBH3FBCnQgAC0AAUEfcUEFdCAALQACQR9xcnJBAXQvAYCMASEBIAFFBEBBAA8LIAFBgIwFaiEBIAEtAAAhAiABQQFqIQECQANAIAJFDQEgAkEBayECIAEtAAAhAyAAIAEtAAFrIQRBACEFIAQjAE8hCAJAA0AgCEUNASAFIANPDQEgASAFai0AAyEGIAQgBWotAAAhByAGQTlGBH8gB0Ewa0EKSQUgBiAHQSByIAcgB0HBAGtBGkkbRgshCCAFQQFqIQUMAAsLIAgEQCABLQACRQRAQQEPCyMDRQRAIAQkAwsLIAEgA2pBA2ohAQwACwtBAAuJAgIDfwR7QQ/9DyEGIwAhAANAIAD9AAQAIQMgAP0ABAEhBCAA/QAEAiEFQYCEAf0ABAAgAyAG/U79DkGQhAH9AAQAIANBBP1t/Q79TkGghAH9AAQAIAQgBv1O/Q5BsIQB/QAEACAEQQT9bf0O/U79TkHAhAH9AAQAIAUgBv1O/Q5B0IQB/QAEACAFQQT9bf0O/U79TiEDIAP9UwRAIAP9DAAAAAAAAAAAAAAAAAAAAAD9JP1kIQEjASAAayECIAJBEEkEQCABQQEgAnRBAWtxIQELAkADQCABRQ0BIAAgAWhqEAoEQEEBDwsgASABQQFrcSEBDAALCwsgAEEQaiEAIAAjAUkNAAtBAAvcAgEEf0EAKALAAUUEQEEADwtB8AAjAxADRQRAQQAPCyMDQQAoAsABaiEAIAAQBSEDIANB/wFGBEBBAA8LIABBAmopAwBB8AApA0CFQfAAKQNIg1BFBEBBAA8LIwAhACAALQAAQfQARgRAQQAPCwNAIAAtAAAhAiACLQCAiQFBAXEEQCAAQQFqIQAMAQsLIAJBIEcEQEEADwsgACMAayEBIAFBAWtBP0sEQEEADwsgAEEBaiEAIAAhAQNAIAAtAAAhAiACLQCAiQFBAnEEQCAAQQFqIQAMAQsLIAJBIEcEQEEADwsgACABa0EBa0E/SwRAQQAPCyAAQQFqIQAgACEBA0AgAC0AACECIAItAICJAUEGcQRAIABBAWohAAwBCwsgACMDRwRAQQAPCyAAQQFrLQAAQSBHBEBBAA8LIAAgAWtBAmtBP0sEQEEADwsgA0HoB2xBACsDyAEQBkEBC+ABAgN/AX4jACMBRgRAQQAPCyMBQQFrLQAALQCAhgEEQBACBEBBEA8LCyMALwEAIQIgAkEDdi0AgAQgAkEHcXZBAXEEQCMAEAEEQEEQDwsLEAchACAAQQJGBEBBEQ8LIAAEQEEAKAJYQQhxBEAjAikDACEDIAMjB1IEQBAIJAggAyQHIwlFBEBCACQHCwsjCCEBIAFBBEYEQEEQDwsgAQRAIAEPCwsQCQRAQRAPCwsjASMAa0GQA0sEQEEQDwtBACQDEAsEQEEQDwsjA0EARyAARXEEQBAMRQRAQREPCwtBAAvZBAQIfwF8BH8Ge0EK/Q8hEkEJ/Q8hE0EAKAKUAv0PIRRBACgCmAL9DyEVQQArA/ABJARBACsD+AEkBUEAJAYCQANAIAAgAU8NASAIQQAoAowCTwRAQQQhCgwCCyAJQQAoAogCTwRAQQQhCgwCCyAALQAAQekARwRAQQEhCgwCCyANQQBHIAAgDWotAABBCkZxRQRAQQQhDQNAIAAgDWr9AAQAQQr9D/0j/WQhBCAERQRAIA1BEGohDQwBCwsgDSAEaGohDQsgACANakEHaiQAIwAhA0EAIQYCQANAIAP9AAQAIRAgA/0ABBAhESAQIBT9cSAV/Sb9ZCARIBT9cSAV/Sb9ZEEQdHIhBCAEBEAgECAS/SP9ZCARIBL9I/1kQRB0ciEFIAQgECAT/SP9ZCARIBP9I/1kQRB0ckF/c3EhBCAFBEAgBiAEIAVBf3MgBUEBa3FxciEGIAMgBWhqIQMMAwsgBiAEciEGCyADQSBqIQMMAAsLIAMkASACIAZyBEBBAiEKDAILIwQhCyMGIQwQDSEHIAdBEE8EQCALJAQgDCQGIAdBDmshCgwCC0GAwAcgCGogBzoAACMEIwWhmUEAKwOAAmYEQEGAsAUgCUEEdGohAyADIwQ5AwAgAyAIuDkDCCAJQQFqIQkjBCQFCyAIQQFqIQgjACEOIwEhDyMBQQJqIQAMAAsLQQAgADYC0AFBACMANgLUAUEAIwE2AtgBQQAgBjYC3AFBACAINgLgAUEAIAk2AuQBQQAjBjYC6AFBACAONgLsAUEAIA82ApACQQAjBDkD8AEgCgs=';

/** What stands where in the memory: line-scan.wat says the same. */
const place = {
  form: 0,
  accessForm: 112,
  formLength: 80,
  zoneLength: 84,
  traits: 88,
  mostDigits: 92,
  base: 96,
  accessLength: 192,
  accessBase: 200,
  at: 208,
  start: 212,
  end: 216,
  isUnusual: 220,
  lines: 224,
  times: 228,
  isStamped: 232,
  lastStart: 236,
  time: 240,
  noted: 248,
  precision: 256,
  mostTimes: 264,
  mostLines: 268,
  lastEnd: 272,
  unusualFrom: 276,
  unusualCount: 280,
  pairs: 512,
  framePairs: 8704,
  halves: 16_896,
  lastBytes: 17_152,
  endings: 17_408,
  classes: 17_536,
  parts: 17_920,
  words: 83_456,
  noted16: 88_064,
  codes: 122_880,
  events: 131_072,
} as const;
/** Bytes that are no usual text, beside TAB and LF: from DEL over 0xff to US, or from NUL to US. */
const notPrintable = { from: 0x7f, count: 0xa1 } as const;
const controls = { from: 0, count: 0x20 } as const;
const memoryBytes = 655_360;
const maskAt = 32;
const zoneAt = 64;
const zoneMaskAt = 72;

/** What may follow a time. */
const stampTraits = { bracketMayFollow: 1, onlyBracket: 2, letterFollows: 4, beforeLevel: 8, keptByCi: 16 } as const;
/** Digits of a fraction. */
const mostDigits = { date: 9, day: 6, syslog: 6 } as const;
/** Of what stands before the time of an access log; `calendar`: names of months and weekdays begin so. */
const classes = { client: 1, visible: 2, blank: 4, calendar: 128 } as const;

interface Exports {
  memory: { buffer: ArrayBuffer };
  scan(at: number, all: number, isClose: number): number;
}

/** One for all of a thread: what it learned of times is true of every log. Undefined where there is no SIMD. */
export const lineScanner = moduleOnce(assembled, scannerOn);

function scannerOn({ scan, memory: { buffer } }: Exports): LineScanner {
  const bytes = Buffer.from(buffer);
  writeTables(bytes);
  const numbers = new Int32Array(buffer);
  const times = new Float64Array(buffer);
  const codes = bytes.subarray(place.codes, place.events);
  const number = (at: number) => numbers[at >> 2] as number;
  let eventsEnd: number = place.events;
  const known: KnownForms = {};

  return {
    room: memoryBytes - place.events - 64,
    load(events, isWide = false) {
      const { from, count } = isWide ? controls : notPrintable;
      numbers[place.unusualFrom >> 2] = from;
      numbers[place.unusualCount >> 2] = count;
      eventsEnd = place.events + events.copy(bytes, place.events);
    },
    arriveAt(time) {
      if (known.first === undefined || isFormFor(known.first, time)) return;
      numbers[place.formLength >> 2] = 0;
      known.first = undefined;
    },
    learn(visible, stamp, arrived) {
      const found = formOf(visible, stamp, arrived, known);
      if (found === undefined || !isFormFor(found, arrived)) return;
      writeForm(bytes, found);
      known[found.kind === 'access' ? 'access' : 'first'] = found;
    },
    scan(at, isClose, limits) {
      numbers[place.mostLines >> 2] = limits.lines;
      numbers[place.mostTimes >> 2] = limits.times;
      times[place.time >> 3] = limits.time;
      times[place.noted >> 3] = limits.noted;
      times[place.precision >> 3] = limits.precisionMs;
      return ends[scan(place.events + at, eventsEnd, isClose ? 1 : 0)] as ScanEnd;
    },
    codes,
    get lines() {
      return number(place.lines);
    },
    get times() {
      return number(place.times);
    },
    timeOf: (i) => times[(place.noted16 >> 3) + 2 * i] as number,
    lineOf: (i) => times[(place.noted16 >> 3) + 2 * i + 1] as number,
    get time() {
      return times[place.time >> 3] as number;
    },
    get isStamped() {
      return number(place.isStamped) === 1;
    },
    get lastStart() {
      return number(place.lastStart) - place.events;
    },
    get lastEnd() {
      return number(place.lastEnd) - place.events;
    },
    get at() {
      return number(place.at) - place.events;
    },
    get start() {
      return number(place.start) - place.events;
    },
    get end() {
      return number(place.end) - place.events;
    },
    get isPlain() {
      return number(place.isUnusual) === 0;
    },
  };
}

function writeForm(memory: Buffer, { kind, prefix, zone, base }: StampForm): void {
  const at = kind === 'access' ? place.accessForm : place.form;
  // A text and which of its bytes count.
  const write = (text: string, textAt: number, maskAt: number, room: number) => {
    memory.fill(0, textAt, textAt + room).write(text, textAt, 'latin1');
    memory.fill(0, maskAt, maskAt + room).fill(0xff, maskAt, maskAt + text.length);
  };
  write(prefix, at, at + maskAt, maskAt);
  write(zone, at + zoneAt, at + zoneMaskAt, zoneMaskAt - zoneAt);
  memory.writeDoubleLE(base, kind === 'access' ? place.accessBase : place.base);
  memory.writeInt32LE(prefix.length, kind === 'access' ? place.accessLength : place.formLength);
  if (kind === 'access') return;
  memory.writeInt32LE(zone.length, place.zoneLength);
  memory.writeInt32LE(mostDigits[kind], place.mostDigits);
  memory.writeInt32LE(traitsOf(kind, prefix, zone), place.traits);
}

/** As `StampMemory` has them. */
function traitsOf(kind: 'date' | 'day' | 'syslog', prefix: string, zone: string): number {
  let traits = 0;
  if (kind === 'date' || prefix.startsWith('[')) traits |= stampTraits.bracketMayFollow;
  if (kind === 'day' && prefix.startsWith('[')) traits |= stampTraits.onlyBracket;
  if (kind === 'date' && zone === '') traits |= stampTraits.letterFollows;
  if (kind !== 'syslog' && !zone.startsWith(' ')) traits |= stampTraits.beforeLevel;
  if (kind === 'date' && /^\d.*T/.test(prefix) && zone === 'Z') traits |= stampTraits.keptByCi;
  return traits;
}

function writeTables(memory: Buffer): void {
  memory.set(suspectPairs(), place.pairs);
  memory.set(framePairs(), place.framePairs);
  memory.set(suspectLastBytes(), place.lastBytes);
  for (const [i, ending] of suspectEndings().entries()) memory.write(ending, place.endings + 4 * i, 'latin1');
  for (let byte = 0; byte < 256; byte++) memory[place.classes + byte] = classesOf(String.fromCharCode(byte));
  const words = soughtWords();
  writeHalves(memory, words);
  writeWords(memory, words);
}

function classesOf(sign: string): number {
  if (sign === ' ' || sign === '\t') return classes.blank;
  let found = 0;
  if (/[\w.:-]/.test(sign)) found |= classes.client;
  if (/[!-~]/.test(sign) && sign !== '[' && sign !== ']') found |= classes.visible;
  if (calendarLetters.includes(sign)) found |= classes.calendar;
  return found;
}

const groups = 8;
const halfBytes = 16;

/** Words by their parts in eight groups; a table for each half of each of three bytes says which may have it. */
function writeHalves(memory: Buffer, words: readonly SoughtWord[]): void {
  const parts = words.map(({ part }) => part).sort();
  for (const [i, part] of parts.entries()) {
    const group = 1 << Math.floor((i * groups) / parts.length);
    for (let at = 0; at < 3; at++) {
      for (const byte of bytesFor(part[at])) {
        const low = place.halves + 2 * at * halfBytes + (byte & 15);
        const high = place.halves + (2 * at + 1) * halfBytes + (byte >> 4);
        memory[low] = (memory[low] as number) | group;
        memory[high] = (memory[high] as number) | group;
      }
    }
  }
}

/** In both cases; any digit for a `9`, any byte where there is none. */
function bytesFor(sign: string | undefined): number[] {
  if (sign === undefined) return Array.from({ length: 256 }, (_, byte) => byte);
  const spellings = sign === '9' ? [...'0123456789'] : [sign, sign.toUpperCase()];
  return spellings.map((spelling) => spelling.charCodeAt(0));
}

/** For each part by its hash the words that it may be of: how many, then of each its length, the part's place in it. */
function writeWords(memory: Buffer, words: readonly SoughtWord[]): void {
  const byPart = new Map<string, SoughtWord[]>();
  for (const word of words) for (const hash of hashesOf(word.part)) add(byPart, hash, word);
  const written = new Map<string, number>();
  let next = 1;
  for (const [hash, found] of byPart) {
    const bytes = [found.length];
    for (const { text, at, isTime } of found) bytes.push(text.length, at, isTime ? 1 : 0, ...Buffer.from(text));
    const key = bytes.join();
    const entry = written.get(key) ?? next;
    if (entry === next) {
      written.set(key, next);
      memory.set(bytes, place.words + next);
      next += bytes.length;
    }
    memory.writeUInt16LE(entry, place.parts + 2 * Number(hash));
  }
  if (next > place.noted16 - place.words) throw new Error('There is no room for so many words.');
}

function add(byPart: Map<string, SoughtWord[]>, hash: number, word: SoughtWord): void {
  const found = byPart.get(String(hash));
  if (found === undefined) byPart.set(String(hash), [word]);
  else found.push(word);
}
