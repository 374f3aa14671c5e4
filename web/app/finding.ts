import type { LaterBackend } from '../backend/backend.ts';
import type { Hit } from '../finding/hits.ts';
import { createSearch } from '../finding/search.ts';
import type { LineHistory } from '../history/history.ts';
import type { Choice } from '../lines/choice.ts';
import type { Filter } from '../lines/filter.ts';
import { textPatterns, withPattern } from '../lines/filter-texts.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import type { LineStore } from '../lines/line-store.ts';
import type { ShownIds } from '../lines/shown-ids.ts';
import type { List } from '../list/list.ts';
import { createMinimap, type Ticks } from '../list/minimap.ts';
import { boxOf } from '../text/box-of.ts';
import {
  createHighlighter,
  type Highlighter,
  highlighterOfAll,
  type TextPattern,
  usualPattern,
} from '../text/pattern.ts';
import { patternIn, searchFor, setAddress } from './address.ts';
import type { MarkedLines } from './marked-lines.ts';
import { createStructure } from './structure/structure.ts';
import { isVisible } from './tab/is-visible.ts';
import type { View, ViewState } from './view-state.ts';

/** What finds: loaded after the page, which shows its first lines without it. */
export interface FindingActions {
  openSearch(): void;
  closeSearch(): void;
  search(pattern: TextPattern): void;
  nextHit(): void;
  previousHit(): void;
  /** Shows only the lines that match what is searched for. */
  filterBySearch(): void;
  nextError(): void;
  previousError(): void;
  /** Opens or closes the group that begins at a line. */
  toggleGroup(from: number): void;
  foldAll(isOpen: boolean): void;
  /** Shows a line, wherever it is folded. */
  goToLine(id: number): void;
  /** Lists errors and warnings of a part of the log that the outline omits. */
  listProblems(range: IdRange): void;
}

/** Search as the page has it: the search bar, the marks in lines, and the way from place to place. */
export interface Finding {
  readonly actions: FindingActions;
  /** Rows were drawn. */
  drew(shown: readonly number[]): void;
  /** Another log is shown. */
  startOver(): void;
  /** The agent is there again. */
  reconnected(): void;
  /** Other lines are shown from now on. */
  filterChanged(): void;
  /** The address is another one. */
  followAddress(): void;
}

export interface FindingOptions {
  list: List;
  store: LineStore;
  ids: ShownIds;
  marked: MarkedLines;
  choice: Choice;
  view: View;
  logId(): string | undefined;
  choose(filter: Filter): void;
  backend: LaterBackend;
  find: LineHistory['find'];
  read: LineHistory['read'];
  /** The Back button has led here, to where the reader was. */
  isReturn: boolean;
}

