import { withPairs } from '../lines/address-pairs.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import type { Position } from '../list/viewport.ts';
import type { TextPattern } from '../text/pattern.ts';

/** Said to the page around this one, which keeps the addresses of both its sides. */
export const movedEvent = 'sse-tail-moved';

/** Where the reader is in a log: at its end, or with a row at the upper edge, which is so far down the window. */
export interface ReaderPlace extends Partial<Position> {
  log: string | undefined;
  top?: number;
}

/** What is done at once is one step, though it be both a filter and a line. */
let isStepping = false;
let placeNow: () => ReaderPlace | null = () => null;

/** From now on, a step of the Back button that is left knows where the reader was. */
export function keepPlaces(now: () => ReaderPlace): void {
  placeNow = now;
}

export function keepPlace(): void {
  const place = placeNow();
  if (JSON.stringify(place) !== JSON.stringify(history.state)) history.replaceState(place, '');
}

/**
 * Puts another query or hash into the address. It is a step of the Back button where the reader asked to see something
 * else (`isStep`): each line that was ever looked at, and each letter that is typed, would become one.
 */
export function setAddress(
  { search = location.search, hash = location.hash }: { search?: string; hash?: string },
  isStep = false,
) {
  const url = location.pathname + search + hash;
  const isOther = url !== location.pathname + location.search + location.hash;
  if (isStep && isOther && !isStepping) {
    keepPlace();
    history.pushState(null, '', url);
    isStepping = true;
    setTimeout(() => {
      isStepping = false;
    });
  } else history.replaceState(history.state, '', url);
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
