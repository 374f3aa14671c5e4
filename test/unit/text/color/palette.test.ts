import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { contrast, type Hex } from '../../../../agent/text/color/contrast.ts';
import { styled } from '../../../../agent/text/color/convert.ts';
import { canonicalSgr } from '../../../../agent/text/color/palette.ts';
import { paletteVariables, schemesOf } from '../../../../agent/text/color/schemes.ts';
import { applySgr, defaultStyle } from '../../../../agent/text/escapes/sgr.ts';

/** How ansi-to-html draws an `x` in the style that these SGR parameters lead to. */
function drawn(...params: string[]): string {
  return styled(canonicalSgr(params.reduce(applySgr, defaultStyle)), 'x');
}

test('codes that ansi-to-html does not take together come out right', () => {
  expect(drawn('1;38;5;196')).toBe('<span style="color:#ff0000"><b>x</b></span>');
  expect(drawn('38;2;10;200;100;48;2;40;0;60')).toBe(
    '<span style="color:#0ac864"><span style="background-color:#28003c">x</span></span>',
  );
  expect(drawn('38:2::225:80:60')).toBe('<span style="color:#e1503c">x</span>');
  expect(drawn('4:3')).toBe('<u>x</u>');
});

test('the sixteen colors are the theme’s', () => {
  expect(drawn('31')).toBe('<span style="color:var(--ansi-1)">x</span>');
  expect(drawn('92')).toBe('<span style="color:var(--ansi-10)">x</span>');
  expect(drawn('38;5;9')).toBe('<span style="color:var(--ansi-9)">x</span>');
});

test('on a background the theme’s colors are those that can be read there', () => {
  expect(drawn('30;42')).toBe(
    '<span style="color:var(--ansi-on-0)"><span style="background-color:var(--ansi-bg-2)">x</span></span>',
  );
  expect(drawn('47')).toBe(
    '<span style="color:var(--ansi-on-0)"><span style="background-color:var(--ansi-bg-7)">x</span></span>',
  );
  expect(drawn('41')).toBe(
    '<span style="color:var(--ansi-on-15)"><span style="background-color:var(--ansi-bg-1)">x</span></span>',
  );
});

test('inverse is resolved to colors', () => {
  expect(drawn('7')).toBe('<span style="color:var(--page)"><span style="background-color:var(--text)">x</span></span>');
  expect(drawn('7;31')).toBe(
    '<span style="color:var(--page)"><span style="background-color:var(--ansi-bg-1)">x</span></span>',
  );
  expect(drawn('7', '27')).toBe('x');
});

test('bold off is bold off', () => {
  expect(drawn('1', '22')).toBe('x');
  expect(drawn('1;3', '22')).toBe('<i>x</i>');
  expect(drawn('31;41', '39;49')).toBe('x');
});

test('whatever the style, nothing of a sequence comes out', () => {
  const params = fc.array(fc.array(fc.integer({ min: 0, max: 260 })).map((codes) => codes.join(';')));
  const property = fc.property(params, (sequences) => {
    const style = sequences.reduce(applySgr, defaultStyle);
    const html = styled(canonicalSgr(style), 'x');
    expect(html.replace(/<\/?(?:span|b|i|u|strike|blink)(?: style="[a-z0-9:#(),.;-]*")?>/g, '')).toBe('x');
  });
  fc.assert(property, { numRuns: 200 });
});

const schemes = schemesOf({ palette: 'standard', isHighContrast: false });

/** The color of the text, and what is behind it, in one scheme; variables as the style sheet has them. */
function colorsIn(scheme: 'light' | 'dark', params: string): { color: string; grounds: readonly string[] } {
  const html = drawn(params);
  const values = new Map(paletteVariables(schemes));
  const resolve = (value: string): string => {
    const name = /^var\((--[a-z0-9-]+)\)$/.exec(value)?.[1];
    if (name === '--page') return schemes[scheme].page;
    if (name === '--text') return schemes[scheme].text;
    const given = name === undefined ? value : (values.get(name) ?? '');
    const pair = /^light-dark\((#[0-9a-f]{6}), ?(#[0-9a-f]{6})\)$/.exec(given);
    return (scheme === 'light' ? pair?.[1] : pair?.[2]) ?? given;
  };
  const color = /(?<!-)color:([^;"]+)/.exec(html)?.[1];
  const background = /background-color:([^;"]+)/.exec(html)?.[1];
  return {
    color: color === undefined ? schemes[scheme].text : resolve(color),
    grounds: background === undefined ? schemes[scheme].grounds : [resolve(background)],
  };
}

describe.each(['light', 'dark'] as const)('in the %s scheme text can be read,', (scheme) => {
  const leastContrast = (params: string) => {
    const { color, grounds } = colorsIn(scheme, params);
    return Math.min(...grounds.map((ground) => contrast(color as Hex, ground as Hex)));
  };
  const numbers = Array.from({ length: 256 }, (_, n) => n);

  it.each([
    ['in each of 256 colors', (n: number) => `38;5;${n}`],
    ['on each of 256 backgrounds', (n: number) => `48;5;${n}`],
    ['in each of 256 colors, inverse', (n: number) => `7;38;5;${n}`],
    ['on each of 256 backgrounds, inverse', (n: number) => `7;48;5;${n}`],
    ['faint, in each of 256 colors', (n: number) => `2;38;5;${n}`],
    ['in each of 256 colors on itself', (n: number) => `38;5;${n};48;5;${n}`],
  ])('%s', (_, params) => {
    expect(numbers.filter((n) => leastContrast(params(n)) < 3)).toEqual([]);
  });

  it('in any color on any other', () => {
    const byte = fc.nat(255);
    const property = fc.property(fc.tuple(byte, byte, byte, byte, byte, byte), fc.boolean(), (rgb, isInverse) => {
      const [r, g, b, x, y, z] = rgb;
      const params = `${isInverse ? '7;' : ''}38;2;${r};${g};${b};48;2;${x};${y};${z}`;
      expect(leastContrast(params)).toBeGreaterThanOrEqual(3);
    });
    fc.assert(property, { numRuns: 300 });
  });
});
