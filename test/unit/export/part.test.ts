import { expect, it } from 'vitest';
import { createExportedIds, outlineOfPart } from '../../../agent/export/part.ts';
import type { OutlineGroup } from '../../../agent/words/finding.ts';

function group(from: number, to: number, depth: number): OutlineGroup {
  return { title: `group ${from}`, from, to, ms: 1, depth, level: null, state: 'done' };
}

it('groups of exported lines are inside of those that are there; those that overlap are inside of none', () => {
  const groups = [group(1, 20, 0), group(2, 12, 1), group(4, 9, 1), group(6, 20, 1), group(7, 8, 2), group(30, 31, 0)];
  const ids = createExportedIds(40);
  for (const id of [2, 4, 6, 7, 30]) ids.add(id);
  const outline = outlineOfPart(
    { groups, problems: [], omitted: [], errors: 0, warnings: 0, firstError: null, known: [1, 40] },
    ids,
  );
  expect(outline.groups.map(({ from, depth }) => [from, depth])).toEqual([
    [2, 0],
    [4, 0],
    [6, 0],
    [7, 1],
    [30, 0],
  ]);
});
