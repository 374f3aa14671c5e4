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

/** The page of another log, relative to this page, which is at `/` or at `/logs/<log id>/` under any prefix. */
export function logUrl(pathname: string, logId: string): string {
  const name = encodeURIComponent(logId);
  return /\/logs\/[^/]+\/$/.test(pathname) ? `../${name}/` : `logs/${name}/`;
}

/** The page that lists all logs, relative to the page of one. */
export function logListUrl(pathname: string): string {
  return /\/logs\/[^/]+\/$/.test(pathname) ? '../../logs' : 'logs';
}
