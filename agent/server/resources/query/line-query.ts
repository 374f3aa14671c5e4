import { contextExpected, type LineQuery, mostContext } from '../../../finding/line-query.ts';
import type { TextPattern } from '../../../finding/pattern/text-pattern.ts';
import { type Level, parseLevel } from '../../../text/level.ts';
import { defined } from '../../../words/defined.ts';
import { SseTailError } from '../../../words/errors.ts';
import type { Selection } from '../../../words/selection.ts';
import { parseMoment } from '../../../words/units.ts';
import type { PatternCheck } from '../../limits/pattern-checks.ts';
import { malformed, parseNumber, parseSwitch, single } from './parameters.ts';

/** The parameters that make a search of a query. */
const searching = ['q', 'not', 'has', 'lacks', 'level', 'since', 'until', 'context', 'before', 'after'];
/** All that say which lines are looked for. */
export const lineQueryNames = [...searching, 'regex', 'case', 'word', 'record', 'pieces'];

/**
 * Which lines a query looks for beyond their origin; undefined where it does not.
 *
 * @param now milliseconds since the epoch, from which an age counts
 * @throws SseTailError kind `request`, status 400, that names the parameter, or 429 as `check` does
 */
export function parseLineQuery(
  parameters: URLSearchParams,
  selection: Selection | undefined,
  now: number,
  check: PatternCheck,
): LineQuery | undefined {
  const flags = parseFlags(parameters);
  const checked = (name: string, text: string, rules: Flags) => checkedBy(check, name, { text, ...rules });
  const hasRecords = parseSwitch(parameters, 'record', false);
  const isByPiece = parseSwitch(parameters, 'pieces', false);
  if (!searching.some((name) => parameters.has(name))) return undefined;
  const since = parseTime(parameters, 'since', now);
  const until = parseTime(parameters, 'until', now);
  const context = parseContext(parameters, 'context') ?? 0;
  // The first one is looked for at the speed of one.
  const [pattern, ...also] = [
    ...textsOf(parameters, 'q').map((text) => checked('q', text, flags)),
    ...parseValues(parameters, 'has'),
  ];
  return {
    ...defined({
      pattern,
      also: also.length > 0 ? also : undefined,
      level: parseLevels(parameters),
      selection,
      since,
      until,
      hasRecords: hasRecords || undefined,
      isByPiece: isByPiece || undefined,
    }),
    not: [
      ...textsOf(parameters, 'not').map((text) => checked('not', text, { ...flags, isWord: false })),
      ...parseValues(parameters, 'lacks'),
    ],
    before: parseContext(parameters, 'before') ?? context,
    after: parseContext(parameters, 'after') ?? context,
  };
}

type Flags = Omit<TextPattern, 'text'>;

function parseFlags(parameters: URLSearchParams): Flags {
  return {
    isRegex: parseSwitch(parameters, 'regex', false),
    case: parseSwitch(parameters, 'case', false) ? 'exact' : 'smart',
    isWord: parseSwitch(parameters, 'word', false),
  };
}

/** Values such as `status=50` as they stand in lines, where those of `status=500` are others. */
function parseValues(parameters: URLSearchParams, name: 'has' | 'lacks'): TextPattern[] {
  return textsOf(parameters, name).map((text) => ({
    text,
    isRegex: false,
    case: 'exact',
    isWord: true,
    isValue: true,
  }));
}

/** An empty text is in every line. */
function textsOf(parameters: URLSearchParams, name: string): string[] {
  return parameters.getAll(name).filter(Boolean);
}

/** What can't be looked for is refused before anything begins. */
function checkedBy(check: PatternCheck, name: string, pattern: TextPattern): TextPattern {
  const { text } = pattern;
  try {
    check(pattern);
  } catch (error) {
    if (!(error instanceof SseTailError) || error.kind === 'request') throw error;
    const { at } = error.facts;
    const place = typeof at === 'number' ? ` at character ${at + 1}` : '';
    const message = `Parameter ${name}: expected a regular expression, given ${JSON.stringify(text)}: ${error.message}${place}.`;
    const facts = { status: 400, parameter: name, expected: 'a regular expression', given: text };
    throw new SseTailError('request', message, {
      ...facts,
      ...defined({ at: typeof at === 'number' ? at : undefined }),
    });
  }
  return pattern;
}

function parseLevels(parameters: URLSearchParams): Level[] | undefined {
  const given = parameters.getAll('level').flatMap((value) => value.split(','));
  if (given.length === 0) return undefined;
  return given.map((name) => {
    const level = parseLevel(name);
    if (level === undefined) throw malformed('level', 'error, warn, info or debug', given.join(','));
    return level;
  });
}

function parseContext(parameters: URLSearchParams, name: string): number | undefined {
  const lines = parseNumber(parameters, name, 0, contextExpected);
  if (lines !== undefined && lines > mostContext) throw malformed(name, contextExpected, String(lines));
  return lines;
}

/** @throws SseTailError kind `request`, status 400 */
function parseTime(parameters: URLSearchParams, name: string, now: number): number | undefined {
  const given = single(parameters, name, timeExpected);
  if (given === undefined) return undefined;
  // A `+` that was not encoded arrives as a space.
  const time = parseMoment(given.replace(/(?<=:\d\d(?:[.,]\d+)?) (?=\d\d(?::?\d\d)?$)/, '+'), now);
  if (time === undefined) throw malformed(name, timeExpected, given);
  return time;
}

const timeExpected = 'a time (2026-01-31T12:00:00Z), milliseconds since the epoch, or an age (10m, 2h)';
