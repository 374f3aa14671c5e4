import type { LineQuery } from '../finding/line-query.ts';
import type { Outline, OutlineGroup } from '../words/finding.ts';

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

/** The outline of exported lines: what begins with a line that is left out is left out, too. */
export function outlineOfPart(outline: Outline, { has }: ExportedIds): Outline {
  const problems = outline.problems.filter(({ id }) => has(id));
  const count = (wanted: 'error' | 'warn') => problems.filter(({ level }) => level === wanted).length;
  return {
    ...outline,
    groups: nested(outline.groups.filter(({ from }) => has(from))),
    problems,
    errors: count('error'),
    warnings: count('warn'),
    firstError: problems.find(({ level }) => level === 'error') ?? null,
  };
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
