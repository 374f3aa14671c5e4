import { arePlain, controlStringEnd, csiFinalAt, isBetween, isFinal, type StringIntroducer } from './scan.ts';

/**
 * A piece of terminal text, by ECMA-48 and xterm's ctlseqs (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
 * `end` is the index right after it; the pieces of a text follow each other without gap or overlap.
 * - `text`: what is shown as it is, TAB included
 * - `sgr`: `CSI params m`; `params` holds digits, `;` and `:` only
 * - `csi`: any other control sequence; `params` has private marker and intermediates too (`?25`), `final` is '' where
 *   the sequence breaks off
 * - `link`: OSC 8; an empty `uri` closes the link. `params` is what stands before it (`id=…`)
 * - `string`: any other control string (titles, images, queries …), of any length
 * - `escape`: ESC, intermediates and one character (`(B`, `7`, `c`); `code` is '' for an ESC that begins nothing
 * - `control`: a C0 or C1 control character, or DEL
 */
export type Token = { end: number } & (
  | { type: 'text'; text: string }
  | { type: 'sgr'; params: string }
  | { type: 'csi'; params: string; final: string }
  | { type: 'link'; params: string; uri: string }
  | { type: 'string'; kind: StringKind; text: string }
  | { type: 'escape'; code: string }
  | { type: 'control'; code: number }
);

/** Which control string; `title` is screen's and tmux's `ESC k`. */
export type StringKind = 'OSC' | 'DCS' | 'APC' | 'PM' | 'SOS' | 'title';

/** The pieces of a text in order. Takes time proportional to its length, whatever it holds, and never throws. */
export function* tokens(text: string): Generator<Token, void, undefined> {
  for (let at = 0; at < text.length; ) {
    const token = readToken(text, at);
    yield token;
    at = token.end;
  }
}

/** The piece that begins at `at`, which is less than the text's length. */
export function readToken(text: string, at: number): Token {
  const code = text.charCodeAt(at);
  if (!isControl(code)) return textFrom(text, at);
  if (code === 0x1b) return escapeFrom(text, at);
  const introducer = c1Introducers.get(code);
  if (introducer === '[') return csiFrom(text, at + 1);
  if (introducer) return stringFrom(text, at + 1, introducer);
  return { type: 'control', code, end: at + 1 };
}

/** Whether a code unit is a control character: C0 without TAB, DEL or C1. */
function isControl(code: number): boolean {
  return code < 0x20 ? code !== 0x09 : code >= 0x7f && code < 0xa0;
}

const stringKinds: Record<StringIntroducer, StringKind> = {
  ']': 'OSC',
  P: 'DCS',
  _: 'APC',
  '^': 'PM',
  X: 'SOS',
  k: 'title',
};

/**
 * The single characters that stand for ESC and one character. Terminals obey them in UTF-8 too (as U+0080 to U+009F).
 */
const c1Introducers = new Map<number, StringIntroducer | '['>([
  [0x90, 'P'],
  [0x98, 'X'],
  [0x9b, '['],
  [0x9d, ']'],
  [0x9e, '^'],
  [0x9f, '_'],
]);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const control = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

function textFrom(text: string, at: number): Token {
  control.lastIndex = at + 1;
  const end = control.exec(text)?.index ?? text.length;
  return { type: 'text', text: text.slice(at, end), end };
}

function escapeFrom(text: string, at: number): Token {
  const next = text.charAt(at + 1);
  if (next === '[') return csiFrom(text, at + 2);
  if (next !== '' && next in stringKinds) return stringFrom(text, at + 2, next as StringIntroducer);
  let end = at + 1;
  while (isBetween(text.charCodeAt(end), 0x20, 0x2f)) end++;
  if (!isBetween(text.charCodeAt(end), 0x30, 0x7e)) return { type: 'escape', code: '', end };
  return { type: 'escape', code: text.slice(at + 1, end + 1), end: end + 1 };
}

function csiFrom(text: string, start: number): Token {
  const at = csiFinalAt(text, start, text.length);
  const params = text.slice(start, at);
  if (!isFinal(text.charCodeAt(at))) return { type: 'csi', params, final: '', end: at };
  const final = text.charAt(at);
  const isSgr = final === 'm' && arePlain(text, start, at);
  return isSgr ? { type: 'sgr', params, end: at + 1 } : { type: 'csi', params, final, end: at + 1 };
}

/**
 * A control string. Where no terminator comes before another escape sequence or the end of the text, a terminal would
 * hide everything up to there; a log must not lose it: then only the introducer is a piece (an `escape`), and what
 * follows is text again.
 */
function stringFrom(text: string, start: number, introducer: StringIntroducer): Token {
  if (introducer === ']') {
    // The Linux console's palette sequences have no terminator.
    linuxPalette.lastIndex = start;
    const palette = linuxPalette.exec(text)?.[0];
    if (palette) return { type: 'string', kind: 'OSC', text: palette, end: start + palette.length };
  }
  const found = controlStringEnd(text, start, text.length, introducer.charCodeAt(0));
  if (typeof found === 'string') return { type: 'escape', code: introducer, end: start };
  return controlString(introducer, text.slice(start, found.bodyEnd), found.end);
}

const linuxPalette = /P[0-9a-fA-F]{7}/y;

function controlString(introducer: StringIntroducer, body: string, end: number): Token {
  if (introducer === ']' && body.startsWith('8;')) {
    const separator = body.indexOf(';', 2);
    if (separator !== -1) {
      return { type: 'link', params: body.slice(2, separator), uri: body.slice(separator + 1), end };
    }
  }
  return { type: 'string', kind: stringKinds[introducer], text: body, end };
}
