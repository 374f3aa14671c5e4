import { levelWords } from '../../text/level.ts';

/*
 * Most lines say no level, begin no record and hold no marker. That they don't is seen by their bytes in a tenth of the
 * time that the expressions take, which have the last word about all others.
 */

/** What may stand anywhere in a line: its letters in whatever case, `9` for any digit. */
interface Word {
  text: string;
  /** Parts of three letters that are looked for (two where it has but two): one at an even place, one at an odd one. */
  parts: readonly [number, number];
}

/** Of Apache's times, and Redis': no more than a time, which a line that holds nothing else says. */
const times = ['[99/', ...[...'mscx'].map((role) => `:${role} 9`)];

/** Which parts of a word are looked for, where others are rarer in ordinary lines than the first ones. */
const rareParts = new Map<string, Word['parts']>([
  ...['trace', 'notice', 'emerg', 'panic', 'verb'].map((word) => [word, [2, 1]] as const),
  ...['connect to ', ': cannot ', ": can't ", ': unable to ', ': could not '].map((word) => [word, [4, 5]] as const),
  ...[['not ok 9', [3, 4]] as const, ['command not found', [3, 4]] as const, ['overflowed', [3, 4]] as const],
  ...[['out of memory: ', [5, 8]] as const, ['sanitizer: ', [4, 5]] as const, ['***: terminated', [1, 2]] as const],
  [': note', [0, 3]],
]);

/** What makes a level, compilers' notes, Android's letter after two numbers, and these times. */
const words: readonly Word[] = [
  ...levelWords,
  ': note',
  ...[...'vdiwef'].map((letter) => `9 ${letter} `),
  ...times,
].map((text) => ({ text, parts: rareParts.get(text) ?? [0, 1] }));

const letterBits = 5;
const letterMask = (1 << letterBits) - 1;
const zero = 0x30;
const nine = 0x39;
const anyDigit = '9'.charCodeAt(0);

interface Candidate {
  letters: Uint8Array;
  isTime: boolean;
  /** Where in the word the part begins. */
  at: number;
}

/** Which words a part may be of, by the lower five bits of its letters: they are the same in both cases. */
const table = new Uint16Array(1 << (3 * letterBits));
const candidates: Candidate[][] = [[]];

for (const { text, parts } of words) {
  for (const at of parts) {
    const candidate = {
      letters: Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
      isTime: times.includes(text),
      at,
    };
    for (const part of spelledOut(text.slice(at, at + 3))) note(part, candidate);
  }
}

/** With each digit where any may stand, and each letter where none stands. */
function spelledOut(part: string): number[] {
  let found = [0];
  for (let i = 0; i < 3; i++) {
    const letter = part[i];
    const values =
      letter === undefined
        ? Array.from({ length: letterMask + 1 }, (_, value) => value)
        : letter === '9'
          ? Array.from('0123456789', (digit) => digit.charCodeAt(0))
          : [letter.charCodeAt(0)];
    found = found.flatMap((begun) => values.map((value) => (begun << letterBits) | (value & letterMask)));
  }
  return found;
}

function note(part: number, candidate: Candidate): void {
  const known = candidates[table[part] as number] as Candidate[];
  table[part] = candidates.length;
  candidates.push([...known, candidate]);
}

/** A word as another scanner looks for it: by the three bytes of a part of it. */
export interface SoughtWord {
  text: string;
  /** Where the part begins, and its three characters. */
  at: number;
  part: string;
  isTime: boolean;
}

export function soughtWords(): SoughtWord[] {
  return words.map(({ text, parts: [at] }) => ({
    text,
    at,
    part: text.slice(at, at + 3),
    isTime: times.includes(text),
  }));
}

/** What three letters are by their lower five bits, with each digit where any may stand. */
export function hashesOf(part: string): number[] {
  return spelledOut(part);
}

/** What a line holds of the words: nothing, nothing but what a time may be part of, or another one. */
export const heldCodes = { nothing: 0, time: 1, suspect: 2 } as const;

/** @param bytes the text `bytes[start, end)` is ASCII and ends with a line end */
export function whatIsHeld(bytes: Uint8Array, start: number, end: number): number {
  let held: number = heldCodes.nothing;
  let first = (bytes[start] as number) & letterMask;
  for (let at = start; at < end - 1; at += 2) {
    const second = (bytes[at + 1] as number) & letterMask;
    const third = (bytes[at + 2] as number) & letterMask;
    const found = table[(first << (2 * letterBits)) | (second << letterBits) | third] as number;
    if (found !== 0) {
      const is = whichOne(found, bytes, at, start);
      if (is === heldCodes.suspect) return is;
      if (is === heldCodes.time) held = is;
    }
    first = third;
  }
  return held;
}

function whichOne(found: number, bytes: Uint8Array, partAt: number, start: number): number {
  let held: number = heldCodes.nothing;
  for (const { letters, at, isTime } of candidates[found] as Candidate[]) {
    const from = partAt - at;
    if (from < start || !isAt(letters, bytes, from)) continue;
    if (!isTime) return heldCodes.suspect;
    held = heldCodes.time;
  }
  return held;
}

function isAt(letters: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i] as number;
    const byte = bytes[from + i] as number;
    const isSame =
      letter === anyDigit
        ? byte >= zero && byte <= nine
        : letter === (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);
    if (!isSame) return false;
  }
  return true;
}
