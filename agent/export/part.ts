import type { IdRange } from '../finding/chunks/chunk.ts';
import { endsOf, type ListedProblems, mostListed, ofLevel } from '../finding/chunks/problems.ts';
import type { LineQuery } from '../finding/line-query.ts';
import type { Outline, OutlineGroup, Problem } from '../words/finding.ts';

/** Which lines of a log are exported, where not all are. */
export interface ExportPart {
  /** Ids of the first and the last line that may be. */
  from?: number;
  to?: number;
  query?: LineQuery;
  /** The same as `events` takes it: the page says what it shows. */
  filter: string;
}

/** Ids of lines that were exported: a bit for each. */
export interface ExportedIds {
  add(id: number): void;
  has(id: number): boolean;
}

export function createExportedIds(last: number): ExportedIds {
  const bits = new Uint8Array((last >> 3) + 1);
  return {
    add(id) {
      bits[id >> 3] = (bits[id >> 3] ?? 0) | (1 << (id & 7));
    },
    has: (id) => ((bits[id >> 3] ?? 0) & (1 << (id & 7))) !== 0,
  };
}

/** Asks for a log's outline, or for all problems of some lines, or the first ones of these. */
export type AskOutline = (range?: IdRange) => Promise<Outline>;

/** The outline of exported lines: what begins with a line that is left out is left out, too. */
export async function outlineOfPart(ask: AskOutline, { has }: Pick<ExportedIds, 'has'>): Promise<Outline> {
  const outline = await ask();
  const groups = nested(outline.groups.filter(({ from }) => has(from)));
  return { ...outline, groups, ...(await problemsOfPart(ask, outline, has)) };
}

async function problemsOfPart(ask: AskOutline, outline: Outline, has: ExportedIds['has']): Promise<ListedProblems> {
  let problems: Problem[] = [];
  let firstError: Problem | undefined;
  const total = { errors: 0, warnings: 0 };
  const to = outline.known[1];
  const isAll = outline.omitted.length === 0;
  for (let from = outline.known[0]; from <= to; ) {
    const { problems: some, omitted } = isAll ? outline : await ask({ from, to });
    const exported = some.filter(({ id }) => has(id));
    firstError ??= exported.find(({ level }) => level === 'error');
    total.errors += ofLevel(exported, 'error').length;
    total.warnings += ofLevel(exported, 'warn').length;
    problems = endsOf([...problems, ...exported], 2 * mostListed);
    from = omitted[0]?.from ?? to + 1;
  }
  const first = problems[0]?.id ?? to;
  problems = endsOf(problems, mostListed);
  const left = {
    errors: total.errors - ofLevel(problems, 'error').length,
    warnings: total.warnings - ofLevel(problems, 'warn').length,
  };
  const omitted = left.errors + left.warnings > 0 ? [{ from: first, to, ...left }] : [];
  return { problems, omitted, ...total, firstError: firstError ?? null };
}

/** Groups count only the others that are there. */
function nested(groups: readonly OutlineGroup[]): OutlineGroup[] {
  const outer: OutlineGroup[] = [];
  return groups.map((group) => {
    // Those of the same depth may overlap.
    while (outer.some(({ to, depth }) => to < group.from || depth >= group.depth)) outer.pop();
    outer.push(group);
    return { ...group, depth: outer.length - 1 };
  });
}
