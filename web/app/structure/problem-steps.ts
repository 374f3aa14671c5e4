import type { Outline } from '../../../agent/words/finding.ts';
import { findProblem } from '../../finding/find-problem.ts';
import type { Extent } from '../../finding/folds/read-ends.ts';
import { nextProblem, previousProblem } from '../../finding/outline.ts';
import type { LineHistory } from '../../history/history.ts';
import { type Filter, queryText } from '../../lines/filter.ts';
import type { LineStore } from '../../lines/line-store.ts';
import type { List } from '../../list/list.ts';
import type { MarkedLines } from '../marked-lines.ts';
import type { View } from '../view-state.ts';
import type { Folds } from './folds.ts';

/** The way from error to error. */
export interface ProblemSteps {
  /** Each from where the one before has led. */
  step(side: 'after' | 'before'): void;
  /** Shows a line, wherever it is folded; from there on the next error is looked for, as long as it shows. */
  goTo(id: number, isStep?: boolean): void;
  /** The same without another address. */
  show(id: number): void;
  drew(shown: readonly number[]): void;
}

export interface ProblemStepsOptions {
  list: List;
  store: LineStore;
  view: View;
  marked: MarkedLines;
  folds: Folds;
  read: LineHistory['read'];
  extent(): Extent;
  outline(): Outline | undefined;
}

export function createProblemSteps(options: ProblemStepsOptions): ProblemSteps {
  const { list, store, view, marked, folds, read, extent, outline } = options;
  let going = Promise.resolve();
  let lastShown = 0;
  /** The line that was gone to last. */
  let place: number | undefined;

  async function goToProblem(side: 'after' | 'before'): Promise<void> {
    const known = outline();
    if (!known) return;
    const { errors, warnings } = known;
    const { filter } = view.state;
    const level = errors > 0 && filter.level?.includes('error') !== false ? 'error' : 'warn';
    const listed = known.problems.filter((problem) => problem.level === level);
    const around = side === 'after' ? list.now.id - 1 : lastShown + 1;
    // Whoever came by a link to a line wants those from there on.
    const from = [place, marked.id].find((id) => id !== undefined && isShown(id)) ?? around;
    let id = (side === 'after' ? nextProblem : previousProblem)(listed, from)?.id;
    // An outline is of all lines: those that a filter shows come first.
    if (store.isSelective || listed.length < (errors || warnings)) {
      id = (await findProblem(read, queryOf(filter, level), extent(), { id: from, side })) ?? id;
    }
    if (id !== undefined) goTo(id);
  }

  function isShown(id: number): boolean {
    return list.rows.querySelector(`[data-id="${id}"]`) !== null;
  }

  function goTo(id: number, isStep?: boolean): void {
    open(id);
    marked.goTo(id, isStep);
  }

  function open(id: number): void {
    place = id;
    view.set({ problem: id });
    folds.reveal({ from: id, to: id });
  }

  return {
    step(side) {
      going = going.then(() => goToProblem(side));
    },
    goTo,
    show(id) {
      open(id);
      list.mark({ from: id, to: id });
      list.goTo(id);
    },
    drew(shown) {
      lastShown = shown.at(-1) ?? 0;
      const { problem } = view.state;
      if (problem !== undefined && !isShown(problem)) view.set({ problem: undefined });
    },
  };
}

/** What the filter shows of a level, wherever in the log it is. */
function queryOf({ from, context, record, ...filter }: Filter, level: 'error' | 'warn'): string {
  return queryText({ ...filter, level: [level] }) || `level=${level}`;
}
