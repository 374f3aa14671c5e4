/**
 * Characters that can't be seen, or that change how others are seen: a log must not be able to hide text or to turn it
 * round (https://trojansource.codes). Joiners stay where scripts and emoji need them.
 */

/** A piece of text: either to be shown as it is, or one character to be shown as `symbol`. */
export type Piece = { text: string } | StandIn;

/** Stands for a character of `length` UTF-16 code units whose name is `name` (`U+200B`). */
interface StandIn {
  symbol: string;
  name: string;
  length: number;
}

/** A name as it is shown: it may hold whatever a file system or a command line lets it hold. */
export function visibleName(name: string): string {
  const printable = name.replace(controls, (control) => controlSymbol(control.charCodeAt(0)).symbol);
  return printable.replace(invisible, (found, at) => (isAtWork(found, printable, at) ? found : symbolOf(found).symbol));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const controls = /[\x00-\x1f\x7f-\x9f]/g;

/** Cuts text that holds no control characters into what is shown as it is and what is shown as a symbol. */
export function piecesOf(text: string): Piece[] {
  if (!suspicious.test(text)) return [{ text }];
  const pieces: Piece[] = [];
  let start = 0;
  for (const match of text.matchAll(invisible)) {
    if (isAtWork(match[0], text, match.index)) continue;
    if (match.index > start) pieces.push({ text: text.slice(start, match.index) });
    pieces.push(symbolOf(match[0]));
    start = match.index + match[0].length;
  }
  if (start < text.length) pieces.push({ text: text.slice(start) });
  return pieces;
}

/** How a control character is shown: Unicode's control pictures, or its number. */
export function controlSymbol(code: number): StandIn {
  const name = nameOf(code);
  if (code < 0x20) return { symbol: String.fromCharCode(0x2400 + code), name, length: 1 };
  return { symbol: code === 0x7f ? '\u2421' : `‹${name}›`, name, length: 1 };
}

function symbolOf(character: string): StandIn {
  const name = nameOf(character.codePointAt(0) ?? 0);
  return { symbol: `‹${name}›`, name, length: character.length };
}

function nameOf(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A quick no for nearly every line: nothing from here on is below U+00AD. */
const suspicious = /[\u00ad-\uffff]/;

/**
 * What Unicode wants to be drawn as nothing (bidirectional controls, zero-width characters, fillers, selectors, tags),
 * separators of lines and paragraphs, annotations, noncharacters. The flags made of tags are let through as a whole.
 */
const invisible =
  /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{4,6}\u{e007f}|[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2028\u2029\ufff9-\ufffb\u{13430}-\u{1343f}]/gu;

/** Joiners and selectors are invisible in their proper work, too: then they are seen by what they do to others. */
function isAtWork(found: string, text: string, at: number): boolean {
  if (found.length > 2) return true;
  if (isJoiner(found)) return joins(text, at);
  const selected = selectable.find(([selector]) => selector.test(found))?.[1];
  return selected?.test(characterBefore(text, at)) ?? false;
}

function isJoiner(character: string): boolean {
  return character === '\u200c' || character === '\u200d';
}

/** Between letters outside ASCII (Persian, Indic scripts) or parts of an emoji a joiner does its proper work. */
function joins(text: string, at: number): boolean {
  const after = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
  return joinable.test(characterBefore(text, at)) && joinable.test(after);
}

function characterBefore(text: string, at: number): string {
  return [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? '';
}

const joinable = /^(?:(?![\0-\x7f])[\p{L}\p{M}]|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)/u;

/** Selectors of a variant, and what has variants. */
const selectable: readonly (readonly [RegExp, RegExp])[] = [
  [/[\ufe0e\ufe0f]/, /\p{Emoji}/u],
  [/[\ufe00-\ufe0d]/, /(?![\0-\x7f])[\p{L}\p{S}]/u],
  [/[\u180b-\u180d\u180f]/, /(?=\p{L})\p{Script=Mongolian}/u],
  [/[\u{e0100}-\u{e01ef}]/u, /\p{Script=Han}/u],
];
