import { isAscii } from 'node:buffer';
import { visibleText } from '../../text/escapes/strip.ts';
import { controlScanner } from './control-scanner.ts';

const lf = '\n';
const tab = 0x09;
const lfByte = 0x0a;
const space = 0x20;
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

/** In fewer bytes a look at each takes no longer. */
const worthScanning = 256;

/** Whether there is a C0 control other than TAB and LF, or a DEL. It sees every byte of a log. */
function hasControl(bytes: Buffer): boolean {
  const scanner = bytes.length < worthScanning ? undefined : controlScanner();
  if (scanner !== undefined) return scanner(bytes);
  // A callback for each byte takes eight times as long.
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if ((byte < space && byte !== lfByte && byte !== tab) || byte === del) return true;
  }
  return false;
}

function hasC1(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(c1Lead); at !== -1; at = bytes.indexOf(c1Lead, at + 1)) {
    if ((bytes[at + 1] as number) < 0xa0) return true;
  }
  return false;
}
