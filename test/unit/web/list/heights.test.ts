import { expect, test } from 'vitest';
import { createHeights, wrappedRows } from '../../../../web/list/heights.ts';

test('without wrapping every row has the height of one line of text', () => {
  const heights = createHeights(() => 7);
  heights.reset(18, true);
  expect(heights.of(1)).toBe(18);
  expect(heights.measured(1, 90)).toBe(false);
  expect(heights.of(1)).toBe(18);
});

test('a measured height wins over the guess from the text', () => {
  const heights = createHeights((id) => (id === 1 ? 3 : undefined));
  heights.reset(20, false);
  expect(heights.of(1)).toBe(60);
  expect(heights.measured(1, 80)).toBe(true);
  expect(heights.measured(1, 80)).toBe(false);
  expect(heights.of(1)).toBe(80);
});

test('a row of which nothing is known is as high as the average of those that were measured', () => {
  const heights = createHeights(() => undefined);
  heights.reset(20, false);
  expect(heights.of(9)).toBe(20);
  heights.measured(1, 20);
  heights.measured(2, 60);
  expect(heights.of(9)).toBe(40);
  heights.measured(2, 20);
  expect(heights.of(9)).toBe(20);
});

test('it remembers a bounded number of rows, the latest', () => {
  const heights = createHeights(() => 1);
  heights.reset(20, false);
  for (let id = 1; id <= 20_000; id++) heights.measured(id, 40);
  expect(heights.of(20_000)).toBe(40);
  expect(heights.of(1)).toBe(20);
});

test('what was measured is void when the width changes', () => {
  const heights = createHeights(() => undefined);
  heights.reset(20, false);
  heights.measured(1, 200);
  heights.reset(20, false);
  expect(heights.of(1)).toBe(20);
});

test('text takes as many rows as its columns need, and at least one', () => {
  expect(wrappedRows(0, 80)).toBe(1);
  expect(wrappedRows(80, 80)).toBe(1);
  expect(wrappedRows(81, 80)).toBe(2);
  expect(wrappedRows(10, 0)).toBe(10);
});
