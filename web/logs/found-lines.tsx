/*
 * What a search of all logs found. Tests and user styles may rely on it:
 *
 *   .search-news               what was searched; data-state="idle|searching|done|invalid|failed"
 *   .found > li                one log: a.log, with .unread-why where it could not be searched as a whole, and below it
 *     ol.lines a               a line, which leads to itself; what was looked for is in `mark`
 *     a.more-lines
 */

import { visibleName } from '../../agent/text/drawing/invisible.ts';
import { withoutMarkers } from '../../agent/text/drawing/markers.ts';
import { count } from '../../agent/words/amounts.ts';
import type { FoundLine, FoundLog } from '../../agent/words/finding.ts';
import { searchFor } from '../app/address.ts';
import { Button } from '../chrome/button.tsx';
import { lineSearchWords } from '../logs-words.ts';
import { createHighlighter, type Highlighter, type TextPattern } from '../text/pattern.ts';

import type { LineSearchState } from './line-search.ts';
import { Entry } from './log-entry.tsx';

interface Props {
  search: LineSearchState;
  /** How many logs there are. */
  logs: number;
  now: number;
  retry(): void;
}

export function FoundLines({ search, logs, now, retry }: Props) {
  const { pattern, found, state } = search;
  const highlighter = createHighlighter(pattern);
  return (
    <>
      <div class="search-news" data-state={state} role={state === 'invalid' || state === 'failed' ? 'alert' : 'status'}>
        <span>{newsWords(search, logs)}</span>
        {state === 'failed' && (
          <Button class="retry" onClick={retry}>
            {lineSearchWords.retry}
          </Button>
        )}
        {state === 'searching' && <progress max={Math.max(1, logs)} value={search.searched} />}
      </div>
      <ul class="found">
        {found.map((log) => (
          <li key={log.id}>
            <Entry
              log={log}
              now={now}
              query={searchFor('', pattern)}
              facts={lineSearchWords.hits(log.hits)}
              unread={log.error}
            />
            <Lines log={log} pattern={pattern} highlighter={highlighter} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Lines({ log, pattern, highlighter }: { log: FoundLog; pattern: TextPattern; highlighter: Highlighter }) {
  const page = `logs/${encodeURIComponent(log.id)}/${searchFor('', pattern)}`;
  const left = log.hits - log.lines.length;
  return (
    <>
      <ol class="lines">
        {log.lines.map((line) => (
          <li key={line.id}>
            <a href={`${page}#L${line.id}`} data-level={line.level}>
              <span class="number">{count(line.id)}</span>
              <span class="text">{marked(line, highlighter)}</span>
            </a>
          </li>
        ))}
      </ol>
      {left > 0 && (
        <a class="more-lines" href={page}>
          {lineSearchWords.more(left)}
        </a>
      )}
    </>
  );
}

/** More of a line would not fit, and it may have megabytes. */
const mostShown = 400;
/** So much before the first place, where that is far from the line's beginning. */
const lead = 60;

function marked({ text: line }: FoundLine, { spansOf }: Highlighter) {
  const text = withoutMarkers(line, spansOf(line));
  const spans = spansOf(text);
  const [first = 0] = spans[0] ?? [];
  const start = first > mostShown / 2 ? first - lead : 0;
  const end = start + mostShown;
  const parts = [];
  let at = start;
  for (const [from, to] of spans) {
    if (from >= end) break;
    parts.push(shown(text.slice(at, from)), <mark key={from}>{shown(text.slice(from, Math.min(to, end)))}</mark>);
    at = Math.min(to, end);
  }
  parts.push(shown(text.slice(at, end)));
  return [start > 0 && '… ', ...parts, text.length > end && ' …'];
}

function shown(text: string): string {
  return visibleName(text.replaceAll('\t', ' '));
}

function newsWords(search: LineSearchState, logs: number): string {
  const { found, searched, pattern } = search;
  const hits = found.reduce((sum, log) => sum + log.hits, 0);
  const matching = found.filter((log) => log.hits > 0).length;
  const unread = found.filter((log) => log.error !== undefined).length;
  switch (search.state) {
    case 'idle':
      return lineSearchWords.hint;
    case 'searching':
      return lineSearchWords.searching(searched, Math.max(logs, searched));
    case 'done':
      return (
        (hits === 0
          ? lineSearchWords.none(visibleName(pattern.text), searched)
          : lineSearchWords.found(hits, matching, searched)) + (unread > 0 ? lineSearchWords.unread(unread) : '')
      );
    case 'invalid':
      return search.why;
    case 'failed':
      return search.why || lineSearchWords.failed;
  }
}
