import { type Color, defaultStyle, type Style } from '../../agent/text/escapes/sgr.ts';

/*
 * Colors as ansi-to-html takes them: by number, those beyond a terminal's 256 included. The theme's sixteen are CSS
 * variables of three kinds, because one set can't be readable everywhere: as text on the page (`--ansi-0`: black must
 * not vanish on black), as a background (`--ansi-bg-0`) and as text on such a background (`--ansi-on-0`: there black
 * has to be black).
 */
const pageAsText = 256;
const textAsBackground = 257;
const backgroundBase = 300;
const onBackgroundBase = 320;

/** The `colors` option of ansi-to-html; 16 to 255 stay as it has them, which is xterm's palette. */
export const colors: Record<number, string> = {
  [pageAsText]: 'var(--page)',
  [textAsBackground]: 'var(--text)',
};
for (let n = 0; n < 16; n++) {
  colors[n] = `var(--ansi-${n})`;
  colors[backgroundBase + n] = `var(--ansi-bg-${n})`;
  colors[onBackgroundBase + n] = `var(--ansi-on-${n})`;
}

/**
 * SGR for a style in the few forms that ansi-to-html draws right: one code per sequence, no faint, inverse or conceal
 * (inverse is resolved to colors here; the others are not its business). Empty for the default style.
 */
export function canonicalSgr(style: Style): string {
  if (style === defaultStyle) return '';
  const { foreground, background } = style.inverse ? inverted(style) : style;
  // Colors come first: a line under or over text is drawn in the color of what is around its element.
  return (
    foregroundSgr(foreground, background) +
    backgroundSgr(background) +
    (style.bold ? '\x1b[1m' : '') +
    (style.italic ? '\x1b[3m' : '') +
    (style.underline ? '\x1b[4m' : '') +
    (style.blink ? '\x1b[5m' : '') +
    (style.strike ? '\x1b[9m' : '') +
    (style.overline ? '\x1b[53m' : '')
  );
}

type Ink = Color | typeof pageAsText | typeof textAsBackground;

function inverted(style: Style): { foreground: Ink; background: Ink } {
  return {
    foreground: style.background === 'default' ? pageAsText : style.background,
    background: style.foreground === 'default' ? textAsBackground : style.foreground,
  };
}

function foregroundSgr(color: Ink, background: Ink): string {
  if (color === 'default') {
    const readable = typeof background === 'number' ? readableOn.get(background) : undefined;
    return readable === undefined ? '' : `\x1b[38;5;${onBackgroundBase + readable}m`;
  }
  if (typeof color === 'string') return rgbSgr(38, color);
  return `\x1b[38;5;${color < 16 && background !== 'default' ? onBackgroundBase + color : color}m`;
}

/** Backgrounds on which the theme's own text color could not be read: black or white, the terminal's, takes its place. */
const readableOn: ReadonlyMap<number, 0 | 15> = new Map([
  ...[0, 1, 2, 4, 5, 6].map((n) => [n, 15] as const),
  ...[3, 7, 9, 10, 11, 12, 13, 14, 15].map((n) => [n, 0] as const),
]);

function backgroundSgr(color: Ink): string {
  if (color === 'default') return '';
  if (typeof color === 'string') return rgbSgr(48, color);
  return `\x1b[48;5;${color < 16 ? backgroundBase + color : color}m`;
}

function rgbSgr(code: 38 | 48, color: string): string {
  const rgb = Number.parseInt(color.slice(1), 16);
  return `\x1b[${code};2;${rgb >> 16};${(rgb >> 8) & 255};${rgb & 255}m`;
}
