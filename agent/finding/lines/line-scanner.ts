import { moduleOnce } from '../../system/web-assembly.ts';
import { mostFractionDigits } from '../../text/time/time-forms.ts';
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
  /**
   * Looks at `events[from, to)` from now on, but for an event that goes on after `to`. All places are those in
   * `events`.
   *
   * @param isWide usual lines are of other characters than ASCII, too
   */
  load(events: Buffer, isWide?: boolean, from?: number, to?: number): void;
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

/**
 * `read`: all of what was loaded, up to `at`. `stamp`: a line that may say a time of another form; the reader of single
 * lines has to look.
 */
export type ScanEnd = 'read' | 'event' | 'line' | 'stamp' | 'full';
const ends: readonly ScanEnd[] = ['read', 'event', 'line', 'stamp', 'full'];

/** What `line-scan.wat` is assembled to, as a test makes sure. */
export const assembled =
  'AGFzbQEAAAABFwRgAn9/AX9gAX8Bf2AAAX9gA39/fwF/Aw4NAAECAAEBAgICAQICAwUDAQAKBkEKfwFBAAt/AUEAC38BQQALfwFBAAt8AUQAAAAAAAAAAAt8AUQAAAAAAAAAAAt/AUEAC34BQgALfwFBAAt/AUEACwcRAgZtZW1vcnkCAARzY2FuAAwKsRwNHwEBfyABLwEAIQIgACACQQN2ai0AACACQQdxdkEBcQt5AQF/IAAtAAAhASABLQCAiQFBBHEEQANAIABBAWohACAALQAALQCAiQFBBHENAAsgACMBTwRAQQAPCyAALQAAIQEgAUEwa0EKSSABQShGckGAxAAgABAAcg8LIAFBL0YEQCMBQQFrLQAAQTBrQQpJDwtBgAQgABAAC18BA38jAUEBay0AAC0AgIYBIQAgAEUEQEEADwsgAEECRgRAQQEPCyMBQQRrKAIAQaDAgIECciEBQYCIASECA0AgAigCACABRgRAQQEPCyACQQRqIQIgAigCAA0AC0EACzMAIAH9AAQAIAD9AAQA/VEgAP0ABCD9TiAB/QAEECAA/QAEEP1RIAD9AAQw/U79UP1TRQsyAQF/IAAoAgAhASABQfDhw4d/cUGw4MCBA0YgAUGGjJgwakHw4cOHf3FBsODAgQNGcQtEAQF/IAAtAABBMGtBCkkgAC0AAUEwa0EKSXFFBEBB/wEPCyAALQAAQTBrQQpsIAAtAAFBMGtqIQEgAUH/ASABQTxNGwuUAgEEfyMAIQAgAC0AAEHbAEYEQCAAQQFqIQALIAAtAAQhASAALQAAQTBrQQpJBEAgAC0AAiECIAAQBCEDIAJBL0YgAC0AAUEvRiAALQABQTpGcnIgAyAALQAHQTBrQQpJcSAALQAIQdQARiAALQAIQSBGcnFyBEBBAg8LIAFBLUYgAUEvRnIgAkE6RiADIAAtAApBLkZxcnIgAkEtRiACQSBGciAALQADLQCAiQFBB3YgAC0ABUEgRnJxckEBdA8LIwAtAAFBLEYEQCMALQADQdsARkEBdA8LIAAtAANBIEYgAC0AA0EsRnIgAC0AAC0AgIkBQQd2cSABQTBrQQpJIAFBIEZyIAEtAICJAUEHdnJxQQF0C4MCAQV/QQEkCSMCIQAgAC0AAEHdAEYEQCAAQQFqIQALIAAtAAAtAICJAUEEcUUEQEEADwsDQCAAQQFqIQAgAC0AAC0AgIkBQQRxDQALIAAjAmtBAk0kCSAAKAIAIQEgAC0ABCEEAkAgAUHJnJn6BEYEQEECIQJBBCEDDAELIAFBxIqJqgVGIARBxwBGcQRAQQEhAkEFIQMMAQsgAUHUpIWaBEYgBEHFAEZxBEBBASECQQUhAwwBCyABQdeCyfIERiABQcWkyfoERiABQcaC0YoERnJyBEBBBA8LQQAPCyAAIANqLQAAIQQgAkEAIAQtAICJAUEEcSAEQTpGIARB/ABGcnIbC7ICAgR/A3tBACgCWEEQcUUEQEEADwsjASMAayEBIAFBKCABQShJGyEBA0AjACAAaiEDIAP9AAQAIQQgA/0ABAEhBSAD/QAEAiEGIARBIP0P/SMgBEEr/Q/9I/1QIAVBI/0P/SMgBSAG/SMgBUE6/Q/9IyAFQS39D/0j/VAgBUEr/Q/9IyAFQf4A/Q/9IyAFQd4A/Q/9I/1Q/VD9UP1O/VD9Tv1kIQIgAgRAIAAgAmhqIAFJBEBBAQ8LCyAAQRBqIQAgACABSQ0ACyMCQQFqIQMgAy0AAEEwa0EKSSADLQABQTBrQQpJcQRAIAMtAAIhAiACQc8ARiACQcUARnIEQCADQQNqIQMgAy0AACECIAJBIEYgAkErRnIEQCADQQFqIQMLCwsgAyMBTwRAQQAPCyADEAEL+wEBCH8gAC0AAEEfcUEKdCAALQABQR9xQQV0IAAtAAJBH3FyckEBdC8BgIwBIQEgAUUEQEEADwsgAUGAjAVqIQEgAS0AACECIAFBAWohAQJAA0AgAkUNASACQQFrIQIgAS0AACEDIAAgAS0AAWshBEEAIQUgBCMATyEIAkADQCAIRQ0BIAUgA08NASABIAVqLQADIQYgBCAFai0AACEHIAZBOUYEfyAHQTBrQQpJBSAGIAdBIHIgByAHQcEAa0EaSRtGCyEIIAVBAWohBQwACwsgCARAIAEtAAJFBEBBAQ8LIwNFBEAgBCQDCwsgASADakEDaiEBDAALC0EAC4kCAgN/BHtBD/0PIQYjACEAA0AgAP0ABAAhAyAA/QAEASEEIAD9AAQCIQVBgIQB/QAEACADIAb9Tv0OQZCEAf0ABAAgA0EE/W39Dv1OQaCEAf0ABAAgBCAG/U79DkGwhAH9AAQAIARBBP1t/Q79Tv1OQcCEAf0ABAAgBSAG/U79DkHQhAH9AAQAIAVBBP1t/Q79Tv1OIQMgA/1TBEAgA/0MAAAAAAAAAAAAAAAAAAAAAP0k/WQhASMBIABrIQIgAkEQSQRAIAFBASACdEEBa3EhAQsCQANAIAFFDQEgACABaGoQCQRAQQEPCyABIAFBAWtxIQEMAAsLCyAAQRBqIQAgACMBSQ0AC0EAC+ICAQR/QQAoAsABRQRAQQAPC0HwACMDEANFBEBBAA8LIwNBACgCwAFqIQAgABAFIQMgA0H/AUYEQEEADwsgAEECaikDAEHwACkDQIVB8AApA0iDUEUEQEEADwsjACEAIAAtAABB9ABGBEBBAA8LA0AgAC0AACECIAItAICJAUEBcQRAIABBAWohAAwBCwsgAkEgRwRAQQAPCyAAIwBrIQEgAUEBa0E/SwRAQQAPCyAAQQFqIQAgACEBA0AgAC0AACECIAItAICJAUECcQRAIABBAWohAAwBCwsgAkEgRwRAQQAPCyAAIAFrQQFrQT9LBEBBAA8LIABBAWohACAAIQEDQCAALQAAIQIgAi0AgIkBQQZxBEAgAEEBaiEADAELCyAAIwNHBEBBAA8LIABBAWstAABBIEcEQEEADwsgACABa0ECa0E/SwRAQQAPC0EAKwPIASADQegHbLigJARBASQGQQELzQsGCH8BfAl/AX4IfwZ7QQr9DyEgQQn9DyEhQQAoApQC/Q8hIkEAKAKYAkEBa/0PISNBACsD8AEkBEEAKwP4ASQFQQAkBiABICD9CwQAIAEgIP0LBBAgASAg/QsEIAJAA0AgACABTw0BIAhBACgCjAJPBEBBBCEKDAILIAlBACgCiAJPBEBBBCEKDAILIAAtAABB6QBHBEBBASEKDAILIA1BAEcgACANai0AAEEKRnFFBEBBBCENA0AgACANav0ABABBCv0P/SP9ZCEEIARFBEAgDUEQaiENDAELCyANIARoaiENCyAAIA1qQQdqIRAgECQAIBAhA0EAIQYCQANAIAP9AAQAIR4gA/0ABBAhHyAeICL9cSAj/Sr9ZCAfICL9cSAj/Sr9ZEEQdHIhBCAEBEAgHiAg/SP9ZCAfICD9I/1kQRB0ciEFIAQgHiAh/SP9ZCAfICH9I/1kQRB0ckF/c3EhBCAFBEAgBiAEIAVBf3MgBUEBa3FxciEGIAMgBWhqIQMMAwsgBiAEciEGCyADQSBqIQMMAAsLIAMhESADJAEgA0ECaiABSw0BIAIgBnIEQEECIQoMAgsjBCELIwYhDAJ/IBAgEUYEQEEADAELIBFBAWstAAAtAICGAQRAEAIEQEEQDAILCyAQLwEAIRQgFEEDdi0AgAQgFEEHcXZBAXEEQCAQEAEEQEEQDAILCwJ/QQAoAlBBAEcgEP0ABABBAP0ABAD9UUEA/QAEIP1OIBD9AAQQQQD9AAQQ/VFBAP0ABDD9Tv1Q/VNFcQRAIBBBACgCUGohFiAWLQAAQTBrIRcgFi0AAUEwayEYIBdBCk8gGEEKT3IEQEECDAILIBdBCmwgGGohFyAXQTxLBEBBAgwCCyAXQegHbCEZIBZBAmohFiAWLQAAIRggGEEsRiAYQS5GcgRAIBYoAgBBCHZBsODAAWshHSAdIB1B9uzZA2pyQYCBggRxRSAWLQAEQTBrQQpPcQRAIBZBBGohFiAZIB1BEHZqIB1B/wFxQeQAbCAdQQh2Qf8BcUEKbGpqIRkFIBZBAWohG0HkACEaAkADQCAWQQFqIRYgFi0AACEYIBhBMGtBCklFDQEgGSAaIBhBMGtsaiEZIBpBCm4hGgwACwsgFiAbayEbIBtFIBtBACgCXEtyBEBBAgwECwsLIBYpAwBBACkDQIVBACkDSINQRQRAQQIMAgsgFkEAKAJUaiEWQQAoAlghHCAWLQAAIRggGEHdAEYEQCAcQQFxRQRAQQIMAwsFIBhBIEcEQEECDAMLIBxBAnEEQEECDAMLIBxBIHEEQCAWLQABQSByIRggFi0AAiEbIBhB4QBGIBhB8ABGciAbQSByQe0ARiAbQS5GcnEEQEECDAQLCyAcQQRxBEAgFi0AASEYIBhBwQBJIBhB+gBLciAYQdoARiAYQdUARiAYQccARnJyciAWLQACIBggGEEtRhtBIEdxBEBBAgwECwsLQQArA2AgGbigJARBASQGIBYkAkEBDAELEAYLIRIgEkECRgRAQREMAQsgEgRAQQAoAlhBCHEEQCMCKQMAIRUgFSMHUgRAEAckCCAVJAcjCUUEQEIAJAcLCyMIIRMgE0EERgRAQRAMAwsgEwRAIBMMAwsLEAgEQEEQDAILCyARIBBrQZADSwRAQRAMAQtBACQDEAoEQEEQDAELIwNBAEcgEkVxBEAQC0UEQEERDAILC0EACyEHIAdBEE8EQCALJAQgDCQGIAdBDmshCgwCC0GAwAcgCGogBzoAACMEIwWhmUEAKwOAAmYEQEGAsAUgCUEEdGohAyADIwQ5AwAgAyAIuDkDCCAJQQFqIQkjBCQFCyAIQQFqIQggECEOIBEhDyARQQJqIQAMAAsLQQAgADYC0AFBACAQNgLUAUEAIBE2AtgBQQAgBjYC3AFBACAINgLgAUEAIAk2AuQBQQAjBjYC6AFBACAONgLsAUEAIA82ApACQQAjBDkD8AEgCgs=';

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
const stampTraits = {
  ...{ bracketMayFollow: 1, onlyBracket: 2, letterFollows: 4, beforeLevel: 8, keptByCi: 16 },
  noHalfFollows: 32,
} as const;
/** Digits of a fraction. */
const mostDigits = { date: mostFractionDigits, day: 6, syslog: 6 } as const;
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
  /** From a place in the events to one in the memory. */
  let shift: number = place.events;
  const known: KnownForms = {};

  return {
    room: memoryBytes - place.events - 64,
    load(events, isWide = false, from = 0, to = events.length) {
      const unusual = isWide ? controls : notPrintable;
      numbers[place.unusualFrom >> 2] = unusual.from;
      numbers[place.unusualCount >> 2] = unusual.count;
      shift = place.events - from;
      eventsEnd = place.events + events.copy(bytes, place.events, from, to);
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
      numbers[place.mostLines >> 2] = Math.min(limits.lines, codes.length);
      numbers[place.mostTimes >> 2] = limits.times;
      times[place.time >> 3] = limits.time;
      times[place.noted >> 3] = limits.noted;
      times[place.precision >> 3] = limits.precisionMs;
      return ends[scan(shift + at, eventsEnd, isClose ? 1 : 0)] as ScanEnd;
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
      return number(place.lastStart) - shift;
    },
    get lastEnd() {
      return number(place.lastEnd) - shift;
    },
    get at() {
      return number(place.at) - shift;
    },
    get start() {
      return number(place.start) - shift;
    },
    get end() {
      return number(place.end) - shift;
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
  if (zone === '') traits |= stampTraits.noHalfFollows;
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
