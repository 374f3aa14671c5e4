import { useSchemes } from '../../agent/text/color/palette.ts';
import { paletteVariables, schemesOf } from '../../agent/text/color/schemes.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { Backend } from '../backend/backend.ts';
import type { Fetching } from '../history/fetching.ts';
import type { LineHistory } from '../history/history.ts';
import type { ReadingEnd } from '../history/range-reader.ts';
import { takeGestures } from '../input/gestures.ts';
import type { Input } from '../input/input.ts';
import { type Choice, createChoice } from '../lines/choice.ts';
import { type Filter, filterIn, isInBar, isOn, looksAtText, queryText, searchWith } from '../lines/filter.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import { createLineStore, type Line } from '../lines/line-store.ts';
import { createShownIds } from '../lines/shown-ids.ts';
import { createList, type List, type ListView } from '../list/list.ts';
import type { Reading } from '../reading/reading.ts';
import { type Connection, createConnection } from '../stream/connection.ts';
import { columnTime } from '../text/times.ts';
import { hashOf, keepPlace, keepPlaces, logUrl, type ReaderPlace, setAddress } from './address.ts';
import { findLater } from './find-later.ts';
import { takeKeys } from './keys/keys.ts';
import { createOpenPanels } from './keys/open-panels.ts';
import { takeRowControls } from './keys/row-controls.ts';
import { createLiveLog } from './live-log.ts';
import { loadPatiently } from './load-patiently.ts';
import { createMarkedLines } from './marked-lines.ts';
import { applySettings, followSettings, loadSettings, type Settings, saveSettings } from './settings.ts';
import { isVisible } from './tab/is-visible.ts';
import type { Notifications } from './tab/notifications.ts';
import type { ViewActions } from './view-actions.ts';
import { createView, type HiddenLines, initialState, type ViewState } from './view-state.ts';

/** The smallest height of a row: decides how many lines are asked for when the page opens. */
const smallestRowPx = 13;
/** More lines a second than this nobody reads, and an EventSource that has to take them freezes the page. */
const skimLines = 2000;
/** Of ten million lines that match it would take the agent half a minute, which has better to do. */
const surveyMs = 3000;
/** How often the place is kept for the Back button, while it changes. */
const keepMs = 500;
/** What does not show until then is not waited for: the log may be empty, or its agent gone. */
const longestBeginningMs = 1000;

