import Convert from 'ansi-to-html';
import { type Hex, hexOf } from './contrast.ts';

/*
 * Colors as ansi-to-html takes them: by number, those beyond a terminal's 256 included. The theme's sixteen are CSS
 * variables of three kinds, because one set can't be readable everywhere: as text on the page (`--ansi-0`: black must
 * not vanish on black), as a background (`--ansi-bg-0`) and as text on such a background (`--ansi-on-0`: there black
 * has to be black). 16 to 255 are xterm's palette: a cube of 216 colors, and 24 grays.
 */
export const pageAsText = 256;
export const textAsBackground = 257;
export const backgroundBase = 300;
export const onBackgroundBase = 320;
const ownBase = 1000;
/**
 * Numbers of own colors; then they are given out anew, as one log may hold 16 million colors. No page shows so many.
 */
const ownCount = 4000;

const options = { escapeXML: true, colors: themeColors() };
const convert = new Convert(options);
/** The converter's own table: it made a copy of the one given and put it into the options. */
const table: Record<number, string> = options.colors;
let lastOwn = 0;

/** What ansi-to-html puts before and after text under canonical SGR, until another number is given out. */
const tags = new Map<string, readonly string[]>();

/** HTML under canonical SGR. */
export function styled(sgr: string, html: string): string {
  let pair = tags.get(sgr);
  if (!pair) {
    if (tags.size >= ownCount) tags.clear();
    pair = convert.toHtml(`${sgr}\0`).split('\0');
    tags.set(sgr, pair);
  }
  return pair.join(html);
}

/** A number that stands for a CSS color in `38;5;n`, until 4,000 others were asked for. */
export function numberFor(css: string): number {
  lastOwn = (lastOwn + 1) % ownCount;
  table[ownBase + lastOwn] = css;
  tags.clear();
  return ownBase + lastOwn;
}

/** The CSS color of a number. */
export function colorOf(number: number): string | undefined {
  return table[number];
}

function themeColors(): Record<number, string> {
  const colors: Record<number, string> = { [pageAsText]: 'var(--page)', [textAsBackground]: 'var(--text)' };
  for (let n = 0; n < 16; n++) {
    colors[n] = `var(--ansi-${n})`;
    colors[backgroundBase + n] = `var(--ansi-bg-${n})`;
    colors[onBackgroundBase + n] = `var(--ansi-on-${n})`;
  }
  for (let n = 16; n < pageAsText; n++) colors[n] = xtermColor(n);
  return colors;
}

function xtermColor(number: number): Hex {
  const gray = 8 + 10 * (number - 232);
  if (number >= 232) return hexOf([gray, gray, gray]);
  const cube = number - 16;
  return hexOf([cube / 36, (cube / 6) % 6, cube % 6].map(Math.floor).map((level) => level && 55 + 40 * level));
}
