import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applySgr, defaultStyle } from '../../../../agent/text/escapes/sgr.ts';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { createSplitter } from '../../../../agent/text/lines/splitter.ts';
import { foldLine, Row } from '../../../../agent/text/row/row.ts';

const fold = (text: string) => foldLine(text).text;

describe('recordings', () => {
  const folder = new URL('../../../fixtures/terminal/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.in'));

  it.each(names)('%s comes out as a terminal shows it', (name) => {
    const lines: string[] = [];
    const splitter = createSplitter({
      line: (bytes, start, end) => lines.push(`${bytes.toString('utf8', start, end)}\n`),
    });
    splitter.write(readFileSync(new URL(name, folder)));
    splitter.end();
    expect(lines.join('')).toBe(readFileSync(new URL(name.replace(/in$/, 'out'), folder), 'utf8'));
  });
});

describe('one row', () => {
  it.each([
    ['CR overwrites', 'abcdef\rXY', 'XYcdef'],
    ['backspace moves', 'abc\b\bX', 'aXc'],
    ['backspace stops at the left edge', 'a\b\b\bX', 'X'],
    ['TAB goes to the next stop', 'ab\tc\rX', 'Xb      c'],
    ['TAB does not erase', 'abcdefghij\r\tX', 'abcdefghXj'],
    ['EL 0', 'abcdef\r\x1b[3C\x1b[K', 'abc'],
    ['EL 1', 'abcdef\r\x1b[2C\x1b[1K', '   def'],
    ['EL 2 keeps the column', 'abc\x1b[2Kd', '   d'],
    ['ED 0 erases the rest of the row', 'abcdef\r\x1b[Jx', 'x'],
    ['ECH', 'abcdef\r\x1b[2Xx', 'x cdef'],
    ['DCH', 'abcdef\r\x1b[2P', 'cdef'],
    ['ICH', 'abc\r\x1b[2@X', 'X abc'],
    ['CUF passes over', 'a\x1b[3Cb', 'a   b'],
    ['CUF 0 is 1', 'a\x1b[0Cb', 'a b'],
    ['CUB', 'abc\x1b[2DX', 'aXc'],
    ['CHA', 'abc\x1b[2GX', 'aXc'],
    ['HPA', 'abc\x1b[2`X', 'aXc'],
    ['REP', 'a-\x1b[3bb', 'a----b'],
    ['CHT and CBT', 'a\x1b[2Ib\x1b[2ZX', 'a       X       b'],
    ['saved cursor (DEC)', 'ab\x1b7cd\x1b8X', 'abXd'],
    ['saved cursor (SCO)', 'ab\x1b[scd\x1b[uX', 'abXd'],
    ['vertical movement is dropped', '\x1b[2Aab\x1b[Bc\x1bMd', 'abcd'],
    ['trailing blanks that were only passed over are not shown', 'a\x1b[9C', 'a'],
    ['written blanks are', 'ab\ra  ', 'a  '],
    ['other controls are dropped', 'a\0b\x07c\x7f\r', 'abc'],
    ['going to another row overwrites nothing', 'abc\x1b[1;1Hdef', 'abcdef'],
    ['on an empty row the column is taken', '\x1b[2J\x1b[5;3Habc', '  abc'],
    [
      "apt's progress at the screen's bottom is not on this row",
      'Unpacking\x1b7\x1b[24;0f\x1b[42mProgress: [ 10%]\x1b[49m\x1b8 libc6',
      'Unpacking libc6',
    ],
    ['what never comes back from another row is not lost', 'a\x1b7\x1b[24;0fb', 'ab'],
    ['text of an unterminated string is shown', 'a\x1b]0;b\r\r', 'a0;b'],
  ])('%s', (_what, text, shown) => {
    expect(fold(text)).toBe(shown);
  });

  it.each([
    ['wide characters take two columns', '漢字x\r\x1b[2CX', '漢X x'],
    ['overwriting the left half blanks the right one', '漢字\rx', 'x 字'],
    ['overwriting the right half blanks the left one', '漢字\r\x1b[Cx', ' x字'],
    ['erasing half of one blanks it', '漢字\r\x1b[3C\x1b[K', '漢 '],
    ['combining marks stay with their character', 'e\u0301x\rE', 'Ex'],
    ['emoji are wide', '👍x\r\x1b[2CX', '👍X'],
    ['joined emoji are one', '👩‍👩‍👧x\r\x1b[2CX', '👩‍👩‍👧X'],
    ['flags and skin tones are one', '🇩🇪👍🏽x\r\x1b[4CX', '🇩🇪👍🏽X'],
    ['a mark without a character stands on a blank', '\u0301x\r', ' \u0301x'],
  ])('%s', (_what, text, shown) => {
    expect(fold(text)).toBe(shown);
  });
});

describe('colors and links', () => {
  it('belong to the characters they were written with', () => {
    expect(fold('\x1b[31mabc\x1b[32m\rX\x1b[0m')).toBe('\x1b[32mX\x1b[0m\x1b[31mbc\x1b[0m');
  });

  it('begin with what is in force and end with what will be', () => {
    const red = applySgr(defaultStyle, '31');
    expect(foldLine('a\rb', red)).toMatchObject({ text: '\x1b[31mb', style: red });
    expect(foldLine('a\rb\x1b[1m', red).text).toBe('\x1b[31mb\x1b[0m\x1b[1;31m');
    expect(foldLine('a\rb\x1b[m', red)).toMatchObject({ text: '\x1b[31mb\x1b[0m', style: defaultStyle });
  });

  it('erase with the background in force', () => {
    expect(fold('abc\r\x1b[44m\x1b[X\x1b[0m')).toBe('\x1b[44m \x1b[0mbc');
  });

  it('keep links', () => {
    expect(fold('x\r\x1b]8;id=1;http://a\x07ab\x1b]8;;\x07c')).toBe('\x1b]8;id=1;http://a\x1b\\ab\x1b]8;;\x1b\\c');
  });

  it('drop links that hold control characters or are endless', () => {
    expect(fold('\x1b]8;;http://a\rb\x07x')).toBe('x');
    expect(fold(`\r\x1b]8;;${'a'.repeat(3000)}\x07x`)).toBe('x');
  });
});

