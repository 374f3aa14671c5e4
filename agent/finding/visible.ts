import { isAscii } from 'node:buffer';
import { visibleText } from '../text/escapes/strip.ts';

const lf = '\n';
const del = 0x7f;
/** C1 controls are `C2 80` to `C2 9F` in UTF-8. */
const c1Lead = 0xc2;

/** Whether a reader sees events just as their bytes are: nothing to remove, nothing to compose. */
export function isVisibleAsIs(events: Buffer): boolean {
  return isAscii(events) && !hasControl(events);
}

/**
 * Events with their lines as a reader sees them: without escape sequences and control characters, in NFC. The events
 * themselves are the same ones in the same order; the Buffer is the one that was passed where nothing is different.
 */
export function visibleEvents(events: Buffer): Buffer {
  const isPlain = isAscii(events);
  if (!hasControl(events) && (isPlain || !hasC1(events))) {
    if (isPlain) return events;
    const text = events.toString('utf8');
    const composed = text.normalize('NFC');
    return composed === text ? events : Buffer.from(composed);
  }
  const lines = events.toString('utf8').split(lf);
  const text = lines.map(visibleText).join(lf);
  return Buffer.from(isPlain ? text : text.normalize('NFC'));
}

const esc = 0x1b;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a sequence
const colors = /\x1b\[[\d;:]*m/g;

/** Events without the sequences that only set colors: what most lines with escape sequences have. */
export function withoutColors(events: Buffer): Buffer {
  if (!events.includes(esc)) return events;
  const text = events.toString('latin1');
  const plain = text.replace(colors, '');
  return plain.length === text.length ? events : Buffer.from(plain, 'latin1');
}

const unusual = /[\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff●›⎯⚠⨯✖➤]/;

/**
 * Whether what events hold beside ASCII is text that readers see as it is, and says nothing about levels, records,
 * times and markers: no control, nothing to compose, none of the blanks that `\s` stands for, and no sign of a test
 * runner.
 */
export function isUsualText(events: Buffer): boolean {
  const text = events.toString('utf8');
  return !unusual.test(text) && text.normalize('NFC') === text;
}

/** Printable ASCII and TAB: most lines, which are as they are. */
function ofUsualCharacters(line: string): boolean {
  return !/[^\t\x20-\x7e]/.test(line);
}

/** A line as a reader sees it. */
export function visibleLine(line: string): string {
  return ofUsualCharacters(line) ? line : visibleText(line).normalize('NFC');
}

/** Whether there is a C0 control other than TAB and LF, or a DEL. Four bytes at a time: it sees every byte of a log. */
function hasControl(bytes: Buffer): boolean {
  if (bytes.includes(del)) return true;
  const wordsStart = (4 - (bytes.byteOffset & 3)) & 3;
  const count = Math.max(0, (bytes.length - wordsStart) >> 2);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + wordsStart, count);
  for (let at = 0; at < count; at++) {
    const word = words[at] as number;
    // The high bit of each byte that is below 0x20, then without those that are LF or TAB.
    const low = (word - 0x20202020) & ~word & 0x80808080;
    if (low !== 0 && (low & ~zeroBytes(word ^ 0x0a0a0a0a) & ~zeroBytes(word ^ 0x09090909)) !== 0) {
      if (hasControlIn(bytes, wordsStart + 4 * at, wordsStart + 4 * at + 4)) return true;
    }
  }
  return (
    hasControlIn(bytes, 0, Math.min(wordsStart, bytes.length)) ||
    hasControlIn(bytes, wordsStart + 4 * count, bytes.length)
  );
}

/** The high bit of each byte that is zero, and of no other. */
function zeroBytes(word: number): number {
  return ~(((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word | 0x7f7f7f7f);
}

function hasControlIn(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20 && byte !== 0x0a && byte !== 0x09) return true;
  }
  return false;
}

function hasC1(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(c1Lead); at !== -1; at = bytes.indexOf(c1Lead, at + 1)) {
    if ((bytes[at + 1] as number) < 0xa0) return true;
  }
  return false;
}
