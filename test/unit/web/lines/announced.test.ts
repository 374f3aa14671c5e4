import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAnnounced } from '../../../../web/lines/announced.ts';
import { createLineStore } from '../../../../web/lines/line-store.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a log grows with lines that were announced, or after a while without them', () => {
  const store = createLineStore();
  const grown = vi.fn();
  const announced = createAnnounced(store, grown);
  store.put(10, 'ten', { time: 1 });
  announced.upTo(500);
  expect(store.last).toBe(10);
  store.put(501, 'five hundred and one', { time: 1 });
  vi.advanceTimersByTime(1000);
  expect([store.last, grown.mock.calls.length]).toEqual([501, 0]);

  announced.upTo(600);
  vi.advanceTimersByTime(200);
  announced.upTo(700);
  vi.advanceTimersByTime(200);
  expect([store.last, grown.mock.calls.length]).toEqual([700, 1]);
});

test('what was announced of another log is forgotten', () => {
  const store = createLineStore();
  const announced = createAnnounced(store, () => undefined);
  announced.upTo(500);
  announced.forget();
  vi.advanceTimersByTime(1000);
  expect(store.last).toBe(0);
});