describe('programs', () => {
  it.each([
    [
      'cargo',
      '   Compiling a v0.1.0\r\x1b[K    Building [====>      ] 3/7: a, b\r\x1b[K    Finished dev',
      '    Finished dev',
    ],
    [
      'docker pull',
      '\x1b[1A\x1b[2K\r4f4fb700ef54: Downloading  10kB\r\x1b[1B\x1b[1A\x1b[2K\r4f4fb700ef54: Pull complete \r\x1b[1B',
      '4f4fb700ef54: Pull complete ',
    ],
    ['tqdm', '\rtrain:   0%|          | 0/9\rtrain: 100%|██████████| 9/9', 'train: 100%|██████████| 9/9'],
    [
      'vite',
      '\x1b[2K\x1b[1Gtransforming (1) index.html\x1b[2K\x1b[1Gtransforming (9) a.js\x1b[2K\x1b[1G\x1b[32m✓\x1b[39m 9 modules',
      '✓ 9 modules',
    ],
    ['webpack', '\x1b[1G\x1b[2K\x1b[1G10% building\x1b[1G\x1b[0J\x1b[1Gdone', 'done'],
    [
      'ora',
      '\x1b[?25l\x1b[2K\x1b[1G\x1b[36m⠋\x1b[39m Loading\x1b[2K\x1b[1G\x1b[?25h\x1b[32m✔\x1b[39m Loaded',
      '✔ Loaded',
    ],
  ])('%s', (_name, text, shown) => {
    expect(visibleText(fold(text))).toBe(shown);
  });
});

describe('hostile text', () => {
  it('can not make a row wide by moving', () => {
    expect(fold('\x1b[999999999Cx').length).toBeLessThanOrEqual(513);
    expect(fold('a\x1b[999999999bx').length).toBeLessThanOrEqual(515);
    expect(fold('ab\r\x1b[999999999@x').length).toBeLessThanOrEqual(515);
    expect(
      fold('ab\r\x1b[999999999P\x1b[999999999X\x1b[999999999D\x1b[99999999999999999999Gx').length,
    ).toBeLessThanOrEqual(513);
  });

  it('can not pile up marks on a character', () => {
    expect(fold(`\ra${'\u0301'.repeat(10_000)}`).length).toBeLessThanOrEqual(64);
  });

  it('goes on in another row where one is full', () => {
    const row = new Row(defaultStyle, 10);
    expect(row.write('abcdefghijkl')).toBe(10);
    expect(row.text()).toBe('abcdefghij');
    expect(fold(`\r${'x'.repeat(100_000)}`)).toBe('x'.repeat(100_000));
  });

  it('gives up links, colors and marks before it breaks the byte limit', () => {
    const row = new Row(defaultStyle, 48);
    const links = Array.from({ length: 12 }, (_, at) => `\x1b]8;;http://${'a'.repeat(100)}${at}\x07x`).join('');
    row.write(links);
    expect(visibleText(row.text(256))).toBe('x'.repeat(12));
    row.write(`\r${Array.from({ length: 12 }, (_, at) => `\x1b[38;2;100;200;${at}my`).join('')}`);
    expect(row.text(256)).toMatch(/^y{12}/);
    row.write(`\r${`z${'\u0301'.repeat(60)}`.repeat(12)}`);
    expect(row.text(256)).toMatch(/^z{12}/);
  });

  it('never throws, and folding what was folded changes nothing', () => {
    const unit = fc.constantFrom(
      'a',
      ' ',
      '漢',
      '\u0301',
      '👍',
      '\r',
      '\b',
      '\t',
      '\x1b[31m',
      '\x1b[44m',
      '\x1b[m',
      '\x1b[K',
      '\x1b[1K',
      '\x1b[2X',
      '\x1b[2P',
      '\x1b[@',
      '\x1b[4C',
      '\x1b[3D',
      '\x1b7',
      '\x1b8',
      '\x1b[2;3H',
      '\x1b[2J',
      '\x1b[3b',
      '\x1b]8;;http://a\x07',
      '\x1b]8;;\x07',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        const once = foldLine(text);
        expect(once.text).not.toMatch(/[\r\n\b]/);
        const twice = foldLine(once.text);
        expect(twice).toEqual(once);
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same in one piece and in many', () => {
    const unit = fc.constantFrom(
      'a',
      '漢',
      '👍',
      '\u0301',
      '\r',
      '\t',
      '\x1b[31m',
      '\x1b[K',
      '\x1b[2C',
      '\x1b7',
      '\x1b8',
      '\x1b[H',
    );
    fc.assert(
      fc.property(fc.array(unit), (parts) => {
        let row = new Row();
        for (const part of parts) {
          row.write(part);
          row = row.copy();
        }
        expect(row.text()).toBe(fold(parts.join('')));
      }),
    );
  });
});
