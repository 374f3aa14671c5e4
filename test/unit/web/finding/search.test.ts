import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HitListener } from '../../../../web/finding/hit-reader.ts';
import { createSearch, type Search } from '../../../../web/finding/search.ts';

const pattern = { text: 'x', regex: false, case: false, word: false };
let last: number;
let place: number;
let visible: boolean;
let read: string[];
let listener: HitListener | undefined;
let search: Search;

beforeEach(() => {
  vi.useFakeTimers();
  last = 10;
  place = 1;
  visible = true;
  read = [];
  listener = undefined;
  search = createSearch({
    reader: {
      read(url, _patterns, next) {
        read.push(/from=\d+&to=\d+/.exec(url)?.[0] ?? url);
        listener = next;
      },
      stop: () => {
        listener = undefined;
      },
    },
    filter: () => ({}),
    extent: () => ({ first: 1, last }),
    place: () => place,
    show: () => undefined,
    changed: () => undefined,
    isVisible: () => visible,
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function answer(...ids: number[]): void {
  answerWith(ids);
}

function answerWith(ids: number[]): void {
  listener?.hits(
    ids,
    ids.map(() => 1),
    undefined,
  );
  listener?.end({ how: 'done' });
}

test('another log is searched from its beginning on, though it has no lines yet when it comes', () => {
  search.start(pattern);
  answer(3, 4);
  last = 0;
  search.startOver();
  expect(search.count).toBe(0);
  expect(read).toHaveLength(1);
  last = 5;
  search.grew();
  expect(read.at(-1)).toBe('from=1&to=5');
  answer(2);
  expect([search.count, search.current?.id]).toEqual([1, 2]);
});

test.each(['resume', 'next', 'previous'] as const)('a search that failed continues with %s', (act) => {
  search.start(pattern);
  listener?.end({ how: 'failed' });
  search.grew();
  expect([search.state.state, read.length]).toEqual(['failed', 1]);
  search[act]();
  answer(7);
  expect([search.state.state, search.count]).toEqual(['done', 1]);
});

test('lines that come all the time are searched once a second, and every one of them', () => {
  search.start(pattern);
  answer(1);
  for (let line = 0; line < 500; line++) {
    last++;
    search.grew();
    answer(last);
    vi.advanceTimersByTime(20);
  }
  vi.advanceTimersByTime(1000);
  answer();
  expect(read.length).toBeGreaterThanOrEqual(10);
  expect(read.length).toBeLessThanOrEqual(12);
  expect(read.at(-1)).toMatch(/to=510$/);
});

test('nothing is searched while nobody looks', () => {
  search.start(pattern);
  answer();
  visible = false;
  for (let second = 0; second < 5; second++) {
    last++;
    search.grew();
    vi.advanceTimersByTime(1000);
  }
  expect(read).toHaveLength(1);
  visible = true;
  search.grew();
  expect(read.at(-1)).toBe('from=11&to=15');
});

/** Answers what is asked until nothing is any more. */
function answerAll(matches: readonly number[]): void {
  for (let at = 0; at < read.length; at++) {
    const [from, to] = rangeOf(read[at]);
    answerWith(matches.filter((id) => id >= from && id <= to));
  }
}

const rangeOf = (query = '') => [...query.matchAll(/\d+/g)].map(Number) as [number, number];
const stateOf = ({ state: { state }, current, count }: Search) => ({ state, at: current?.id, count });

test('the nearest place is gone to, wherever the reader is, and every line is searched once', () => {
  const id = fc.integer({ min: 1, max: 3_000_000 });
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: 20 }), id, id, (ids, size, at) => {
      [last, place, read] = [size, Math.min(at, size), []];
      const matches = ids.filter((id) => id <= size).sort((a, b) => a - b);
      search.start(pattern);
      answerAll(matches);
      const nearest = matches.find((id) => id >= place) ?? matches.at(-1);
      expect(stateOf(search)).toEqual({ state: 'done', at: nearest, count: matches.length });
      const ranges = read.map(rangeOf).sort(([a], [b]) => a - b);
      expect(ranges.map(([from]) => from)).toEqual([1, ...ranges.slice(0, -1).map(([, to]) => to + 1)]);
      expect(ranges.at(-1)?.[1]).toBe(size);
    }),
  );
});

test('what is everywhere is found at once in the middle of a large log', () => {
  [last, place] = [10_000_000, 3_000_000];
  search.start(pattern);
  const [from, to] = rangeOf(read[0]);
  answer(...[from, to].filter((id) => id >= place));
  expect([from, search.current?.id]).toEqual([place, place]);
});

test('where more is found than is counted, the next place is one near the reader', () => {
  [last, place] = [10_000_000, 9_999_000];
  search.start(pattern);
  const everyLine = () => {
    const [from, to] = rangeOf(read.at(-1));
    answerWith(Array.from({ length: to - from + 1 }, (_, at) => from + at));
  };
  while (search.state.state === 'searching') everyLine();
  expect(stateOf(search)).toMatchObject({ state: 'full', at: place });
  search.next();
  expect(search.current?.id).toBe(place + 1);
  place = 2_000_000;
  search.next();
  everyLine();
  expect(search.current?.id).toBe(place);
});
