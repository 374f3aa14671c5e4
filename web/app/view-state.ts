import type { Outline, OutlineGroup } from '../../agent/words/finding.ts';

import type { Snapshot } from '../backend/backend.ts';
import type { SearchState } from '../finding/search.ts';
import type { CopyNews } from '../input/copying.ts';
import { type Filter, isInBar } from '../lines/filter.ts';
import type { ReadingChoice } from '../reading/choice.ts';
import type { ConnectionState } from '../stream/connection.ts';
import type { TextPattern } from '../text/pattern.ts';
import type { Settings } from './settings.ts';
import type { KindStatus } from './status-words.ts';

/** Another log that the page can offer to open. */
export interface OtherLog {
  id: string;
  name: string;
}

/** What the search bar shows. */
export interface SearchView {
  pattern: TextPattern;
  state: SearchState;
  /** Which place the reader is at, from 1 on, and how many there are so far. */
  number: number;
  count: number;
  /** Counts how often it was opened: each time its field takes the focus. */
  opened: number;
}

/** How many lines are left out: `atLeast` so many while parts of the log were not looked at. */
export interface HiddenLines {
  kind: 'exactly' | 'atLeast';
  lines: number;
}

/** All that the page's frame (header, banners, buttons) shows. The lines have their own owner, the line store. */
export interface ViewState {
  connection: ConnectionState;
  /** Requests for lines of the past are answered by something else than the agent. */
  readingsMeetStranger: boolean;
  /** The agent has another page by now. */
  isOutdated: boolean | undefined;
  /** Undefined until the agent has said what log this is. */
  logId: string | undefined;
  name: string | undefined;
  status: KindStatus | undefined;
  first: number;
  last: number;
  following: boolean;
  /** The last row shows, followed or not. */
  endShows: boolean;
  /** No row shows. */
  isEmpty: boolean;
  newLines: number;
  /** The agent's clock, as `clockOrigin` has it; undefined until it has said something. */
  clockOrigin: number | undefined;
  /** When the agent was heard last, by its clock; undefined while it is heard. What happened since is not known. */
  heardAt: number | undefined;
  /** Where the page shows what was exported of a log. */
  snapshot: Snapshot | undefined;
  settings: Settings;
  /** Names of the sources there are; lines that name none are of the first. */
  sources: readonly string[];
  filter: Filter;
  /** Lines that are left out, as far as that is known. */
  hidden: HiddenLines | undefined;
  /** The line that the address marks, where it does not show: left out, deleted, or not there yet. */
  absentMark: number | undefined;
  /** The log that was shown before the agent came back with another one. */
  previous: OtherLog | undefined;
  /** The agent had less of this log than the page: it was started over. */
  wasReset: boolean;
  /** The log that the agent serves now in place of the one shown. */
  newer: OtherLog | undefined;
  /** The log that the agent writes, where it isn't this one: a newer run of the same, or something else. */
  current: string | undefined;
  copy: CopyNews | undefined;
  goToLineIsOpen: boolean;
  /** Undefined until the agent has said what the log consists of. */
  outline: Outline | undefined;
  /** Lines of those errors and warnings that the filter shows, where that is known and they are not all. */
  shownProblems: ReadonlySet<number> | undefined;
  /** The error or warning that the reader was led to, while it shows. */
  problem: number | undefined;
  /** First lines of the groups that are open. */
  openGroups: ReadonlySet<number>;
  outlineIsOpen: boolean;
  helpIsOpen: boolean;
  sideIsOpen: boolean;
  switchIsOpen: boolean;
  timelineIsOpen: boolean;
  /** The innermost group whose first line is above the view. */
  stickyGroup: OutlineGroup | undefined;
  filtersAreOpen: boolean;
  /** Their field takes the focus. */
  filterIsAsked: boolean;
  /** What is in that field. */
  filterDraft: string;
  /** The filter that was on before the reader went to a line's place in the whole log. */
  filterBefore: Filter | undefined;
  /** Undefined until the script is there that shows more of lines than their text. */
  reading: ReadingChoice | undefined;
  /** Undefined while the search bar is closed. */
  search: SearchView | undefined;
}

export interface View {
  readonly state: ViewState;
  /** Takes over what is given; followers hear of it once this task is done, if anything is different. */
  set(change: Partial<ViewState>): void;
  /** Calls with the state as it is now, and with each later one. */
  follow(draw: (state: ViewState) => void): void;
}

export function createView(initial: ViewState): View {
  let state = initial;
  let isDrawing = false;
  let draw: ((state: ViewState) => void) | undefined;

  return {
    get state() {
      return state;
    },
    set(change) {
      const keys = Object.keys(change) as (keyof ViewState)[];
      if (keys.every((key) => state[key] === change[key])) return;
      state = { ...state, ...change };
      if (isDrawing) return;
      isDrawing = true;
      queueMicrotask(() => {
        isDrawing = false;
        draw?.(state);
      });
    },
    follow(next) {
      draw = next;
      draw(state);
    },
  };
}

/** The page as it opens, before the agent has said anything. */
export function initialState(settings: Settings, filter: Filter, snapshot: Snapshot | undefined): ViewState {
  return {
    connection: { state: 'connecting', attempt: 0 },
    readingsMeetStranger: false,
    isOutdated: false,
    logId: undefined,
    name: undefined,
    status: undefined,
    first: 1,
    last: 0,
    following: true,
    endShows: true,
    newLines: 0,
    clockOrigin: undefined,
    heardAt: undefined,
    snapshot,
    settings,
    sources: [],
    filter,
    hidden: undefined,
    absentMark: undefined,
    problem: undefined,
    shownProblems: undefined,
    isEmpty: true,
    previous: undefined,
    wasReset: false,
    newer: undefined,
    current: undefined,
    copy: undefined,
    goToLineIsOpen: false,
    outline: undefined,
    openGroups: new Set(),
    outlineIsOpen: false,
    helpIsOpen: false,
    sideIsOpen: false,
    switchIsOpen: false,
    timelineIsOpen: false,
    stickyGroup: undefined,
    filtersAreOpen: isInBar(filter),
    filterIsAsked: false,
    filterDraft: '',
    filterBefore: undefined,
    reading: undefined,
    search: undefined,
  };
}