const empty: TextPattern = { text: '', ...usualPattern };
/** More than a scroll bar has pixels. */
const mostTicks = 4000;
/** Pixels between a place and the edge of the view that it was scrolled into sideways. */
const sideMarginPx = 80;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: bar, marks and places are of one search.
export function createFinding(options: FindingOptions): Finding {
  const { list, store, choice, view, marked, logId, choose, backend } = options;
  const structure = createStructure(options);
  const search = createSearch({
    reader: backend.createHitReader(logId),
    filter: () => choice.filter,
    extent: () => ({ first: store.first, last: store.last }),
    // Whoever came by a link to a line wants the places from there on.
    place: () => (marked.id !== undefined && isInView(marked.id) ? marked.id : list.now.id),
    isInView,
    show,
    changed,
    isVisible,
  });
  const minimap = createMinimap(list.scrollbar);
  let ticks: Ticks[] = [];
  let highlighter: Highlighter | undefined;
  /** Marks what the filter is about while nothing is searched for. */
  let filterHighlighter = highlighterOf(choice.filter);
  let pattern = empty;
  let opened = 0;
  let seenOutline: ViewState['outline'];
  /** A place that was gone to and may be beyond the right edge. */
  let isNewPlace = false;
  /** The reader is where the Back button has led, and the first place that is found is only marked. */
  let hasReturned = false;

  function show({ id }: Hit): void {
    const isKept = hasReturned;
    hasReturned = false;
    if (isKept) return;
    isNewPlace = true;
    structure.reveal({ from: id, to: id });
    if (isInView(id)) list.stay();
    else list.goTo(id);
  }

  function isInView(id: number): boolean {
    const row = boxOf(list.rows.querySelector(`[data-id="${id}"]`));
    const port = list.scroller.getBoundingClientRect();
    return row !== undefined && row.top >= port.top && row.bottom <= port.bottom;
  }

  function changed(): void {
    // What the agent does not search for, though the browser could, is nowhere.
    list.highlight((search.state.state !== 'invalid' && highlighter) || filterHighlighter, search.current);
    ticks = ticksOf();
    if (!view.state.search) return;
    report(pattern);
  }

  function report(pattern: TextPattern): void {
    const { state, number, count } = search;
    view.set({ search: { pattern, state, number, count, opened } });
  }

  function ticksOf(): Ticks[] {
    const problems = view.state.outline?.problems ?? [];
    const idsOf = (level: 'warn' | 'error') => problems.filter((one) => one.level === level).map(({ id }) => id);
    return [
      { kind: 'warn', ids: idsOf('warn') },
      { kind: 'error', ids: idsOf('error') },
      { kind: 'hit', ids: highlighter ? search.sample(mostTicks) : [] },
      { kind: 'mark', ids: marked.id === undefined ? [] : [marked.id] },
    ];
  }

  function start(next: TextPattern): void {
    pattern = next;
    hasReturned = false;
    highlighter = next.text === '' ? undefined : createHighlighter(next);
    setAddress({ search: searchFor(location.search, next) });
    search.start(next);
    changed();
  }

  function close(): void {
    view.set({ search: undefined });
    highlighter = undefined;
    setAddress({ search: searchFor(location.search, undefined) });
    search.start(undefined);
    list.scroller.focus({ preventScroll: true });
  }

  changed();
  /** What the address asks for, until there are lines to search. */
  let asked = patternIn(location.search);

  function open(next: TextPattern): void {
    opened++;
    report(next);
    if (next.text !== '') start(next);
  }

  return {
    actions: {
      ...structure.actions,
      openSearch() {
        const selected = document.getSelection()?.toString().trim() ?? '';
        const text = selected !== '' && !/[\n\r]/.test(selected) && selected.length < 200 ? selected : pattern.text;
        open({ ...pattern, text });
      },
      closeSearch: close,
      search: start,
      nextHit: search.next,
      previousHit: search.previous,
      filterBySearch() {
        choose(withPattern(choice.filter, pattern));
        close();
      },
    },
    drew(shown) {
      structure.drew(shown);
      if (asked && store.last >= store.first) {
        open(asked);
        asked = undefined;
        hasReturned = options.isReturn;
      }
      if (isNewPlace) scrollSideways(list);
      isNewPlace = false;
      search.grew();
      if (view.state.outline !== seenOutline) ticks = ticksOf();
      seenOutline = view.state.outline;
      minimap.show(ticks, store.first, store.last, Math.min(1, list.rows.offsetHeight / list.viewHeight));
    },
    startOver() {
      structure.startOver();
      search.startOver();
    },
    reconnected: search.resume,
    followAddress() {
      const next = patternIn(location.search);
      const isSame = searchFor('', next) === searchFor('', view.state.search?.pattern);
      if (next && !isSame) {
        open(next);
        hasReturned = true;
      } else if (!next && view.state.search) close();
    },
    filterChanged() {
      filterHighlighter = highlighterOf(choice.filter);
      structure.filterChanged();
      if (search.pattern) search.startOver();
      else changed();
    },
  };
}

function highlighterOf(filter: Filter): Highlighter | undefined {
  const patterns = textPatterns(filter);
  return patterns.length === 0 ? undefined : highlighterOfAll(patterns);
}

/** Without wrapping, a place may be far to the right. */
function scrollSideways({ rows, scroller }: List): void {
  const place = boxOf(rows.querySelector('mark[aria-current="true"]'));
  if (!place) return;
  const port = scroller.getBoundingClientRect();
  const number = boxOf(rows.querySelector('.number'))?.right ?? port.left;
  if (place.right > port.right) scroller.scrollLeft += place.right - port.right + sideMarginPx;
  else if (place.left < number) scroller.scrollLeft -= number - place.left + sideMarginPx;
}
