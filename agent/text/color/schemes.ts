import { type Hex, readable } from './contrast.ts';
import type { PaletteName } from './palettes.ts';

/** The sixteen colors of a terminal, in their order. */
type Sixteen = readonly Hex[];

/** What a palette's sixteen are as text on the page and as a background. */
export interface Palette {
  text: Sixteen;
  background: Sixteen;
  /** As text on one of these backgrounds: there black has to be black, and white white. */
  onBackground: Sixteen;
}

/** The page's own colors that text of a log stands on, or is drawn with. */
export interface Scheme {
  text: Hex;
  page: Hex;
  /** What a row can have behind its text: the page, pointed at, an error (pointed at), marked, said by sse-tail. */
  grounds: readonly Hex[];
  palette: Palette;
}

/** Light and dark: which one holds, the browser decides (`light-dark()`), so each color is given for both. */
export interface Schemes {
  light: Scheme;
  dark: Scheme;
  /** How much the text of a log contrasts with what is behind it, at least. */
  ratio: number;
}

const list = (text: string) => text.split(' ').map((hex) => `#${hex}` as Hex);

/* The style sheet has the same colors for what is around the lines: styles/theme.css. */
const lightGrounds = list('ffffff eef1f5 fff5f4 f9e3e4 fff3c4 f0f4fb');
const darkGrounds = list('0f1218 1a1f29 1d151a 2d1e23 3a3214 151d2b');
const starkLightGrounds = list('ffffff f0f0f0 fff0f0 fff0b0 eef4ff');
const starkDarkGrounds = list('000000 1a1a1a 200a0a 332a00 0a1424');

const standard: { light: Palette; dark: Palette } = {
  light: {
    text: list(
      '1b1f27 c4262e 18793a 8f5f00 1d5bd0 9333b8 0b7285 5d6675 6b7484 d92d36 15803d 9a6700 2768e8 a83fd0 0a7a92 3b4351',
    ),
    background: list(
      '1b1f27 cf444b 2b8a4f d9a520 3b74d9 a557c2 16889b d5dae2 8a94a6 f58a8e 7fd8a2 f8d77c 9cc3ff e0aef2 8adbe8 eef1f5',
    ),
    onBackground: list(
      '0d1017 7d0a12 063d19 4d3200 0b2d72 4d1266 033942 f1f3f7 3f4756 8f0f17 0b4d23 5c3b00 0f3a8f 5f1a7c 044a57 ffffff',
    ),
  },
  dark: {
    text: list(
      '7b8496 f47177 57c785 e3b341 75aaff d58cf0 4fc7d8 c3cad6 8a94a6 ff9095 7ee2a4 f5d06b 9cc3ff e6b0fa 83dfec f4f6fa',
    ),
    background: list(
      '2b313d cf444b 2b8a4f d9a520 3b74d9 a557c2 16889b c3cad6 4a5364 e5686d 57c785 f0c757 75aaff d58cf0 4fc7d8 f4f6fa',
    ),
    onBackground: list(
      '0d1017 ffc2c4 b4f7ce ffe9a8 cfe1ff f5dcff c4f4fb f1f3f7 3f4756 ffd3d5 d0fbe0 fff3cc e0ecff faebff ddf9fd ffffff',
    ),
  },
};

/** Palettes of one set for everything: what can't be read somewhere is moved until it can. */
const plain: Readonly<Record<Exclude<PaletteName, 'standard'>, Sixteen>> = {
  // Okabe and Ito's colors, which all kinds of color vision tell apart: https://jfly.uni-koeln.de/color/
  'color-blind': list(
    '000000 d55e00 009e73 e69f00 0072b2 cc79a7 56b4e9 bbbbbb 777777 e8743b 2bc49a f0e442 4aa3df e3a5c7 8fd0f5 ffffff',
  ),
  solarized: list(
    '073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 586e75 cb4b16 93a100 c9a013 839496 6c71c4 93a1a1 fdf6e3',
  ),
  xterm: list(
    '000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff',
  ),
};

export interface SchemeOptions {
  palette: PaletteName;
  isHighContrast: boolean;
}

export function schemesOf({ palette, isHighContrast }: SchemeOptions): Schemes {
  const ratio = isHighContrast ? 7 : 3;
  const textRatio = isHighContrast ? 7 : 4.5;
  const [lights, darks] = isHighContrast ? [starkLightGrounds, starkDarkGrounds] : [lightGrounds, darkGrounds];
  const scheme = (grounds: readonly Hex[], text: Hex, own: Palette): Scheme => {
    const given = palette === 'standard' ? own : samePalette(plain[palette]);
    const sixteen = given.text.map((color) => readable(color, grounds.slice(0, 1), textRatio));
    return { text, page: grounds[0] as Hex, grounds, palette: { ...given, text: sixteen } };
  };
  return {
    light: scheme(lights, isHighContrast ? '#000000' : '#1b1f27', standard.light),
    dark: scheme(darks, isHighContrast ? '#ffffff' : '#d7dce5', standard.dark),
    ratio,
  };
}

function samePalette(sixteen: Sixteen): Palette {
  return { text: sixteen, background: sixteen, onBackground: sixteen };
}

/**
 * A color for light and one for dark, as CSS. Where `light-dark()` is not known it is what the build makes of it in the
 * style sheet, whose two variables are empty or `initial`.
 */
export function ofScheme(light: Hex, dark: Hex): string {
  return knowsLightDark
    ? `light-dark(${light},${dark})`
    : `var(--lightningcss-light,${light}) var(--lightningcss-dark,${dark})`;
}

const { CSS } = globalThis as { CSS?: { supports(property: string, value: string): boolean } };
const knowsLightDark = CSS?.supports('color', 'light-dark(red,red)') ?? true;

/**
 * The style sheet's variables for a palette: `--ansi-1` as text, `--ansi-bg-1` as a background, `--ansi-on-1` on one.
 */
export function paletteVariables({ light, dark }: Schemes): [name: string, value: string][] {
  const pairs = (name: string, part: keyof Palette) =>
    light.palette[part].map((color, n): [string, string] => [
      `--ansi-${name}${n}`,
      ofScheme(color, dark.palette[part][n] as Hex),
    ]);
  return [...pairs('', 'text'), ...pairs('bg-', 'background'), ...pairs('on-', 'onBackground')];
}
