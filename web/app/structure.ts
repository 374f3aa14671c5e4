import type { Outline, OutlineGroup } from '../../agent/words/finding.ts';
import { isFinished } from '../../agent/words/log.ts';
import { createFolding, foldedIn, groupsAround, nextProblem, previousProblem } from '../finding/outline.ts';
import { createOutlineReader } from '../finding/outline-reader.ts';
import type { LineStore } from '../lines/line-store.ts';
import type { ShownIds } from '../lines/shown-ids.ts';
import type { List } from '../list/list.ts';
import type { Decoration } from '../list/row.ts';
import type { MarkedLines } from './marked-lines.ts';
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
  };
  drew(firstId: number | undefined): void;
  /** Opens what a line is inside of. */
  reveal(id: number): void;
  startOver(): void;
}

export interface StructureOptions {
  list: List;
  store: LineStore;
  ids: ShownIds;
  view: View;
  marked: MarkedLines;
}

export function createStructure({ list, store, ids, view, marked }: StructureOptions): Structure {
  const folding = createFolding();
  let outline: Outline | undefined;
  /** The line that was gone to last: from there on the next error is looked for, as long as it shows. */
  let place: number | undefined;
  let decorations = new Map<number, Decoration>();
  /** Whether the reader was led to the first error of a log that ended badly, or is somewhere already. */
  let hasOpened = marked.id !== undefined;
  const reader = createOutlineReader({
    extent: () => ({ first: store.first, last: store.last }),
    isVisible: () => document.visibilityState === 'visible',
    took,
  });

  function took(next: Outline): void {
    outline = next;
    fold();
    const { groups, problems, errors, warnings, firstError } = next;
    view.set({ outline: { groups, problems, errors, warnings } });
    if (!hasOpened && hasEndedBadly()) {
      hasOpened = true;
      if (firstError && list.following) show(firstError.id);
    }
    if (marked.id !== undefined) reveal(marked.id);
  }

  function hasEndedBadly(): boolean {
    const { status } = view.state;
    if (!status || status.state !== 'exited') {
      if (status && !isFinished(status)) hasOpened = true;
      return false;
    }
    return status.code !== 0;
  }

  function fold(): void {
    if (!outline) return;
    ids.folded.clear();
    for (const { from, to } of foldedIn(outline.groups, folding.isOpen)) ids.folded.add(from, to);
    decorations = decorationsOf(outline, folding.isOpen, decorations);
    list.decorate((id) => decorations.get(id));
    view.set({ openGroups: new Set(outline.groups.filter(folding.isOpen).map(({ from }) => from)) });
  }

  function reveal(id: number): void {
    if (outline && folding.reveal(id, outline.groups)) fold();
  }

  function show(id: number): void {
    place = id;
    reveal(id);
    list.mark({ from: id, to: id });
    list.goTo(id);
  }

  function goToProblem(find: typeof nextProblem): void {
    const errors = outline?.problems.filter(({ level }) => level === 'error') ?? [];
    const some = errors.length > 0 ? errors : (outline?.problems ?? []);
    const problem = find(some, place !== undefined && isShown(place) ? place : list.firstId - 1);
    if (problem) goToLine(problem.id);
  }

  function isShown(id: number): boolean {
    return list.rows.querySelector(`[data-id="${id}"]`) !== null;
  }

  function goToLine(id: number): void {
    place = id;
    reveal(id);
    marked.goTo(id);
  }

  list.rows.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('button.fold') : null;
    const from = Number(button?.closest<HTMLElement>('.row')?.dataset.id);
    if (from) toggleGroup(from);
  });

  function toggleGroup(from: number): void {
    const group = outline?.groups.find((one) => one.from === from);
    if (!group) return;
    folding.set(group, !folding.isOpen(group));
    list.stay();
    fold();
  }

  reader.startOver();

  return {
    actions: {
      nextError: () => goToProblem(nextProblem),
      previousError: () => goToProblem(previousProblem),
      toggleGroup,
      foldAll(isOpen) {
        for (const group of outline?.groups ?? []) folding.set(group, isOpen);
        fold();
      },
      goToLine,
    },
    drew(firstId) {
      reader.changed();
      const around = firstId === undefined || !outline ? [] : groupsAround(firstId, outline.groups);
      view.set({ stickyGroup: around.findLast(({ from }) => from < (firstId ?? 0)) });
    },
    reveal,
    startOver() {
      outline = undefined;
      folding.clear();
      ids.folded.clear();
      decorations.clear();
      hasOpened = false;
      view.set({ outline: undefined, stickyGroup: undefined });
      reader.startOver();
    },
  };
}

/** What rows show of groups and problems; those that did not change are the same objects, so that their rows are left alone. */
function decorationsOf(
  { groups, problems }: Outline,
  isOpen: (group: OutlineGroup) => boolean,
  before: ReadonlyMap<number, Decoration>,
): Map<number, Decoration> {
  const decorations = new Map<number, Decoration>();
  for (const { id, level } of problems) decorations.set(id, { problem: level, group: undefined });
  for (const group of groups) {
    const { title, from, to, ms, level, state } = group;
    const problem = decorations.get(from)?.problem;
    decorations.set(from, {
      problem,
      group: { title, lines: to - from, ms, level, state, isOpen: isOpen(group) },
    });
  }
  for (const [id, decoration] of decorations) {
    const old = before.get(id);
    if (old && JSON.stringify(old) === JSON.stringify(decoration)) decorations.set(id, old);
  }
  return decorations;
}
