import { parseSelection, type Selection, selectionText } from '../../agent/words/selection.ts';
import type { IdRange } from '../lines/id-ranges.ts';

/** The lines that the address marks: `#L42` or `#L42-L50`. */
export function markedLines(hash: string): IdRange | undefined {
  const match = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/.exec(hash);
  if (!match) return undefined;
  const a = Number(match[1]);
  const b = Number(match[2] ?? a);
  return a === 0 || b === 0 ? undefined : { from: Math.min(a, b), to: Math.max(a, b) };
}

export function hashOf({ from, to }: IdRange): string {
  return from === to ? `#L${from}` : `#L${from}-L${to}`;
}

/** The selection that the address asks for; what is no selection in it is passed over. */
export function selectionIn(search: string): Selection {
  const { stream, ...rest } = parseSelection(search);
  const streams = stream?.filter((one) => one === 'stdout' || one === 'stderr');
  return streams && streams.length > 0 ? { ...rest, stream: streams } : rest;
}

/** The address's query with another selection in it; what else it holds stays. */
export function searchWith(search: string, selection: Selection): string {
  const others = search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '' && !/^(?:source|hide|stream)(?:=|$)/.test(pair));
  const text = selectionText(selection);
  const pairs = text === '' ? others : [...others, text];
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** The page of another log, relative to this page, which is at `/` or at `/logs/<log id>/` under any prefix. */
export function logUrl(pathname: string, logId: string): string {
  const name = encodeURIComponent(logId);
  return /\/logs\/[^/]+\/$/.test(pathname) ? `../${name}/` : `logs/${name}/`;
}

/** The page that lists all logs, relative to the page of one. */
export function logListUrl(pathname: string): string {
  return /\/logs\/[^/]+\/$/.test(pathname) ? '../../logs' : 'logs';
}
