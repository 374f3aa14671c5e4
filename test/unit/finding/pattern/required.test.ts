import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requiredTexts } from '../../../../agent/finding/pattern/required.ts';
import { compileLinear } from '../../../../agent/text/linear-regexp.ts';

describe('what an expression requires', () => {
  it.each([
    ['timeout', ['timeout']],
    ['timeout|refused', ['timeout', 'refused']],
    ['(?:timeout|refused) again \\d+ ms', ['timeout', 'refused']],
    ['(?:oh|no) again \\d+ ms', [' again ']],
    ['status=5\\d\\d', ['status=5']],
    ['ab+cd', ['bcd']],
    ['x?yz', ['yz']],
    ['(abc)?d', ['d']],
    ['(abc|de)+f', ['abc', 'de']],
    ['a\\.b\\[c', ['a.b[c']],
    ['[abc]', undefined],
    ['a*', undefined],
    ['abc|.*', undefined],
    ['(?i)abc', undefined],
    ['\\Qa+b\\E', undefined],
    ['\\x41', undefined],
  ])('%s', (source, texts) => {
    expect(requiredTexts(source)).toEqual(texts);
  });

  const atoms = fc.constantFrom(
    'a',
    'b',
    'ab',
    'c',
    '.',
    '\\.',
    '[ab]',
    '[^a]',
    '[]a]',
    '[[:alpha:]]',
    '\\d',
    '\\b',
    '^',
    '$',
    'é',
  );
  const repeats = fc.constantFrom('', '', '', '+', '*', '?', '{2}', '{0,2}', '{1,}', '+?', '*?');
  const { expression } = fc.letrec<{ expression: string; item: string }>((tie) => ({
    item: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(atoms, repeats).map(([atom, repeat]) => (/^[\^$]|b$/.test(atom) ? atom : atom + repeat)),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('', '?:', '?P<n>'), tie('expression'), repeats)
          .map(([head, inner, repeat]) => `(${head}${inner})${repeat}`),
      },
    ),
    expression: fc
      .array(
        fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
        { minLength: 1, maxLength: 3 },
      )
      .map((branches) => branches.join('|')),
  }));

  it('stands in everything that it matches', () => {
    fc.assert(
      fc.property(
        expression,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', 'é', '1'), maxLength: 12 }),
        (source, text) => {
          let compiled: ReturnType<typeof compileLinear>;
          try {
            compiled = compileLinear(source);
          } catch {
            return;
          }
          const required = requiredTexts(source);
          if (required === undefined || !compiled.test(text)) return;
          expect(required.some((one) => text.includes(one))).toBe(true);
        },
      ),
      { numRuns: 20_000, seed: 5 },
    );
  });
});
