import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/**
 * A regular expression whose time is proportional to the text, whatever the expression and the text hold: strangers may
 * send both.
 */
export interface LinearRegExp {
  test(text: string): boolean;
  /**
   * All matches that are not empty, one after the other, leftmost first as in Perl; indices as in a string. Finding
   * each is linear, but an expression such as `.*b|a` looks through the rest of the text for each, and all of them
   * together would take the square of it: past a budget, all that is left of the text is one match.
   */
  matches(text: string): Generator<Match, void, undefined>;
}

/** `[start, end)`, and the same of what its groups matched; undefined for a group that took no part. */
export interface Match {
  start: number;
  end: number;
  groups: readonly ({ start: number; end: number } | undefined)[];
}

export interface LinearRegExpOptions {
  ignoreCase?: boolean;
  /** Characters, as they stand in a class, of which none may be beside a match: a word is none of `\w` apart. */
  apartFrom?: string;
  /** Finds only texts that it matches from their beginning to their end. */
  isWhole?: boolean;
  /** JavaScript's escapes (`\u00e9`, `[^]`) and lookbehinds too. A RegExp has them in any case. */
  isJavaScript?: boolean;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

/** Why an expression is none. */
export class LinearRegExpError extends Error {
  /** Where in the expression, in characters from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'LinearRegExpError';
    this.at = at;
  }
}

/** Each character of a text can cost a step for each of them; `\w{1,1000}` has 2,000. */
const mostInstructions = 4096;

/**
 * Ten times what an ordinary expression takes. A machine that pauses must not change what is found: time counts from so
 * many matches on, and of each no more than a look through all of the text takes.
 */
const budget = { ms: 20, msPerUnit: 0.001, matches: 8 };
const lookMs = { ms: 0.5, msPerUnit: 0.00005 };

/** Loaded when it is used for the first time: most agents never compile one, and it takes 7 ms and a megabyte. */
function engine(): typeof RE2JS {
  return (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS;
}

/**
 * The syntax of RE2 (https://github.com/google/re2/wiki/Syntax): Perl's without backreferences and lookaheads, which
 * can't be had in linear time.
 *
 * @throws LinearRegExpError where it is no expression
 */
export function compileLinear(expression: string | RegExp, options: LinearRegExpOptions = {}): LinearRegExp {
  const source = typeof expression === 'string' ? expression : expression.source;
  const compiled = compile(expression, source, options);
  if (compiled.programSize() > mostInstructions) throw tooLarge();
  if (options.apartFrom !== undefined) return compileApart(closed(source), options.apartFrom, options);
  const found = options.isWhole ? compile(`^(?:${closed(source)})$`, source, options) : compiled;
  return {
    test: (text) => found.test(text),
    matches: (text) => matchesOf(oneByOne(found, text), text, options.now),
  };
}

/**
 * What may not be beside a match is part of the expression: of `a|ab` in `ab` the first match has a letter beside it,
 * and another one has not.
 */
function compileApart(source: string, beside: string, options: LinearRegExpOptions): LinearRegExp {
  const after = `(${source})(?:$|[^${beside}])`;
  const first = compile(`(?:^|[^${beside}])${after}`, source, options);
  const next = compile(`[^${beside}]${after}`, source, options);
  return {
    test: (text) => first.test(text),
    matches: (text) => matchesOf(apart(first, next, text), text, options.now),
  };
}

/** An expression that compiles, as a part of another one: quoted text in it may go on to its end. */
function closed(source: string): string {
  const signs = /\\Q.*?(\\E|$)|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]/gs;
  for (const [sign, end] of source.matchAll(signs)) if (sign.startsWith('\\Q') && end === '') return `${source}\\E`;
  return source;
}

/**
 * Whether case counts where nobody says so. As in ripgrep, by the characters that stand for themselves: where one is a
 * capital letter, or there is none, as in `\p{Lu}+`. What only signs have (`\W`, the name of a group, flags) is none.
 */
export function asksForCase(source: string): boolean {
  const literals = source.replace(signs, (sign, quoted?: string, byte?: string, number?: string) => {
    const code = byte ?? number;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return quoted ?? (standsForCharacter.test(sign) ? ' ' : '');
  });
  return literals === '' || /\p{Lu}/u.test(literals);
}

/** Quoted text, characters by their numbers, and what is none or has no case. */
const signs =
  /\\Q(.*?)(?:\\E|$)|\\x(?:([\da-f]{2})|\{0*(10[\da-f]{4}|[\da-f]{1,5})\})|\\p(?:\{[^}]*\}|.)|\\.|\(\?(?:P?<\w+>|[a-z-]+[:)])|\[:\^?\w+:\]|\{\d+,?\d*\}|[\\^$.|?*+()[\]{}]/gisu;
/** `\.`, `\t`, `\0` */
const standsForCharacter = /^\\[^A-Zb-eg-mo-qsuw-z]/;

/** Finds the next match; undefined where there is none. */
type FindNext = () => Match | undefined;

function oneByOne(compiled: RE2JS, text: string): FindNext {
  const matcher = compiled.matcher(text);
  return () => (matcher.find() ? matchOf(matcher, 0) : undefined);
}

/** The match is the first group of both expressions; `next` is for those that do not begin the text. */
function apart(first: RE2JS, next: RE2JS, text: string): FindNext {
  let matcher = first.matcher(text);
  let from = 0;
  return () => {
    if (!matcher.find(from)) return undefined;
    const match = matchOf(matcher, 1);
    // The character before the next match may be the last one of this.
    from = match.end > match.start ? beforeCharacter(text, match.end) : match.start;
    matcher = next.matcher(text);
    return match;
  };
}

function beforeCharacter(text: string, end: number): number {
  return end - ((text.codePointAt(end - 2) as number) > 0xffff ? 2 : 1);
}

function* matchesOf(
  findNext: FindNext,
  text: string,
  now = () => performance.now(),
): Generator<Match, void, undefined> {
  const mostOfOne = lookMs.ms + text.length * lookMs.msPerUnit;
  let spentMs = 0;
  let end = 0;
  for (let count = 1; ; count++) {
    const startedAt = now();
    const match = findNext();
    if (match === undefined) return;
    spentMs += Math.min(now() - startedAt, mostOfOne);
    if (count > budget.matches && spentMs > budget.ms + text.length * budget.msPerUnit) {
      yield { start: end, end: text.length, groups: [] };
      return;
    }
    end = match.end;
    if (end > match.start) yield match;
  }
}

/** @param group its own number; those after it are its groups */
function matchOf(matcher: ReturnType<RE2JS['matcher']>, group: number): Match {
  const groups = Array.from({ length: matcher.groupCount() - group }, (_, index) => {
    const start = matcher.start(group + 1 + index);
    return start < 0 ? undefined : { start, end: matcher.end(group + 1 + index) };
  });
  return { start: matcher.start(group), end: matcher.end(group), groups };
}

function compile(expression: string | RegExp, source: string, options: LinearRegExpOptions): RE2JS {
  const Engine = engine();
  const isJavaScript = options.isJavaScript || typeof expression !== 'string';
  const unsupported = unsupportedIn(source, isJavaScript);
  if (unsupported) throw unsupported;
  if (repeated(source) > mostInstructions) throw tooLarge();
  const flags = (options.ignoreCase ? Engine.CASE_INSENSITIVE : 0) | (isJavaScript ? Engine.LOOKBEHINDS : 0);
  try {
    return Engine.compile(isJavaScript ? Engine.translateRegExp(expression) : (expression as string), flags);
  } catch (error) {
    const { error: reason, input } = error as { error?: unknown; input?: unknown };
    if (typeof reason !== 'string') throw error;
    throw new LinearRegExpError(reason, typeof input === 'string' ? placeOf(source, input, reason) : source.length);
  }
}

function tooLarge(): LinearRegExpError {
  return new LinearRegExpError('too large (repetitions of repetitions multiply)', 0);
}

/** How many instructions there are at least. The engine makes them all before it can say how many they are. */
function repeated(source: string): number {
  let sum = 0;
  for (const [, least, most] of source.matchAll(/[^\\]\{(\d+)(?:,(\d*))?\}/g)) sum += Number(most || least);
  return sum;
}

/** What other engines have and no linear one can: a user who knows it from there is told so. */
function unsupportedIn(source: string, hasLookbehinds: boolean): LinearRegExpError | undefined {
  const found = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:[=!]|<[=!])/gs;
  for (const { 0: sign, index } of source.matchAll(found)) {
    if (/^\\[1-9k]/.test(sign)) return new LinearRegExpError('backreferences are not supported', index);
    if (sign.startsWith('(') && !(hasLookbehinds && sign.includes('<'))) {
      return new LinearRegExpError(`${sign.includes('<') ? 'lookbehinds' : 'lookaheads'} are not supported`, index);
    }
  }
  return undefined;
}

/** The engine names the piece that it stumbled over; the whole expression where an end is missing. */
function placeOf(source: string, piece: string, reason: string): number {
  return /^(?:missing closing|unexpected)/.test(reason) ? unclosedAt(source) : Math.max(0, source.lastIndexOf(piece));
}

/** Where what does not end begins (a class, or the innermost group), or what ends did not begin. */
function unclosedAt(source: string): number {
  const groups: number[] = [];
  let classAt: number | undefined;
  for (let at = 0; at < source.length; at++) {
    const sign = source[at];
    if (sign === '\\') at++;
    else if (classAt !== undefined) {
      if (sign === ']' && at > classAt + 1) classAt = undefined;
    } else if (sign === '[') classAt = at;
    else if (sign === '(') groups.push(at);
    else if (sign === ')' && groups.pop() === undefined) return at;
  }
  return classAt ?? groups.at(-1) ?? source.length;
}
