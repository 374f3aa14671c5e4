import { expect, test } from 'vitest';
import { createHits, type Hit } from '../../../../web/finding/hits.ts';

function hitsOf(...batches: [number[], number[]][]) {
  const hits = createHits();
  for (const [ids, counts] of batches) hits.add(ids, counts);
  return hits;
}

test('places are counted through the log, whichever end was searched first', () => {
  const hits = hitsOf(
    [
      [100, 120],
      [2, 1],
    ],
    [
      [10, 20],
      [1, 3],
    ],
    [[130], [1]],
  );
  expect(hits.count).toBe(8);
  expect(hits.lines).toBe(5);
  expect(hits.numberOf({ id: 10, at: 0 })).toBe(1);
  expect(hits.numberOf({ id: 20, at: 2 })).toBe(4);
  expect(hits.numberOf({ id: 130, at: 0 })).toBe(8);
});

test('one goes from place to place, around the ends', () => {
  const hits = hitsOf([
    [10, 20],
    [1, 2],
  ]);
  const way: Hit[] = [];
  for (let hit: Hit | undefined = { id: 10, at: 0 }; hit && way.length < 4; hit = hits.next(hit)) way.push(hit);
  expect(way).toEqual([
    { id: 10, at: 0 },
    { id: 20, at: 0 },
    { id: 20, at: 1 },
    { id: 10, at: 0 },
  ]);
  expect(hits.previous({ id: 10, at: 0 })).toEqual({ id: 20, at: 1 });
  expect(hits.previous({ id: 20, at: 0 })).toEqual({ id: 10, at: 0 });
});

test('the nearest place to a line is found', () => {
  const hits = hitsOf([
    [10, 20],
    [1, 2],
  ]);
  expect(hits.atOrAfter(11)).toEqual({ id: 20, at: 0 });
  expect(hits.atOrAfter(21)).toBeUndefined();
  expect(hits.before(20)).toEqual({ id: 10, at: 0 });
  expect(hits.before(10)).toBeUndefined();
  expect(createHits().next({ id: 1, at: 0 })).toBeUndefined();
});

test('a sample is spread over all of them', () => {
  const ids = Array.from({ length: 1000 }, (_, at) => at + 1);
  const sample = hitsOf([ids, ids.map(() => 1)]).sample(10);
  expect(sample).toEqual([1, 101, 201, 301, 401, 501, 601, 701, 801, 901]);
});

test('of those at one end that are kept, and others that are added, every place is counted', () => {
  const lines: [number[], number[]] = [
    [10, 20, 30],
    [1, 2, 3],
  ];
  const [below, above] = [hitsOf(lines), hitsOf(lines)];
  expect(below.numberOf({ id: 30, at: 0 })).toBe(4);
  expect([below.keep(-2), above.keep(0, 2)]).toEqual([
    { from: 20, to: 30 },
    { from: 10, to: 20 },
  ]);
  below.add([40], [2]);
  above.add([5], [4]);
  expect([below.lines, below.count, below.numberOf({ id: 40, at: 1 })]).toEqual([3, 7, 7]);
  expect([above.lines, above.count, above.numberOf({ id: 20, at: 1 })]).toEqual([3, 7, 7]);
  expect(below.next({ id: 40, at: 1 })).toEqual({ id: 20, at: 0 });
});
