import type { Origin } from '../../agent/words/line.ts';
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
  from?: number;
  to?: number;
  tail?: number;
  limit?: number;
  before?: number;
  after?: number;
}

export interface ExpectedLine extends WireLine {
  isContext: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is not seen
const unseen = /\x1b\[[0-9;:?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

function visibleNaively(text: string): string {
  return text.replace(unseen, '').normalize('NFC');
}

export function searchNaively(lines: readonly WireLine[], query: NaiveQuery): ExpectedLine[] {
  const { from = 1, to = Number.POSITIVE_INFINITY, tail, limit = Number.POSITIVE_INFINITY } = query;
  const { before = 0, after = 0 } = query;
  const range = lines.filter(({ id }) => id >= from && id <= to);
  let matches = range.flatMap((line, index) => (isMatch(line.text, line.origin, query) ? [index] : []));
  let start = 0;
  if (tail !== undefined) {
    // Lines around those of the matches that are asked for.
    start = tail < matches.length ? ((matches[matches.length - tail] as number) ?? range.length) : 0;
    if (tail === 0) start = range.length;
    matches = tail === 0 ? [] : matches.slice(-tail);
  }
  matches = matches.slice(0, limit);
  const shown = new Set<number>();
  for (const index of matches) {
    for (let at = Math.max(start, index - before); at <= Math.min(range.length - 1, index + after); at++) shown.add(at);
  }
  const found = new Set(matches);
  return [...shown].sort((a, b) => a - b).map((at) => ({ ...(range[at] as WireLine), isContext: !found.has(at) }));
}

function isMatch(text: string, origin: Origin, query: NaiveQuery): boolean {
  if (query.stream !== undefined && (origin.stream ?? 'stdout') !== query.stream) return false;
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
