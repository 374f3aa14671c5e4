import { defined } from '../../words/defined.ts';
import { SseTailError } from '../../words/errors.ts';
import { isSelective, parseSelection, type Selection } from '../../words/selection.ts';
import type { LinesQuery } from '../stream/range.ts';

/** What `GET events` is asked for. */
export interface EventsQuery extends LinesQuery {
  /** The client has everything up to this id; infinite when it is larger than any id. */
  lastEventId?: number;
  /** Lines a second. */
  skim?: number;
}

/** What `GET raw` is asked for. */
export interface RawQuery extends LinesQuery {
  /** Without escape sequences. */
  strip: boolean;
  /** As an attachment. */
  download: boolean;
}

/** Refused rather than ignored: the response would look filtered and not be it. */
const laterFilters = ['q', 'regex', 'case', 'not', 'level'];

/**
 * @param search the URL's query
 * @param header the request's Last-Event-ID
 * @throws SseTailError kind `request`, status 400, that names the parameter
 */
export function parseEventsQuery(search: string, header: string | undefined): EventsQuery {
  const parameters = new URLSearchParams(search);
  const lastEventId = parseLastEventId(header) ?? parseLastEventId(parameters.get('lastEventId'));
  return {
    ...parseLines(search, parameters, true),
    ...defined({ lastEventId, skim: parseNumber(parameters, 'skim', 1, 'lines a second (1, 2, 3 …)') }),
  };
}

/** @throws SseTailError kind `request`, status 400, that names the parameter */
export function parseRawQuery(search: string): RawQuery {
  const parameters = new URLSearchParams(search);
  return {
    ...parseLines(search, parameters, false),
    strip: parseSwitch(parameters, 'strip', false),
    download: parseSwitch(parameters, 'download', false),
  };
}

function parseLines(search: string, parameters: URLSearchParams, followByDefault: boolean): LinesQuery {
  for (const name of laterFilters) {
    const given = parameters.get(name);
    if (given !== null) throw malformed(name, 'no such filter: this version has none', given);
  }
  const from = parseNumber(parameters, 'from', 1, 'a line number (1, 2, 3 …)');
  const to = parseNumber(parameters, 'to', 1, 'a line number (1, 2, 3 …)');
  if (from !== undefined && to !== undefined && to < from) {
    throw malformed('to', `a line number not below from (${from})`, String(to));
  }
  const selection = selectionIn(search);
  return defined({
    from,
    to,
    tail: parseNumber(parameters, 'tail', 0, 'a number of lines (0, 1, 2 …)'),
    limit: parseNumber(parameters, 'limit', 1, 'a number of lines (1, 2, 3 …)'),
    follow: parseSwitch(parameters, 'follow', followByDefault),
    selection,
  });
}

function selectionIn(search: string): Selection | undefined {
  const selection = parseSelection(search);
  const { stream } = selection;
  const isStream = (name: string) => name === 'stdout' || name === 'stderr';
  if (stream && (stream.length === 0 || !stream.every(isStream))) {
    throw malformed('stream', 'stdout or stderr', stream.join(','));
  }
  return isSelective(selection) ? selection : undefined;
}

/** A polyfill may send what it likes, so what can't be used is as good as not sent. */
function parseLastEventId(given: string | null | undefined): number | undefined {
  if (given === null || given === undefined || !/^[0-9]+$/.test(given)) return undefined;
  const id = Number(given);
  return Number.isSafeInteger(id) ? id : Number.POSITIVE_INFINITY;
}

function parseNumber(parameters: URLSearchParams, name: string, least: number, expected: string): number | undefined {
  const given = single(parameters, name, expected);
  if (given === undefined) return undefined;
  const number = /^[0-9]+$/.test(given) ? Number(given) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < least) throw malformed(name, expected, given);
  return number;
}

function parseSwitch(parameters: URLSearchParams, name: string, absent: boolean): boolean {
  const given = single(parameters, name, '1 or 0');
  if (given === undefined) return absent;
  if (given !== '1' && given !== '0') throw malformed(name, '1 or 0', given);
  return given === '1';
}

function single(parameters: URLSearchParams, name: string, expected: string): string | undefined {
  const [given, ...more] = parameters.getAll(name);
  if (more.length > 0) throw malformed(name, `${expected}, once`, [given, ...more].join(', '));
  return given;
}

function malformed(parameter: string, expected: string, given: string): SseTailError {
  const message = `Parameter ${parameter}: expected ${expected}, given ${JSON.stringify(given)}.`;
  return new SseTailError('request', message, { status: 400, parameter, expected, given });
}
