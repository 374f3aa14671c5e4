import { errorEndings } from '../../text/failures.ts';

/*
 * How lines begin and end that may be a marker, part of a record, or of a level by their beginning or end: the
 * expressions of `text/` have the last word about them.
 */

function code(sign: string): number {
  return sign.charCodeAt(0);
}

const space = code(' ');
const tab = code('\t');
const colon = code(':');
const openBrace = code('{');
const openParenthesis = code('(');
const slash = code('/');
/** The last words of errors, in lower case. */
const endings = errorEndings.map((ending) => [...(ending.toLowerCase().split(' ').at(-1) as string)].map(code));
const lastLetters = new Uint8Array(256);
for (const ending of endings) lastLetters[ending[ending.length - 1] as number] = 1;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** The heads of objects and of Python's traces; what shells and their commands say that there is not. */
export function endsSuspect(bytes: Uint8Array, end: number): boolean {
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
    ...{ c: 'u', z: 's', T: 'h', '(': '!Ue' },
    // What glog, pytest and Android begin with.
    ...{ E: ' :/0123456789', W: ':/0123456789', I: '/0123456789', D: '/0123456789', F: '/0123456789', V: '/' },
  }).map(([first, second]) => [code(first), new Set([...second].map(code))]),
);
const firsts = new Uint8Array(256);
for (const first of seconds.keys()) firsts[first] = 1;
for (const first of [space, tab, openBrace, slash, code('<'), code('"')]) firsts[first] = 1;

export function beginsSuspect(bytes: Uint8Array, start: number, end: number): boolean {
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

/** By each pair of bytes, the second one above the first one, a bit: 8 KiB. */
export type PairTable = Uint8Array;

/** Which two bytes a line may begin with that takes a closer look; of those with a blank in front, see below. */
export function suspectPairs(): PairTable {
  const pairs: number[] = [];
  for (let first = 0; first < 256; first++) {
    if (firsts[first] !== 1) continue;
    const second = seconds.get(first);
    for (let next = 0; next < 256; next++)
      if (second === undefined || second.has(next)) pairs.push(pairOf(next, first));
  }
  return tableOf(pairs);
}

/** Which two letters may begin a frame after its blanks. */
export function framePairs(): PairTable {
  return tableOf([...frameStarts].map((pair) => pairOf(pair & 0xff, pair >> 8)));
}

function tableOf(pairs: readonly number[]): PairTable {
  const table = new Uint8Array(1 << 13);
  for (const pair of pairs) table[pair >> 3] = (table[pair >> 3] as number) | (1 << (pair & 7));
  return table;
}

/** For each last byte: 2 where it is enough for a closer look, 1 where that is up to the last four letters. */
export function suspectLastBytes(): Uint8Array {
  const kinds = lastLetters.slice();
  kinds.fill(2, colon, colon + 1).fill(2, openBrace, openBrace + 1);
  return kinds;
}

/** Four letters in lower case. */
export function suspectEndings(): string[] {
  return endings.map((ending) => String.fromCharCode(...ending.slice(-4)));
}
