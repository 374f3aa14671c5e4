import { expect, it } from 'vitest';
import { createShownProblems } from '../../../../web/finding/shown-problems.ts';
import type { LineHistory } from '../../../../web/history/history.ts';
import { until } from '../../../support/deadline.ts';

it('are asked for once more where the agent could not say', async () => {
  const asked: number[] = [];
  const known: (readonly number[] | undefined)[] = [];
  const read: LineHistory['read'] = async ({ from }, take) => {
    asked.push(from);
    if (asked.length === 1) return false;
    take('an error', undefined as never, 7);
    return true;
  };
  const problems = createShownProblems(read, (ids) => known.push(ids && [...ids]));
  const look = (first: number, last: number) => problems.look({ q: ['pool'] }, { first, last });
  look(1, 10);
  await until('the first answer', () => known.length === 2);
  // Lines that are gone by now are none that could be read.
  look(5, 20);
  await until('the second answer', () => known.length === 3);
  look(5, 20);
  expect({ asked, known }).toEqual({ asked: [1, 5], known: [undefined, undefined, [7]] });
});
