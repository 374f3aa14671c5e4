import { afterEach, expect, it, vi } from 'vitest';
import { createSeenLines } from '../../../../web/several/seen.ts';

afterEach(() => {
  vi.useRealTimers();
});

function storage(initial?: string) {
  let value: string | null = initial ?? null;
  return {
    getItem: () => value,
    setItem(_: string, next: string) {
      value = next;
    },
  };
}

it('remembers the last line of each log, of the logs seen last', () => {
  const seen = createSeenLines(storage());
  expect(seen.lastOf('a')).toBeUndefined();
  for (let i = 0; i < 500; i++) seen.see(`log-${i}`, i);
  seen.see('log-300', 7);
  seen.see('new', 1);
  expect([seen.lastOf('log-0'), seen.lastOf('log-300'), seen.lastOf('log-499'), seen.lastOf('new')]).toEqual([
    undefined,
    7,
    499,
    1,
  ]);
});

it.each(['nonsense', '[', 'null', '7'])('is empty where storage holds %j', (text) => {
  const seen = createSeenLines(storage(text));
  expect(seen.lastOf('a')).toBeUndefined();
  seen.see('a', 3);
  expect(seen.lastOf('a')).toBe(3);
});

it('all of a log that is watched is seen, until it is not watched any more', () => {
  vi.useFakeTimers();
  const seen = createSeenLines(storage());
  seen.see('a', 3, 4000);
  expect(seen.lastOf('a')).toBe(Infinity);
  vi.advanceTimersByTime(3000);
  seen.see('a', 5, 4000);
  vi.advanceTimersByTime(3999);
  expect(seen.lastOf('a')).toBe(Infinity);
  vi.advanceTimersByTime(1);
  expect(seen.lastOf('a')).toBe(5);
});

it('a log that is watched no longer has lines to see at once, unless another page watches it', () => {
  vi.useFakeTimers();
  const shared = storage();
  const [one, other, list] = [createSeenLines(shared), createSeenLines(shared), createSeenLines(shared)];
  one.see('a', 3, 4000);
  vi.advanceTimersByTime(1000);
  other.see('a', 4, 4000);
  one.see('a', 5);
  expect(list.lastOf('a')).toBe(Infinity);
  vi.advanceTimersByTime(2000);
  other.see('a', 6, 4000);
  other.see('a', 7);
  expect(list.lastOf('a')).toBe(7);
  // It ended, or was killed: it takes nothing back.
  one.see('a', 8, 4000);
  vi.advanceTimersByTime(3999);
  expect(list.lastOf('a')).toBe(Infinity);
  vi.advanceTimersByTime(1);
  expect(list.lastOf('a')).toBe(8);
});

it('goes on from what a page of before has stored', () => {
  vi.useFakeTimers();
  const seen = createSeenLines(storage(JSON.stringify({ a: [3, Date.now() + 4000], b: [4, 0] })));
  expect([seen.lastOf('a'), seen.lastOf('b')]).toEqual([Infinity, 4]);
});
