import { expect, it } from 'vitest';
import { writeKnownValues } from '../../scripts/known-values.ts';

function written(code: string, known: Record<string, string>): string {
  return writeKnownValues(new Map([['one', code]]), new Map(Object.entries(known))).get('one') ?? '';
}

it.each([
  [
    'instead of an expression, however it is broken into lines',
    'if (a &&\n\tb.c) d();',
    { 'a && b.c': 'false' },
    'if (false) d();',
  ],
  ['once where one known expression holds another', 'f(a.b.c, a.b)', { 'a.b.c': '1', 'a.b': '2' }, 'f(1, 2)'],
  ['for a variable, which loses what it begins with', 'let a = b();\nc(a);', { a: '0' }, 'let a = undefined;\nc(0);'],
  ['instead of what is assigned to it', 'a.b = () => c;\nd(a.b);', { 'a.b': 'undefined' }, 'undefined;\nd(undefined);'],
  ['not for the name of a property', '({ a: b.a, c: a })', { a: '1' }, '({ a: b.a, c: 1 })'],
  [
    'for a parameter, which nobody passes any more',
    'function f(a, b, c, d) { return b ? a : c + d; }\nf(1, g(2, 3), 4, 5);',
    { b: 'false', d: '0' },
    'function f(a, c) { return false ? a : c + 0; }\nf(1, 4);',
  ],
])('a known value is written %s', (_, code, known, expected) => {
  expect(written(code, known)).toBe(expected);
});

it('an expression that the library does not have any more ends the build', () => {
  expect(() => written('a.b', { 'a.b': '1', 'a.c': '2' })).toThrow("No module says a.c: has the library's release");
});

it('a known parameter is not passed by other modules either', () => {
  const modules = new Map([
    ['one', 'export function f(a, b) { return a + b; }'],
    ['other', "import { f } from 'one';\nf(1, 2);"],
  ]);
  expect(writeKnownValues(modules, new Map([['b', '0']])).get('other')).toBe("import { f } from 'one';\nf(1);");
});
