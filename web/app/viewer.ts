import type { Selection } from '../../agent/words/selection.ts';
import type { Hello, PartialRows, Status } from '../../agent/words/wire.ts';
import { createHistory } from '../history/history.ts';
import { createRangeReader } from '../history/range-reader.ts';
import { createChoice } from '../lines/choice.ts';
import { createLineStore } from '../lines/line-store.ts';
import { takeCopies } from '../list/copying.ts';
import { takeGestures } from '../list/gestures.ts';
import { createList, type ListView, type PartialRow } from '../list/list.ts';
import { followSelection } from '../list/selection.ts';
import { type ConnectionListener, createConnection, eventTypes, type Probe } from '../stream/connection.ts';
import { streamOpener } from '../stream/event-stream.ts';
import { visibleName } from '../text/invisible.ts';
import { hashOf, markedLines, searchWith, selectionIn } from './address.ts';
import { showFavicon } from './favicon.ts';
import { takeKeys } from './keys.ts';
import { applySettings, loadSettings, type Settings, saveSettings } from './settings.ts';
import { titleWords, toneOf } from './status-words.ts';
import { createView, type ViewState } from './view-state.ts';

/** What the frame's buttons do. */
export interface ViewActions {
  retry(): void;
  toEnd(): void;
  goTo(id: number): void;
  change(settings: Partial<Settings>): void;
  /** Shows only what is selected. */
  choose(selection: Selection): void;
  set(change: Partial<ViewState>): void;
}

/** The smallest height of a row: decides how many lines are asked for when the page opens. */
const smallestRowPx = 13;
/** More lines a second than this nobody reads, and an EventSource that has to take them freezes the page. */
const skimLines = 2000;
const probeMs = 10_000;

