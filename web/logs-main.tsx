import { render } from 'preact';
import { applySettings, followSettings, loadSettings, type Settings } from './app/settings.ts';
import { showFavicon } from './app/tab/favicon.ts';
import { isVisible } from './app/tab/is-visible.ts';
import { filterIn } from './lines/filter.ts';
import { textPatterns } from './lines/filter-texts.ts';
import { createLineSearch, emptyPattern, type LineSearchState } from './logs/line-search.ts';
import { createLogList, type LogListState } from './logs/log-list.ts';
import { LogsPage, type SearchPlace } from './logs/logs-page.tsx';
import { patternQuery, type TextPattern } from './text/pattern.ts';

const root = document.getElementById('logs');

if (root) {
  const apply = (settings: Settings) => applySettings(settings, document.documentElement);
  apply(loadSettings());
  followSettings(apply);
  showFavicon('running');
  start(root);
}

function start(host: HTMLElement): void {
  const asked = patternIn(location.search);
  let place: SearchPlace = asked ? 'lines' : 'names';
  let search: LineSearchState = { pattern: asked ?? emptyPattern, found: [], searched: 0, state: 'idle' };
  let state: LogListState | undefined;

  const lines = createLineSearch({
    fetchFound: (query, signal) =>
      fetch(`logs?${query}`, { headers: { accept: 'application/x-ndjson' }, cache: 'no-store', signal }),
    changed(next) {
      search = next;
      draw();
    },
  });
  const list = createLogList({
    fetchLogs: (signal) => fetch('logs', { headers: { accept: 'application/json' }, cache: 'no-cache', signal }),
    isVisible,
    changed(next) {
      state = next;
      draw();
    },
  });
  document.addEventListener('visibilitychange', list.look);
  addEventListener('online', list.look);
  addEventListener('pageshow', list.look);
  addEventListener('keydown', focusSearch);
  if (asked) lines.start(asked);

  function draw(): void {
    if (!state) return;
    const actions = { retry: () => list.look(), choosePlace, searchLines };
    render(<LogsPage state={state} place={place} search={search} {...actions} />, host);
  }

  /** `/` goes to the search field, as on the page of a log. */
  function focusSearch(event: KeyboardEvent): void {
    const field = host.querySelector<HTMLInputElement>('input.find');
    if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey || event.target === field) return;
    event.preventDefault();
    field?.focus();
    field?.select();
  }

  function choosePlace(next: SearchPlace, text: string): void {
    place = next;
    searchLines({ ...search.pattern, text: next === 'lines' ? text : '' });
  }

  function searchLines(pattern: TextPattern): void {
    search = { ...search, pattern };
    const query = pattern.text === '' ? '' : `?${patternQuery(pattern)}`;
    history.replaceState(null, '', location.pathname + query);
    lines.start(pattern);
    draw();
  }
}

/** The search that the page's address asks for. */
function patternIn(query: string): TextPattern | undefined {
  return textPatterns(filterIn(query))[0];
}
