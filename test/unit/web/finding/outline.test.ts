import { expect, it, test } from 'vitest';
import type { OutlineGroup, Problem } from '../../../../agent/words/finding.ts';
import {
  createFolding,
  foldedIn,
  groupsAround,
  nextProblem,
  previousProblem,
} from '../../../../web/finding/outline.ts';

const group = (from: number, to: number, change: Partial<OutlineGroup> = {}): OutlineGroup => ({
  title: `group ${from}`,
  from,
  to,
  ms: 1000,
  depth: 0,
  level: null,
  state: 'done',
  ...change,
});

it.each<[string, Partial<OutlineGroup>, boolean]>([
  ['one that is done', {}, false],
  ['one with warnings', { level: 'warn' }, false],
  ['one with errors', { level: 'error' }, true],
  ['one that failed', { state: 'failed' }, true],
  ['one that is running', { state: 'running' }, true],
  ['a run of a log that several continue', { title: 'run started: make' }, true],
])('%s is open or closed at first', (_, change, isOpen) => {
  expect(createFolding().isOpen(group(1, 5, change))).toBe(isOpen);
});

test('what the reader chose holds', () => {
  const groups = [group(1, 10), group(3, 6, { depth: 1 }), group(20, 30)];
  const folding = createFolding();
  expect(foldedIn(groups, folding.isOpen)).toEqual([
    { from: 2, to: 10 },
    { from: 4, to: 6 },
    { from: 21, to: 30 },
  ]);
  for (const group of groupsAround(5, groups)) folding.set(group, true);
  expect(foldedIn(groups, folding.isOpen)).toEqual([{ from: 21, to: 30 }]);
  folding.set(groups[0] as OutlineGroup, false);
  expect(foldedIn(groups, folding.isOpen)).toHaveLength(2);
  expect(groupsAround(5, groups).map(({ from }) => from)).toEqual([1, 3]);
});

test('lines of others between the parts of a group are not in it', () => {
  const step = group(1, 12, {
    parts: [
      [1, 3],
      [10, 12],
    ],
  });
  const other = group(5, 8);
  expect(foldedIn([step, other], (one) => one === other)).toEqual([
    { from: 2, to: 3 },
    { from: 10, to: 12 },
  ]);
  expect([1, 3, 5, 9, 10].map((id) => groupsAround(id, [step, other]))).toEqual([[step], [step], [other], [], [step]]);
});

test('problems are gone through in a circle', () => {
  const problems = [10, 20, 30].map((id): Problem => ({ id, level: 'error', text: '' }));
  expect([0, 10, 29, 30].map((id) => nextProblem(problems, id)?.id)).toEqual([10, 20, 30, 10]);
  expect([10, 11, 31].map((id) => previousProblem(problems, id)?.id)).toEqual([30, 10, 30]);
  expect(nextProblem([], 1)).toBeUndefined();
});
