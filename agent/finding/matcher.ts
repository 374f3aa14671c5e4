import { SseTailError } from '../words/errors.ts';
import type { TextPattern } from './line-query.ts';
import { createNeedle } from './needle.ts';

/** Finds a pattern in lines. */
export interface Matcher {
  /** Whether the pattern is in a line's visible text (NFC). */
  test(visible: string): boolean;
  /**
   * Where in `events` (of visible lines) the pattern may be next, from `from` on: inside or before the line that holds it; -1 where
   * it is nowhere any more. `test` has the last word, unless `isExact`.
   */
  next(events: Buffer, from: number): number;
  /** `next` finds the pattern itself; only whether it stands in a line's text has to be looked at. */
  readonly isExact: boolean;
}

/**
 * @throws SseTailError kind `usage` for a regular expression that is none; `facts.at` says where (characters from 0)
 */
export function compilePattern({ text, isRegex, case: caseRule, isWord }: TextPattern): Matcher {
  const pattern = text.normalize('NFC');
  if (isRegex) throw new SseTailError('usage', 'Regular expressions are not there yet.', { at: 0 });
  const isExactCase = caseRule === 'exact' || hasUpperCase(pattern);
  return literalMatcher(pattern, isExactCase, isWord);
}

function literalMatcher(pattern: string, isExactCase: boolean, isWord: boolean): Matcher {
  const needle = createNeedle(pattern, isExactCase);
  return {
    test: testOf(pattern, isExactCase, isWord),
    next: needle.next,
    isExact: needle.isExact && !isWord,
  };
}

function testOf(pattern: string, isExactCase: boolean, isWord: boolean): Matcher['test'] {
  if (isExactCase && !isWord) return (visible) => visible.includes(pattern);
  const [before, after] = isWord ? ['(?<![\\p{L}\\p{M}\\p{N}_])', '(?![\\p{L}\\p{M}\\p{N}_])'] : ['', ''];
  const expression = new RegExp(`${before}${escapeRegex(pattern)}${after}`, isExactCase ? 'u' : 'iu');
  return (visible) => expression.test(visible);
}

export function hasUpperCase(text: string): boolean {
  return /\p{Lu}/u.test(text);
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
