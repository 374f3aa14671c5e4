import type { ExportPart } from '../../export/part.ts';
import { isFiltering, type LineQuery } from '../../finding/line-query.ts';
import { compilePattern } from '../../finding/pattern/matcher.ts';
import type { TextPattern } from '../../finding/pattern/text-pattern.ts';
import { defined } from '../../words/defined.ts';
import { SseTailError } from '../../words/errors.ts';
import { isSelective, selectionText } from '../../words/selection.ts';
import type { OptionValues } from '../options/options.ts';
import { mistakes } from '../sentences.ts';
import type { LineRange } from './read-lines.ts';

/**
 * What `sse-tail grep` looks for.
 *
 * @throws SseTailError kind `usage` where a pattern is none
 */
export function grepQuery(pattern: string, values: OptionValues): LineQuery {
  const isRegex = !values.fixedStrings;
  // As with grep, a whole line wins over a whole word.
  const found = patternOf(pattern, isRegex, values, values.lineRegexp ? { isWhole: true } : isWordOf(values));
  const query = queryOf(values, isInEveryLine(found) ? undefined : found, isRegex);
  return values.json ? { ...query, hasLevels: true } : query;
}

/** What `sse-tail cat` prints of a log; undefined where that is all. */
export function catQuery(values: OptionValues): LineQuery | undefined {
  const { match, regex = false } = values;
  const query = queryOf(
    values,
    match === undefined ? undefined : patternOf(match, regex, values, isWordOf(values)),
    regex,
  );
  return isFiltering(query) ? query : undefined;
}

/** Which lines they look at and print, by number. */
export function rangeOf({ lines, from, to, tail, limit }: OptionValues): LineRange {
  const start =
    lines === undefined || lines === 'all' ? {} : 'last' in lines ? { tail: lines.last } : { from: lines.line };
  return { ...start, ...defined({ from, to, tail, limit }) };
}

/** The same lines for `sse-tail export`; undefined where that is all. */
export function exportPart(values: OptionValues): ExportPart | undefined {
  const query = catQuery(values);
  if (query === undefined) return undefined;
  const { match, not = [], level, since, until, regex, wordRegexp, caseSensitive } = values;
  const filter = new URLSearchParams(selectionText(query.selection ?? {}));
  if (match !== undefined) filter.set('q', match);
  if (regex) filter.set('regex', '1');
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
  const selection = defined({ source: values.source, stream: values.stream });
  return {
    ...defined({ pattern, level, since, until, hasRecords: record }),
    ...(isSelective(selection) && { selection }),
    not: not.map((text) => patternOf(text, isRegex, values)),
    before: beforeContext ?? context,
    after: afterContext ?? context,
  };
}

type Apart = Partial<Pick<TextPattern, 'isWord' | 'isWhole'>>;

function isWordOf({ wordRegexp }: OptionValues): Apart {
  return { isWord: wordRegexp === true };
}

function patternOf(
  text: string,
  isRegex: boolean,
  { caseSensitive, regex }: OptionValues,
  apart: Apart = {},
): TextPattern {
  const pattern: TextPattern = { text, isRegex, case: caseSensitive ? 'exact' : 'smart', isWord: false, ...apart };
  try {
    compilePattern(pattern);
  } catch (error) {
    if (error instanceof SseTailError) throw mistakes.badPattern(text, error, regex ? 'Leave out --regex' : 'Use -F');
    throw error;
  }
  return pattern;
}

function isInEveryLine({ text, isWord, isWhole }: TextPattern): boolean {
  return text === '' && !isWord && !isWhole;
}
