/*
 * The header in the DOM. Tests and user styles may rely on it:
 *
 *   header.header
 *     .status                data-state="running|following|waiting|exited|stopped|unknown", data-code (exited)
 *       .name  .words        "npm run build", "exit 1 · 12 s"
 *       .count               "1,042 lines"; .hidden-lines in it, "900 hidden"
 *     .connection            data-state="connecting|live|reconnecting|refused|ended"; holds the words
 *     button.problems-button  "3 errors, 1 warning"; opens .problems-menu (panels/problem-list.tsx)
 *     button.sources-button  opens .sources-menu (panels/source-menu.tsx); only where there is something to choose from
 *     a.all-logs, a.raw, button.download-button (opens .download-menu), button.settings-button (opens .settings-menu)
 */
import { useEffect, useState } from 'preact/hooks';
import { isFinished, type LogStatus } from '../../agent/words/log.ts';
import { knownStatusWords, toneOf } from '../app/status-words.ts';
import type { ViewActions } from '../app/view-actions.ts';
import type { HiddenLines, ViewState } from '../app/view-state.ts';
import type { Snapshot } from '../backend/backend.ts';
import { filterSummary, hasStreams } from '../lines/sources.ts';
import {
  agentLinks as AgentLinks,
  problemList as ProblemList,
  settingsMenu as SettingsMenu,
  sourceMenu as SourceMenu,
} from '../panels/panels.ts';
import type { ConnectionState } from '../stream/connection.ts';
import { fullTime } from '../text/times.ts';
import { connectionStateWords, counted, headerWords, sourceWords, toolWords } from '../words.ts';
import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icons.tsx';
import { Popover } from './popover.tsx';

export function Header({ state, actions }: { state: ViewState; actions: ViewActions }) {
  return (
    <header class="header">
      {!state.snapshot && (
        <Tool name="side" label={headerWords.side} keys="b" isOpen={state.sideIsOpen} act={actions.toggleSide} />
      )}
      <Status state={state} />
      <Connection connection={state.connection} status={state.status} snapshot={state.snapshot} />
      <Problems state={state} actions={actions} />
      <nav class="tools" aria-label={headerWords.tools}>
        {state.outline && state.outline.groups.length > 0 && (
          <Tool
            name="outline"
            label={toolWords.outline}
            keys="o"
            isOpen={state.outlineIsOpen}
            act={actions.toggleOutline}
          />
        )}
        <Tool name="search" label={toolWords.search} keys="/" act={actions.openSearch} />
        <Tool
          name="timeline"
          label={toolWords.timeline}
          keys="t"
          isOpen={state.timelineIsOpen}
          act={actions.toggleTimeline}
        />
        <Tool
          name="filter"
          label={toolWords.filter}
          keys="f"
          isOpen={state.filtersAreOpen}
          act={actions.toggleFilters}
        />
        <Sources state={state} actions={actions} />
        {!state.snapshot && (
          <span class="agent-links">
            <AgentLinks filter={state.filter} />
          </span>
        )}
        <Popover name="settings" icon="settings" label={toolWords.settings}>
          <SettingsMenu settings={state.settings} actions={actions} />
        </Popover>
      </nav>
    </header>
  );
}

interface ToolProps {
  name: IconName;
  label: string;
  /** The key that does the same. */
  keys: string;
  /** Whether what it opens is open; left out where it opens nothing. */
  isOpen?: boolean;
  act(): void;
}

function Tool({ name, label, keys, isOpen, act }: ToolProps) {
  return (
    <IconButton
      name={`${name}-button`}
      icon={name}
      label={label}
      title={`${label} (${keys})`}
      aria-expanded={isOpen}
      onClick={act}
    />
  );
}

/** How much went wrong; opens the list of it. */
function Problems({ state, actions }: { state: ViewState; actions: ViewActions }) {
  const { outline, problem, shownProblems } = state;
  if (!outline || outline.errors + outline.warnings === 0) return null;
  const { errors, warnings, problems } = outline;
  const gone = errors > 0 ? problems.filter(({ level }) => level === 'error') : problems;
  const all = errors || warnings;
  // Of very many, some are not listed.
  const shown = gone.length === all ? gone.filter(({ id }) => shownProblems?.has(id) !== false) : [];
  const number = shown.findIndex(({ id }) => id === problem) + 1;
  const shownCount = gone.length === all ? shown.length : all;
  const words = toolWords.problemCount(errors > 0 ? 'error' : 'warning', all, number, shownCount);
  const tone = errors > 0 ? 'failure' : 'warning';
  return (
    <Popover
      name="problems"
      icon={tone}
      label={toolWords.problems}
      words={words}
      more={number === 0 && shownCount === all && errors > 0 && warnings > 0 && toolWords.besides(warnings)}
    >
      <ProblemList state={state} actions={actions} />
    </Popover>
  );
}

