import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokens } from '../../../../agent/text/escapes/escapes.ts';
import {
  applySgr,
  type Color,
  defaultStyle,
  type Style,
  sameStyle,
  sgrChange,
  sgrText,
} from '../../../../agent/text/escapes/sgr.ts';

function changed(...params: string[]): Partial<Style> {
  const style = params.reduce(applySgr, defaultStyle);
  return Object.fromEntries(
    Object.entries(style).filter(([name, value]) => value !== defaultStyle[name as keyof Style]),
  );
}

describe('applySgr', () => {
  it.each<[string, Partial<Style>]>([
    ['', {}],
    ['1;38;5;196;48;2;1;2;3', { bold: true, foreground: 196, background: '#010203' }],
    ['38:2::1:2:3', { foreground: '#010203' }],
    ['38:2:1:2:3', { foreground: '#010203' }],
    ['48:5:7;3', { background: 7, italic: true }],
    ['4', { underline: 1 }],
    ['4:3', { underline: 3 }],
    ['4:3;4', { underline: 1 }],
    ['21', { underline: 2 }],
    ['97;100', { foreground: 15, background: 8 }],
    ['37;40', { foreground: 7, background: 0 }],
    ['58;5;1;9', { strike: true }],
    ['58;2;1;4;7;9', { strike: true }],
    ['58:2::1:4:7;59;9', { strike: true }],
    ['2;5;7;8;53', { faint: true, blink: true, inverse: true, conceal: true, overline: true }],
    ['31;;3', { italic: true }],
    ['01;031', { bold: true, foreground: 1 }],
  ])('%s', (params, expected) => {
    expect(changed(params)).toEqual(expected);
  });

  it.each([
    '38',
    '38;5',
    '38;5;256',
    '38;2;1;2',
    '38;2;1;2;999',
    '38;9',
    '38:5',
    '38:2:1',
    '38:5:x',
    '999',
    'x',
    '4:9',
    ':',
    '99999999999999999999',
    '10;11;26',
  ])('ignores what is malformed or unknown: %s', (params) => {
    expect(changed(params)).toEqual({});
  });

  it('goes on after a malformed color', () => {
    expect(changed('38;5;300;1')).toEqual({ bold: true });
    expect(changed('38:9:1;1')).toEqual({ bold: true });
  });

  it.each([
    ['1;2', '22'],
    ['3', '23'],
    ['4', '24'],
    ['4:3', '4:0'],
    ['5', '25'],
    ['6', '25'],
    ['7', '27'],
    ['8', '28'],
    ['9', '29'],
    ['38;5;1', '39'],
    ['48;2;1;1;1', '49'],
    ['53', '55'],
    ['1;4;31;42', '0'],
  ])('%s is undone by %s', (on, off) => {
    expect(changed(on, off)).toEqual({});
    expect(changed(on)).not.toEqual({});
  });
});

const color: fc.Arbitrary<Color> = fc.oneof(
  fc.constant<Color>('default'),
  fc.nat({ max: 255 }),
  fc.nat({ max: 0xffffff }).map((rgb): Color => `#${rgb.toString(16).padStart(6, '0')}`),
);
const flag = fc.boolean();
const style: fc.Arbitrary<Style> = fc.record({
  foreground: color,
  background: color,
  bold: flag,
  faint: flag,
  italic: flag,
  underline: fc.constantFrom(0, 1, 2, 3, 4, 5),
  blink: flag,
  inverse: flag,
  conceal: flag,
  strike: flag,
  overline: flag,
});

function obeyed(text: string, from: Style): Style {
  let current = from;
  for (const token of tokens(text)) {
    expect(token.type).toBe('sgr');
    if (token.type === 'sgr') current = applySgr(current, token.params);
  }
  return current;
}

describe('sgrText', () => {
  it('is empty for the default style', () => {
    expect(sgrText(defaultStyle)).toBe('');
  });

  it('is one sequence without colons, and for the kind of an underline another one', () => {
    expect(sgrText(applySgr(defaultStyle, '38:2::1:2:3;1;4:1;105'))).toBe('\x1b[1;4;38;2;1;2;3;105m');
    expect(sgrText(applySgr(defaultStyle, '38:5:1;1;4:3'))).toBe('\x1b[1;4;31m\x1b[4:3m');
  });

  it('sets exactly the style', () => {
    fc.assert(
      fc.property(style, (wanted) => {
        expect(obeyed(sgrText(wanted), defaultStyle)).toEqual(wanted);
      }),
    );
  });
});

describe('sgrChange', () => {
  it('leads from any style to any other, and is empty only between equal ones', () => {
    fc.assert(
      fc.property(style, style, (from, to) => {
        expect(obeyed(sgrChange(from, to), from)).toEqual(to);
        expect(sgrChange(from, to) === '').toBe(sameStyle(from, to));
      }),
    );
    expect(sgrChange(applySgr(defaultStyle, '1'), applySgr(defaultStyle, '1'))).toBe('');
  });
});
