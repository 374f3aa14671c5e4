import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  endPosition,
  isAtOrBelow,
  moveBy,
  positionAt,
  positionOf,
  type Rows,
  shareOf,
  visibleRows,
} from '../../../../web/list/viewport.ts';

const gapless = { next: (id: number) => id + 1, previous: (id: number) => id - 1 };
const uniform = (first: number, last: number): Rows => ({
  ...{ first, last, ...gapless },
  heightOf: () => 20,
  uniformHeight: 20,
});
/** Rows of 20, 40 and 60 pixels in turn. */
const uneven = (first: number, last: number): Rows => ({
  ...{ first, last, ...gapless },
  heightOf: (id) => 20 * ((id % 3) + 1),
});
/** Only every thousandth id is a row, of 20 pixels. */
const sparse: Rows = {
  first: 1000,
  last: 1_000_000,
  next: (id) => (Math.floor(id / 1000) + 1) * 1000,
  previous: (id) => (Math.ceil(id / 1000) - 1) * 1000,
  heightOf: (id) => (id % 1000 === 0 ? 20 : 0),
};

test('the end shows the last row at the lower edge', () => {
  expect(endPosition(uniform(1, 10_000_000), 650)).toEqual({ id: 9_999_968, offset: 10 });
  // Row 6 has 20 pixels, row 5 has 60, row 4 has 40 of which 20 show.
  expect(endPosition(uneven(1, 6), 100)).toEqual({ id: 4, offset: 20 });
});

test('rows that all fit begin at the upper edge', () => {
  expect(endPosition(uniform(1, 5), 650)).toEqual({ id: 1, offset: 0 });
  expect(endPosition(uniform(7, 6), 650)).toEqual({ id: 7, offset: 0 });
});

test('moving stops at the first row', () => {
  expect(moveBy({ id: 3, offset: 5 }, -1000, uniform(1, 100))).toEqual({ id: 1, offset: 0 });
  expect(moveBy({ id: 3, offset: 5 }, -1000, uneven(1, 100))).toEqual({ id: 1, offset: 0 });
});

test('a row is shown at the wanted share of the view', () => {
  expect(positionOf(500_000, 0, uniform(1, 1_000_000), 600)).toEqual({ id: 500_000, offset: 0 });
  expect(positionOf(500_000, 0.5, uniform(1, 1_000_000), 620)).toEqual({ id: 499_985, offset: 0 });
  expect(positionOf(5_000_000, 0, uniform(1, 1000), 600)).toEqual({ id: 1000, offset: 0 });
});

test('the visible rows cover the view and no more', () => {
  expect(visibleRows({ id: 10, offset: 5 }, uniform(1, 100), 100)).toEqual([10, 11, 12, 13, 14, 15]);
  expect(visibleRows({ id: 98, offset: 0 }, uniform(1, 100), 100)).toEqual([98, 99, 100]);
});

test('rows between which ids are left out are stepped over, however many these are', () => {
  expect(endPosition(sparse, 50)).toEqual({ id: 998_000, offset: 10 });
  expect(moveBy({ id: 500_000, offset: 5 }, 40, sparse)).toEqual({ id: 502_000, offset: 5 });
  expect(moveBy({ id: 500_000, offset: 5 }, -30, sparse)).toEqual({ id: 498_000, offset: 15 });
  expect(moveBy({ id: 500_007, offset: 0 }, 0, sparse)).toEqual({ id: 501_000, offset: 0 });
  expect(moveBy({ id: 2000, offset: 0 }, -1000, sparse)).toEqual({ id: 1000, offset: 0 });
  expect(visibleRows({ id: 500_000, offset: 5 }, sparse, 50)).toEqual([500_000, 501_000, 502_000]);
  expect(visibleRows({ id: 999_000, offset: 5 }, sparse, 500)).toEqual([999_000, 1_000_000]);
  expect(positionOf(500_300, 0.5, sparse, 60)).toEqual({ id: 499_000, offset: 10 });
  const scale = { ...sparse, end: endPosition(sparse, 60) };
  expect(positionAt(0.5, scale)).toEqual({ id: 500_000, offset: 0 });
  expect(shareOf({ id: 499_500, offset: 0 }, scale)).toBeCloseTo(0.5, 2);
});

test('of no rows none shows', () => {
  expect(visibleRows({ id: 8, offset: 0 }, uniform(8, 7), 500)).toEqual([]);
});

test('half a pixel does not keep the end from being reached', () => {
  expect(isAtOrBelow({ id: 9, offset: 3.6 }, { id: 9, offset: 4 })).toBe(true);
  expect(isAtOrBelow({ id: 9, offset: 3 }, { id: 9, offset: 4 })).toBe(false);
});

const anyRows = fc
  .record({ first: fc.integer({ min: 1, max: 1e7 }), count: fc.integer({ min: 1, max: 300 }), even: fc.boolean() })
  .map(({ first, count, even }) => (even ? uniform : uneven)(first, first + count - 1));

function pixelsBetween(rows: Rows, from: number, to: number): number {
  let sum = 0;
  for (let id = from; id < to; id++) sum += rows.heightOf(id);
  return sum;
}

test('moving down and up by the same distance leads back', () => {
  const property = fc.property(anyRows, fc.nat(5000), (rows, distance) => {
    const start = { id: rows.first, offset: 0 };
    const there = moveBy(start, Math.min(distance, pixelsBetween(rows, rows.first, rows.last)), rows);
    expect(pixelsBetween(rows, rows.first, there.id) + there.offset).toBeCloseTo(
      Math.min(distance, pixelsBetween(rows, rows.first, rows.last)),
    );
    expect(moveBy(there, -distance, rows)).toEqual(start);
  });
  fc.assert(property);
});

test('what shows at the end ends with the last row and fills the view where there are rows enough', () => {
  const property = fc.property(anyRows, fc.integer({ min: 1, max: 2000 }), (rows, viewHeight) => {
    const end = endPosition(rows, viewHeight);
    const view = visibleRows(end, rows, viewHeight);
    const shown = pixelsBetween(rows, end.id, rows.last + 1) - end.offset;
    expect(view.at(-1)).toBe(rows.last);
    expect(shown).toBeCloseTo(Math.min(viewHeight, pixelsBetween(rows, rows.first, rows.last + 1)));
  });
  fc.assert(property);
});

test('the scrollbar leads to a position that leads to the same place on the scrollbar', () => {
  const property = fc.property(anyRows, fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
    const scale = { ...rows, end: endPosition(rows, 500) };
    const isScrollable = scale.end.id > rows.first || scale.end.offset > 0;
    fc.pre(isScrollable);
    expect(shareOf(positionAt(share, scale), scale)).toBeCloseTo(share, 6);
  });
  fc.assert(property);
});

test('both ends of the scrollbar are exact in a log of ten million lines', () => {
  const rows = uniform(1, 10_000_000);
  const scale = { ...rows, end: endPosition(rows, 658) };
  expect(positionAt(0, scale)).toEqual({ id: 1, offset: 0 });
  const end = positionAt(1, scale);
  expect(end.id).toBe(scale.end.id);
  expect(end.offset).toBeCloseTo(scale.end.offset, 5);
});
