import type { Outline } from '../../agent/words/finding.ts';
import { isFinished } from '../../agent/words/log.ts';
import type { LaterBackend } from '../backend/backend.ts';
import { findProblem } from '../finding/find-problem.ts';
import { createBareMarkers } from '../finding/folds/bare-markers.ts';
import { decorate, decorationsOf } from '../finding/folds/decorations.ts';
import { createRecords } from '../finding/folds/records.ts';
import { createRepeats, type Repeats, type Run, type Sameness } from '../finding/folds/repeats.ts';
import { createRunEnds, type RunEnds } from '../finding/folds/run-ends.ts';
import {
  createFolding,
  foldedIn,
  groupsAround,
  insideOf,
  nextProblem,
  type OutlinePart,
  previousProblem,
  withPart,
} from '../finding/outline.ts';
import { createOutlineReader } from '../finding/outline-reader.ts';
import { createShownProblems } from '../finding/shown-problems.ts';
import type { LineHistory } from '../history/history.ts';
import { queryText } from '../lines/filter.ts';
import { type IdRange, stretchesOf } from '../lines/id-ranges.ts';
import type { LineStore } from '../lines/line-store.ts';
import type { ShownIds } from '../lines/shown-ids.ts';
import type { List } from '../list/list.ts';
import type { Decoration } from '../list/row.ts';
import { closestTo } from '../text/element.ts';
import type { MarkedLines } from './marked-lines.ts';
import type { Settings } from './settings.ts';
import { isVisible } from './tab/is-visible.ts';
import type { View } from './view-state.ts';

/** What the log consists of, as the page has it: groups that fold, and the way from error to error. */
export interface Structure {
  readonly actions: {
    nextError(): void;
    previousError(): void;
    /** Opens or closes the group that begins at a line. */
    toggleGroup(from: number): void;
    /** Opens or closes all. */
    foldAll(isOpen: boolean): void;
    /** Shows a line, wherever it is folded. */
    goToLine(id: number): void;
    /** Lists errors and warnings of a part of the log that the outline omits. */
    listProblems(range: IdRange): Promise<void>;
  };
  /** These lines show. */
  drew(shown: readonly number[]): void;
  /** Opens what hides the ends of a range, now and where that is found out later. */
  reveal(range: IdRange): void;
  /** Other lines are shown from now on. */
  filterChanged(): void;
  startOver(): void;
}

export interface StructureOptions {
  list: List;
  store: LineStore;
  ids: ShownIds;
  view: View;
  marked: MarkedLines;
  backend: LaterBackend;
  find: LineHistory['find'];
  read: LineHistory['read'];
  /** The Back button has led here, to where the reader was. */
  isReturn: boolean;
}

