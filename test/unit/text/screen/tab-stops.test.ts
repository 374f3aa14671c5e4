import { expect, it } from 'vitest';
import { TabStops } from '../../../../agent/text/screen/tab-stops.ts';

const columns = 80;

/** As `tabs -n` of tabs(1) does it. */
function setEvery(step: number): TabStops {
  const stops = new TabStops();
  stops.clearAll();
  for (let column = 0; column < columns; column += step) stops.set(column, columns);
  return stops;
}

it('are as they were once a program has set every eighth again', () => {
  expect(setEvery(8).areDefault).toBe(true);
  expect(setEvery(8).after(80, 1, 132)).toBe(88);
});

it('are where a program has set them', () => {
  const stops = setEvery(4);
  expect(stops.areDefault).toBe(false);
  expect(stops.after(1, 2, columns)).toBe(8);
  expect(stops.before(7, 1)).toBe(4);
});
