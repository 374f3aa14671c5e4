import type { OmittedProblems, Outline, OutlineGroup, Problem } from '../../agent/words/finding.ts';
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
  const holds = (from: number, to: number) => from <= id && id <= to;
  // Asked whenever rows are drawn: most groups are passed over by their ends.
  return groups.filter(
    ({ from, to, parts }) => holds(from, to) && (parts?.some(([first, last]) => holds(first, last)) ?? true),
  );
}

/** The problem after or before a line; from the last to the first and the other way round. */
export function nextProblem(problems: readonly Problem[], id: number): Problem | undefined {
  return problems.find((problem) => problem.id > id) ?? problems[0];
}

export function previousProblem(problems: readonly Problem[], id: number): Problem | undefined {
  return problems.findLast((problem) => problem.id < id) ?? problems.at(-1);
}

/** The answer to a question about the problems of some lines. */
export interface OutlinePart extends IdRange {
  outline: Outline;
}

/** An outline with the problems of a part in place of those that it lists of these lines. */
export function withPart(whole: Outline, { from, to, outline: part }: OutlinePart): Outline {
  const isIn = ({ id }: Problem) => from <= id && id <= to;
  const listed = (wanted: Problem['level']) =>
    whole.problems.filter((problem) => problem.level === wanted && isIn(problem)).length;
  /** What a range omits beyond the part: the log has grown since, at either end. */
  const beyond = (range: OmittedProblems): OmittedProblems =>
    range.to < from || range.from > to
      ? range
      : {
          from: range.from < from ? range.from : to + 1,
          to: range.to > to ? range.to : from - 1,
          errors: range.errors + listed('error') - part.errors,
          warnings: range.warnings + listed('warn') - part.warnings,
        };
  return {
    ...whole,
    problems: [...whole.problems.filter((one) => !isIn(one)), ...part.problems].sort((a, b) => a.id - b.id),
    omitted: [...whole.omitted.map(beyond).filter(hasAny), ...part.omitted],
  };
}

function hasAny(range: OmittedProblems): boolean {
  return isAny(range) && range.errors + range.warnings > 0;
}

/** Where an omitted range is shown: after this line, where the most lines lie between two of its problems. */
export function placeOf({ from, to }: IdRange, problems: readonly Problem[]): number {
  let [place, before, widest] = [from, from, 0];
  for (const id of [...problems.map((one) => one.id), to]) {
    if (id < from || id > to) continue;
    if (id - before > widest) [place, widest] = [before, id - before];
    before = id;
  }
  return place;
}
