import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Origin } from '../../../../agent/words/line.ts';
import { createLineStore, type LineStore } from '../../../../web/lines/line-store.ts';

const origin = { time: 1 };

function fill(store: LineStore, from: number, to: number): void {
  for (let id = from; id <= to; id++) store.put(id, `line ${id}`, origin);
}

test('a line that came twice is kept once', () => {
  const store = createLineStore();
  store.put(5, 'five', origin);
  const line = store.get(5);
  store.put(5, 'five again', origin);
  expect(store.get(5)).toBe(line);
  expect(store.lineCount).toBe(1);
});

test('the span grows with lines and news, and its end never moves back', () => {
  const store = createLineStore();
  store.span(1, 100);
  fill(store, 101, 110);
  store.span(1, 105);
  expect([store.first, store.last]).toEqual([1, 110]);
});

test('a log may be shown from a line on, and from its own first again, which moves on meanwhile', () => {
  const store = createLineStore();
  store.span(10, 1000);
  fill(store, 500, 1000);
  store.startAt(801);
  expect([store.first, store.last]).toEqual([801, 1000]);
  store.put(800, 'one before it', origin);
  store.hide(700, 805);
  expect([store.hiddenIn(1, 1000), store.missing(1, 1000)]).toEqual([5, []]);
  store.lose({ from: 10, to: 19, reason: 'retention' });
  expect(store.first).toBe(801);
  store.startAt(undefined);
  expect([store.first, store.last, store.isLost(15)]).toEqual([20, 1000, false]);
  expect(store.missing(20, 1000)).toEqual([{ from: 20, to: 768 }]);
  store.startAt(1001);
  expect([store.first, store.last]).toEqual([1001, 1000]);
  store.lose({ from: 20, to: 1199, reason: 'retention' });
  expect(store.first).toBe(1200);
  store.clear();
  store.startAt(900);
  expect([store.first, store.last]).toEqual([900, 899]);
  store.startAt(undefined);
  store.span(1, 3);
  expect([store.first, store.last]).toEqual([1, 3]);
});

test('what is missing is asked for in whole chunks, cut to the log', () => {
  const store = createLineStore();
  store.span(1, 1000);
  expect(store.missing(500, 540)).toEqual([{ from: 257, to: 768 }]);
  expect(store.missing(990, 1200)).toEqual([{ from: 769, to: 1000 }]);
});

test('of a chunk that is partly there only the rest is asked for', () => {
  const store = createLineStore();
  store.span(1, 2000);
  fill(store, 257, 400);
  expect(store.missing(300, 512)).toEqual([{ from: 401, to: 512 }]);
  fill(store, 401, 512);
  expect(store.missing(300, 512)).toEqual([]);
});

test('where lines are long no more is asked for than is wanted', () => {
  const store = createLineStore();
  store.span(1, 4000);
  store.put(4000, 'x'.repeat(256 * 1024), origin);
  expect(store.missing(3990, 4000)).toEqual([{ from: 3990, to: 3999 }]);
});

test('it holds no more lines than it may, and those that are looked at', () => {
  const store = createLineStore({ lines: 2000, characters: 1 << 30 });
  store.span(1, 1_000_000);
  fill(store, 5000, 5100);
  store.look(5000, 5100);
  for (let from = 100_000; from < 200_000; from += 256) fill(store, from, from + 255);
  expect(store.lineCount).toBeLessThanOrEqual(2000);
  expect(store.get(5000)?.text).toBe('line 5000');
  expect(store.get(100_000)).toBeUndefined();
});

test('long lines count by their length', () => {
  const store = createLineStore({ lines: 1 << 20, characters: 1_000_000 });
  const long = 'x'.repeat(10_000);
  for (let id = 1; id <= 5000; id++) store.put(id, long, origin);
  expect(store.characterCount).toBeLessThanOrEqual(256 * 10_000);
});

test('lines taken by retention leave the span, damaged ones are lost inside it', () => {
  const store = createLineStore();
  fill(store, 1, 1000);
  store.lose({ from: 1, to: 600, reason: 'retention' });
  expect([store.first, store.last]).toEqual([601, 1000]);
  expect(store.get(300)).toBeUndefined();
  store.span(601, 2000);
  store.lose({ from: 1200, to: 1300, reason: 'damage' });
  expect(store.isLost(1250)).toBe(true);
  expect(store.isLost(1301)).toBe(false);
  expect(store.missing(1210, 1290)).toEqual([]);
});

