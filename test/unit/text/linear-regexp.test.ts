import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLinear, LinearRegExpError } from '../../../agent/text/linear-regexp.ts';

function isExpression(source: string): boolean {
  try {
    return compileLinear(source) !== undefined;
  } catch {
    return false;
  }
}

describe('an expression', () => {
  it('finds what it matches, one after the other', () => {
    const expression = compileLinear('b(a+)');
    expect(expression.test('xbaaax')).toBe(true);
    expect([...expression.matches('xbaaaxba')]).toEqual([
      { start: 1, end: 5, groups: [{ start: 2, end: 5 }] },
      { start: 6, end: 8, groups: [{ start: 7, end: 8 }] },
    ]);
    expect([...expression.matches('xx')]).toEqual([]);
  });

  it('ignores case where that is asked for', () => {
    expect(compileLinear('straße', { ignoreCase: true }).test('STRAßE')).toBe(true);
    expect(compileLinear('a').test('A')).toBe(false);
  });

  it.each([
    ['a(b', 1],
    ['x[z-a]', 2],
    ['ab**', 2],
    ['(?<=a)b', 0],
    ['a\\1', 1],
    ['a)', 1],
    ['[a', 0],
    ['a\\', 2],
  ])('%s is refused, and it says where', (source, at) => {
    try {
      compileLinear(source);
    } catch (error) {
      expect(error).toBeInstanceOf(LinearRegExpError);
      expect((error as LinearRegExpError).message).not.toBe('');
      expect((error as LinearRegExpError).at).toBe(at);
      return;
    }
    throw new Error('it was accepted');
  });

  it.each([
    ['(a+)+$', `${'a'.repeat(50_000)}b`],
    ['(x+x+)+y', 'x'.repeat(50_000)],
    ['(.*)(.*)(.*)(.*)(.*)[c]d', 'a'.repeat(50_000)],
    ['(a|a)*b', 'a'.repeat(50_000)],
    ['(a?){500}a{500}', 'a'.repeat(900)],
  ])('that would keep a backtracking engine busy for ever takes no time: %s', (source, text) => {
    const begun = performance.now();
    compileLinear(source).test(text);
    // Years against milliseconds: the bound is generous, as the machine may be busy.
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  const wordCharacter = '\\p{L}\\p{N}_';

  it.each([
    ['.*\\Qhandler 0', 'a handler 0', 'a handler 0)'],
    ['\\Qa|b', 'a|b', 'a'],
    ['\\Qa\\', 'a\\', 'a'],
    ['[\\Q]x', '', 'x)'],
    ['[]\\]]\\Qx', ']x', 'x'],
    ['[[:alpha:]\\]]\\Q]', ']]', ']'],
    ['\\\\Qx', '\\Qx', 'x'],
    ['\\Qa\\Eb|c', 'c', 'cc'],
    ['a|ab', 'ab', 'abb'],
    ['', '', 'a'],
  ])('%s finds a whole line, or words, that it matches', (source, found, other) => {
    const isNone = !isExpression(source);
    if (isNone) return expect(() => compileLinear(source, { isWhole: true })).toThrow(LinearRegExpError);
    const whole = compileLinear(source, { isWhole: true });
    expect([whole.test(found), whole.test(other)]).toEqual([true, false]);
    expect([...whole.matches(found)].map(({ start, end }) => found.slice(start, end))).toEqual([found].filter(Boolean));
    expect(compileLinear(source, { apartFrom: wordCharacter }).test(`- ${found} -`)).toBe(true);
  });

  it('that compiles also does for whole lines and words', () => {
    const piece = fc.constantFrom(
      '\\',
      'Q',
      'E',
      '\\Q',
      '\\E',
      '[',
      ']',
      '^',
      '(',
      '(?:',
      ')',
      'a',
      '|',
      '*',
      '.',
      '[:',
      ':]',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const source = pieces.join('');
        if (!isExpression(source)) return;
        compileLinear(source, { isWhole: true });
        compileLinear(source, { apartFrom: wordCharacter });
      }),
      { numRuns: 3000 },
    );
  });

  it('nested too deeply is refused', () => {
    expect(() => compileLinear(`${'('.repeat(5000)}a${')'.repeat(5000)}`)).toThrow(LinearRegExpError);
  });
});

describe('all matches', () => {
  it('come one after the other with their groups, and empty ones are none', () => {
    expect([...compileLinear('(a)(b)?').matches('ab xa')]).toEqual([
      {
        start: 0,
        end: 2,
        groups: [
          { start: 0, end: 1 },
          { start: 1, end: 2 },
        ],
      },
      { start: 4, end: 5, groups: [{ start: 4, end: 5 }, undefined] },
    ]);
    expect([...compileLinear('x*').matches('abc')]).toEqual([]);
  });

  it('are the same on a machine that pauses', () => {
    const text = 'x'.repeat(1500);
    // For longer than all of them may take, now and then.
    let at = 0;
    let calls = 0;
    const now = () => {
      at += ++calls % 40 === 0 ? 100 : 0.01;
      return at;
    };
    const found = [...compileLinear('x{5}', { now }).matches(text)];
    expect(found.map(({ end }) => end)).toEqual(Array.from({ length: 300 }, (_, i) => 5 * (i + 1)));
  });

  it('have their places in UTF-16 units', () => {
    const [match] = compileLinear('é').matches('😀é');
    expect(match).toMatchObject({ start: 2, end: 3 });
  });

  it.each(['a\\u0062', /\u0061b/, '(?<=x)b', 'a[^]'])('of JavaScript’s own syntax: %s', (expression) => {
    expect(compileLinear(expression, { isJavaScript: true }).test('xb ab')).toBe(true);
  });

  it('are those that JavaScript finds', () => {
    const part = fc.constantFrom('a', 'b', '[ab]', '.', '\\w', '(a|b)', '(?:ab)?', 'a+', 'b*?', '\\b', '^', '$');
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 5 }),
        fc.string({ unit: fc.constantFrom('a', 'b', ' ') }),
        (parts, text) => {
          const source = parts.join('');
          const expected = [...text.matchAll(new RegExp(source, 'g'))].filter(([match]) => match !== '');
          const found = [...compileLinear(source).matches(text)];
          expect(found.map(({ start, end }) => [start, end])).toEqual(
            expected.map(({ 0: match, index }) => [index, index + match.length]),
          );
        },
      ),
    );
  });
});
