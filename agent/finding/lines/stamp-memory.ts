import { fractionDigits, mostFractionDigits, zone } from '../../text/time/time-forms.ts';
import { timestampOf } from '../../text/time/timestamp.ts';

/**
 * Most lines that begin with a time begin with that of the line before, but for the fraction of its second: it is read
 * from their bytes.
 */
export interface StampMemory {
  /**
   * Where the time ends that the text `bytes[start, end)` begins with; 0 where there is none, or none that can be
   * remembered. It ends with a line end.
   *
   * @param arrived when the line did, in milliseconds since the epoch
   */
  read(bytes: Buffer, start: number, end: number, arrived: number): number;
  /** What was read last, in milliseconds since the epoch. */
  readonly time: number;
  /** The name of a level after it counts, wherever else one stands. */
  readonly isBeforeLevel: boolean;
}

/** `date` also has its day, `day` only the time of day, `syslog` no year. */
type Kind = 'date' | 'day' | 'syslog';

interface Known {
  kind: Kind;
  /** What comes before the fraction, and after it. */
  text: Uint8Array;
  zone: Uint8Array;
  /** Without the fraction. */
  time: number;
  arrived: number;
}

const date = /^\[?\d{4}[-/]\d\d[-/]\d\d[Tt ]\d\d:\d\d:\d\d/;
const day = /^\[?\d\d:\d\d:\d\d/;
const syslog = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d/;
const afterText = new RegExp(`^(?:[.,]${fractionDigits})?( ?${zone})?`);

/** Of a time without a day the day is that of the line's arrival. */
const staysForMs = 60_000;

const space = 0x20;
const comma = 0x2c;
const dash = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
/** What `Z`, `UTC` and `GMT` begin with. */
const zoneLetters = new Set([0x5a, 0x55, 0x47]);
const letterA = 0x61;
const letterP = 0x70;
const letterM = 0x6d;
/** To a letter it makes the small one. */
const caseBit = 0x20;
const openBracket = 0x5b;
const closeBracket = 0x5d;

export function createStampMemory(): StampMemory {
  let known: Known | undefined;
  let time = 0;
  let fractionMs = 0;

  function readKnown(bytes: Buffer, start: number, arrived: number): number {
    if (known === undefined) return 0;
    const { kind, text, zone } = known;
    for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return 0;
    if (kind !== 'date' && Math.abs(arrived - known.arrived) > staysForMs) return 0;
    const fractionEnd = readFraction(bytes, start + text.length, mostDigits[kind]);
    if (fractionEnd === 0) return 0;
    const at = fractionEnd + zone.length;
    for (let i = 0; i < zone.length; i++) if (bytes[fractionEnd + i] !== zone[i]) return 0;
    if (!endsAt(known, bytes, at)) return 0;
    time = known.time + fractionMs;
    return at;
  }

  /** Returns where it ends, also where there is none; 0 where it is of no such time. */
  function readFraction(bytes: Buffer, start: number, mostDigits: number): number {
    fractionMs = 0;
    if (bytes[start] !== point && bytes[start] !== comma) return start;
    let at = start + 1;
    for (let unit = 100; isDigit(bytes[at]); at++, unit /= 10)
      if (unit >= 1) fractionMs += unit * ((bytes[at] as number) - zero);
    const digits = at - start - 1;
    return digits === 0 || digits > mostDigits ? 0 : at;
  }

  function learn(bytes: Buffer, start: number, end: number, arrived: number): void {
    const visible = bytes.toString('utf8', start, end);
    const kind = date.test(visible) ? 'date' : day.test(visible) ? 'day' : 'syslog';
    const text = (kind === 'date' ? date : kind === 'day' ? day : syslog).exec(visible)?.[0];
    const said = text === undefined ? undefined : timestampOf(visible, arrived);
    if (text === undefined || said === undefined) return;
    const zone = kind === 'date' ? (afterText.exec(visible.slice(text.length))?.[1] ?? '') : '';
    known = { kind, text: Buffer.from(text), zone: Buffer.from(zone), time: 0, arrived };
    if (readKnown(bytes, start, arrived) === 0) known = undefined;
    else known.time = said - time;
  }

  return {
    get time() {
      return time;
    },
    get isBeforeLevel() {
      return known !== undefined && known.kind !== 'syslog' && known.zone[0] !== space;
    },
    read(bytes, start, end, arrived) {
      const stampEnd = readKnown(bytes, start, arrived);
      if (stampEnd !== 0) return stampEnd;
      learn(bytes, start, end, arrived);
      return readKnown(bytes, start, arrived);
    },
  };
}

const mostDigits: Readonly<Record<Kind, number>> = { date: mostFractionDigits, day: 6, syslog: 6 };

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

/** Whether it would be read so: no zone, no half of a day, and no further digit, follows. */
function endsAt({ kind, text, zone }: Known, bytes: Uint8Array, at: number): boolean {
  const next = bytes[at];
  if (kind === 'day' && text[0] === openBracket) return next === closeBracket;
  if (next === closeBracket) return kind === 'date';
  if (next !== space) return false;
  if (zone.length > 0) return true;
  if (mayBeHalf(bytes[at + 1] as number, bytes[at + 2] as number)) return false;
  if (kind !== 'date') return true;
  const after = bytes[at + 1] as number;
  // A zone follows one space only; `- ` is none.
  if (after === space || (after === dash && bytes[at + 2] === space)) return true;
  return after >= 0x41 && after <= 0x7a && !zoneLetters.has(after);
}

/** `PM`, `a.m.`, by two of its bytes. line-scan.wat has the same. */
function mayBeHalf(first: number, second: number): boolean {
  const letter = first | caseBit;
  return (letter === letterA || letter === letterP) && ((second | caseBit) === letterM || second === point);
}
