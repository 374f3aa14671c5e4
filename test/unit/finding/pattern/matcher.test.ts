import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePattern } from '../../../../agent/finding/pattern/matcher.ts';
import type { TextPattern } from '../../../../agent/finding/pattern/text-pattern.ts';
import { SseTailError } from '../../../../agent/words/errors.ts';
import { growthOf, linear } from '../../../support/growth.ts';
import { smartCases } from '../../../support/smart-cases.ts';

const rangesIn = (line: string, text: string, rest: Partial<TextPattern> = {}) =>
  compilePattern({ text, isRegex: true, case: 'smart', isWord: false, ...rest })
    .ranges(line)
    .map(({ start, end }) => line.slice(start, end));

it('every match that is not empty is found, in order', () => {
  expect(rangesIn('ab Aab b', 'a*b?')).toEqual(['ab', 'Aab', 'b']);
  expect(rangesIn('aaa', '^a')).toEqual(['a']);
  expect(rangesIn('a.b a.b', '.b', { isRegex: false })).toEqual(['.b', '.b']);
  expect(rangesIn('xy', '', { isRegex: false })).toEqual([]);
});

it('case counts where a letter that the expression stands for is a capital, as in ripgrep', () => {
  for (const { text, isExact } of smartCases) expect(rangesIn('aj AJ', text).length === 1, text).toBe(isExact);
});

it('an expression with a character by a number that there is not is none, whoever asks for its case', () => {
  for (const text of ['\\x{110000}', '\\x{ffffffffff}', '\\x{}', '\\x4', '\\p{', '\\']) {
    expect(() => rangesIn('a', text), text).toThrow(SseTailError);
  }
});

it.each([
  ['ä', 'äÄ', 'aA'],
  ['Ä', 'Ä', 'äaA'],
  ['a\u0308', 'äÄ', 'aA'],
  ['ß', 'ßẞ', 'sS'],
  ['ẞ', 'ẞ', 'ßsS'],
  ['σ', 'σςΣ', 'os'],
  ['ς', 'σςΣ', 'os'],
  ['Σ', 'Σ', 'σς'],
  ['ж', 'жЖ', 'x'],
  ['ǆ', 'ǆǅǄ', 'd'],
  ['i', 'iI', 'İı'],
  ['İ', 'İ', 'iIı'],
  ['ı', 'ı', 'iİI'],
  ['k', 'kK\u212a', 'c'],
  ['grÖße', [], ['größe', 'GRÖSSE', 'GRÖẞE']],
  ['größe', ['größe', 'GRÖẞE', 'Gro\u0308ße'], ['GRÖSSE', 'grosse']],
  ['οδος', ['ΟΔΟΣ', 'Οδος', 'οδοσ'], ['οδοϛ']],
])('case of %s is smart beyond ASCII, as text and as an expression', (text, same, others) => {
  for (const isRegex of [false, true]) {
    const { test, next, ranges } = compilePattern({ text, isRegex, case: 'smart', isWord: false });
    const isFound = (found: string) => {
      const line = `<${found.normalize('NFC')}>`;
      const event = Buffer.from(`id: 1\ndata: ${line}\n\n`);
      expect(ranges(line).length > 0).toBe(test(line));
      // Where its bytes are not found nobody asks whether it is there.
      return test(line) && next(event, 0) !== -1;
    };
    expect([...same].filter((one) => !isFound(one))).toEqual([]);
    expect([...others].filter(isFound)).toEqual([]);
  }
});

it('each character that has cases is found in all of them: as a text, as an expression, and by its bytes', () => {
  const families = new Map<string, Set<string>>();
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (!/[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/u.test(character)) continue;
    const related = [
      character,
      character.toLowerCase(),
      character.toUpperCase(),
      character.toLowerCase().toUpperCase(),
    ];
    // In NFC some are another one: the Kelvin sign is a `K`.
    const family = new Set(related.filter((one) => [...one].length === 1 && one.normalize('NFC') === one));
    for (const one of [...family]) for (const other of families.get(one) ?? []) family.add(other);
    for (const one of family) families.set(one, family);
  }
  expect(families.size).toBeGreaterThan(2500);
  const unlike: string[] = [];
  for (const [character, family] of families) {
    for (const text of [character, `a${character}b`, `${character}${character}-1`]) {
      const [literal, expression] = [false, true].map((isRegex) =>
        compilePattern({ text, isRegex, case: 'smart', isWord: false }),
      );
      for (const other of family) {
        const line = `<${text.replaceAll(character, other)}>`;
        const isFound = literal?.test(line);
        const isSo = [
          expression?.test(line),
          literal?.ranges(line).length !== 0,
          expression?.ranges(line).length !== 0,
        ];
        for (const matcher of [literal, expression])
          if (isFound) isSo.push(matcher?.next(Buffer.from(`id: 1\ndata: ${line}\n\n`), 0) !== -1);
        if (isSo.some((one) => one !== isFound)) unlike.push(`${text} in ${line}`);
      }
    }
  }
  expect(unlike).toEqual([]);
});

