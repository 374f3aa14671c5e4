/**
 * How many columns a code point takes in a terminal: 0 (it belongs to the character before it), 1 or 2.
 * Source: Unicode's East Asian Width (W and F), Emoji_Presentation, and zero for marks and format characters, as in
 * wcwidth.
 */
export function widthOf(codePoint: number): 0 | 1 | 2 {
  if (codePoint < 0x300 || isBoxOrBlock(codePoint)) return 1;
  const character = String.fromCodePoint(codePoint);
  if (zeroWidth.test(character)) return 0;
  if (codePoint < 0x1100) return 1;
  return isEastAsianWide(codePoint) || widePresentation.test(character) ? 2 : 1;
}

/**
 * Whether a code point is drawn as one with the text before it: flags, skin tones, and what a joiner (U+200D) joins.
 */
export function joins(before: string, codePoint: number): boolean {
  if (before === '' || codePoint < 0x300) return false;
  if (before.endsWith('\u200d')) return true;
  if (codePoint >= 0x1f3fb && codePoint <= 0x1f3ff) return modifierBase.test(before);
  return isRegional(codePoint) && before.length === 2 && isRegional(before.codePointAt(0) ?? 0);
}

/** Asks for the emoji form of the character before it. */
export const variationSelector = 0xfe0f;

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;
const widePresentation = /^\p{Emoji_Presentation}$/u;
const modifierBase = /\p{Emoji_Modifier_Base}\ufe0f?$/u;

const eastAsianWide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

function isEastAsianWide(codePoint: number): boolean {
  return eastAsianWide.some(([first, last]) => codePoint >= first && codePoint <= last);
}

/** What progress bars and tables are drawn with. */
function isBoxOrBlock(codePoint: number): boolean {
  return codePoint >= 0x2500 && codePoint < 0x25fd;
}

function isRegional(codePoint: number): boolean {
  return codePoint >= 0x1f1e6 && codePoint <= 0x1f1ff;
}