/** Puts the parts of the page together and starts it. `draw` draws the frame around the lines. */
export function startViewer(host: HTMLElement, draw: (state: ViewState, actions: ViewActions) => void): void {
  const store = createLineStore();
  const choice = createChoice(selectionIn(location.search), mostLabelColumns);
  const view = createView(initialState(loadSettings(), choice.selection), (state) => draw(state, actions));
  const partials = new Map<string, PartialRow[]>();
  let logId: string | undefined;
  let lastMarked: number | undefined;

  const list = createList({ host, store, want: (wants) => history.want(wants), viewed });
  const history = createHistory({
    readRange: createRangeReader(),
    logId: () => logId,
    selection: () => choice.query,
    line: store.put,
    hidden: hide,
    gap: store.lose,
    changed: list.changed,
  });
  const selection = followSelection(list);
  takeCopies({ selection, store, history, told: (copy) => view.set({ copy }) });
  takeGestures(list);

  const actions: ViewActions = {
    retry: () => connection.retry(),
    toEnd: () => list.toEnd(),
    goTo: (id) => setAddress(hashOf({ from: id, to: id })),
    change,
    choose,
    set: view.set,
  };
  takeKeys(list, {
    goToLine: () => view.set({ goToLineIsOpen: true }),
    toggleWrap: () => change({ wrap: !view.state.settings.wrap }),
    selectAll: () => selection.selectAll(store.first, store.last),
  });

  const listener: ConnectionListener = {
    state: (connection) => view.set({ connection }),
    hello: takeHello,
    line(id, text, origin, after) {
      if (after !== undefined) hide(after + 1, id - 1);
      store.put(id, text, origin);
      if (origin.source !== undefined) takeSources([origin.source]);
      list.changed();
    },
    progress({ to, sources = [] }, after) {
      hide((after ?? store.last) + 1, to);
      takeSources(sources);
      list.changed();
    },
    status: showStatus,
    partial: takePartial,
    gap(gap) {
      store.lose(gap);
      list.changed();
    },
    skip({ to }) {
      store.span(store.first, to);
      list.changed();
    },
    ping({ time, last }) {
      if (!choice.isSelective) store.span(store.first, last);
      view.set({ clockAheadMs: time - Date.now() });
      list.changed();
    },
    newerLog: ({ current, log, name }) =>
      view.set({ newer: current ? { id: current, name: '' } : { id: log, name: visibleName(name) } }),
  };

  applySettings(view.state.settings, document.documentElement);
  list.setLook(look());
  draw(view.state, actions);
  const connection = createConnection({
    openStream: streamOpener(eventTypes),
    probe,
    urlAfter: (lastId) =>
      [
        `events?${lastId === undefined ? `tail=${tailLines()}` : `lastEventId=${lastId}`}&skim=${skimLines}`,
        ...(choice.query ? [choice.query] : []),
      ].join('&'),
    listener,
    isVisible: () => document.visibilityState === 'visible',
  });

  takeAddress();
  addEventListener('hashchange', takeAddress);
  addEventListener('online', connection.wake);
  addEventListener('pageshow', connection.wake);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connection.wake();
  });
  list.rows.addEventListener('click', takeNumberClick);
  list.scroller.focus({ preventScroll: true });

  function takeHello(hello: Hello, isNewLog: boolean): void {
    const previous =
      logId !== undefined && logId !== hello.log ? { id: logId, name: view.state.name ?? logId } : undefined;
    if (isNewLog && logId !== undefined) startOver();
    if (isNewLog) list.greet(hello.last);
    const wasReset = isNewLog && logId === hello.log;
    logId = hello.log;
    choice.setSources(hello.sources);
    if (isNewLog) store.select(choice.isSelective ? choice.isShown : undefined);
    partials.clear();
    showPartials();
    // Where lines are left out, the stream tells how far it has come: what is behind may not be shown at all.
    store.span(hello.first, choice.isSelective ? hello.first - 1 : hello.last);
    view.set({
      sources: choice.sources,
      name: visibleName(hello.name),
      newer: hello.current ? { id: hello.current, name: '' } : undefined,
      ...(previous && { previous }),
      ...(isNewLog && { wasReset }),
    });
    showStatus(hello.status);
    list.setLook(look());
    list.changed();
  }

  function startOver(): void {
    store.clear();
    selection.clear();
    list.reset();
  }

  function showStatus(status: Status): void {
    view.set({ status });
    document.title = titleWords(view.state.name ?? 'sse-tail', status);
    showFavicon(toneOf(status));
  }

  function takeSources(names: readonly string[]): void {
    if (!choice.addSources(names)) return;
    view.set({ sources: choice.sources });
    list.setLook(look());
  }

  function choose(selection: Selection): void {
    choice.choose(selection);
    store.select(choice.isSelective ? choice.isShown : undefined);
    history.startOver();
    partials.clear();
    showPartials();
    connection.askAnew();
    window.history.replaceState(null, '', location.pathname + searchWith(location.search, selection) + location.hash);
    view.set({ selection });
    list.changed();
  }

  function hide(from: number, to: number): void {
    if (choice.isSelective) store.hide(from, to);
  }

  function takePartial({ source, stream, rows }: PartialRows): void {
    const key = `${stream ?? 'stdout'} ${source ?? ''}`;
    if (rows.length === 0) partials.delete(key);
    else
      partials.set(
        key,
        rows.map((text) => ({ text, source, stream })),
      );
    showPartials();
  }

  function showPartials(): void {
    list.showPartials([...partials.values()].flat());
  }

  function viewed({ following, newLines, isEmpty }: ListView): void {
    view.set({ following, newLines, isEmpty, first: store.first, last: store.last, ...hiddenNews() });
  }

  /** Nothing where it is no news. */
  function hiddenNews(): Partial<Pick<ViewState, 'hidden' | 'hiddenMark'>> {
    if (!choice.isSelective) return { hidden: undefined, hiddenMark: undefined };
    const hiddenMark = lastMarked !== undefined && store.isHidden(lastMarked) ? lastMarked : undefined;
    const lines = store.hiddenIn(store.first, store.last);
    const kind = store.isSurveyed() ? 'exactly' : 'atLeast';
    const { hidden } = view.state;
    return { hiddenMark, ...((hidden?.lines !== lines || hidden.kind !== kind) && { hidden: { kind, lines } }) };
  }

  function look() {
    const { wrap, times } = view.state.settings;
    return { wrap, showTime: times, sourceColumns: choice.columns, tagOf: choice.tagOf };
  }

  function change(settings: Partial<Settings>): void {
    const next = { ...view.state.settings, ...settings };
    view.set({ settings: next });
    saveSettings(next);
    applySettings(next, document.documentElement);
    list.setLook(look());
  }

  function takeAddress(): void {
    const range = markedLines(location.hash);
    list.mark(range);
    lastMarked = range?.from;
    if (range) list.goTo(range.from);
  }

  function setAddress(hash: string): void {
    // Not by assigning to location.hash: each line that was ever looked at would become a step of the Back button.
    window.history.replaceState(null, '', hash);
    takeAddress();
  }

  /** A line number marks its line, with Shift all from the one marked before. The view stays where it is. */
  function takeNumberClick(event: MouseEvent): void {
    const number = event.target instanceof Element ? event.target.closest<HTMLElement>('a.number') : null;
    const id = Number(number?.dataset.number);
    if (!id || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    const other = event.shiftKey && lastMarked !== undefined ? lastMarked : id;
    const range = { from: Math.min(id, other), to: Math.max(id, other) };
    window.history.replaceState(null, '', hashOf(range));
    list.mark(range);
    lastMarked = other;
    list.stay();
  }
}

/** A screenful: lines may be long, and the rest is fetched when it is scrolled to. */
function tailLines(): number {
  return Math.ceil(innerHeight / smallestRowPx) + 10;
}

/** Characters that there is room for beside each line. */
function mostLabelColumns(): number {
  return innerWidth < 640 ? 12 : 24;
}

function initialState(settings: Settings, selection: Selection): ViewState {
  return {
    connection: { state: 'connecting', attempt: 0 },
    name: undefined,
    status: undefined,
    first: 1,
    last: 0,
    following: true,
    newLines: 0,
    clockAheadMs: 0,
    settings,
    sources: [],
    selection,
    hidden: undefined,
    hiddenMark: undefined,
    isEmpty: true,
    previous: undefined,
    wasReset: false,
    newer: undefined,
    copy: undefined,
    goToLineIsOpen: false,
  };
}

async function probe(): Promise<Probe> {
  try {
    const response = await fetch('status', { cache: 'no-store', signal: AbortSignal.timeout(probeMs) });
    if (!response.ok) return { kind: 'refused', status: response.status };
    return { kind: 'status', hello: (await response.json()) as Hello };
  } catch {
    return { kind: 'unreachable' };
  }
}
