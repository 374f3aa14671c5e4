import { expect, it, test } from 'vitest';
import type { Outline, OutlineGroup, Problem } from '../../../../agent/words/finding.ts';
import {
  createFolding,
  foldedIn,
  groupsAround,
  nextProblem,
  placeOf,
  previousProblem,
  withPart,
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

const problem = (id: number, level: Problem['level'] = 'error'): Problem => ({ id, level, text: '' });
const every = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => problem(from + i));

/** Of errors in each line up to the last the first and the last five, as an agent lists them. */
function outlineUpTo(last: number, change: Partial<Outline> = {}): Outline {
  return {
    groups: [],
    problems: [...every(1, 5), ...every(last - 4, last)],
    omitted: [{ from: 1, to: last, errors: last - 10, warnings: 0 }],
    errors: last,
    warnings: 0,
    firstError: problem(1),
    known: [1, last],
    ...change,
  };
}

const idsOf = ({ problems }: Outline) => problems.map(({ id }) => id);

test('the problems of a part take the place of those that an outline lists', () => {
  const part = outlineUpTo(60, {
    problems: every(1, 40),
    omitted: [{ from: 41, to: 60, errors: 20, warnings: 0 }],
  });
  const found = withPart(outlineUpTo(60), { from: 1, to: 60, outline: part });
  expect(idsOf(found)).toEqual(idsOf(part));
  expect(found.omitted).toEqual(part.omitted);
  // The same again changes nothing.
  expect(withPart(found, { from: 1, to: 60, outline: part })).toEqual(found);

  const rest = outlineUpTo(60, { problems: every(41, 60), omitted: [], errors: 20 });
  const all = withPart(found, { from: 41, to: 60, outline: rest });
  expect(idsOf(all)).toEqual(idsOf({ ...part, problems: every(1, 60) }));
  expect(all.omitted).toEqual([]);
});

test.each([
  ['has grown', { from: 1, to: 60 }, 100, [{ from: 61, to: 100, errors: 35, warnings: 0 }]],
  ['is known from an earlier line on', { from: 41, to: 100 }, 100, [{ from: 1, to: 40, errors: 35, warnings: 0 }]],
])('what is left out of a log that %s since is what the part does not cover', (_, range, last, omitted) => {
  const problems = every(range.from, range.to);
  const part = outlineUpTo(60, { problems, omitted: [], errors: problems.length });
  expect(withPart(outlineUpTo(last), { ...range, outline: part }).omitted).toEqual(omitted);
});

test('what is left out is shown where most lines lie between two problems', () => {
  expect(placeOf({ from: 1, to: 60 }, outlineUpTo(60).problems)).toBe(5);
  expect(placeOf({ from: 41, to: 60 }, every(1, 40))).toBe(41);
  expect(placeOf({ from: 1, to: 60 }, every(50, 60))).toBe(1);
  expect(placeOf({ from: 1, to: 60 }, every(1, 5))).toBe(5);
});
