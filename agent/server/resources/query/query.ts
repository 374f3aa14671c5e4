import type { LineQuery } from '../../../finding/line-query.ts';
import { defined } from '../../../words/defined.ts';
import { isSelective, isStream, parseSelection, type Selection } from '../../../words/selection.ts';
import type { PatternCheck } from '../../limits/pattern-checks.ts';
import type { LinesQuery } from '../../stream/range.ts';
import { lineQueryNames, parseLineQuery } from './line-query.ts';
import { malformed, parseNumber, parseSwitch, single } from './parameters.ts';

/** Which lines are asked for, by what they say as well. */
export interface FoundLinesQuery extends LinesQuery {
  find?: LineQuery;
}

/** What `GET events` is asked for. */
export interface EventsQuery extends FoundLinesQuery {
  /** The client has everything up to this id; infinite when it is larger than any id. */
  lastEventId?: number;
  /** Id of the log that `lastEventId` is from. */
  log?: string;
  /** Lines a second. */
  skim?: number;
  /** What lines are sent as, whatever the request accepts. */
  format?: LineFormat;
  /** As an attachment. */
  download?: boolean;
}

const lineFormats = ['ndjson', 'csv'] as const;
export type LineFormat = (typeof lineFormats)[number];

/** What `GET raw` is asked for. */
export interface RawQuery extends FoundLinesQuery {
  /** Without escape sequences. */
  strip: boolean;
  /** As an attachment. */
  download: boolean;
}

/**
 * @param search the URL's query
 * @param header the request's Last-Event-ID
 * @throws SseTailError kind `request`, status 400, that names the parameter
 */
export function parseEventsQuery(search: string, header: string | undefined, check: PatternCheck): EventsQuery {
  const parameters = new URLSearchParams(search);
  const lastEventId = parseLastEventId(header) ?? parseLastEventId(parameters.get('lastEventId'));
  return {
    ...parseLines(search, parameters, true, check),
    ...defined({
      lastEventId,
      log: single(parameters, 'log', 'the id of a log'),
      skim: parseNumber(parameters, 'skim', 1, 'lines a second (1, 2, 3 …)'),
      format: parseFormat(parameters),
      download: parameters.has('download') ? parseSwitch(parameters, 'download', false) : undefined,
    }),
  };
}

/** @throws SseTailError kind `request`, status 400, that names the parameter */
export function parseRawQuery(search: string, check: PatternCheck): RawQuery {
  const parameters = new URLSearchParams(search);
  return {
    ...parseLines(search, parameters, false, check),
    strip: parseSwitch(parameters, 'strip', false),
    download: parseSwitch(parameters, 'download', false),
  };
}

/**
 * `from` and `to`.
 *
 * @throws SseTailError kind `request`, status 400, that names the parameter
 */
export function parseIds(parameters: URLSearchParams): Pick<LinesQuery, 'from' | 'to'> {
  const from = parseNumber(parameters, 'from', 1, 'a line number (1, 2, 3 …)');
  const to = parseNumber(parameters, 'to', 1, 'a line number (1, 2, 3 …)');
  if (from !== undefined && to !== undefined && to < from) {
    throw malformed('to', `a line number not below from (${from})`, String(to));
  }
  return defined({ from, to });
}

function parseLines(
  search: string,
  parameters: URLSearchParams,
  followByDefault: boolean,
  check: PatternCheck,
): FoundLinesQuery {
  const selection = selectionIn(search);
  return defined({
    ...parseIds(parameters),
    tail: parseNumber(parameters, 'tail', 0, 'a number of lines (0, 1, 2 …)'),
    limit: parseNumber(parameters, 'limit', 1, 'a number of lines (1, 2, 3 …)'),
    follow: parseSwitch(parameters, 'follow', followByDefault),
    selection,
    find: parseLineQuery(parameters, selection, Date.now(), check),
  });
}

function selectionIn(search: string): Selection | undefined {
  const selection = parseSelection(search);
  const { stream } = selection;
  if (stream && (stream.length === 0 || !stream.every(isStream))) {
    throw malformed('stream', 'stdout or stderr', stream.join(','));
  }
  return isSelective(selection) ? selection : undefined;
}

function parseFormat(parameters: URLSearchParams): LineFormat | undefined {
  const expected = lineFormats.join(' or ');
  const given = single(parameters, 'format', expected);
  if (given === undefined) return undefined;
  const format = lineFormats.find((name) => name === given);
  if (format === undefined) throw malformed('format', expected, given);
  return format;
}

/** A polyfill may send what it likes, so what can't be used is as good as not sent. */
export function parseLastEventId(given: string | null | undefined): number | undefined {
  if (given === null || given === undefined || !/^[0-9]+$/.test(given)) return undefined;
  const id = Number(given);
  return Number.isSafeInteger(id) ? id : Number.POSITIVE_INFINITY;
}

/** What a search that is answered as a whole looks for, and where. */
export type SearchQuery = Pick<FoundLinesQuery, 'from' | 'to' | 'find'>;

/** What only leaves out lines by their origin is a search as well. @throws SseTailError kind `request`, status 400 */
export function parseSearchQuery(search: string, check: PatternCheck): SearchQuery {
  const { from, to, find, selection } = parseLines(search, new URLSearchParams(search), false, check);
  return defined({ from, to, find: find ?? (selection && { selection, not: [], before: 0, after: 0 }) });
}

const searchNames = ['from', 'to', 'source', 'hide', 'stream', ...lineQueryNames];

/** What `parseSearchQuery` takes of a URL's query, and nothing else. */
export function searchText(search: string): string {
  const pairs = [...new URLSearchParams(search)].filter(([name]) => searchNames.includes(name));
  return new URLSearchParams(pairs).toString();
}

const defaultBuckets = 200;
const mostBuckets = 10_000;

/** @throws SseTailError kind `request`, status 400 */
export function parseBuckets(search: string): number {
  const expected = `a number of buckets (1 to ${mostBuckets})`;
  const buckets = parseNumber(new URLSearchParams(search), 'buckets', 1, expected) ?? defaultBuckets;
  if (buckets > mostBuckets) throw malformed('buckets', expected, String(buckets));
  return buckets;
}
