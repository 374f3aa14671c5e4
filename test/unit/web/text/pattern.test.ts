import { describe, expect, it, test } from 'vitest';
import { createHighlighter, patternError, type TextPattern } from '../../../../web/text/pattern.ts';
import { leastTime } from '../../../support/growth.ts';
import { smartCases } from '../../../support/smart-cases.ts';

const pattern = (text: string, options: Partial<TextPattern> = {}): TextPattern => ({
  text,
  regex: false,
  case: false,
  word: false,
  ...options,
});
const found = (text: string, options: Partial<TextPattern>, line: string) =>
  createHighlighter(pattern(text, options))
    .spansOf(line)
    .map(([start, end]) => line.slice(start, end));

describe('a text is found', () => {
  it.each([
    ['without regard to case, if it has none', 'error', {}, 'Error: ERROR error', ['Error', 'ERROR', 'error']],
    ['with its case, if it has upper-case letters', 'Error', {}, 'Error: ERROR error', ['Error']],
    ['with its case, if that is asked for', 'error', { case: true }, 'Error: ERROR error', ['error']],
    ['as it is, whatever it holds', 'a.b*(c', {}, 'axb a.b*(c', ['a.b*(c']],
    ['with a dash', 'a-b', {}, 'a-b', ['a-b']],
    ['as a whole word', 'log', { word: true }, 'log logs blog _log log.', ['log', 'log']],
    ['as a word of any language', 'Über', { word: true }, 'Über Überzug', ['Über']],
    ['as an expression', 'e\\d+', { regex: true }, 'E12 e3 ex', ['E12', 'e3']],
    ['as an expression whose escapes are no upper case', '\\Ba', { regex: true }, 'bA', ['A']],
  ])('%s', (_, text, options, line, expected) => {
    expect(found(text, options, line)).toEqual(expected);
  });
});

test('case counts for it where it does for the agent', () => {
  // What the browser's engine does not have is left out.
  for (const { text, isExact } of smartCases.filter(
    ({ text }) => patternError(pattern(text, { regex: true })) === undefined,
  ))
    expect(found(text, { regex: true }, 'aj AJ').length === 1, text).toBe(isExact);
});

test('an expression that is none is told', () => {
  expect(patternError(pattern('a(b', { regex: true }))).toMatch(/group/i);
  expect(patternError(pattern('a(b'))).toBeUndefined();
  expect(found('a(b', { regex: true }, 'a(b')).toEqual([]);
});

test.each(['(a+)+$', '(a|a)*$', '(?:(a*)b?)*$', 'a*a*a*a*a*$', '\\w+\\w+\\w+='])(
  'no expression holds up the page: %s',
  (text) => {
    const line = 'a'.repeat(16_000);
    const highlighter = createHighlighter(pattern(text, { regex: true }));
    expect(highlighter.spansOf(line)).toEqual([[0, line.length]]);
    expect(leastTime(() => createHighlighter(pattern(text, { regex: true })).spansOf(line), 1000)).toBeLessThanOrEqual(
      1000,
    );
  },
);
