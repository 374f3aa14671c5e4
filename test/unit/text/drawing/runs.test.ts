import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleName } from '../../../../agent/text/drawing/invisible.ts';
import { beginningOf, runsOf, safeHref, shownText } from '../../../../agent/text/drawing/runs.ts';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';

test('escape sequences that draw nothing are gone', () => {
  expect(shownText('\x1b[?25l\x1b[2K\x1b]0;title\x07a\x1b[1Gb\x1b(Bc')).toBe('abc');
});

test('a run has the style that is in force', () => {
  const [plain, red] = runsOf('a\x1b[1;38;5;196mb\x1b[0m');
  expect(plain?.style.bold).toBe(false);
  expect(red).toMatchObject({ text: 'b', style: { bold: true, foreground: 196 } });
});

test('control characters are shown as symbols', () => {
  expect(shownText('nul\0 bell\x07 del\x7f nel\u0085 esc\x1b')).toBe('nul␀ bell␇ del␡ nel‹U+0085› esc␛');
  expect(runsOf('\x07')).toMatchObject([{ stands: 'U+0007' }]);
});

test('a tab stays a tab', () => {
  expect(shownText('a\tb')).toBe('a\tb');
});

test('what turns text round or hides is made visible', () => {
  expect(shownText('\u202Egnp.exe\u202C')).toBe('‹U+202E›gnp.exe‹U+202C›');
  expect(shownText('zero\u200Bwidth \uFEFF \u2066 \u{E0041}')).toBe('zero‹U+200B›width ‹U+FEFF› ‹U+2066› ‹U+E0041›');
  expect(shownText('ad\u200Dmin')).toBe('ad‹U+200D›min');
});

test('selectors stay behind what has variants, and nowhere else', () => {
  for (const text of ['❤\ufe0f', '1\ufe0f\u20e3', '☂\ufe0e', '葛\u{e0100}', 'ᠠ\u180b'])
    expect(shownText(text)).toBe(text);
  expect(shownText('a\ufe01b')).toBe('a‹U+FE01›b');
  expect(shownText('❤\ufe0f\ufe01\u{e0101}')).toBe('❤\ufe0f‹U+FE01›‹U+E0101›');
});

test('a flag made of tags stays one; other tags are made visible', () => {
  const england = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}';
  expect(shownText(england)).toBe(england);
  expect(shownText('\u{1f3f4}\u{e0067}')).toBe('\u{1f3f4}‹U+E0067›');
});

test('what is drawn in one way is one run, whatever sequences stand in it', () => {
  expect(runsOf('a\x1b[0mb\x1b[?25lc\x1b[39md').map(({ text }) => text)).toEqual(['abcd']);
  expect(runsOf('\u200b\u200bx\u200b').map(({ text }) => text)).toEqual(['‹U+200B›‹U+200B›', 'x', '‹U+200B›']);
});

test('a line is drawn up to an extent, which never cuts a character, and says where it ends', () => {
  const upTo = (line: string, characters: number, runs = 100) => {
    const beginning = beginningOf(line, { characters, runs });
    return [beginning.runs.map(({ text }) => text).join(''), beginning.end];
  };
  expect(upTo('abcdef', 4)).toEqual(['abcd', 4]);
  expect(upTo('abcd', 4)).toEqual(['abcd', 4]);
  expect(upTo('abc😀', 4)).toEqual(['abc', 3]);
  expect(upTo('ab\x1b[31mcdef', 4)).toEqual(['abcd', 9]);
  expect(upTo('a\u200bb', 5)).toEqual(['a', 1]);
  expect(upTo('a\x07b', 2)).toEqual(['a␇', 2]);
  expect(upTo('\x1b]0;a long title\x07ab', 2)).toEqual(['ab', 19]);
  expect(upTo('a\x1b[31mb\x1b[32mc\x1b[33md', 100, 2)).toEqual(['ab', 12]);
  expect(upTo('a\u200bb\u200bc', 100, 3)).toEqual(['a‹U+200B›b', 3]);
});

const longestStandIn = '‹U+10FFFE›'.length;

test('the beginning of a line is where the whole line begins, and takes all that has room', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('\x1b[31m', '\x1b[m', '\u200b', '\x07'),
  );
  const property = fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(40), fc.nat(6), (pieces, characters, most) => {
    const line = pieces.join('');
    const { runs, end } = beginningOf(line, { characters, runs: most });
    const drawn = runs.map(({ text }) => text).join('');
    expect(drawn.length).toBeLessThanOrEqual(characters);
    expect(runs.length).toBeLessThanOrEqual(most);
    expect(shownText(line).startsWith(drawn)).toBe(true);
    if (end === line.length) expect(drawn).toBe(shownText(line));
    else expect(drawn.length + longestStandIn > characters || runs.length === most).toBe(true);
  });
  fc.assert(property, { numRuns: 300 });
});

test('names are shown with everything they hold, escape sequences included', () => {
  expect(visibleName('a\x1b[8mb\x07\n\u202ec')).toBe('a␛[8mb␇␊‹U+202E›c');
  expect(visibleName('Übersicht 👩‍🚀.log')).toBe('Übersicht 👩‍🚀.log');
});

test('joiners stay where emoji and scripts need them', () => {
  for (const text of ['👩‍👩‍👧', '👩🏽‍🚀', '🏳️‍🌈', 'می‌خواهم', 'क्‍ष']) expect(shownText(text)).toBe(text);
});

test('only http and https become links', () => {
  const [link, text] = runsOf('\x1b]8;id=1;https://example.com/a b\x1b\\here\x1b]8;;\x1b\\ there');
  expect(link).toMatchObject({ text: 'here', href: 'https://example.com/a%20b' });
  expect(text?.href).toBeUndefined();
  for (const uri of [
    'javascript:alert(1)',
    'JAVASCRIPT://x',
    'data:text/html,x',
    'file:///etc/passwd',
    ' https://x',
    '//x',
    'https://',
    `https://x/${'y'.repeat(5000)}`,
  ]) {
    expect(safeHref(uri)).toBeUndefined();
  }
});

test('of any text everything that can be seen is shown, and no control character', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.constantFrom(
      '\x1b[31m',
      '\x1b[0m',
      '\x1b[1;7m',
      '\x1b]8;;https://a.b/\x07',
      '\x1b[?25l',
      '\x1b',
      '\x9b',
      '\u202e',
      '\t',
    ),
  );
  const property = fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
    const line = pieces.join('').replace(/[\r\n]/g, '');
    const shown = shownText(line);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    expect(shown).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]/);
    const ascii = (text: string) => text.replace(/‹U\+[0-9A-F]+›/g, '').replace(/[^\x20-\x7e]/g, '');
    expect(ascii(shown)).toBe(ascii(visibleText(line)));
  });
  fc.assert(property, { numRuns: 200 });
});

test('what was erased in a color is the row’s edge', () => {
  const limit = { characters: 100, runs: 10 };
  expect(beginningOf('\x1b[41mred \x1b[K\x1b[0m', limit).edge?.background).toBe(1);
  expect(beginningOf('\x1b[41mred\x1b[0m\x1b[K', limit).edge?.background).toBe('default');
  expect(beginningOf('red\x1b[1K', limit).edge).toBeUndefined();
});
