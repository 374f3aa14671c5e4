import { expect, test } from 'vitest';
import type { Filter } from '../../../../web/lines/filter.ts';
import { withoutText, withPattern, withUnwanted } from '../../../../web/lines/filter-texts.ts';
import { expressionFor, expressionOf, textOf } from '../../../../web/text/pattern.ts';

const plain = { regex: false, case: false, word: false };

test('texts that lines have to hold add up, once each', () => {
  const one = withPattern({ level: ['error'] }, { text: 'a.b', ...plain });
  expect(one).toEqual({ level: ['error'], q: ['a.b'] });
  const two = withPattern(one, { text: 'c', ...plain });
  expect(two).toEqual({ level: ['error'], q: ['a.b', 'c'] });
  expect(withPattern(two, { text: 'c', ...plain })).toEqual(two);
  expect(withoutText(two, 'q', 'a.b')).toEqual({ level: ['error'], q: ['c'] });
  expect(withoutText(one, 'q', 'a.b')).toEqual({ level: ['error'] });
});

test('beside an expression a text is one, too, which matches just that', () => {
  const both = withPattern(withUnwanted({ q: ['a.b'] }, 'x-y'), { text: 'c+', ...plain, regex: true });
  expect(both).toEqual({ q: ['a\\.b', 'c+'], not: ['x\\x2dy'], regex: true });
  expect(both.q?.map(textOf)).toEqual(['a.b', undefined]);
  expect(withUnwanted(both, '(z').not).toEqual(['x\\x2dy', '\\(z']);
  const left = withoutText(withoutText(both, 'q', 'c+'), 'q', 'a\\.b');
  expect(left).toEqual({ not: ['x\\x2dy'], regex: true });
  expect(withoutText(left, 'not', 'x\\x2dy')).toEqual({});
});

test('a text whose case or words count otherwise takes the place of others', () => {
  const filter: Filter = { q: ['a', 'b'], case: true };
  expect(withPattern(filter, { text: 'c', ...plain, case: true }).q).toEqual(['a', 'b', 'c']);
  expect(withPattern(filter, { text: 'c', ...plain })).toEqual({ q: ['c'] });
});

test.each(['a.b', 'x-y', '[1] (2) {3} | ^ $ * + ? \\ /', '\\d', '日本', '\u{1f600}-'])(
  '%s as an expression',
  (text) => {
    expect(textOf(expressionFor(text))).toBe(text);
    const expression = expressionOf({ text: expressionFor(text), ...plain, regex: true });
    expect(text.match(expression ?? '')?.[0]).toBe(text);
  },
);
