/**
 * DEC Special Graphics, which programs select by `ESC ( 0` to draw lines: what stands for `_` to `~`.
 * Source: VT100 User Guide, table 3-9.
 */
const graphics = ' ◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';

/** The text with its letters replaced by what a terminal shows for them in that character set. */
export function inSpecialGraphics(text: string): string {
  return text.replace(/[_-~]/g, (letter) => graphics.charAt(letter.charCodeAt(0) - 0x5f));
}
