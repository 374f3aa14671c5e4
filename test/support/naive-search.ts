import type { Level } from '../../agent/text/level.ts';
import type { WireLine } from './event-text.ts';

/** What a query asks for, as docs/http-api.md says it, by the plainest means: every line is looked at. */
export interface NaiveQuery {
  q?: string;
  regex?: boolean;
  case?: boolean;
  word?: boolean;
  not?: string[];
  has?: string[];
  lacks?: string[];
  stream?: 'stdout' | 'stderr';
  /** Names of sources; `default` where the origin names none. */
  source?: string[];
  hide?: string[];
  /** With a comma between them. */
  level?: string;
  /** Milliseconds since the epoch. */
  since?: number;
  until?: number;
  from?: number;
  to?: number;
  tail?: number;
  limit?: number;
  context?: number;
  before?: number;
  after?: number;
  /** The rest of the record of each match. */
  record?: boolean;
}

/** A line of which a test knows what it says about itself. */
export interface KnownLine extends WireLine {
  level?: Level | undefined;
  /** What its record begins with. */
  stamp?: number | undefined;
  /** Which record it is of. */
  record?: number;
}

export interface ExpectedLine extends WireLine {
  isContext: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is not seen
const unseen = /\x1b\[[0-9;:?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

function visibleNaively(text: string): string {
  return text.replace(unseen, '').normalize('NFC');
}

export function searchNaively(lines: readonly KnownLine[], query: NaiveQuery): ExpectedLine[] {
  const { from = 1, to = Number.POSITIVE_INFINITY, tail, limit = Number.POSITIVE_INFINITY } = query;
  const { context = 0, before = context, after = context } = query;
  const times = timesOf(lines);
  const range = lines.filter(({ id }) => id >= from && id <= to);
  let matches = range.flatMap((line, index) => (isMatch(line, times.get(line.id) as number, query) ? [index] : []));
  if (tail !== undefined) matches = tail === 0 ? [] : matches.slice(-tail);
  matches = matches.slice(0, limit);
  const shown = new Set<number>();
  for (const index of matches) {
    for (let at = Math.max(0, index - before); at <= Math.min(range.length - 1, index + after); at++) shown.add(at);
  }
  const records = new Set(matches.map((index) => range[index]?.record));
  for (let at = 0; query.record && at < range.length; at++) {
    const { record } = range[at] as KnownLine;
    if (record !== undefined && records.has(record)) shown.add(at);
  }
  const found = new Set(matches);
  return [...shown].sort((a, b) => a - b).map((at) => ({ ...(range[at] as WireLine), isContext: !found.has(at) }));
}

/** By id: a line's stamp, else that of the line before of its stream and what has passed since, else its arrival. */
function timesOf(lines: readonly KnownLine[]): Map<number, number> {
  const last = new Map<string | undefined, { stamp: number; arrived: number }>();
  return new Map(
    lines.map(({ id, stamp, origin: { time: arrived, stream } }) => {
      if (stamp !== undefined) last.set(stream, { stamp, arrived });
      const before = last.get(stream);
      return [id, before === undefined ? arrived : before.stamp + Math.max(0, arrived - before.arrived)];
    }),
  );
}

function isMatch({ text, origin, level }: KnownLine, time: number, query: NaiveQuery): boolean {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = query;
  const source = origin.source ?? 'default';
  if ((query.source !== undefined && !query.source.includes(source)) || query.hide?.includes(source)) return false;
  if (query.stream !== undefined && (origin.stream ?? 'stdout') !== query.stream) return false;
  if (query.level !== undefined && !query.level.split(',').includes(level ?? 'none')) return false;
  if (time < since || time > until) return false;
  const visible = visibleNaively(text);
  const flags = !query.case && !/\p{Lu}/u.test(query.q ?? '') ? 'iu' : 'u';
  if (query.q !== undefined && !expressionOf(query.q, query, flags).test(visible)) return false;
  const holds = (value: string) => expressionOf(value, { word: true }, 'u').test(visible);
  if (!(query.has ?? []).every(holds) || (query.lacks ?? []).some(holds)) return false;
  return !(query.not ?? []).some((not) =>
    expressionOf(not, { ...query, word: false }, query.case || /\p{Lu}/u.test(not) ? 'u' : 'iu').test(visible),
  );
}

function expressionOf(q: string, { regex, word }: NaiveQuery, flags: string): RegExp {
  const body = regex ? q : q.normalize('NFC').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return new RegExp(word ? `(?<![\\p{L}\\p{M}\\p{N}_])(?:${body})(?![\\p{L}\\p{M}\\p{N}_])` : body, flags);
}

/**
 * Numbers what programs say, one at a time, by its record: that of a message of an error also has the traceback which
 * comes next. Told the speaker, and the first line.
 */
export function createRecordNumbers(): (speaker: string, first: string) => number {
  const before = new Map<string, { first: string; record: number }>();
  let last = 0;
  return (speaker, first) => {
    const known = before.get(speaker);
    const isThrown = known?.first.includes('ERROR') === true && first.startsWith('Traceback ');
    const record = isThrown ? known.record : ++last;
    before.set(speaker, { first, record });
    return record;
  };
}
