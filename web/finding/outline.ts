import type { Outline, OutlineGroup, Problem } from '../../agent/words/finding.ts';
import type { IdRange } from '../lines/id-ranges.ts';

/** Which groups are open: by what the reader chose, else by how they ended. */
export interface Folding {
  isOpen(group: OutlineGroup): boolean;
  set(group: OutlineGroup, isOpen: boolean): void;
  clear(): void;
}

/** Runs of a log that several continue are parts of it, and no details of one. */
const run = /^run started\b/;

export function createFolding(): Folding {
  const chosen = new Map<number, boolean>();

  function isOpen(group: OutlineGroup): boolean {
    return chosen.get(group.from) ?? isOpenAtFirst(group);
  }

  return {
    isOpen,
    set: (group, open) => chosen.set(group.from, open),
    clear: () => chosen.clear(),
  };
}

/** What went wrong and what still happens is what readers come for. */
function isOpenAtFirst({ state, level, title }: OutlineGroup): boolean {
  return state !== 'done' || level === 'error' || run.test(title);
}

/** The lines inside of a group: all but the one that opens it, and those of others between its parts. */
export function insideOf({ from, to, parts = [[from, to]] }: OutlineGroup): IdRange[] {
  return parts.map(([first, last]) => ({ from: Math.max(first, from + 1), to: last })).filter(isAny);
}

function isAny({ from, to }: IdRange): boolean {
  return from <= to;
}

/** The lines inside of closed groups. */
export function foldedIn(groups: readonly OutlineGroup[], isOpen: (group: OutlineGroup) => boolean): IdRange[] {
  return groups.filter((group) => !isOpen(group)).flatMap(insideOf);
}

/** Whether all lines of a log were looked at, but for those that have just come. */
export function isWhole(outline: Outline | undefined, first: number, last: number): boolean {
  if (!outline) return false;
  const [from, to] = outline.known;
  return last < first || (from <= first && from <= to);
}

/** The groups that a line is inside of, or opens; from the outermost to the innermost. */
export function groupsAround(id: number, groups: readonly OutlineGroup[]): OutlineGroup[] {
  return groups.filter((group) => group.from === id || insideOf(group).some(({ from, to }) => from <= id && id <= to));
}

/** The problem after or before a line; from the last to the first and the other way round. */
export function nextProblem(problems: readonly Problem[], id: number): Problem | undefined {
  return problems.find((problem) => problem.id > id) ?? problems[0];
}

export function previousProblem(problems: readonly Problem[], id: number): Problem | undefined {
  return problems.findLast((problem) => problem.id < id) ?? problems.at(-1);
}
