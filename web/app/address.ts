import { withPairs } from '../lines/address-pairs.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import type { TextPattern } from '../text/pattern.ts';

/** Said to the page around this one, which keeps the addresses of both its sides. */
export const movedEvent = 'sse-tail-moved';

/**
 * Puts another query or hash into the address, without a step of the Back button: each line that was ever looked at
 * would become one.
 */
export function setAddress({ search = location.search, hash = location.hash }: { search?: string; hash?: string }) {
  history.replaceState(null, '', location.pathname + search + hash);
  if (parent !== window) parent.dispatchEvent(new Event(movedEvent));
}

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

const flagNames = ['regex', 'case', 'word'] as const;

/** What the address asks to search for: `find=text`, with `find-regex`, `find-case`, `find-word`. */
export function patternIn(search: string): TextPattern | undefined {
  const parameters = new URLSearchParams(search);
  const text = parameters.get('find');
  if (!text) return undefined;
  const [regex, isCase, word] = flagNames.map((name) => parameters.get(`find-${name}`) === '1');
  return { text, regex: regex === true, case: isCase === true, word: word === true };
}

/** A page's query that asks to search for this, or for nothing; what else it holds stays. */
export function searchFor(search: string, pattern: TextPattern | undefined): string {
  const pairs = pattern?.text
    ? [
        `find=${encodeURIComponent(pattern.text)}`,
        ...flagNames.filter((name) => pattern[name]).map((name) => `find-${name}=1`),
      ]
    : [];
  return withPairs(search, (name) => /^find(-\w+)?$/.test(name), pairs);
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
