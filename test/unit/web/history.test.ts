import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHistory, type History } from '../../../web/history.ts';
import type { RangeListener } from '../../../web/range-reader.ts';

interface Reading {
  url: string;
  isStopped: boolean;
  listener: RangeListener;
}

let readings: Reading[];
let lines: string[];
let gaps: string[];
let changes: number;
let history: History;

beforeEach(() => {
  vi.useFakeTimers();
  readings = [];
  lines = [];
  gaps = [];
  changes = 0;
  history = createHistory({
    readRange(url, listener) {
      const reading = { url, isStopped: false, listener };
      readings.push(reading);
      return () => {
        reading.isStopped = true;
      };
    },
    logId: () => 'build-1',
    line: (id, text, origin) => lines.push(`${id} ${text} ${origin.time}`),
    gap: ({ from, to }) => gaps.push(`${from}-${to}`),
    changed: () => changes++,
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function listener(index: number): RangeListener {
  const reading = readings[index];
  if (!reading) throw new Error(`no reading ${index}`);
  return reading.listener;
}

const block = {
  ids: [1, 2, 3],
  texts: ['a', 'b', 'c'],
  origins: [
    { at: 0, origin: { time: 5 } },
    { at: 2, origin: { time: 6 } },
  ],
};

test('a wanted range is asked for once while it is under way', () => {
  history.want([{ from: 1, to: 256 }]);
  history.want([{ from: 1, to: 256 }]);
  expect(readings.map(({ url }) => url)).toEqual(['events?from=1&to=256&follow=0']);
});

test('lines come with the origin that is in force', () => {
  history.want([{ from: 1, to: 256 }]);
  listener(0).lines(block, 'build-1');
  expect(lines).toEqual(['1 a 5', '2 b 5', '3 c 6']);
  expect(changes).toBe(1);
});

test('what is no longer wanted is given up', () => {
  history.want([{ from: 1, to: 256 }]);
  history.want([{ from: 1, to: 256 }]);
  expect(readings[0]?.isStopped).toBe(false);
  history.want([{ from: 5121, to: 5376 }]);
  expect(readings[0]?.isStopped).toBe(true);
});

test('while the scrollbar is dragged requests keep a distance', () => {
  for (let n = 0; n < 20; n++) history.want([{ from: n * 1000 + 1, to: n * 1000 + 256 }]);
  expect(readings).toHaveLength(1);
  vi.advanceTimersByTime(50);
  expect(changes).toBe(1);
  history.want([{ from: 19_001, to: 19_256 }]);
  expect(readings).toHaveLength(2);
});

test('an answer of another log is void', () => {
  history.want([{ from: 1, to: 256 }]);
  listener(0).lines(block, 'build-2');
  listener(0).gap({ from: 1, to: 9, reason: 'retention' }, 'build-2');
  expect(lines).toEqual([]);
  expect(gaps).toEqual([]);
});

test('what failed or brought nothing is asked for again, more and more slowly', () => {
  const asked: number[] = [];
  for (let time = 0; time < 30_000; time += 100) {
    const before = readings.length;
    history.want([{ from: 1, to: 256 }]);
    if (readings.length > before) {
      asked.push(time);
      listener(before).end(before % 2 === 0 ? 'failed' : 'done');
    }
    vi.advanceTimersByTime(100);
  }
  expect(asked.slice(0, 4)).toEqual([0, 500, 1500, 3500]);
  expect(asked.length).toBeLessThan(9);
});

test('reading for a copy gives every line in order, or says that it could not', async () => {
  const texts: string[] = [];
  const { signal } = new AbortController();
  const whole = history.read({ from: 1, to: 3 }, (text) => texts.push(text), signal);
  listener(0).lines(block, 'build-1');
  listener(0).end('done');
  expect(await whole).toBe(true);
  expect(texts).toEqual(['a', 'b', 'c']);
  const half = history.read({ from: 1, to: 4 }, () => undefined, signal);
  listener(1).lines(block, 'build-1');
  listener(1).end('failed');
  expect(await half).toBe(false);
});

test('reading for a copy can be called off', async () => {
  const controller = new AbortController();
  const reading = history.read({ from: 1, to: 3 }, () => undefined, controller.signal);
  controller.abort();
  expect(await reading).toBe(false);
  expect(readings[0]?.isStopped).toBe(true);
});
