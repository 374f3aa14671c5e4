import { withoutTime } from '../../text/time/time-prefix.ts';
import { timestampOf } from '../../text/time/timestamp.ts';
import { beginsSuspect, endsSuspect } from './edges.ts';
import { levelCodes } from './levels.ts';
import { createStampMemory } from './stamp-memory.ts';
import { heldCodes, whatIsHeld } from './suspects.ts';

/*
 * What most lines of a log are: they stand for themselves, and say no level, or say it right after their time. They are
 * read from their bytes; the expressions of `text/` have the last word about all others, and agree about these.
 */

/** Reads plain lines, in order. */
export interface PlainLineReader {
  /**
   * The code of the level that the text `bytes[start, end)` says, where it stands for itself unless the line before
   * says otherwise; `unsure` where that takes a closer look. It is usual text (see `isUsualText`) and ends with a line
   * end.
   *
   * @param arrived when, in milliseconds since the epoch
   */
  read(bytes: Buffer, start: number, end: number, arrived: number): number;
  /** The time that the line which was read last says it is from. */
  readonly stamp: number | undefined;
}

export const unsure = -1;

/** What is said further behind counts for less: see `levelOf`. */
const longestLine = 400;

export function createPlainLineReader(): PlainLineReader {
  const stamps = createStampMemory();
  let stamp: number | undefined;

  return {
    get stamp() {
      return stamp;
    },

    read(bytes, start, end, arrived) {
      stamp = undefined;
      if (start === end) return levelCodes.none;
      if (endsSuspect(bytes, end) || beginsSuspect(bytes, start, end)) return unsure;
      if (mayBeStamp(bytes, start)) {
        const stampEnd = stamps.read(bytes, start, end, arrived);
        if (stampEnd === 0) stamp = timestampOf(bytes.toString('utf8', start, end), arrived);
        else {
          stamp = stamps.time;
          const code = stamps.isBeforeLevel ? levelAfter(bytes, stampEnd) : levelCodes.none;
          if (code !== levelCodes.none) return code < levelCodes.warn ? code : unsure;
        }
        if (beginsAfterTime(bytes, start, end)) return unsure;
      }
      if (end - start > longestLine) return unsure;
      const held = whatIsHeld(bytes, start, end);
      if (held === heldCodes.suspect) return unsure;
      if (held === heldCodes.time) stamp ??= timestampOf(bytes.toString('utf8', start, end), arrived);
      return levelCodes.none;
    },
  };
}

function code(sign: string): number {
  return sign.charCodeAt(0);
}

const space = code(' ');
const tab = code('\t');
const openBracket = code('[');
const closeBracket = code(']');
const colon = code(':');
const slash = code('/');
const hash = code('#');
const dash = code('-');
const bar = code('|');
const comma = code(',');
const point = code('.');

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/**
 * `2026-`, `2026/`, `10:00:`, `8:00:`, `28-Nov-`, `28 Nov `, `11-28 `, `1764316801.`, `11/`, `1/`, `20261128T`,
 * `20261128 `, `Nov 28`, `Sat 2026`, `Sat Nov`, `Sat,`, also in a bracket; `I, [`. line-scan.wat has the same.
 */
function mayBeStamp(bytes: Uint8Array, start: number): boolean {
  const at = bytes[start] === openBracket ? start + 1 : start;
  const first = bytes[at] as number;
  const third = bytes[at + 2];
  const fourth = bytes[at + 3] as number;
  const fifth = bytes[at + 4] as number;
  if (isDigit(first)) {
    const second = bytes[at + 1];
    if (fifth === dash || fifth === slash || third === colon || second === colon) return true;
    if (third === slash || second === slash) return true;
    // Unlike the parts of an IP address.
    const isLong = isDigit(second) && isDigit(third) && isDigit(fourth);
    if (isLong && bytes[at + 10] === point) return true;
    if (isLong && isDigit(bytes[at + 7]) && (bytes[at + 8] === timeLetter || bytes[at + 8] === space)) return true;
    return (third === dash || third === space) && (isCalendar.has(fourth) || bytes[at + 5] === space);
  }
  if (bytes[start + 1] === comma) return bytes[start + 3] === openBracket;
  return (
    (fourth === space || fourth === comma) &&
    isCalendar.has(first) &&
    (isDigit(fifth) || fifth === space || isCalendar.has(fifth))
  );
}

/** What the names of months and weekdays begin with. */
export const calendarLetters = 'JFMASONDTW';
const isCalendar = new Set([...calendarLetters].map(code));

/**
 * After its time a line may begin once more: GitHub and GitLab put it before what was printed. After another one a
 * `---`, such as Spring's, is no marker.
 */
function beginsAfterTime(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start + timeLetterAt] !== timeLetter) return false;
  return isMarkerAfterTime(bytes, start, end) || beginsSuspectAfterTime(bytes, start, end);
}

function isMarkerAfterTime(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < Math.min(end, start + longestTime); at++) {
    if (bytes[at] === space && beginsMarker(bytes, at + 1)) return true;
    // GitLab's `00O+`, which follows no space.
    if (bytes[at] === plus && beginsMarker(bytes, at + 1)) return true;
  }
  return false;
}

/** Of what a line says after the time that GitHub and GitLab keep it with: see text/time/time-prefix.ts. */
function beginsSuspectAfterTime(bytes: Buffer, start: number, end: number): boolean {
  const kept = bytes.toString('latin1', start, Math.min(end, start + longestTime));
  const rest = start + kept.length - withoutTime(kept).length;
  return rest !== start && rest < end && beginsSuspect(bytes, rest, end);
}

const timeLetterAt = '2026-11-28'.length;
const timeLetter = code('T');
const plus = code('+');
const longestTime = 40;
const markers = new Set([...'#:-+~^'].map(code));

function beginsMarker(bytes: Uint8Array, at: number): boolean {
  return markers.has(bytes[at] as number) && (bytes[at] === bytes[at + 1] || bytes[at] === hash);
}

const levels: readonly { name: readonly number[]; code: number }[] = [
  { name: [...'INFO'].map(code), code: levelCodes.info },
  { name: [...'DEBUG'].map(code), code: levelCodes.debug },
  { name: [...'TRACE'].map(code), code: levelCodes.debug },
  { name: [...'WARN'].map(code), code: levelCodes.warn },
  { name: [...'WARNING'].map(code), code: levelCodes.warn },
  { name: [...'ERROR'].map(code), code: levelCodes.error },
  { name: [...'FATAL'].map(code), code: levelCodes.error },
];

/** What `usualPrefix` in text/level.ts finds after a time. */
function levelAfter(bytes: Uint8Array, stampEnd: number): number {
  let at = bytes[stampEnd] === closeBracket ? stampEnd + 1 : stampEnd;
  if (bytes[at] !== space && bytes[at] !== tab) return levelCodes.none;
  while (bytes[at] === space || bytes[at] === tab) at++;
  for (const { name, code: level } of levels) if (isNamed(bytes, at, name)) return level;
  return levelCodes.none;
}

function isNamed(bytes: Uint8Array, at: number, name: readonly number[]): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  const next = bytes[at + name.length];
  return next === space || next === tab || next === colon || next === bar;
}
