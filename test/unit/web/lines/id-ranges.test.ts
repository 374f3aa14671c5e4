import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createIdRanges, stretchesOf } from '../../../../web/lines/id-ranges.ts';

it('answers as a set of ids would, whatever was added and dropped', () => {
  const id = fc.integer({ min: 1, max: 60 });
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant('add'), id, fc.integer({ min: -1, max: 12 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('dropBelow'), id, fc.constant(0)) },
  );
  const property = fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
    const ranges = createIdRanges();
    const model = new Set<number>();
    for (const [what, from, length] of steps) {
      if (what === 'add') {
        ranges.add(from, from + length);
        for (let one = from; one <= from + length; one++) model.add(one);
      } else {
        ranges.dropBelow(from);
        for (const one of [...model]) if (one < from) model.delete(one);
      }
      expect(ranges.count).toBe(model.size);
      expect(ranges.isEmpty).toBe(model.size === 0);
    }
    for (let at = 1; at <= 75; at++) {
      expect(ranges.has(at)).toBe(model.has(at));
      let next = at + 1;
      while (model.has(next)) next++;
      expect(ranges.nextOutside(at)).toBe(next);
      let previous = at - 1;
      while (model.has(previous)) previous--;
      expect(ranges.previousOutside(at)).toBe(previous);
      expect(ranges.countIn(at, at + 20)).toBe([...model].filter((one) => one >= at && one <= at + 20).length);
    }
  });
  fc.assert(property, { numRuns: 200 });
});

it('forgets what is far away when it is made of too much', () => {
  const ranges = createIdRanges();
  for (let id = 1; id <= 1000; id += 2) ranges.add(id, id);
  ranges.keepNear(501, 10);
  expect(ranges.count).toBe(10);
  expect(ranges.has(501)).toBe(true);
  expect(ranges.has(1)).toBe(false);
  ranges.keepNear(1, 4);
  expect(ranges.count).toBe(4);
  ranges.clear();
  expect(ranges.isEmpty).toBe(true);
});

it('makes stretches of ids, which are apart where a fold between them is long', () => {
  expect(stretchesOf([4, 5, 9])).toEqual([
    { from: 4, to: 5 },
    { from: 9, to: 9 },
  ]);
  expect(stretchesOf([1000, 1001, 1500, 1_000_000], 300)).toEqual([
    { from: 700, to: 1800 },
    { from: 999_700, to: 1_000_300 },
  ]);
});
