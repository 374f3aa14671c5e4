import { type Color, defaultStyle, type Style } from '../escapes/sgr.ts';
import { channels, contrast, type Hex, mixed, mostReadable, readable } from './contrast.ts';
import { backgroundBase, colorOf, numberFor, onBackgroundBase, pageAsText, textAsBackground } from './convert.ts';
import { ofScheme, type Scheme, type Schemes, schemesOf } from './schemes.ts';

/** Pairs that are remembered; one log may hold 16 million colors. */
const mostPairs = 2000;

type Ink = Color | typeof pageAsText | typeof textAsBackground;

/** How the theme that is chosen draws text. There is one theme per page, so this is the page's. */
let schemes: Schemes = schemesOf({ palette: 'standard', isHighContrast: false });
/** SGR for a foreground on a background; remembered because a line repeats its colors. */
const foregrounds = new Map<string, string>();

/** Text that is drawn from now on is drawn with these. */
export function useSchemes(next: Schemes): void {
  schemes = next;
  foregrounds.clear();
}

/**
 * SGR for a style in the few forms that ansi-to-html draws right: one code per sequence, no faint, inverse or conceal
 * (inverse and faint are resolved to colors here; conceal is not its business). Empty for the default style.
 */
export function canonicalSgr(style: Style): string {
  if (style === defaultStyle) return '';
  const { foreground, background } = style.inverse ? inverted(style) : style;
  // Colors come first: a line under or over text is drawn in the color of what is around its element.
  return (
    foregroundSgr(foreground, background, style.faint) +
    backgroundSgr(background) +
    (style.bold ? '\x1b[1m' : '') +
    (style.italic ? '\x1b[3m' : '') +
    (style.underline ? '\x1b[4m' : '') +
    (style.blink ? '\x1b[5m' : '') +
    (style.strike ? '\x1b[9m' : '') +
    (style.overline ? '\x1b[53m' : '')
  );
}

/** The background of a style as CSS; undefined where it has none. */
export function backgroundOf(style: Style): string | undefined {
  const { background } = style.inverse ? inverted(style) : style;
  if (background === 'default') return undefined;
  if (typeof background === 'string') return background;
  return colorOf(background < 16 ? backgroundBase + background : background);
}

function inverted(style: Style): { foreground: Ink; background: Ink } {
  return {
    foreground: style.background === 'default' ? pageAsText : style.background,
    background: style.foreground === 'default' ? textAsBackground : style.foreground,
  };
}

function foregroundSgr(color: Ink, background: Ink, isFaint: boolean): string {
  if (color === 'default' && background === 'default' && !isFaint) return '';
  const key = `${color} ${background} ${isFaint}`;
  const known = foregrounds.get(key);
  if (known !== undefined) return known;
  if (foregrounds.size >= mostPairs) foregrounds.clear();
  const sgr = readableSgr(color, background, isFaint);
  foregrounds.set(key, sgr);
  return sgr;
}

/** The color as it is, where it can be read in both schemes; else one for each scheme that can. */
function readableSgr(color: Ink, background: Ink, isFaint: boolean): string {
  const [light, dark] = [schemes.light, schemes.dark].map((scheme) => {
    const grounds = groundsOf(background, scheme);
    const wanted = isFaint ? faint(inkOf(color, background, scheme), grounds) : inkOf(color, background, scheme);
    return { wanted, drawn: readable(wanted, grounds, schemes.ratio) };
  }) as [Drawn, Drawn];
  const isAsWanted = !isFaint && light.wanted === light.drawn && dark.wanted === dark.drawn;
  const isPlain = color !== 'default' || isPlainNumber(background);
  if (isAsWanted && (isPlain || (light.drawn === schemes.light.text && dark.drawn === schemes.dark.text)))
    return plainSgr(color, background);
  const css = light.drawn === dark.drawn ? light.drawn : ofScheme(light.drawn, dark.drawn);
  return `\x1b[38;5;${numberFor(css)}m`;
}

interface Drawn {
  wanted: Hex;
  drawn: Hex;
}

function plainSgr(color: Ink, background: Ink): string {
  if (color === 'default') {
    return background === 'default' || background === textAsBackground || !isPlainNumber(background)
      ? ''
      : `\x1b[38;5;${onBackgroundBase + blackOrWhiteOn(background)}m`;
  }
  if (typeof color === 'string') return rgbSgr(38, color as Hex);
  return `\x1b[38;5;${color < 16 && background !== 'default' ? onBackgroundBase + color : color}m`;
}

/** How much of faint text is left beside what it is drawn on. */
const faintShare = 0.35;

function faint(color: Hex, grounds: readonly Hex[]): Hex {
  return mixed(color, grounds[0] as Hex, faintShare);
}

/** Text in no color of its own is what most people read most. */
const plainTextRatio = 4.5;

/** The color that is asked for, in one scheme. */
function inkOf(color: Ink, background: Ink, scheme: Scheme): Hex {
  if (color === pageAsText) return scheme.page;
  if (color === textAsBackground) return scheme.text;
  if (color === 'default') {
    if (isPlainNumber(background)) return scheme.palette.onBackground[blackOrWhiteOn(background)] as Hex;
    const grounds = groundsOf(background, scheme);
    const isEasy = grounds.every((ground) => contrast(scheme.text, ground) >= plainTextRatio);
    return isEasy ? scheme.text : mostReadable(grounds);
  }
  if (typeof color === 'string') return color;
  if (color >= 16) return colorOf(color) as Hex;
  return scheme.palette[background === 'default' ? 'text' : 'onBackground'][color] as Hex;
}

function groundsOf(background: Ink, scheme: Scheme): readonly Hex[] {
  if (background === 'default') return scheme.grounds;
  if (background === textAsBackground) return [scheme.text];
  if (background === pageAsText) return [scheme.page];
  if (typeof background === 'string') return [background];
  return [background < 16 ? (scheme.palette.background[background] as Hex) : (colorOf(background) as Hex)];
}

function isPlainNumber(background: Ink): background is number {
  return typeof background === 'number' && background < 16;
}

/** On a background of the sixteen the terminal's black or white takes the place of the theme's own text color. */
function blackOrWhiteOn(background: number): 0 | 15 {
  const worst = (n: 0 | 15) =>
    Math.min(
      ...[schemes.light, schemes.dark].map(({ palette }) =>
        contrast(palette.onBackground[n] as Hex, palette.background[background] as Hex),
      ),
    );
  // White is easier on the eye on a strong color, also where black would contrast a little more.
  return worst(15) >= schemes.ratio || worst(15) >= worst(0) ? 15 : 0;
}

function backgroundSgr(color: Ink): string {
  if (color === 'default') return '';
  if (typeof color === 'string') return rgbSgr(48, color as Hex);
  return `\x1b[48;5;${color < 16 ? backgroundBase + color : color}m`;
}

function rgbSgr(code: 38 | 48, color: Hex): string {
  return `\x1b[${code};2;${channels(color).join(';')}m`;
}
