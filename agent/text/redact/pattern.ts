import { SseTailError } from '../../words/errors.ts';
import { compileLinear, type LinearRegExp, LinearRegExpError } from '../linear-regexp.ts';

/**
 * A regular expression for `spansOfPattern`. It is matched in linear time: log text is written by strangers, who would
 * choose it so that a backtracking engine takes for ever.
 *
 * @throws SseTailError kind `usage` where it is none, or one that can't be matched in linear time
 */
export function parsePattern(pattern: string | RegExp): LinearRegExp {
  const source = typeof pattern === 'string' ? pattern : pattern.source;
  if (source === '') throw unusable('"" would match everywhere');
  try {
    return compileLinear(pattern, { isJavaScript: true });
  } catch (error) {
    if (!(error instanceof LinearRegExpError)) throw error;
    throw unusable(`at character ${error.at + 1} of "${source}": ${error.message}`);
  }
}

function unusable(why: string): SseTailError {
  return new SseTailError(
    'usage',
    `--redact-pattern expects a regular expression without lookaheads and backreferences (RE2), but ${why}.`,
    { option: 'redactPattern' },
  );
}