it('a whole word is one with no letter beside it', () => {
  expect(rangesIn('log logs \u{10400}log log', 'log', { isWord: true })).toEqual(['log', 'log']);
  expect(rangesIn('log logs log', 'log', { isWord: true, isRegex: false })).toEqual(['log', 'log']);
});

it('a word is looked for where a match that is none begins', () => {
  const words = (line: string, text: string, isRegex = true) => rangesIn(line, text, { isWord: true, isRegex });
  expect(words('ab', 'a|ab')).toEqual(['ab']);
  expect(words('abc ab', 'a|ab')).toEqual(['ab']);
  expect(words('aa aa', 'a*')).toEqual(['aa', 'aa']);
  expect(words('xa a a', 'a a', false)).toEqual(['a a']);
  expect(words('xa a a', 'a a')).toEqual(['a a']);
  expect(words('!! -a', '[!-]a?')).toEqual(['!', '!', '-a']);
  expect(words('\u{1f600}\u{1f600} \u{1f600}', '\u{1f600}')).toEqual(['\u{1f600}', '\u{1f600}', '\u{1f600}']);
});

it('whole words are those that an expression with lookarounds finds', () => {
  const part = fc.constantFrom('a', 'b', '[ab]', '.', '\\w', '(a|ab)', '(?:ab)?', 'a+', 'b*?', '!', ' ', 'b|', 'é');
  // JavaScript finds empty matches in the middle of a character of two units.
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '!', 'é') });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), line, (parts, text) => {
      const source = parts.join('');
      const apart = new RegExp(`(?<![\\p{L}\\p{M}\\p{N}_])(?:${source})(?![\\p{L}\\p{M}\\p{N}_])`, 'gu');
      const expected = [...text.matchAll(apart)].map(([match]) => match).filter((match) => match !== '');
      expect(rangesIn(text, source, { isWord: true, case: 'exact' })).toEqual(expected);
      const { test } = compilePattern({ text: source, isRegex: true, case: 'exact', isWord: true });
      expect(test(text)).toBe(apart.test(text));
    }),
    { numRuns: 200 },
  );
});

it('a whole line is found by all of its text', () => {
  const whole = (line: string, text: string, rest: Partial<TextPattern> = {}) => {
    const { test, ranges } = compilePattern({
      text,
      isRegex: true,
      case: 'smart',
      isWord: false,
      isWhole: true,
      ...rest,
    });
    const found = ranges(line);
    expect(found).toEqual(test(line) && line !== '' ? [{ start: 0, end: line.length }] : []);
    return test(line);
  };
  for (const isRegex of [true, false]) {
    expect(['ab', 'AB', 'abc', 'xab', ''].map((line) => whole(line, 'ab', { isRegex }))).toEqual([
      ...[true, true, false, false, false],
    ]);
    expect(['Ab', 'ab', 'Ab\u2028', '\u{1f600}Ab'].map((line) => whole(line, 'Ab', { isRegex }))).toEqual([
      ...[true, false, false, false],
    ]);
    expect([whole('', '', { isRegex }), whole('a', '', { isRegex })]).toEqual([true, false]);
  }
  expect([whole('a', 'a|b'), whole('a|b', 'a|b'), whole('a|b', 'a|b', { isRegex: false })]).toEqual([
    true,
    false,
    true,
  ]);
  const long = 'x('.repeat(5000);
  expect([whole(long, long, { isRegex: false }), whole(`${long}x`, long, { isRegex: false })]).toEqual([true, false]);
});

it('the value of a field is a whole number, too', () => {
  const value = { isRegex: false, isWord: true, isValue: true } as const;
  expect(rangesIn('{"s":0}', '"s":0', value)).toEqual(['"s":0']);
  for (const other of ['0.25', '0.0', '05', '0e3']) expect(rangesIn(`{"s":${other}}`, '"s":0', value)).toEqual([]);
  expect(rangesIn('took=3. took=3.5 took=3, took=3', 'took=3', value)).toEqual(['took=3', 'took=3', 'took=3']);
  expect(rangesIn('1.5 5', '5', value)).toEqual(['5']);
  const { test } = compilePattern({ text: '"s":0', case: 'exact', ...value });
  expect([test('{"s":0.25}'), test('{"s":0}')]).toEqual([false, true]);
});

it('all matches of a line take time in proportion to it, though each is looked for to its end', () => {
  for (const text of ['.*b|a', 'a|x*y', 'a']) {
    expect(growthOf((size) => rangesIn('a'.repeat(size), text), 1000)).toBeLessThan(linear);
  }
});
