import {
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

function matcherFor({ text, isRegex, case: caseRule, isWord, isValue }: TextPattern): Matcher {
  const pattern = text.normalize('NFC');
  if (isRegex) return regexMatcher(pattern, caseRule === 'exact' || hasUpperCase(withoutEscapes(pattern)), isWord);
  const apart = isValue ? apartAsValue(pattern) : isWord ? apartAsWord : undefined;
  return literalMatcher(pattern, caseRule === 'exact' || hasUpperCase(pattern), apart);
}

const wordCharacter = '\\p{L}\\p{M}\\p{N}_';

/** What may not stand beside a match, as expressions. */
interface Apart {
  before: string;
  after: string;
}

const apartAsWord: Apart = { before: `[${wordCharacter}]`, after: `[${wordCharacter}]` };

function apartAsValue(value: string): Apart {
  const { before, after } = apartAsWord;
  return {
    before: /^\d/.test(value) ? `${before}|\\d\\.` : before,
    after: /\d$/.test(value) ? `${after}|\\.\\d` : after,
  };
}

function regexMatcher(source: string, isExactCase: boolean, isWord: boolean): Matcher {
  const options = { ignoreCase: !isExactCase };
  const expression = compileRegex(source, options);
  // Only whether it is there is asked: the characters beside it may belong to the match.
  const whole = isWord
    ? compileLinear(`(?:^|[^${wordCharacter}])(?:${source})(?:$|[^${wordCharacter}])`, options)
    : expression;
  const required = requiredTexts(source) ?? [''];
  const isApart = isWord ? apartness(apartAsWord) : undefined;
  return {
    test: whole.test,
    ranges: (visible) => rangesOf(visible, expression.matches(visible), isApart),
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

/** `\\W` and `\\p{Lu}` are no upper-case letters of the pattern's. */
function withoutEscapes(source: string): string {
  return source.replace(/\\[pP]\{[^}]*\}|\\[pP]?./g, '');
}

function literalMatcher(pattern: string, isExactCase: boolean, apart: Apart | undefined): Matcher {
  const needle = createNeedle(pattern, isExactCase);
  const isApart = apart && apartness(apart);
  return {
    test: testOf(pattern, isExactCase, apart),
    ranges: (visible) => rangesOf(visible, occurrences(visible, pattern, isExactCase), isApart),
    next: needle.next,
    isExact: needle.isExact && apart === undefined,
  };
}

function testOf(pattern: string, isExactCase: boolean, apart: Apart | undefined): Matcher['test'] {
  if (isExactCase && apart === undefined) return (visible) => visible.includes(pattern);
  const [before, after] = apart ? [`(?<!${apart.before})`, `(?!${apart.after})`] : ['', ''];
  const expression = new RegExp(`${before}${escapeRegex(pattern)}${after}`, isExactCase ? 'u' : 'iu');
  return (visible) => expression.test(visible);
}

function* occurrences(visible: string, pattern: string, isExactCase: boolean): Generator<TextRange, void, undefined> {
  if (pattern === '') return;
  for (const { 0: found, index } of visible.matchAll(new RegExp(escapeRegex(pattern), isExactCase ? 'gu' : 'giu'))) {
    yield { start: index, end: index + found.length };
  }
}

type IsApart = (visible: string, range: TextRange) => boolean;

function rangesOf(visible: string, found: Iterable<TextRange>, isApart: IsApart | undefined): TextRange[] {
  const ranges: TextRange[] = [];
  for (const { start, end } of found) if (!isApart || isApart(visible, { start, end })) ranges.push({ start, end });
  return ranges;
}

function apartness(apart: Apart): IsApart {
  const before = new RegExp(`(?:${apart.before})$`, 'u');
  const after = new RegExp(`^(?:${apart.after})`, 'u');
  return (visible, { start, end }) =>
    !before.test(visible.slice(Math.max(0, start - 2), start)) && !after.test(visible.slice(end, end + 2));
}

function hasUpperCase(text: string): boolean {
  return /\p{Lu}/u.test(text);
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
