import type { Outline } from '../../../agent/words/finding.ts';
import { isFinished } from '../../../agent/words/log.ts';
import type { LaterBackend } from '../../backend/backend.ts';
import { createNearProblems } from '../../finding/near-problems.ts';
import { groupsAround, type OutlinePart, withPart } from '../../finding/outline.ts';
import { createOutlineReader } from '../../finding/outline-reader.ts';
import { createShownProblems } from '../../finding/shown-problems.ts';
import type { LineHistory } from '../../history/history.ts';
import type { IdRange } from '../../lines/id-ranges.ts';
import type { LineStore } from '../../lines/line-store.ts';
import type { ShownIds } from '../../lines/shown-ids.ts';
import type { List } from '../../list/list.ts';
import type { MarkedLines } from '../marked-lines.ts';
import { isVisible } from '../tab/is-visible.ts';
import type { View } from '../view-state.ts';
import { createFolds } from './folds.ts';
import { createProblemSteps } from './problem-steps.ts';

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

const patienceMs = 30_000;

export function createStructure(options: StructureOptions): Structure {
  const { list, store, ids, view, marked, backend, read } = options;
  let outline: Outline | undefined;
  /** What the reader wanted to see of what it omits; what begins with a line that is gone is asked for again. */
  let parts: OutlinePart[] = [];
  const extent = () => ({ first: store.first, last: store.last });
  let followed = marked.range;
  /** Where the lines begin that the outline is asked about. */
  let shownFrom: number | undefined;
  /** Whether the reader was led to the first error of a log that ended badly, or is somewhere already. */
  let hasOpened = marked.id !== undefined || options.isReturn;
  const known = { ...options, extent, outline: () => outline };
  const folds = createFolds({
    ...known,
    outline: () => outline && { ...outline, problems: [...outline.problems, ...near.all] },
  });
  const near = createNearProblems(problemsIn, folds.fold);
  const { step, goTo, show, drew } = createProblemSteps({ ...known, folds });
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
    folds.fold();
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

  /** The address may have been changed by a link, a click on a number or the Back button. */
  function followAddress(): void {
    if (marked.range === followed) return;
    followed = marked.range;
    if (followed) folds.reveal(followed);
  }

  function problemsIn(range: IdRange): Promise<Outline | undefined> {
    return backend.outline(AbortSignal.timeout(patienceMs), range).catch(() => undefined);
  }

  async function listProblems({ from, to }: IdRange): Promise<void> {
    const ofThisLog = parts;
    // Where it fails, the row stays there to be clicked.
    const part = await problemsIn({ from, to });
    if (!part || parts !== ofThisLog || !outline) return;
    parts.push({ from, to, outline: part });
    took(outline);
  }

  reader.startOver();

  return {
    actions: {
      nextError: () => step('after'),
      previousError: () => step('before'),
      toggleGroup: folds.toggleGroup,
      foldAll: folds.foldAll,
      goToLine: (id) => goTo(id, true),
      listProblems,
    },
    drew(shown) {
      const [firstId = 0] = shown;
      reader.changed();
      drew(shown);
      void near.look(shown, outline);
      followAddress();
      if (!store.isSelective) folds.look(shown);
      // Nothing scrolls the first row out from under a title.
      const around = !outline || ids.previous(firstId) < store.first ? [] : groupsAround(firstId, outline.groups);
      view.set({ stickyGroup: around.findLast(({ from }) => from < firstId) });
    },
    reveal: folds.reveal,
    filterChanged() {
      shownProblems.look(view.state.filter, extent());
      if (view.state.filter.from === shownFrom) return;
      parts = [];
      outline = undefined;
      view.set({ outline });
      folds.fold();
      reader.startOver();
    },
    startOver() {
      outline = undefined;
      parts = [];
      shownProblems.startOver();
      near.startOver();
      folds.startOver();
      hasOpened = false;
      view.set({ outline: undefined, stickyGroup: undefined });
      reader.startOver();
    },
  };
}
