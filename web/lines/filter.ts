import { isSelective, parseSelection, type Selection, selectionText } from '../../agent/words/selection.ts';
import { withPairs } from './address-pairs.ts';

export const levels = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof levels)[number];

/** Which lines are shown: by where they come from, and by what they say. As the events resource takes it. */
export interface Filter extends Selection {
  /** Lines that hold all of these. */
  q?: readonly string[];
  regex?: true;
  case?: true;
  word?: true;
  /** Lines with one of these are left out. */
  not?: readonly string[];
  level?: readonly Level[];
  /** Fields with their values, as they stand in a line: lines that hold all of `has` and none of `lacks`. */
  has?: readonly string[];
  lacks?: readonly string[];
  /** ISO 8601, milliseconds since the epoch, or an age: as the agent takes it. */
  since?: string;
  until?: string;
  /** The first line: those before it were cleared away. */
  from?: number;
  /** Lines shown around each that matches. */
  context?: number;
  /** The rest of the record that a match is in, such as a stack trace. */
  record?: true;
}

/** Whether a filter may leave out lines among others. */
export function isFiltering(filter: Filter): boolean {
  return isSelective(filter) || looksAtText(filter);
}

/** Whether there is anything that a filter does not show. */
export function isOn(filter: Filter): boolean {
  return filter.from !== undefined || isFiltering(filter);
}

/** Whether a filter is one that the filter bar is about. */
export function isInBar(filter: Filter): boolean {
  return filter.from !== undefined || looksAtText(filter);
}

/** Whether only the agent can say which lines it lets through. */
export function looksAtText({ q, not, has, lacks, level, since, until }: Filter): boolean {
  return [q, not, has, lacks, level, since, until].some((part) => part !== undefined);
}

/** Texts that lines hold or don't. */
export const textLists = ['q', 'not', 'has', 'lacks'] as const;
const names = [...textLists, 'regex', 'case', 'word', 'level', 'since', 'until', 'from', 'log', 'context', 'record'];
const originNames = ['source', 'hide', 'stream'];

/** A filter as it stands in a query; empty where it lets everything through. */
export function filterText(filter: Filter): string {
  const { regex, case: isCase, word, level, since, until, from, context, record } = filter;
  const parameters = new URLSearchParams();
  for (const name of textLists) for (const text of filter[name] ?? []) parameters.append(name, text);
  for (const [name, flag] of [
    ['regex', regex],
    ['case', isCase],
    ['word', word],
  ] as const)
    if (flag) parameters.set(name, '1');
  if (level) parameters.set('level', level.join(','));
  if (since !== undefined) parameters.set('since', since);
  if (until !== undefined) parameters.set('until', until);
  if (from !== undefined) parameters.set('from', String(from));
  if (context !== undefined && looksAtText(filter)) parameters.set('context', String(context));
  if (record && looksAtText(filter)) parameters.set('record', '1');
  const origin = selectionText(filter);
  const text = parameters.toString().replaceAll('+', '%20').replaceAll('%2C', ',');
  return [origin, text].filter((part) => part !== '').join('&');
}

/** Servers and proxies take URLs of 8 KiB. */
const longestQuery = 6000;

/** As `filterText`; empty as well where that would be too long for a request or an address. */
export function queryText(filter: Filter): string {
  const text = filterText(filter);
  return text.length > longestQuery ? '' : text;
}

/** The filter that a page's address asks for; what is none in it is passed over. */
export function filterIn(search: string): Filter {
  const { stream, ...rest } = parseSelection(search);
  const streams = stream?.filter((one) => one === 'stdout' || one === 'stderr');
  const parameters = new URLSearchParams(search);
  const text = (name: string) => parameters.get(name) || undefined;
  const level = levels.filter((one) => parameters.getAll('level').join().split(',').includes(one));
  const numberOf = (name: string) => {
    const number = Number(parameters.get(name));
    return number > 0 && Number.isSafeInteger(number) ? number : undefined;
  };
  const [from, context] = ['from', 'context'].map(numberOf);
  const [since, until] = ['since', 'until'].map(text);
  return {
    ...rest,
    ...(streams && streams.length > 0 && { stream: streams }),
    ...flagsIn(parameters),
    ...textsIn(parameters),
    ...(level.length > 0 && { level }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(from !== undefined && { from }),
    ...(context !== undefined && { context }),
  };
}

function textsIn(parameters: URLSearchParams): Pick<Filter, (typeof textLists)[number]> {
  return Object.fromEntries(
    textLists.flatMap((name) => {
      const texts = parameters.getAll(name).filter(Boolean);
      return texts.length > 0 ? [[name, texts]] : [];
    }),
  );
}

const flagNames = ['regex', 'case', 'word', 'record'] as const;

function flagsIn(parameters: URLSearchParams): Pick<Filter, (typeof flagNames)[number]> {
  const flags: Pick<Filter, (typeof flagNames)[number]> = {};
  for (const name of flagNames) if (parameters.get(name) === '1') flags[name] = true;
  return flags;
}

/**
 * A page's query with another filter in it, if it has room for that; what else it holds stays.
 *
 * @param log the id of the log that `from` is a line of, as the same address may show another one later
 */
export function searchWith(search: string, filter: Filter, log?: string | null): string {
  const ours: readonly string[] = [...names, ...originNames];
  const text = queryText(filter);
  const pairs = text === '' ? [] : [text];
  if (log && filter.from) pairs.push(`log=${log}`);
  return withPairs(search, (name) => ours.includes(name), pairs);
}
