/**
 * Characters that can't be seen, or that change how others are seen: a log must not be able to hide text or to turn it
 * round (https://trojansource.codes). Joiners stay where scripts and emoji need them.
 */

/** A piece of text: either to be shown as it is, or one character to be shown as `symbol`. */
export type Piece = { text: string } | { symbol: string; name: string };

/** Cuts text that holds no control characters into what is shown as it is and what is shown as a symbol. */
export function piecesOf(text: string): Piece[] {
  if (!suspicious.test(text)) return [{ text }];
  const pieces: Piece[] = [];
  let start = 0;
  for (const match of text.matchAll(invisible)) {
    if (isJoiner(match[0]) && joins(text, match.index)) continue;
    if (match.index > start) pieces.push({ text: text.slice(start, match.index) });
    pieces.push(symbolOf(match[0]));
    start = match.index + match[0].length;
  }
  if (start < text.length) pieces.push({ text: text.slice(start) });
  return pieces;
}

/** How a control character is shown: Unicode's control pictures, or its number. */
export function controlSymbol(code: number): { symbol: string; name: string } {
  const name = nameOf(code);
  if (code < 0x20) return { symbol: String.fromCharCode(0x2400 + code), name };
  return code === 0x7f ? { symbol: '\u2421', name } : { symbol: `‹${name}›`, name };
}

function symbolOf(character: string): { symbol: string; name: string } {
  const name = nameOf(character.codePointAt(0) ?? 0);
  return { symbol: `‹${name}›`, name };
}

function nameOf(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A quick no for nearly every line: nothing from here on is below U+00AD. */
const suspicious = /[\u00ad-\uffff]/;

/** Bidirectional controls, zero-width characters, fillers, line and paragraph separators, tags. */
const invisible =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: single code points are what is looked for
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

function isJoiner(character: string): boolean {
  return character === '\u200c' || character === '\u200d';
}

/** Between letters outside ASCII (Persian, Indic scripts) or parts of an emoji a joiner does its proper work. */
function joins(text: string, at: number): boolean {
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
  const after = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
  return joinable.test(before) && joinable.test(after);
}

const joinable = /^(?:(?![\0-\x7f])[\p{L}\p{M}]|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)/u;
