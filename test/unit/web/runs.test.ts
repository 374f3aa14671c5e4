import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleText } from '../../../agent/text/strip.ts';
import { runsOf, safeHref, shownText } from '../../../web/runs.ts';

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
