import type { LineHistory } from '../../history/history.ts';
import type { IdRange } from '../../lines/id-ranges.ts';
import type { LineStore } from '../../lines/line-store.ts';
import type { Extent } from './read-ends.ts';
import { createRepeats, type Repeats, type Run, type Sameness } from './repeats.ts';
import { createRunEnds, type RunEnds } from './run-ends.ts';

/** Runs of repeated lines, and which of them the reader wants to see in full. */
export interface FoldedRuns {
  /** What counts as repeated. Returns whether that is new: then what was expanded and found before is void. */
  setSameness(sameness: Sameness): boolean;
  /** Looks for runs among these lines; returns whether there is one more, or more of one. */
  look(from: number, to: number, isFollowed: boolean): boolean | undefined;
  lookForEnds(): void;
  /** Those that are folded, without lines that are gone. */
  folded(): Run[];
  /** A run with a line that the reader wants to see stays expanded. */
  expand(id: number): void;
  /** Expands those that hide an end of a range. */
  openAround(range: IdRange): void;
  clear(): void;
}

export interface FoldedRunsOptions {
  store: LineStore;
  find: LineHistory['find'];
  read: LineHistory['read'];
  extent(): Extent;
  /** More of a run is known: it is to be folded. */
  found(): void;
}

export function createFoldedRuns(options: FoldedRunsOptions): FoldedRuns {
  const { store, found } = options;
  let sameness: Sameness = 'off';
  let repeats: Repeats | undefined;
  let runEnds: RunEnds | undefined;
  /** Lines of runs that the reader wants to see in full. */
  const expanded = new Set<number>();

  /** Of a run that was deleted in part, the whole blocks that are left. */
  function keptOf(run: Run): Run {
    const blocks = Math.ceil(Math.max(0, store.first - run.from) / run.period);
    return blocks === 0 ? run : { ...run, from: run.from + blocks * run.period };
  }

  function begin(sameness: Exclude<Sameness, 'off'>): void {
    const made = createRepeats(store.get, sameness);
    repeats = made;
    runEnds = createRunEnds({
      ...options,
      ...made,
      get: store.get,
      sameness,
      found(run) {
        made.extend(run);
        found();
      },
    });
  }

  return {
    setSameness(next) {
      if (next === sameness) return false;
      sameness = next;
      runEnds?.clear();
      repeats = runEnds = undefined;
      if (next !== 'off') begin(next);
      expanded.clear();
      return true;
    },
    look: (from, to, isFollowed) => repeats?.look(from, to, isFollowed),
    lookForEnds: () => runEnds?.look(),
    folded: () =>
      [...(repeats?.runs() ?? [])]
        .map(keptOf)
        .filter(({ from, to }) => from <= to && ![...expanded].some((id) => from <= id && id <= to)),
    expand: (id) => expanded.add(id),
    openAround(range) {
      for (const { from, to, period } of repeats?.runs() ?? [])
        if ([range.from, range.to].some((id) => from + period <= id && id <= to)) expanded.add(from);
    },
    clear() {
      repeats?.clear();
      runEnds?.clear();
      expanded.clear();
    },
  };
}
