import { expect, it } from 'vitest';
import { growthOf, leastTimes, linear } from '../support/growth.ts';

/** As many steps as are asked for, none of which a compiler can leave out. */
function count(steps: number): number {
  let sum = 0;
  for (let step = 0; step < steps; step++) sum = (sum * 31 + step) | 0;
  return sum;
}

it('what takes time in proportion to the square of its size is told from what takes it in proportion', () => {
  expect(growthOf((size) => count(size * size), 600, 500)).toBeGreaterThan(linear);
  expect(growthOf((size) => count(size * 600), 600)).toBeLessThan(linear);
});

it('times are taken until they are as they should be, and no longer than is allowed', () => {
  let ms = 100;
  const get = () => ms--;
  expect(leastTimes([get], ([least = 0]) => least < 50)).toEqual([49]);
  expect(leastTimes([() => 7, () => 9], () => false, 20)).toEqual([7, 9]);
});
