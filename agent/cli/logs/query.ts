import type { ExportPart } from '../../export/part.ts';
import { isFiltering, type LineQuery } from '../../finding/line-query.ts';
import { compilePattern } from '../../finding/pattern/matcher.ts';
import type { TextPattern } from '../../finding/pattern/text-pattern.ts';
import { defined } from '../../words/defined.ts';
import { SseTailError } from '../../words/errors.ts';
import type { OptionValues } from '../options/options.ts';
import { mistakes } from '../sentences.ts';

/**
 * What `sse-tail grep` looks for.
 *
 * @throws SseTailError kind `usage` where a pattern is none
 */
export function grepQuery(pattern: string, values: OptionValues): LineQuery {
  return queryOf(values, patternOf(pattern, !values.fixedStrings, values), !values.fixedStrings);
}

/** What `sse-tail cat` prints of a log; undefined where that is all. */
export function catQuery(values: OptionValues): LineQuery | undefined {
  const { match } = values;
  const query = queryOf(values, match === undefined ? undefined : patternOf(match, false, values), false);
  return isFiltering(query) ? query : undefined;
}

/** The same lines for `sse-tail export`; undefined where that is all. */
export function exportPart(values: OptionValues): ExportPart | undefined {
  const query = catQuery(values);
  if (query === undefined) return undefined;
  const { match, not = [], level, since, until, wordRegexp, caseSensitive } = values;
  const filter = new URLSearchParams();
  if (match !== undefined) filter.set('q', match);
  if (wordRegexp) filter.set('word', '1');
  if (caseSensitive) filter.set('case', '1');
  for (const text of not) filter.append('not', text);
  if (level) filter.set('level', level.join());
  if (since !== undefined) filter.set('since', new Date(since).toISOString());
  if (until !== undefined) filter.set('until', new Date(until).toISOString());
  if (query.before > 0) filter.set('before', String(query.before));
  if (query.after > 0) filter.set('after', String(query.after));
  if (query.hasRecords) filter.set('record', '1');
  return { query, filter: filter.toString() };
}

function queryOf(values: OptionValues, pattern: TextPattern | undefined, isRegex: boolean): LineQuery {
  const { level, since, until, context = 0, beforeContext, afterContext, record, not = [] } = values;
  return {
    ...defined({ pattern, level, since, until, hasRecords: record }),
    not: not.map((text) => ({ ...patternOf(text, isRegex, values), isWord: false })),
    before: beforeContext ?? context,
    after: afterContext ?? context,
  };
}

function patternOf(text: string, isRegex: boolean, { wordRegexp, caseSensitive }: OptionValues): TextPattern {
  const pattern: TextPattern = {
    text,
    isRegex,
    case: caseSensitive ? 'exact' : 'smart',
    isWord: wordRegexp === true,
  };
  try {
    compilePattern(pattern);
  } catch (error) {
    if (error instanceof SseTailError) throw mistakes.badPattern(text, error);
    throw error;
  }
  return pattern;
}
