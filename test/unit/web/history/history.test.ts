import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHistory, type LineHistory } from '../../../../web/history/history.ts';
import type { RangeListener } from '../../../../web/history/range-reader.ts';

interface RangeRead {
  url: string;
  isStopped: boolean;
  listener: RangeListener;
}

let reads: RangeRead[];
let lines: string[];
let gaps: string[];
let hidden: string[];
let selection: string;
let changes: number;
let answers: string[];
let history: LineHistory;

beforeEach(() => {
  vi.useFakeTimers();
  reads = [];
  lines = [];
  gaps = [];
  hidden = [];
  selection = '';
  changes = 0;
  answers = [];
  history = createHistory({
    readRange(url, listener) {
      const read = { url, isStopped: false, listener };
      reads.push(read);
      return () => {
        read.isStopped = true;
      };
    },
    logId: () => 'build-1',
    selection: () => selection,
    hidden: (from, to) => hidden.push(`${from}-${to}`),
    line: (id, text, origin) => lines.push(`${id} ${text} ${origin.time}`),
    gap: ({ from, to }) => gaps.push(`${from}-${to}`),
    changed: () => changes++,
    answered: (how) => answers.push(how),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function listener(index: number): RangeListener {
  const read = reads[index];
  if (!read) throw new Error(`no read ${index}`);
  return read.listener;
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
  expect(reads.map(({ url }) => url)).toEqual(['events?pieces=1&from=1&to=256&follow=0']);
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
  expect(reads[0]?.isStopped).toBe(false);
  history.want([{ from: 5121, to: 5376 }]);
  expect(reads[0]?.isStopped).toBe(true);
});

test('while the scrollbar is dragged requests keep a distance', () => {
  for (let n = 0; n < 20; n++) history.want([{ from: n * 1000 + 1, to: n * 1000 + 256 }]);
  expect(reads).toHaveLength(1);
  vi.advanceTimersByTime(50);
  expect(changes).toBe(1);
  history.want([{ from: 19_001, to: 19_256 }]);
  expect(reads).toHaveLength(2);
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
    const before = reads.length;
    history.want([{ from: 1, to: 256 }]);
    if (reads.length > before) {
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
  expect(reads[0]?.isStopped).toBe(true);
});

const blockOf = (ids: number[], reached?: number) => ({
  ids,
  texts: ids.map(String),
  origins: [{ at: 0, origin: { time: 1 } }],
  ...(reached !== undefined && { reached }),
});

test('where lines are left out, so many are asked for from a line on, and those between them are hidden', () => {
  selection = 'source=a';
  const want = { from: 100, to: 9000, some: { from: 'start' as const, lines: 50 } };
  history.want([want]);
  expect(reads[0]?.url).toBe('events?pieces=1&from=100&to=9000&limit=50&follow=0&source=a');
  listener(0).lines(blockOf([103, 104, 200]), 'build-1');
  expect(hidden).toEqual(['100-102', '105-199']);
  listener(0).lines(blockOf([], 5000), 'build-1');
  listener(0).lines(blockOf([5001], 9000), 'build-1');
  expect(hidden.slice(2)).toEqual(['201-5000', '5002-9000']);
  // While it comes, what is wanted begins behind what has come.
  history.want([{ ...want, from: 201 }]);
  history.want([{ ...want, from: 9001 }]);
  expect(reads).toHaveLength(1);
  vi.advanceTimersByTime(50);
  history.want([{ ...want, from: 9500, to: 9999 }]);
  expect(reads.map(({ isStopped }) => isStopped)).toEqual([true, false]);
});

test('of the last lines before one, those before the first are hidden only where there are no more', () => {
  selection = 'source=a';
  const want = { from: 1, to: 500, some: { from: 'end' as const, lines: 2 } };
  history.want([want]);
  expect(reads[0]?.url).toBe('events?pieces=1&from=1&to=500&tail=2&follow=0&source=a');
  listener(0).lines(blockOf([300, 400], 500), 'build-1');
  listener(0).end('done');
  expect(hidden).toEqual(['301-399', '401-500']);
  vi.advanceTimersByTime(50);
  history.want([{ ...want, to: 299 }]);
  listener(1).lines(blockOf([7], 299), 'build-1');
  listener(1).end('done');
  expect(hidden.slice(2)).toEqual(['8-299', '1-6']);
  vi.advanceTimersByTime(50);
  history.want([{ ...want, to: 6 }]);
  listener(2).lines(blockOf([], 6), 'build-1');
  listener(2).end('done');
  expect(hidden.slice(4)).toEqual(['1-6']);
});

test('an answer that failed, or of another log, hides nothing', () => {
  selection = 'source=a';
  const want = { from: 1, to: 500, some: { from: 'end' as const, lines: 2 } };
  history.want([want]);
  listener(0).lines(blockOf([], 500), 'build-2');
  listener(0).end('done');
  vi.advanceTimersByTime(1000);
  history.want([want]);
  listener(1).end('failed');
  expect(hidden).toEqual([]);
});

test('once other lines are wanted, what is under way is void', () => {
  history.want([{ from: 1, to: 256 }]);
  history.startOver();
  expect(reads[0]?.isStopped).toBe(true);
  vi.advanceTimersByTime(50);
  history.want([{ from: 1, to: 256 }]);
  expect(reads).toHaveLength(2);
});

test('a reading that brought lines was answered, also where it is given up before its end', () => {
  history.want([{ from: 1, to: 256 }]);
  listener(0).end('failed');
  vi.advanceTimersByTime(1000);
  history.want([{ from: 1, to: 256 }]);
  listener(1).lines(block, 'build-1');
  history.startOver();
  expect(answers).toEqual(['failed', 'done']);
});

test('a line can be read that the filter leaves out', () => {
  selection = 'q=x';
  void history.read({ from: 1, to: 1 }, () => undefined, new AbortController().signal, '');
  expect(reads.map(({ url }) => url)).toEqual(['events?pieces=1&from=1&to=1&follow=0']);
});
