import { withoutTime } from '../../text/time-prefix.ts';
import { timestampOf } from '../../text/timestamp.ts';
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
   * says otherwise; `unsure` where that takes a closer look. It is printable ASCII and ends with a line end.
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
        if (stampEnd === 0) stamp = timestampOf(bytes.toString('latin1', start, end), arrived);
        else {
          stamp = stamps.time;
          const code = stamps.isBeforeLevel ? levelAfter(bytes, stampEnd) : levelCodes.none;
          if (code !== levelCodes.none) return code < levelCodes.warn ? code : unsure;
        }
        if (stamp !== undefined && beginsAfterTime(bytes, start, end)) return unsure;
      }
      if (end - start > longestLine) return unsure;
      const held = whatIsHeld(bytes, start, end);
      if (held === heldCodes.suspect) return unsure;
      if (held === heldCodes.time) stamp ??= timestampOf(bytes.toString('latin1', start, end), arrived);
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
const openBrace = code('{');
const openParenthesis = code('(');
const slash = code('/');
const hash = code('#');
const dash = code('-');
const bar = code('|');
/** What shells and their commands say that there is not, or may not be. */
const endings = [
  ...['found', 'directory', 'denied', 'permitted', 'system', 'refused', 'device', 'busy', 'exists', 'empty', 'pipe'],
  ...['dumped)', 'killed'],
].map((word) => [...word].map(code));
const lastLetters = new Uint8Array(256);
for (const ending of endings) lastLetters[ending[ending.length - 1] as number] = 1;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** The heads of objects and of Python's traces; what shells and their commands say that there is not. */
function endsSuspect(bytes: Uint8Array, end: number): boolean {
  const last = bytes[end - 1];
  if (last === colon || last === openBrace) return true;
  if (lastLetters[last as number] !== 1) return false;
  for (const ending of endings) if (last === ending[ending.length - 1] && endsWith(bytes, end, ending)) return true;
  return false;
}

function endsWith(bytes: Uint8Array, end: number, ending: readonly number[]): boolean {
  return ending.every((letter, i) => ((bytes[end - ending.length + i] as number) | 0x20) === letter);
}

/**
 * What a second letter makes of a first one, where the line may be a marker, a frame of a stack trace, the head of a
 * trace, or of a level by its beginning.
 */
const seconds = new Map<number, ReadonlySet<number>>(
  Object.entries({
    ...{ '#': '#0123456789', ':': ':', '-': '-', '+': '+', '~': '~', '^': '^' },
    // `... 12 more`, `Caused by: `, `Stack trace:`, `SIGSEGV: `, `PHP Fatal error: `
    ...{ '.': '.', C: 'aO', S: 'tIU', P: 'H' },
    // `** (RuntimeError) `, `=CRASH REPORT==== `, `____ test ____`, `[stacktrace]`, `"main" #1 … nid=`
    ...{ '*': '*', '=': '=ABCDEFGHIJKLMNOPQRSTUVWXYZ', _: '_', '[': 'sU' },
    // `Killed`, `Out of memory: `, `Oops: `
    ...{ K: 'i', O: 'uo' },
    // `file:///…`, `goroutine 1`, `thread '…'`, `time=`, `ts=`, `node:internal/…`, `not ok`, `npm http`, `make: ***`
    ...{ f: 'i', g: 'om', t: 'hise=', n: 'opi', m: 'a', e: ':', w: ':' },
    // `curl: (6)`, `zsh: command not found: `, `The command "make" exited with 1.`, `(!) Circular dependency`
    ...{ c: 'u', z: 's', T: 'h', '(': '!U' },
    // What glog and pytest begin with.
    ...{ E: ' :0123456789', W: ':0123456789', I: '0123456789', D: '0123456789', F: '0123456789' },
  }).map(([first, second]) => [code(first), new Set([...second].map(code))]),
);
const firsts = new Uint8Array(256);
for (const first of seconds.keys()) firsts[first] = 1;
for (const first of [space, tab, openBrace, slash, code('<'), code('"')]) firsts[first] = 1;

function beginsSuspect(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] as number;
  if (firsts[first] !== 1) return false;
  if (first === space || first === tab) return isFrame(bytes, start, end);
  // A place in a file of JavaScript.
  if (first === slash) return isDigit(bytes[end - 1]);
  const second = seconds.get(first);
  return second === undefined || second.has(bytes[start + 1] as number);
}

/** By the first two letters that are seen: `at `, `... 12 more`, `Caused by: `, `from `, `thrown in `, `--- End`. */
const frameStarts = new Set(
  ['at', '..', 'Ca', 'Su', 'fr', 'th', '--', '[c', '[C'].map((two) => pairOf(code(two), two.charCodeAt(1))),
);

function isFrame(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start + 1;
  while (at < end && (bytes[at] === space || bytes[at] === tab)) at++;
  if (at === end) return false;
  return (
    isDigit(bytes[at]) ||
    bytes[at] === openParenthesis ||
    frameStarts.has(pairOf(bytes[at] as number, bytes[at + 1] as number))
  );
}

function pairOf(first: number, second: number): number {
  return (first << 8) | second;
}

/** `2026-`, `2026/`, `10:00:`, also in a bracket; `Nov 28`. */
function mayBeStamp(bytes: Uint8Array, start: number): boolean {
  const at = bytes[start] === openBracket ? start + 1 : start;
  if (isDigit(bytes[at])) {
    const fifth = bytes[at + 4];
    return fifth === dash || fifth === slash || bytes[at + 2] === colon;
  }
  return bytes[start + 3] === space && mayBeMonth.has(bytes[start] as number);
}

const mayBeMonth = new Set([...'JFMASOND'].map(code));

/** After its time a line may begin once more: GitHub and GitLab put it before what was printed. */
function beginsAfterTime(bytes: Buffer, start: number, end: number): boolean {
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

/** Of what a line says after the time that GitHub and GitLab keep it with: see text/time-prefix.ts. */
function beginsSuspectAfterTime(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start + timeLetterAt] !== timeLetter) return false;
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
