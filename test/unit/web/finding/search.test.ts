import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HitListener } from '../../../../web/finding/hit-reader.ts';
import { createSearch, type Search } from '../../../../web/finding/search.ts';

const pattern = { text: 'x', regex: false, case: false, word: false };
let last: number;
let visible: boolean;
let read: string[];
let listener: HitListener | undefined;
let search: Search;

beforeEach(() => {
  vi.useFakeTimers();
  last = 10;
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
    place: () => 1,
    show: () => undefined,
    changed: () => undefined,
    isVisible: () => visible,
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function answer(...ids: number[]): void {
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
