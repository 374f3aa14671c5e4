import {
  asksForCase,
  compileLinear,
  type LinearRegExp,
  LinearRegExpError,
  type LinearRegExpOptions,
} from '../../text/linear-regexp.ts';
import { SseTailError } from '../../words/errors.ts';
import { createNeedle, nearestOf } from './needle.ts';
import { requiredTexts } from './required.ts';
import type { TextPattern } from './text-pattern.ts';

/** `text.slice(start, end)` */
export interface TextRange {
  start: number;
  end: number;
}

/** Finds a pattern in lines. */
export interface Matcher {
  /** Whether the pattern is in a line's visible text (NFC). */
  test(visible: string): boolean;
  /** Where in a line's visible text it is: every match that is not empty, in order and without overlap. */
  ranges(visible: string): TextRange[];
  /**
   * Where in `events` (of visible lines) the pattern may be next, from `from` on: inside or before the line that holds
   * it; -1 where it is nowhere any more. `test` has the last word, unless `isExact`.
   */
  next(events: Buffer, from: number): number;
  /** `next` finds the pattern itself; only whether it stands in a line's text has to be looked at. */
  readonly isExact: boolean;
}

/**
 * @throws SseTailError kind `usage` for a regular expression that is none; `facts.at` says where (characters from 0)
 */
export function compilePattern(pattern: TextPattern): Matcher {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const matcher = matcherFor(pattern);
  compiled.set(pattern, matcher);
  return matcher;
}

/** Shared, as it is made of nothing but the pattern: what a request was checked with finds its lines. */
const compiled = new WeakMap<TextPattern, Matcher>();

function matcherFor({ text, isRegex, case: caseRule, isWord, isWhole, isValue }: TextPattern): Matcher {
  const pattern = text.normalize('NFC');
  if (isRegex) {
    const apart = isWhole ? { isWhole } : isWord ? { apartFrom: wordCharacter } : {};
    return regexMatcher(pattern, caseRule === 'exact' || asksForCase(pattern), apart);
  }
  const apart = isWhole ? apartAsWhole : isValue ? apartAsValue(pattern) : isWord ? apartAsWord : undefined;
  return literalMatcher(pattern, caseRule === 'exact' || hasUpperCase(pattern), apart);
}

const wordCharacter = '\\p{L}\\p{M}\\p{N}_';

/** What may not stand beside a match, as expressions. */
interface Apart {
  before: string;
  after: string;
}

const apartAsWord: Apart = { before: `[${wordCharacter}]`, after: `[${wordCharacter}]` };
const apartAsWhole: Apart = { before: '[^]', after: '[^]' };

function apartAsValue(value: string): Apart {
  const { before, after } = apartAsWord;
  return {
    before: /^\d/.test(value) ? `${before}|\\d\\.` : before,
    after: /\d$/.test(value) ? `${after}|\\.\\d` : after,
  };
}

function regexMatcher(source: string, isExactCase: boolean, apart: LinearRegExpOptions): Matcher {
  const expression = compileRegex(source, { ignoreCase: !isExactCase, ...apart });
  const required = requiredTexts(source) ?? [''];
  return {
    test: expression.test,
    ranges: (visible) => [...expression.matches(visible)].map(({ start, end }) => ({ start, end })),
    next: nearestOf(required.map((text) => createNeedle(text, isExactCase))).next,
    isExact: false,
  };
}

function compileRegex(source: string, options: LinearRegExpOptions): LinearRegExp {
  try {
    return compileLinear(source, options);
  } catch (error) {
    if (!(error instanceof LinearRegExpError)) throw error;
    throw new SseTailError('usage', error.message, { at: error.at });
  }
}

function literalMatcher(pattern: string, isExactCase: boolean, apart: Apart | undefined): Matcher {
  const needle = createNeedle(pattern, isExactCase);
  const expression = expressionOf(pattern, isExactCase, apart);
  return {
    test:
      isExactCase && apart === undefined
        ? (visible) => visible.includes(pattern)
        : (visible) => expression.test(visible),
    ranges: (visible) => (pattern === '' ? [] : occurrences(visible, expression)),
    next: needle.next,
    isExact: needle.isExact && apart === undefined,
  };
}

function expressionOf(pattern: string, isExactCase: boolean, apart: Apart | undefined): RegExp {
  const [before, after] = apart ? [`(?<!${apart.before})`, `(?!${apart.after})`] : ['', ''];
  return new RegExp(`${before}${escapeRegex(pattern)}${after}`, isExactCase ? 'u' : 'iu');
}

function occurrences(visible: string, expression: RegExp): TextRange[] {
  const all = visible.matchAll(new RegExp(expression, `${expression.flags}g`));
  return Array.from(all, ({ 0: found, index }) => ({ start: index, end: index + found.length }));
}

function hasUpperCase(text: string): boolean {
  return /\p{Lu}/u.test(text);
}

/** A regular expression, of any kind, that finds just this text. */
function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
