import type { Outline } from '../../../agent/words/finding.ts';
import { createBareMarkers } from '../../finding/folds/bare-markers.ts';
import { decorate, decorationsOf } from '../../finding/folds/decorations.ts';
import { createFoldedRuns } from '../../finding/folds/folded-runs.ts';
import type { Extent } from '../../finding/folds/read-ends.ts';
import { createRecords } from '../../finding/folds/records.ts';
import { createFolding, foldedIn, insideOf } from '../../finding/outline.ts';
import type { LineHistory } from '../../history/history.ts';
import { type IdRange, stretchesOf } from '../../lines/id-ranges.ts';
import type { LineStore } from '../../lines/line-store.ts';
import type { ShownIds } from '../../lines/shown-ids.ts';
import type { List } from '../../list/list.ts';
import type { Decoration } from '../../list/row.ts';
import { closestTo } from '../../text/element.ts';
import type { MarkedLines } from '../marked-lines.ts';
import type { Settings } from '../settings.ts';
import type { View } from '../view-state.ts';

/** What is folded: groups of the outline, records, repeated lines, and markers of groups. */
export interface Folds {
  /** Folds and draws what the outline, and what was found around the lines that showed, say by now. */
  fold(): void;
  /** Opens what hides the ends of a range, now and where that is found out later. */
  reveal(range: IdRange): void;
  /** Opens or closes the group that begins at a line. */
  toggleGroup(from: number): void;
  foldAll(isOpen: boolean): void;
  /** These lines show: looks for repeated lines and records around them. */
  look(shown: readonly number[]): void;
  startOver(): void;
}

export interface FoldsOptions {
  list: List;
  store: LineStore;
  ids: ShownIds;
  view: View;
  find: LineHistory['find'];
  read: LineHistory['read'];
  extent(): Extent;
  outline(): Outline | undefined;
  marked: MarkedLines;
}

/** Lines on either side of what shows that are compared. */
const aroundLines = 300;

export function createFolds(options: FoldsOptions): Folds {
  const { list, store, ids, view, outline } = options;
  const folding = createFolding();
  const runs = createFoldedRuns({ ...options, found: fold });
  /** Where the log began when this was folded: lines before it are gone. */
  let foldedFirst = store.first;
  const records = createRecords(store.get);
  const markers = createBareMarkers(store.get);
  /** What the reader chose of records, by their first lines; the others are as the setting says. */
  const recordsChosen = new Map<number, boolean>();
  let recordsMode: Settings['records'] = view.state.settings.records;
  /** What the reader was led to last: what hides some of it is open, until the reader closes it. */
  let wanted = options.marked.range;
  let decorations = new Map<number, Decoration>();

  const groups = () => outline()?.groups ?? [];

  function fold(): void {
    if (wanted) openAround(wanted);
    ids.folded.clear();
    for (const { from, to } of foldedIn(groups(), folding.isOpen)) ids.folded.add(from, to);
    foldedFirst = store.first;
    const foldedRuns = runs.folded();
    for (const { from, to, period } of foldedRuns) ids.folded.add(from + period, to);
    for (const { from, rest } of records.found.values()) {
      if (!isRecordOpen(from)) for (const part of rest) ids.folded.add(part.from, part.to);
    }
    const openers = new Set(groups().map(({ from }) => from));
    for (const id of markers.ids) if (!openers.has(id)) ids.folded.add(id, id);
    decorations = decorationsOf(
      { outline: outline(), runs: foldedRuns, records: records.found },
      { isOpen: folding.isOpen, isRecordOpen },
      decorations,
    );
    list.decorate((id) => decorations.get(id), decorate);
    const open = groups().filter(folding.isOpen);
    view.set({ openGroups: new Set(open.map(({ from }) => from)) });
  }

  function isRecordOpen(from: number): boolean {
    return recordsChosen.get(from) ?? recordsMode === 'open';
  }

  /** Both ends of a range; folds between them keep their first lines in it. */
  function openAround(range: IdRange): void {
    const hides = ({ from, to }: IdRange) => [range.from, range.to].some((id) => from <= id && id <= to);
    runs.openAround(range);
    for (const { from, rest } of records.found.values()) {
      if (rest.some(hides)) recordsChosen.set(from, true);
    }
    for (const group of groups()) {
      if (insideOf(group).some(hides)) folding.set(group, true);
    }
    // A marker that has not been looked at yet, too.
    for (const id of [range.from, range.to]) markers.show(id);
  }

  list.rows.addEventListener('click', (event) => {
    const button = closestTo(event.target, 'button.fold, button.repeat');
    const from = Number(button?.closest<HTMLElement>('.row')?.dataset.id);
    if (!button || !from) return;
    if (button.className === 'repeat') expand(from);
    else if (groups().some((group) => group.from === from)) toggleGroup(from);
    else toggleRecord(from);
  });

  function toggleGroup(from: number): void {
    const group = groups().find((one) => one.from === from);
    if (!group) return;
    wanted = undefined;
    folding.set(group, !folding.isOpen(group));
    foldInPlace();
  }

  function toggleRecord(from: number): void {
    wanted = undefined;
    recordsChosen.set(from, !isRecordOpen(from));
    foldInPlace();
  }

  function expand(from: number): void {
    runs.expand(from);
    foldInPlace();
    // The button is gone.
    list.scroller.focus({ preventScroll: true });
  }

  /** The lines that show stay where they are, also at the end of the log. */
  function foldInPlace(): void {
    list.stay();
    fold();
  }

  function takeSettings(): void {
    const { repeats: mode, records: recordsAre } = view.state.settings;
    if (recordsAre !== recordsMode) {
      recordsMode = recordsAre;
      wanted = undefined;
      recordsChosen.clear();
      fold();
    }
    if (runs.setSameness(mode)) fold();
  }

  return {
    fold,
    reveal(range) {
      wanted = range;
      openAround(range);
      if (ids.folded.has(range.from) || ids.folded.has(range.to)) fold();
    },
    toggleGroup,
    foldAll(isOpen) {
      wanted = undefined;
      for (const group of groups()) folding.set(group, isOpen);
      fold();
    },
    look(shown) {
      takeSettings();
      const news = stretchesOf(shown, aroundLines).flatMap(({ from: begin, to }) => {
        const from = Math.max(store.first, begin);
        return [runs.look(from, to, list.following), records.look(from, to), markers.look(from, to)];
      });
      if (news.includes(true) || store.first !== foldedFirst) fold();
      runs.lookForEnds();
    },
    startOver() {
      runs.clear();
      markers.clear();
      records.clear();
      recordsChosen.clear();
      folding.clear();
      ids.folded.clear();
      decorations.clear();
      wanted = undefined;
    },
  };
}
