import { visibleName } from '../../agent/text/drawing/invisible.ts';
import type { Hello, PartialRows, Status } from '../../agent/words/wire.ts';
import { createAnnounced } from '../lines/announced.ts';
import type { Choice } from '../lines/choice.ts';
import type { LineStore } from '../lines/line-store.ts';
import type { UnfinishedRow } from '../list/drawn-rows.ts';
import type { List } from '../list/list.ts';
import type { ConnectionListener, ConnectionState } from '../stream/connection.ts';
import { clockOrigin } from '../text/times.ts';
import { titleWords, toneOf } from './status-words.ts';
import { countUnread } from './tab/unread.ts';
import type { View, ViewState } from './view-state.ts';

/** The log that the connection is about: takes its news into store, list and page. */
export interface LiveLog {
  /** Undefined until the agent has said what log this is. */
  readonly id: string | undefined;
  /** The time zone that it is written in, as far as the agent says. */
  readonly zone: string | undefined;
  readonly listener: ConnectionListener;
  /** What is not a line yet is of another selection of lines: it comes anew. */
  forgetUnfinished(): void;
}

interface LiveLogOptions {
  store: LineStore;
  choice: Choice;
  list: List;
  view: View;
  /** There is a new source: labels changed. */
  labeled(): void;
  /** What was shown is of a log, or a state of it, that is over. */
  startedOver(): void;
  /** The agent, or another in its place, is there again. */
  reconnected(): void;
}

export function createLiveLog(options: LiveLogOptions): LiveLog {
  const { store, choice, list, view, labeled, startedOver, reconnected } = options;
  const unfinished = new Map<string, UnfinishedRow[]>();
  let logId: string | undefined;
  let said: Pick<Hello, 'kind' | 'zone'> = {};
  let unread = 0;
  const announced = createAnnounced(store, list.changed);
  countUnread(() => store.last, showUnread);

  const listener: ConnectionListener = {
    state(connection) {
      const { connection: before, heardAt: wasHeardAt } = view.state;
      view.set({ connection, heardAt: heardAt(view.state, connection) });
      if (view.state.heardAt !== wasHeardAt) showInTab(view.state, unread);
      if (connection.state === 'live' && before.state === 'connecting' && before.attempt > 0) reconnected();
    },
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
    partial: takeUnfinished,
    gap(gap) {
      store.lose(gap);
      list.changed();
    },
    skip: ({ to }) => announced.upTo(to),
    ping({ time, last }) {
      if (!choice.isSelective) announced.upTo(last);
      takeTime(time);
    },
    newerLog: ({ current, log, name }) =>
      view.set(log === logId ? { current } : { newer: { id: log, name: visibleName(name) } }),
  };

  function takeHello(hello: Hello, isNewLog: boolean): void {
    const previous =
      logId !== undefined && logId !== hello.log ? { id: logId, name: view.state.name ?? logId } : undefined;
    const wasReset = isNewLog && logId === hello.log;
    if (isNewLog && logId !== undefined) startOver();
    if (isNewLog) list.greet(hello.last);
    logId = hello.log;
    said = hello;
    choice.setSources(hello.sources);
    if (isNewLog) store.select(choice.isSelective ? choice.isShown : undefined);
    forgetUnfinished();
    // Where lines are left out, the stream tells how far it has come: what comes after may not be shown at all.
    store.span(hello.first, choice.isSelective ? hello.first - 1 : hello.last);
    view.set({
      sources: choice.sources,
      logId: hello.log,
      name: visibleName(hello.name),
      newer: undefined,
      current: hello.current,
      ...(previous && { previous }),
      ...(isNewLog && { wasReset }),
    });
    takeTime(hello.time);
    showStatus(hello.status);
    labeled();
  }

  function takeTime(time: number): void {
    view.set({ clockOrigin: clockOrigin(view.state.clockOrigin, time, performance.now()) });
  }

  function startOver(): void {
    announced.forget();
    store.clear();
    list.reset();
    startedOver();
  }

  function showStatus(status: Status): void {
    view.set({ status: { ...status, kind: said.kind } });
    showInTab(view.state, unread);
  }

  function showUnread(lines: number): void {
    if (lines === unread) return;
    unread = lines;
    showInTab(view.state, unread);
  }

  function takeSources(names: readonly string[]): void {
    if (!choice.addSources(names)) return;
    view.set({ sources: choice.sources });
    labeled();
  }

  function hide(from: number, to: number): void {
    if (choice.isSelective) store.hide(from, to);
  }

  function takeUnfinished({ source, stream, rows }: PartialRows): void {
    const key = `${stream ?? 'stdout'} ${source ?? ''}`;
    if (rows.length === 0) unfinished.delete(key);
    else
      unfinished.set(
        key,
        rows.map((text) => ({ text, source, stream })),
      );
    list.showUnfinished([...unfinished.values()].flat());
  }

  function forgetUnfinished(): void {
    unfinished.clear();
    list.showUnfinished([]);
  }

  return {
    get id() {
      return logId;
    },
    get zone() {
      return said.zone;
    },
    listener,
    forgetUnfinished,
  };
}

function showInTab({ name = 'sse-tail', status, heardAt }: ViewState, unread: number): void {
  document.title = titleWords(name, status, unread, heardAt);
  if (!status) return;
  // No more than a picture in the browser's tab; the next status asks again where it can't be loaded.
  import('../later.ts')
    .then(({ showFavicon }) => showFavicon(toneOf(status, heardAt), heardAt ? undefined : status.progress))
    .catch(() => undefined);
}

/** When the agent was heard last, by its clock, while it is not heard. */
function heardAt({ heardAt: before, clockOrigin: origin }: ViewState, connection: ConnectionState): number | undefined {
  if (isHeard(connection) || origin === undefined) return undefined;
  const silentMs = 'silentMs' in connection ? (connection.silentMs ?? 0) : 0;
  return before ?? origin + performance.now() - silentMs;
}

/** The document of a page that has just opened says how its log stands. */
function isHeard(connection: ConnectionState): boolean {
  const { state } = connection;
  return state === 'live' || state === 'polling' || (state === 'connecting' && connection.attempt === 0);
}
