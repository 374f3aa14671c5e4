import { expect, test } from 'vitest';
import { createScroll } from '../../../../web/list/scroll.ts';
import { endPosition, type Rows } from '../../../../web/list/viewport.ts';

const viewHeight = 100;
const rowsUpTo = (last: number): Rows => ({
  first: 1,
  last,
  next: (id) => id + 1,
  previous: (id) => id - 1,
  heightOf: () => 20,
  uniformHeight: 20,
});

/** One frame of the list, as far as scrolling is concerned. */
function frame(scroll: ReturnType<typeof createScroll>, last: number) {
  const rows = rowsUpTo(last);
  const end = endPosition(rows, viewHeight);
  const target = scroll.target(rows, end, viewHeight);
  const isAtEnd = target.id > end.id || (target.id === end.id && target.offset >= end.offset);
  scroll.settle(isAtEnd ? end : target, isAtEnd);
  return scroll.now;
}

test('it follows the end until it is scrolled up, and again once it is scrolled down to it', () => {
  const scroll = createScroll();
  expect(frame(scroll, 50)).toEqual({ id: 46, offset: 0 });
  expect(frame(scroll, 60)).toEqual({ id: 56, offset: 0 });
  expect(scroll.by(-40, 60)).toBe(true);
  expect(frame(scroll, 70)).toEqual({ id: 54, offset: 0 });
  expect(scroll.isAtEnd).toBe(false);
  expect(scroll.leftEndAt).toBe(60);
  scroll.by(1000, 70);
  expect(frame(scroll, 70)).toEqual({ id: 66, offset: 0 });
  expect(scroll.isAtEnd).toBe(true);
});

test('at the end there is nothing further down to go to', () => {
  const scroll = createScroll();
  frame(scroll, 50);
  expect(scroll.by(30, 50)).toBe(false);
  expect(scroll.isAtEnd).toBe(true);
});

test('a line that was asked for stays where it is while the log grows', () => {
  const scroll = createScroll();
  frame(scroll, 50);
  scroll.jump({ at: 'row', id: 30, share: 0 }, 50);
  expect(frame(scroll, 50)).toEqual({ id: 30, offset: 0 });
  expect(frame(scroll, 5000)).toEqual({ id: 30, offset: 0 });
  scroll.by(10, 5000);
  expect(frame(scroll, 5000)).toEqual({ id: 30, offset: 10 });
});

test('a line near the end that was asked for stays where it is, too', () => {
  const scroll = createScroll();
  frame(scroll, 50);
  scroll.jump({ at: 'row', id: 49, share: 0.2 }, 50);
  expect(frame(scroll, 50)).toEqual({ id: 46, offset: 0 });
  expect(frame(scroll, 60)).toEqual({ id: 46, offset: 0 });
  expect(frame(scroll, 5000)).toEqual({ id: 46, offset: 0 });
});

test('a line that was asked for is at its place once it is known which lines after it show', () => {
  const scroll = createScroll();
  scroll.jump({ at: 'row', id: 40, share: 0 }, 50);
  const hidden: Rows = {
    ...rowsUpTo(50),
    uniformHeight: undefined,
    heightOf: (id) => (id > 40 ? 0 : rowsUpTo(50).heightOf(id)),
  };
  const without = endPosition(hidden, viewHeight);
  expect(scroll.target(hidden, without, viewHeight)).toEqual(without);
  scroll.settle(without, true);
  expect(frame(scroll, 50)).toEqual({ id: 40, offset: 0 });
});

test('a line that is not there yet is gone to when it comes', () => {
  const scroll = createScroll();
  scroll.jump({ at: 'row', id: 80, share: 0.2 }, 50);
  expect(frame(scroll, 50)).toEqual({ id: 46, offset: 0 });
  expect(frame(scroll, 200)).toEqual({ id: 79, offset: 4 });
});

test('a place that the log has deleted becomes its first line', () => {
  const scroll = createScroll();
  scroll.jump({ at: 'line', position: { id: 3, offset: 5 } }, 50);
  const rows = { ...rowsUpTo(50), first: 10 };
  expect(scroll.target(rows, endPosition(rows, viewHeight), viewHeight)).toEqual({ id: 10, offset: 0 });
});

test('while it is held at the end it stays where it is, and all that came meanwhile is new to who leaves the end then', () => {
  const scroll = createScroll();
  expect(frame(scroll, 50)).toEqual({ id: 46, offset: 0 });
  scroll.hold(50);
  expect(frame(scroll, 60)).toEqual({ id: 46, offset: 0 });
  expect(scroll.isAtEnd).toBe(true);
  scroll.hold(undefined);
  expect(frame(scroll, 60)).toEqual({ id: 56, offset: 0 });
  scroll.hold(60);
  scroll.jump({ at: 'line', position: scroll.now }, 70);
  expect(frame(scroll, 70)).toEqual({ id: 56, offset: 0 });
  expect(scroll.leftEndAt).toBe(60);
});

test('a row that becomes lower stays the first one, and one that is thought to be lower for a moment stays where it is', () => {
  const scroll = createScroll();
  const rowsOf = (height: number): Rows => ({
    ...rowsUpTo(50),
    uniformHeight: undefined,
    heightOf: (id) => (id === 30 ? height : 20),
  });
  const targetIn = (rows: Rows) => scroll.target(rows, endPosition(rows, viewHeight), viewHeight);
  scroll.jump({ at: 'line', position: { id: 30, offset: 70 } }, 50);
  expect(targetIn(rowsOf(40))).toEqual({ id: 30, offset: 0 });
  expect(targetIn(rowsOf(80))).toEqual({ id: 30, offset: 70 });
  expect(targetIn(rowsOf(0))).toEqual({ id: 34, offset: 10 });
  scroll.by(25, 50);
  expect(targetIn(rowsOf(80))).toEqual({ id: 31, offset: 15 });
});
