import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
  search = searchOf();
});

function searchOf(limits: { mostLines?: number } = {}): Search {
  return createSearch({
    ...limits,
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
    isInView,
    show: () => undefined,
    changed: () => undefined,
    isVisible: () => visible,
  });
}

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

/** Lines from one to another, both included. */
type Span = readonly [from: number, to: number];

/** Answers as a log does in which these lines match, until nothing is asked any more. */
function answerOf(spans: readonly Span[]): void {
  for (let at = 0; at < read.length; at++) {
    const [from, to] = rangeOf(read[at]);
    const parts = spans.map(([first, last]) => [Math.max(first, from), Math.min(last, to)] as const);
    const ids = parts.flatMap(([first, last]) =>
      Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i),
    );
    answerWith(ids);
  }
  read = [];
}

const isInView = (id: number) => id >= place && id < place + 30;
/** As the list does it: what is in view stays where it is. */
const placeThatShows = (id: number) => (isInView(id) ? place : Math.max(1, id - 15));

/** The match after a line, and the one before it, around the log's ends. */
const matchAfter = (spans: readonly Span[], id: number) =>
  spans.map(([from, to]) => (id < to ? Math.max(from, id + 1) : Number.POSITIVE_INFINITY)).find(Number.isFinite) ??
  spans[0]?.[0];
const matchBefore = (spans: readonly Span[], id: number) =>
  spans.map(([from, to]) => (id > from ? Math.min(to, id - 1) : Number.NEGATIVE_INFINITY)).findLast(Number.isFinite) ??
  spans.at(-1)?.[1];

describe('where more is found than is counted,', () => {
  beforeEach(() => {
    [last, place] = [2_000_000, 1_000_000];
    search.start(pattern);
    answerOf([[1, last]]);
    expect(stateOf(search)).toMatchObject({ state: 'full', at: place });
  });

  test('the place before the first known one is the line above', () => {
    search.previous();
    answerOf([[1, last]]);
    expect(search.current?.id).toBe(999_999);
    search.next();
    expect([search.current?.id, read.length]).toEqual([1_000_000, 0]);
  });

  test('the place after the last known one is the line below', () => {
    const known = search.count;
    for (let i = 1; i < known; i++) search.next();
    expect([search.current?.id, read.length]).toEqual([place + known - 1, 0]);
    place += known - 10;
    search.next();
    answerOf([[1, last]]);
    expect(search.current?.id).toBe(1_000_000 + known);
    search.previous();
    expect([search.current?.id, read.length]).toEqual([1_000_000 + known - 1, 0]);
  });
});

test('every step is to the place next to it, however many there are and whatever has been searched', () => {
  const size = 200_000;
  const id = fc.integer({ min: 1, max: size });
  // Also more than stay known on one side when those on the other are searched.
  const times = fc.constantFrom(1, 2, 110);
  const step = fc.record({ to: fc.constantFrom('next' as const, 'previous' as const), times });
  fc.assert(
    fc.property(
      fc.uniqueArray(id, { minLength: 2, maxLength: 6 }),
      id,
      fc.array(step, { maxLength: 4 }),
      (ends, at, steps) => {
        const sorted = ends.sort((a, b) => a - b);
        const spans: Span[] = [];
        for (let i = 0; i + 1 < sorted.length; i += 2) spans.push([sorted[i] as number, sorted[i + 1] as number]);
        [last, place, read] = [size, at, []];
        search = searchOf({ mostLines: 1000 });
        search.start(pattern);
        answerOf(spans);
        place = placeThatShows(search.current?.id as number);
        for (const { to, times } of steps) {
          for (let i = 0; i < times; i++) {
            const before = search.current?.id as number;
            search[to]();
            if (read.length > 0) answerOf(spans);
            const expected = to === 'next' ? matchAfter(spans, before) : matchBefore(spans, before);
            if (search.current?.id !== expected) expect([before, search.current?.id]).toEqual([before, expected]);
            place = placeThatShows(search.current?.id as number);
          }
        }
      },
    ),
    {
      numRuns: 30,
      examples: [
        [
          [1, 1001],
          2,
          [
            { to: 'next', times: 110 },
            { to: 'previous', times: 110 },
          ],
        ],
      ],
    },
  );
});

test('a step that waits for the search is taken once, and not where the reader turns around', () => {
  [last, place] = [200_000, 100_000];
  search = searchOf({ mostLines: 1000 });
  search.start(pattern);
  answerOf([[1, last]]);
  for (let i = 0; i < 3; i++) search.previous();
  expect(search.current?.id).toBe(100_000);
  answerOf([[1, last]]);
  expect(search.current?.id).toBe(99_999);
  while (search.current?.id !== place) search.next();
  search.startOver();
  answerOf([[1, last]]);
  search.previous();
  search.next();
  expect(search.current?.id).toBe(100_001);
  answerOf([[1, last]]);
  expect(search.current?.id).toBe(100_001);
});

test('a step over what is known while it is still searched waits for the search', () => {
  [last, place] = [1_000_000, 500_000];
  search.start(pattern);
  answer(500_010, 500_020);
  search.next();
  expect(search.current?.id).toBe(500_020);
  search.next();
  expect(search.current?.id).toBe(500_020);
  answer(530_000);
  expect(search.current?.id).toBe(530_000);
  read = read.slice(-1);
  answerOf([[100, 101]]);
  expect(stateOf(search)).toEqual({ state: 'done', at: 530_000, count: 5 });
});