/**
 * Puts the parts of the page together and starts it: first what holds lines, then what shows them, then what brings
 * them. `draw` draws what is around the lines. Resolves once the first lines show.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the one place where the parts of the page meet.
export function startViewer(
  host: HTMLElement,
  backend: Backend,
  draw: (state: ViewState, actions: ViewActions) => void,
): Promise<void> {
  const store = createLineStore();
  const ids = createShownIds(store);
  const choice = createChoice(filterIn(location.search), mostLabelColumns, backend.snapshot?.isPart);
  store.startAt(choice.filter.from);
  const parameters = new URLSearchParams(location.search);
  /** The log whose line the address has as the first one. */
  const fromLog = parameters.get('log');
  const view = createView(initialState(loadSettings(), choice.filter, backend.snapshot));

  const list = createList(host, store, ids);
  takeGestures(list);
  takeRowControls(list);
  let input: Input | undefined;
  /** What the reader knows by now to be absent; gone to again, it is another object. */
  let closedMark: IdRange | undefined;
  /** What is done as soon as the script is there that can. */
  let asked: 'nothing' | 'selectAll' | 'copyAll' = 'nothing';
  const marked = createMarkedLines(list);
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  /** Where the reader was before the Back button led here again. */
  let left: Partial<ReaderPlace> | undefined = navigation?.type === 'back_forward' ? history.state : undefined;
  let isKeeping = false;

  const begun = backend.snapshot ? Promise.resolve() : beginning(list);
  const log = createLiveLog({ store, choice, list, view, labeled: look, startedOver, reconnected });
  let fetching: Fetching | undefined;
  void loadLater(async () => {
    const { createFetching, takeInput } = await import('../later.ts');
    const { createRangeReader } = await backend.later();
    fetching = createFetching(store, {
      readRange: createRangeReader(),
      logId: () => log.id,
      selection: () => choice.query,
      line: store.put,
      hidden: (from, to) => choice.isSelective && store.hide(from, to),
      gap: store.lose,
      changed: list.changed,
      answered: (how) => void showWhoAnswers(how),
    });
    const linkTo = (range: IdRange) =>
      new URL(logUrl(location.pathname, log.id ?? '') + location.search + hashOf(range), location.href).href;
    input = takeInput(list, { store, history: fetching.history, linkTo, told: (copy) => view.set({ copy }) });
    if (asked !== 'nothing') selectAll();
    if (asked === 'copyAll') void input.copyAs('text');
    look();
    list.changed();
  });
  let readingsEnded = 0;
  /** How many lines a filter hides of those up to one, as the agent says. */
  let surveyed: { query: string; first: number; upTo?: number; hidden?: number } | undefined;
  let firstLine: Line | undefined;
  let reading: Reading | undefined;
  void loadLater(async () => {
    const { createReading } = await import('../later.ts');
    reading = createReading({
      list,
      store,
      look: () => view.state.settings,
      filter: () => choice.filter,
      zone: () => log.zone,
      choose,
      chosen: (next) => view.set({ reading: next }),
      setSearch: (search) => setAddress({ search }),
    });
    look();
  });
  let notifications: Notifications | undefined;
  void loadLater(async () => {
    const { createNotifications } = await import('../later.ts');
    notifications = createNotifications({
      settings: () => view.state.settings,
      name: () => view.state.name ?? '',
      status: view.state.status,
      last: store.last,
      goTo: finding.actions.goToLine,
    });
  });
  list.drew.add((sight) => {
    store.look(sight.ids[0] ?? store.first, sight.ids.at(-1) ?? store.first - 1);
    fetching?.look(sight);
    showSight(sight);
    finding.drew(sight.ids);
    if (isKeeping) return;
    isKeeping = true;
    setTimeout(() => {
      isKeeping = false;
      keepPlace();
    }, keepMs);
  });
  list.draws.add(() => {
    // How far a filtered log goes is not known at first.
    if (log.id === undefined || store.last < (left?.id ?? 0)) return;
    goBack(left);
    left = undefined;
  });
  // Whoever does something meanwhile stays where that leads.
  for (const type of ['wheel', 'keydown', 'pointerdown'])
    addEventListener(type, () => {
      left = undefined;
    });
  const find: LineHistory['find'] = async (want, selection) =>
    (await fetching?.history.find(want, selection)) ?? 'unknown';
  const read: LineHistory['read'] = async (...what) => (await fetching?.history.read(...what)) ?? false;
  const finding = findLater(
    { list, store, ids, marked, choice, view, logId: () => log.id, choose, find, read, isReturn: Boolean(left) },
    backend,
    begun,
  );

  showSettings(view.state.settings);
  followSettings(showSettings);
  document.documentElement.toggleAttribute('data-bare', parameters.has('bare'));
  const connection = createConnection({
    ...backend,
    urlAfter: (lastId) => streamUrl(lastId, choice),
    listener: {
      ...log.listener,
      hello(hello, isNewLog) {
        const { from = 1, ...rest } = choice.filter;
        // The lines of another log have other ids: a line that the address gives is one of the log that it shows first.
        if ((isNewLog && (log.id !== undefined || (fromLog ?? hello.log) !== hello.log)) || from > hello.last + 1) {
          take(rest);
          if (view.state.filterBefore?.from) view.set({ filterBefore: undefined });
        } else if (isNewLog && from > 1 && fromLog === null)
          setAddress({ search: `${location.search}&log=${hello.log}` });
        log.listener.hello(hello, isNewLog);
        notifications?.hello({ ...hello, status: view.state.status ?? hello.status }, isNewLog);
      },
      line(id, text, origin, after) {
        log.listener.line(id, text, origin, after);
        notifications?.line(id, text);
      },
      status(status) {
        log.listener.status(status);
        notifications?.status(view.state.status ?? status);
      },
    },
    wantsAll: () => !choice.isSelective,
    isVisible,
  });
  wakeWithPage(connection);

  const toggle = (name: 'outlineIsOpen' | 'timelineIsOpen' | 'sideIsOpen') => () =>
    view.set({ [name]: !view.state[name] });
  const toggles = {
    toggleOutline: toggle('outlineIsOpen'),
    toggleTimeline: toggle('timelineIsOpen'),
    toggleSide: toggle('sideIsOpen'),
    toggleInLog,
  };
  const actions: ViewActions = {
    ...toggles,
    retry: connection.retry,
    toEnd: list.toEnd,
    goTo: finding.actions.goToLine,
    openHelp,
    change,
    choose,
    clearLines,
    toggleFilters,
    copyAs: (form) => void input?.copyAs(form),
    chooseReading: (next) => reading?.choose(next),
    closeMark() {
      closedMark = marked.range;
      list.changed();
    },
    ...finding.actions,
    set: view.set,
    histogram: async (query, signal) => (await backend.later()).histogram(query, signal),
    lineAtTime: (time) =>
      find({ from: store.first, to: Number.MAX_SAFE_INTEGER, some: { from: 'start', lines: 1 } }, `since=${time}`),
  };
  takeKeys(list, {
    ...finding.actions,
    ...toggles,
    escape: closeLast,
    openFilters,
    openHelp,
    clearLines,
    goToLine: () => view.set({ goToLineIsOpen: true }),
    openSwitch: backend.snapshot ? undefined : () => view.set({ switchIsOpen: true }),
    toggleWrap: () => change({ wrap: !view.state.settings.wrap }),
    toggleTimes: () => change({ times: !view.state.settings.times }),
    selectAll,
  });
  document.addEventListener('copy', copyLater);
  const openPanels = createOpenPanels();
  view.follow((state) => {
    openPanels.look(state);
    const focused = document.activeElement;
    draw(state, actions);
    // A button that closed its panel is gone with it: the next key is for the lines.
    if (focused?.isConnected === false && document.activeElement === document.body) focusLines();
  });
  focusLines();
  keepPlaces(() => ({ log: log.id, ...(!list.following && list.now) }));
  addEventListener('popstate', ({ state }: PopStateEvent) => {
    const next = filterIn(location.search);
    if (queryText(next) !== queryText(choice.filter)) choose(next, false);
    reading?.followAddress();
    finding.followAddress();
    goBack(state);
  });
  return begun;

  function goBack(place: unknown): void {
    const { log: logId, id, offset = 0, top = list.now.top } = (place || {}) as Partial<ReaderPlace>;
    if (!logId || logId !== log.id) return;
    if (id) list.stay({ id, offset });
    else list.toEnd();
    // As it was on the screen: what stands above the lines may come, or go, only then.
    list.scrollBy(list.now.top - top);
  }

  async function loadLater(load: () => Promise<void>): Promise<void> {
    await begun;
    await loadPatiently(load);
  }

  function selectAll(): void {
    if (input) input.selectAll(store.first, store.last);
    else asked = 'selectAll';
  }

  function copyLater(event: ClipboardEvent): void {
    if (input || asked === 'nothing') return;
    event.preventDefault();
    asked = 'copyAll';
  }

  function choose(next: Filter, isStep = true): void {
    const isByText = looksAtText(next) || looksAtText(choice.filter);
    take(next, isStep);
    // Which of the lines that are here are left out, only the agent can say: it sends those that are not.
    if (isByText) store.forgetLines();
    store.select(choice.isSelective ? choice.isShown : undefined);
    fetching?.history.startOver();
    log.forgetUnfinished();
    connection.askAnew();
    const { filtersAreOpen } = view.state;
    view.set({ filtersAreOpen: filtersAreOpen || isInBar(next), filterBefore: undefined });
    finding.filterChanged();
    list.changed();
  }

  function take(next: Filter, isStep?: boolean): void {
    choice.choose(next);
    store.startAt(next.from);
    setAddress({ search: searchWith(location.search, next, log.id ?? fromLog) }, isStep);
    view.set({ filter: next });
  }

  function clearLines(): void {
    const { last, first } = store;
    if (last < first || backend.snapshot) return;
    choose({ ...choice.filter, from: last + 1 });
    list.toEnd();
  }

  /** A stream that was let through once stays open when the login of a proxy has expired; new requests meet it. */
  async function showWhoAnswers(how: ReadingEnd): Promise<void> {
    const reading = ++readingsEnded;
    const who = how === 'failed' ? (await backend.probe()).kind : 'status';
    // A later reading has been answered meanwhile.
    if (reading !== readingsEnded) return;
    view.set({ readingsMeetStranger: who === 'stranger' });
    if (how === 'failed' && who === 'status') connection.doubtFilter();
  }

  /** The page's scripts are those of the agent that it was loaded from. */
  async function reconnected(): Promise<void> {
    finding.reconnected();
    view.set({ isOutdated: await backend.isOutdated() });
  }

  function startedOver(): void {
    surveyed = undefined;
    firstLine = undefined;
    input?.clear();
    reading?.startOver();
    finding.startOver();
  }

  function focusLines(): void {
    list.scroller.focus({ preventScroll: true });
  }

  function toggleFilters(): void {
    if (view.state.filtersAreOpen) {
      view.set({ filtersAreOpen: false });
      focusLines();
    } else openFilters();
  }

  function openFilters(): void {
    view.set({ filtersAreOpen: true, filterIsAsked: true });
    document.querySelector<HTMLElement>('.filter-text')?.focus();
  }

  /** Of what lies over the lines. Returns whether there was anything. */
  function closeLast(): boolean {
    const panel = openPanels.last();
    if (panel === 'search') finding.actions.closeSearch();
    else if (panel) view.set({ [panel]: panel === 'copy' ? undefined : false });
    if (panel) focusLines();
    return panel !== undefined;
  }

  function openHelp(): void {
    view.set({ helpIsOpen: true });
  }

  function toggleInLog(): void {
    const { filterBefore, filter } = view.state;
    const place = [marked.id, list.now.id].find((id) => list.rows.querySelector(`[data-id="${id}"]`)) ?? 0;
    if (filterBefore) {
      choose(filterBefore);
    } else if (isOn(filter)) {
      choose({});
      view.set({ filterBefore: filter });
    } else return;
    if (place < store.first) list.toEnd();
    // The filter may leave it out: it is where the reader is, and not what the address is about.
    else if (filterBefore) list.goTo(place);
    else marked.goTo(place);
  }

  function showSight({ following, endShows, newLines, isEmpty }: ListView): void {
    view.set({ following, endShows, newLines, isEmpty, first: store.first, last: store.last, ...hiddenNews() });
  }

  /** What a filter hides; the object that was there where that is no news. */
  function hiddenNews(): Pick<ViewState, 'hidden' | 'absentMark'> {
    const absentMark = isAbsent(marked.id) ? marked.id : undefined;
    if (!choice.isSelective) return { hidden: undefined, absentMark };
    const { kind, lines } = hiddenLines();
    const { hidden } = view.state;
    const isNews = hidden?.lines !== lines || hidden.kind !== kind;
    return { absentMark, hidden: isNews ? { kind, lines } : hidden };
  }

  /** As far as the page has looked; once, the agent is asked about the lines that there were by then. */
  function hiddenLines(): HiddenLines {
    const { first, last } = store;
    if (store.isSurveyed()) return { kind: 'exactly', lines: store.hiddenIn(first, last) };
    const query = queryText(choice.filter);
    if (surveyed?.query !== query) void surveyHidden(query);
    const { upTo = 0, hidden } = surveyed?.first === first ? surveyed : {};
    if (hidden === undefined) return { kind: 'atLeast', lines: store.hiddenIn(first, last) };
    return { kind: 'exactly', lines: hidden + store.hiddenIn(upTo + 1, last) };
  }

  async function surveyHidden(query: string): Promise<void> {
    const { first } = store;
    surveyed = { query, first };
    const { context, record } = choice.filter;
    // What stands around matches is not counted.
    if (context || record || choice.query === '') return;
    const later = await backend.later();
    const found = await later
      .histogram(`pieces=1&buckets=1&${query}`, AbortSignal.timeout(surveyMs))
      .catch(() => undefined);
    const [from = 0, upTo = 0] = found?.known ?? [];
    if (!found || surveyed.query !== query || from > first || upTo < from) return;
    surveyed = { query, first, upTo, hidden: upTo - first + 1 - found.lines };
    list.changed();
  }

  /** How far a filtered log goes is not known at first. */
  function isAbsent(id: number | undefined): boolean {
    if (id === undefined || log.id === undefined || marked.range === closedMark) return false;
    return id < store.first || (choice.isSelective ? store.isHidden(id) : id > store.last);
  }

  function change(chosen: Partial<Settings>): void {
    saveSettings(chosen);
    showSettings({ ...view.state.settings, ...chosen });
  }

  function showSettings(settings: Settings): void {
    view.set({ settings });
    applySettings(settings, document.documentElement);
    applyColors(settings);
    look();
    reading?.lookChanged();
  }

  function look(): void {
    const { wrap, times, timeStyle, sources, palette, highContrast } = view.state.settings;
    const timeOf = reading?.timeOf ?? arrivalOf;
    const timeAt = (id: number) => {
      const line = store.get(id);
      return line && timeOf(line, id);
    };
    const start = times && timeStyle === 'start' ? startOf(timeOf) : undefined;
    list.setLook({
      wrap,
      // Before it is the row above: a filter may leave out what is between.
      timeOf: times ? (id) => columnTime(timeStyle, timeAt(id) ?? 0, timeAt(store.previous(id)), start) : undefined,
      colors: `${palette} ${highContrast}`,
      sourceColumns: sources ? choice.columns : 0,
      tagOf: choice.tagOf,
    });
  }

  /** When the run began; where that is not known, or the first line states a time of its own, the first line's time. */
  function startOf(timeOf: (line: Line, id: number) => number): number | undefined {
    const { status, settings } = view.state;
    const startedAt = status && 'startedAt' in status ? status.startedAt : undefined;
    if (startedAt !== undefined && settings.timeFrom === 'arrival') return startedAt;
    const { first } = store;
    if (firstLine) {
      const time = timeOf(firstLine, first);
      return startedAt !== undefined && time === arrivalOf(firstLine) ? startedAt : time;
    }
    const take = (text: string, origin: Origin) => {
      firstLine = { text, origin };
      look();
    };
    // Whether or not the filter lets it through.
    void fetching?.history.read({ from: first, to: first }, take, AbortSignal.timeout(longestBeginningMs * 10), '');
    return startedAt;
  }
}