test('a log of which nothing is kept is empty', () => {
  const store = createLineStore();
  store.span(501, 500);
  expect(store.last - store.first).toBe(-1);
  expect(store.missing(1, 1000)).toEqual([]);
});

test('whatever came is there, or known to be missing', () => {
  const step = fc.oneof(
    fc.record({ put: fc.integer({ min: 1, max: 5000 }) }),
    fc.record({ look: fc.integer({ min: 1, max: 5000 }) }),
  );
  const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const store = createLineStore({ lines: 600, characters: 1 << 30 });
    store.span(1, 5000);
    for (const each of steps) {
      if ('put' in each) fill(store, each.put, Math.min(5000, each.put + 40));
      else store.look(each.look, each.look + 40);
    }
    for (let id = 1; id <= 5000; id += 37) {
      const isMissing = store.missing(id, id).some((range) => range.from <= id && id <= range.to);
      expect(isMissing).toBe(store.get(id) === undefined);
    }
    expect(store.lineCount).toBeLessThanOrEqual(600 + 41);
  });
  fc.assert(property, { numRuns: 20 });
});

const err = { time: 1, stream: 'stderr' as const };
const isErr = ({ stream }: Origin) => stream === 'stderr';

test('lines that are not shown are stepped over, those that come later too, until all are shown again', () => {
  const store = createLineStore();
  for (let id = 1; id <= 10; id++) store.put(id, 'x', id % 5 === 0 ? err : origin);
  store.select(isErr);
  store.put(11, 'x', origin);
  store.put(12, 'x', err);
  const shown: number[] = [];
  for (let id = store.next(0); id <= store.last; id = store.next(id)) shown.push(id);
  expect(shown).toEqual([5, 10, 12]);
  expect(store.previous(5)).toBe(0);
  expect(store.hiddenIn(1, 12)).toBe(9);
  expect(store.isSelective).toBe(true);
  store.select(undefined);
  expect([store.next(0), store.hiddenIn(1, 12), store.isSelective]).toEqual([1, 0, false]);
  expect(store.get(1)?.text).toBe('x');
});

test('it is known when of every line it is known whether it is left out', () => {
  const store = createLineStore();
  store.span(1, 100);
  store.select(isErr);
  expect(store.isSurveyed()).toBe(false);
  store.hide(1, 98);
  expect(store.isSurveyed()).toBe(false);
  store.put(99, 'x', err);
  store.put(100, 'x', origin);
  expect(store.isSurveyed()).toBe(true);
  store.hide(101, 200);
  expect([store.last, store.isSurveyed(), store.hiddenIn(1, 200)]).toEqual([200, true, 199]);
});

test('what retention took is no longer counted as left out', () => {
  const store = createLineStore();
  store.span(1, 100);
  store.select(isErr);
  store.hide(1, 60);
  store.span(51, 100);
  expect(store.hiddenIn(1, 100)).toBe(10);
  store.hide(1, 55);
  expect(store.hiddenIn(1, 100)).toBe(10);
});

test('whatever came, it is known exactly when each line that is shown has come or is left out', () => {
  const id = fc.integer({ min: 1, max: 600 });
  const step = fc.record({ do: fc.constantFrom('put', 'hide', 'span', 'startAt', 'select'), id, length: id });
  const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    const store = createLineStore();
    store.select(isErr);
    for (const { do: what, id, length } of steps) {
      if (what === 'put') for (let at = id; at < id + length; at++) store.put(at, 'x', at % 3 ? err : origin);
      else if (what === 'hide') store.hide(id, id + length);
      else if (what === 'span') store.span(id, id + length);
      else if (what === 'startAt') store.startAt(id);
      else store.select(isErr);
      let unknown = 0;
      for (let at = store.first; at <= store.last; at++) if (!store.get(at) && !store.isHidden(at)) unknown++;
      expect(store.isSurveyed()).toBe(unknown === 0);
    }
  });
  fc.assert(property, { numRuns: 300 });
  const store = createLineStore();
  store.span(1, 200);
  store.select(isErr);
  for (let at = 1; at <= 200; at++) store.put(at, 'x', err);
  expect(store.isSurveyed()).toBe(true);
  store.startAt(150);
  store.span(1, 300);
  expect(store.isSurveyed()).toBe(false);
});