/** Lines on either side of what shows that are compared. */
const aroundLines = 300;
const patienceMs = 30_000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: each action folds and draws from one outline.
export function createStructure(options: StructureOptions): Structure {
  const { list, store, ids, view, marked, backend, find, read } = options;
  const folding = createFolding();
  let outline: Outline | undefined;
  /** What the reader wanted to see of what it omits; what begins with a line that is gone is asked for again. */
  let parts: OutlinePart[] = [];
  let repeatsMode: Sameness = 'off';
  let repeats: Repeats | undefined;
  let runEnds: RunEnds | undefined;
  /** Where the log began when this was folded: lines before it are gone. */
  let foldedFirst = store.first;
  const extent = () => ({ first: store.first, last: store.last });
  const records = createRecords(store.get);
  const markers = createBareMarkers(store.get);
  /** What the reader chose of records, by their first lines; the others are as the setting says. */
  const recordsChosen = new Map<number, boolean>();
  let recordsMode: Settings['records'] = view.state.settings.records;
  /** Lines of runs that the reader wants to see in full. */
  const expanded = new Set<number>();
  /** What the reader was led to last: what hides some of it is open, until the reader closes it. */
  let wanted = marked.range;
  let followed = wanted;
  let going = Promise.resolve();
  let lastShown = 0;
  /** The line that was gone to last: from there on the next error is looked for, as long as it shows. */
  let place: number | undefined;
  /** Where the lines begin that the outline is asked about. */
  let shownFrom: number | undefined;
  let decorations = new Map<number, Decoration>();
  /** Whether the reader was led to the first error of a log that ended badly, or is somewhere already. */
  let hasOpened = marked.id !== undefined || options.isReturn;
  const shownProblems = createShownProblems(read, (ids) => view.set({ shownProblems: ids }));
  const reader = createOutlineReader({
    extent,
    isVisible,
    ask: (signal) => {
      shownFrom = view.state.filter.from;
      return backend.outline(signal, shownFrom ? { from: shownFrom, to: Number.MAX_SAFE_INTEGER } : undefined);
    },
    took,
  });

  function took(next: Outline): void {
    // What opens and closes a group stands in its first line.
    const groups = next.groups.filter(({ from }) => from >= (shownFrom ?? 0));
    outline = parts.filter(({ from }) => from >= next.known[0]).reduce(withPart, { ...next, groups });
    fold();
    view.set({ outline });
    shownProblems.look(view.state.filter, extent());
    if (!hasOpened && hasEndedBadly()) {
      hasOpened = true;
      if (next.firstError && list.following) show(next.firstError.id);
    }
  }

  function hasEndedBadly(): boolean {
    const { status } = view.state;
    if (status?.state !== 'exited') {
      if (status && !isFinished(status)) hasOpened = true;
      return false;
    }
    return status.code !== 0;
  }

  function fold(): void {
    if (wanted) openAround(wanted);
    ids.folded.clear();
    for (const { from, to } of foldedIn(outline?.groups ?? [], folding.isOpen)) ids.folded.add(from, to);
    foldedFirst = store.first;
    const runs = [...(repeats?.runs() ?? [])]
      .map(keptOf)
      .filter(({ from, to }) => from <= to && ![...expanded].some((id) => from <= id && id <= to));
    for (const { from, to, period } of runs) ids.folded.add(from + period, to);
    for (const { from, rest } of records.found.values()) {
      if (!isRecordOpen(from)) for (const part of rest) ids.folded.add(part.from, part.to);
    }
    const openers = new Set(outline?.groups.map(({ from }) => from));
    for (const id of markers.ids) if (!openers.has(id)) ids.folded.add(id, id);
    decorations = decorationsOf(
      { outline, runs, records: records.found },
      { isOpen: folding.isOpen, isRecordOpen },
      decorations,
    );
    list.decorate((id) => decorations.get(id), decorate);
    view.set({ openGroups: new Set(outline?.groups.filter(folding.isOpen).map(({ from }) => from)) });
  }

  /** Of a run that was deleted in part, the whole blocks that are left. */
  function keptOf(run: Run): Run {
    const blocks = Math.ceil(Math.max(0, store.first - run.from) / run.period);
    return blocks === 0 ? run : { ...run, from: run.from + blocks * run.period };
  }

  function isRecordOpen(from: number): boolean {
    return recordsChosen.get(from) ?? recordsMode === 'open';
  }

  /** Both ends of a range; folds between them keep their first lines in it. */
  function openAround(range: IdRange): void {
    const hides = ({ from, to }: IdRange, kept = 1) =>
      [range.from, range.to].some((id) => from + kept <= id && id <= to);
    for (const run of repeats?.runs() ?? []) if (hides(run, run.period)) expanded.add(run.from);
    for (const { from, rest } of records.found.values()) {
      if (rest.some((part) => hides(part, 0))) recordsChosen.set(from, true);
    }
    for (const group of outline?.groups ?? []) {
      if (insideOf(group).some((part) => hides(part, 0))) folding.set(group, true);
    }
    // A marker that has not been looked at yet, too.
    for (const id of [range.from, range.to]) markers.show(id);
  }

  function reveal(range: IdRange): void {
    wanted = range;
    openAround(range);
    if (ids.folded.has(range.from) || ids.folded.has(range.to)) fold();
  }

  /** The address may have been changed by a link, a click on a number or the Back button. */
  function followAddress(): void {
    if (marked.range === followed) return;
    followed = marked.range;
    if (followed) reveal(followed);
  }

  function show(id: number): void {
    place = id;
    view.set({ problem: id });
    reveal({ from: id, to: id });
    list.mark({ from: id, to: id });
    list.goTo(id);
  }

  async function listProblems({ from, to }: IdRange): Promise<void> {
    const ofThisLog = parts;
    // Where it fails, the row stays there to be clicked.
    const part = await backend.outline(AbortSignal.timeout(patienceMs), { from, to }).catch(() => undefined);
    if (!part || parts !== ofThisLog || !outline) return;
    parts.push({ from, to, outline: part });
    took(outline);
  }

  /** Each from where the one before has led. */
  function goOn(side: 'after' | 'before'): void {
    going = going.then(() => goToProblem(side));
  }

  async function goToProblem(side: 'after' | 'before'): Promise<void> {
    if (!outline) return;
    const { errors, warnings } = outline;
    const { from: _from, context: _context, record: _record, ...filter } = view.state.filter;
    const level = errors > 0 && filter.level?.includes('error') !== false ? 'error' : 'warn';
    const listed = outline.problems.filter((problem) => problem.level === level);
    const around = side === 'after' ? list.now.id - 1 : lastShown + 1;
    // Whoever came by a link to a line wants those from there on.
    const from = [place, marked.id].find((id) => id !== undefined && isShown(id)) ?? around;
    let id = (side === 'after' ? nextProblem : previousProblem)(listed, from)?.id;
    // An outline is of all lines: those that a filter shows come first.
    if (store.isSelective || listed.length < (errors || warnings)) {
      const query = queryText({ ...filter, level: [level] }) || `level=${level}`;
      id = (await findProblem(read, query, extent(), { id: from, side })) ?? id;
    }
    if (id !== undefined) goTo(id);
  }

  function isShown(id: number): boolean {
    return list.rows.querySelector(`[data-id="${id}"]`) !== null;
  }

  function goTo(id: number, isStep?: boolean): void {
    place = id;
    view.set({ problem: id });
    reveal({ from: id, to: id });
    marked.goTo(id, isStep);
  }

  list.rows.addEventListener('click', (event) => {
    const button = closestTo(event.target, 'button.fold, button.repeat');
    const from = Number(button?.closest<HTMLElement>('.row')?.dataset.id);
    if (!button || !from) return;
    if (button.className === 'repeat') expand(from);
    else if (outline?.groups.some((group) => group.from === from)) toggleGroup(from);
    else toggleRecord(from);
  });

  function toggleGroup(from: number): void {
    const group = outline?.groups.find((one) => one.from === from);
    if (!group) return;
    wanted = undefined;
    folding.set(group, !folding.isOpen(group));
    list.stay();
    fold();
  }

  function toggleRecord(from: number): void {
    wanted = undefined;
    recordsChosen.set(from, !isRecordOpen(from));
    list.stay();
    fold();
  }

  function expand(from: number): void {
    expanded.add(from);
    list.stay();
    fold();
    // The button is gone.
    list.scroller.focus({ preventScroll: true });
  }

  /** Looks for repeated lines and records around what shows. */
  function lookAround(shown: readonly number[]): void {
    const { repeats: mode, records: recordsAre } = view.state.settings;
    if (recordsAre !== recordsMode) {
      recordsMode = recordsAre;
      wanted = undefined;
      recordsChosen.clear();
      fold();
    }
    if (mode !== repeatsMode) {
      repeatsMode = mode;
      repeats = undefined;
      runEnds?.clear();
      runEnds = undefined;
      if (mode !== 'off') lookForRepeats(mode);
      expanded.clear();
      fold();
    }
    const news = stretchesOf(shown, aroundLines).flatMap(({ from: begin, to }) => {
      const from = Math.max(store.first, begin);
      return [repeats?.look(from, to, list.following), records.look(from, to), markers.look(from, to)];
    });
    if (news.includes(true) || store.first !== foldedFirst) fold();
    runEnds?.look();
  }

  function lookForRepeats(sameness: Exclude<Sameness, 'off'>): void {
    const { get } = store;
    const made = createRepeats(get, sameness);
    const found = (run: Run) => {
      made.extend(run);
      fold();
    };
    const { runs, isSame } = made;
    repeats = made;
    runEnds = createRunEnds({ get, extent, runs, isSame, sameness, find, read, found });
  }

  reader.startOver();

  return {
    actions: {
      nextError: () => goOn('after'),
      previousError: () => goOn('before'),
      toggleGroup,
      foldAll(isOpen) {
        wanted = undefined;
        for (const group of outline?.groups ?? []) folding.set(group, isOpen);
        fold();
      },
      goToLine: (id) => goTo(id, true),
      listProblems,
    },
    drew(shown) {
      const [firstId = 0] = shown;
      lastShown = shown.at(-1) ?? 0;
      reader.changed();
      const { problem } = view.state;
      if (problem !== undefined && !isShown(problem)) view.set({ problem: undefined });
      followAddress();
      if (!store.isSelective) lookAround(shown);
      // Nothing scrolls the first row out from under a title.
      const around = !outline || ids.previous(firstId) < store.first ? [] : groupsAround(firstId, outline.groups);
      view.set({ stickyGroup: around.findLast(({ from }) => from < firstId) });
    },
    reveal,
    filterChanged() {
      shownProblems.look(view.state.filter, extent());
      if (view.state.filter.from === shownFrom) return;
      parts = [];
      outline = undefined;
      view.set({ outline });
      fold();
      reader.startOver();
    },
    startOver() {
      outline = undefined;
      parts = [];
      shownProblems.startOver();
      repeats?.clear();
      runEnds?.clear();
      markers.clear();
      expanded.clear();
      records.clear();
      recordsChosen.clear();
      folding.clear();
      ids.folded.clear();
      decorations.clear();
      hasOpened = false;
      wanted = undefined;
      view.set({ outline: undefined, stickyGroup: undefined });
      reader.startOver();
    },
  };
}
