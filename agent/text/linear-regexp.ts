import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** A regular expression whose time is proportional to the text, whatever the expression and the text hold: strangers may send both. */
export interface LinearRegExp {
  test(text: string): boolean;
  /** The first match that begins at `from` or after, leftmost first as in Perl; indices as in a string. */
  find(text: string, from?: number): { start: number; end: number } | undefined;
}

export interface LinearRegExpOptions {
  ignoreCase?: boolean;
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

/** Loaded when it is used for the first time: most agents never compile one, and it takes 7 ms and a megabyte. */
function engine(): typeof RE2JS {
  return (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS;
}

/**
 * The syntax of RE2 (https://github.com/google/re2/wiki/Syntax): Perl's without backreferences and lookaround, which can't be
 * had in linear time.
 *
 * @throws LinearRegExpError where it is no expression
 */
export function compileLinear(source: string, { ignoreCase = false }: LinearRegExpOptions = {}): LinearRegExp {
  const compiled = compile(source, ignoreCase);
  return {
    test: (text) => compiled.test(text),
    find(text, from = 0) {
      const matcher = compiled.matcher(text);
      return matcher.find(from) ? { start: matcher.start(), end: matcher.end() } : undefined;
    },
  };
}

function compile(source: string, ignoreCase: boolean): RE2JS {
  const Engine = engine();
  try {
    return Engine.compile(source, ignoreCase ? Engine.CASE_INSENSITIVE : 0);
  } catch (error) {
    const { error: reason, input } = error as { error?: unknown; input?: unknown };
    if (typeof reason !== 'string') throw error;
    throw new LinearRegExpError(reason, typeof input === 'string' ? placeOf(source, input, reason) : source.length);
  }
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