function Sources({ state, actions }: { state: ViewState; actions: ViewActions }) {
  const { sources, filter, status } = state;
  const summary = filterSummary(sources, filter);
  if (sources.length < 2 && !hasStreams(status) && summary === undefined) return null;
  return (
    <Popover name="sources" icon="sources" label={sourceWords.title} words={summary}>
      <SourceMenu sources={sources} filter={filter} status={status} choose={actions.choose} />
    </Popover>
  );
}

function Status({ state }: { state: ViewState }) {
  const { name, status, clockOrigin = 0, first, last, hidden, heardAt, filter } = state;
  useTick(status?.state === 'running' && heardAt === undefined ? 1000 : undefined);
  const now = clockOrigin + performance.now();
  const tone = status ? toneOf(status, heardAt) : 'quiet';
  const words = status && knownStatusWords(status, now, heardAt);
  const code = status?.state === 'exited' ? (status.code ?? status.signal ?? '') : undefined;
  return (
    <div class={`status ${tone}`} translate={false} data-state={status?.state ?? 'unknown'} data-code={code}>
      <span class="badge">{tone === 'running' ? <span class="pulse" /> : <Icon name={tone} />}</span>
      <h1 class="name" title={name}>
        {name ?? 'sse-tail'}
      </h1>
      {words && <span class="words">{words}</span>}
      <Count first={first} last={last} hidden={hidden} areOlderGone={first > (filter.from ?? 1)} />
      <span class="unseen" role="status">
        {status?.state !== 'running' && words}
      </span>
    </div>
  );
}

interface CountProps {
  first: number;
  last: number;
  hidden: HiddenLines | undefined;
  areOlderGone: boolean;
}

function Count({ first, last, hidden, areOlderGone }: CountProps) {
  const title = areOlderGone ? headerWords.olderGone(first, last) : undefined;
  return (
    <span class="count" translate={false} title={title}>
      {counted(last - first + 1, 'line')}
      {hidden && hidden.lines > 0 && (
        <span class="hidden-lines" title={hidden.kind === 'atLeast' ? headerWords.hiddenLeast : undefined}>
          {headerWords.hidden(hidden.lines, hidden.kind === 'atLeast')}
        </span>
      )}
    </span>
  );
}

interface ConnectionProps {
  connection: ConnectionState;
  status: LogStatus | undefined;
  snapshot: Snapshot | undefined;
}

function Connection({ connection, status, snapshot }: ConnectionProps) {
  const isWaiting = 'retryAt' in connection;
  useTick(isWaiting ? 250 : undefined);
  const now = Date.now();
  return (
    <div class="connection" translate={false} data-state={connection.state} role="status" aria-live="polite">
      <span class="lamp" />
      <span class="words" aria-hidden={isWaiting ? 'true' : undefined}>
        {snapshot
          ? connectionStateWords.exported(fullTime(snapshot.at).slice(0, 16))
          : connectionWords(connection, status, now)}
      </span>
      {isWaiting && <span class="unseen">{connectionStateWords.lost}</span>}
    </div>
  );
}

function connectionWords(connection: ConnectionState, status: LogStatus | undefined, now: number): string {
  switch (connection.state) {
    case 'connecting':
      return connection.attempt === 0 ? connectionStateWords.connecting : connectionStateWords.reconnecting;
    case 'live':
      return status && isFinished(status) ? connectionStateWords.complete : connectionStateWords.live;
    case 'polling':
      return connectionStateWords.polling;
    case 'stranger':
      return connectionStateWords.stranger;
    case 'reconnecting':
      return connectionStateWords.reconnectingIn(secondsUntil(connection.retryAt, now));
    case 'refused':
      return connectionStateWords.refused(connection.status);
    case 'badFilter':
      return connectionStateWords.badFilter;
    case 'ended':
      return connectionStateWords.complete;
  }
}

function secondsUntil(time: number, now: number): number {
  return Math.max(0, Math.ceil((time - now) / 1000));
}

/** Draws anew every so many milliseconds. */
function useTick(everyMs: number | undefined): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => setTick((tick) => tick + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