function arrivalOf({ origin }: Line): number {
  return origin.time;
}

/** The log's own colors: as variables, and for the pairs that have to be computed. */
function applyColors({ palette, highContrast }: Settings): void {
  const schemes = schemesOf({ palette, isHighContrast: highContrast });
  for (const [name, value] of paletteVariables(schemes)) document.documentElement.style.setProperty(name, value);
  useSchemes(schemes);
}

/** Resolves once the first lines have been painted. */
function beginning({ drew }: List): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, longestBeginningMs);
    let hasLines = false;
    drew.add(({ isEmpty }) => {
      if (isEmpty || hasLines) return;
      hasLines = true;
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });
}

function streamUrl(lastId: number | undefined, choice: Choice): string {
  const place = lastId === undefined ? `tail=${tailLines()}` : `lastEventId=${lastId}`;
  return `events?pieces=1&${place}&skim=${skimLines}${choice.query && `&${choice.query}`}`;
}

/** A screenful: lines may be long, and the rest is fetched when it is scrolled to. */
function tailLines(): number {
  return Math.ceil(innerHeight / smallestRowPx) + 10;
}

/** Characters that there is room for beside each line. */
function mostLabelColumns(): number {
  return innerWidth < 640 ? 12 : 24;
}

function wakeWithPage(connection: Connection): void {
  addEventListener('online', connection.wake);
  addEventListener('pageshow', connection.wake);
  document.addEventListener('visibilitychange', () => {
    if (isVisible()) connection.wake();
  });
}
