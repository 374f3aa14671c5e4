import { expect, test, vi } from 'vitest';
import { createRepeats } from '../../../../../web/finding/folds/repeats.ts';
import { createRunEnds } from '../../../../../web/finding/folds/run-ends.ts';
import type { LineHistory, Want } from '../../../../../web/history/history.ts';

const origin = { time: 1 };
const line = (text: string) => ({ text, origin });

/** A log of a thousand lines, of which the page has some, and an agent that has all. */
function logOf(textOf: (id: number) => string, shown: { from: number; to: number }) {
  const asked: string[] = [];
  const get = (id: number) => (id >= shown.from && id <= shown.to ? line(textOf(id)) : undefined);
  const repeats = createRepeats(get, 'numbers');
  let isReachable = true;
  let last = 1000;
  const find = async ({ from, to, some }: Want, selection: string) => {
    asked.push(`${from}-${to} ${some?.from}`);
    if (!isReachable) return 'unknown';
    const expression = new RegExp(new URLSearchParams(selection).get('not') ?? '', 'u');
    const ids = Array.from({ length: to - from + 1 }, (_, at) => from + at).filter(
      (id) => !expression.test(textOf(id)),
    );
    return (some?.from === 'end' ? ids.at(-1) : ids[0]) ?? 'none';
  };
  const read: LineHistory['read'] = async ({ from, to }, onLine) => {
    asked.push(`all of ${from}-${to}`);
    for (let id = from; id <= to; id++) onLine(textOf(id), origin, id);
    return isReachable;
  };
  const ends = createRunEnds({
    get,
    extent: () => ({ first: 1, last }),
    runs: repeats.runs,
    sameness: 'numbers',
    isSame: repeats.isSame,
    find,
    read,
    found: repeats.extend,
  });
  return {
    asked,
    repeats,
    async look() {
      repeats.look(shown.from, shown.to, false);
      ends.look();
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    },
    clear: ends.clear,
    reach: (is: boolean) => {
      isReachable = is;
    },
    /** As many lines has the log by now. */
    grow: (to: number) => {
      last = to;
    },
  };
}

test('a long run has its true ends, and is asked about once', async () => {
  const shown = { from: 400, to: 700 };
  const log = logOf((id) => (id < 101 || id > 990 ? `other [${id}]` : `tick (${id})`), shown);
  log.repeats.look(400, 699, false);
  await log.look();
  await log.look();
  expect([...log.repeats.runs()]).toEqual([{ from: 101, to: 990, period: 1, isPart: false }]);
  expect(log.asked).toEqual(['1-399 end', '700-1000 start']);
});

test('a run may be all of a log', async () => {
  const log = logOf(() => 'same', { from: 600, to: 1000 });
  log.repeats.look(650, 1000, false);
  await log.look();
  expect([...log.repeats.runs()]).toEqual([{ from: 1, to: 1000, period: 1, isPart: false }]);
});

test('what the agent does not say is asked for again, though nothing happens in the log', async () => {
  vi.useFakeTimers();
  const log = logOf(() => 'same', { from: 400, to: 800 });
  log.reach(false);
  log.repeats.look(400, 700, false);
  await log.look();
  expect([...log.repeats.runs()]).toEqual([{ from: 400, to: 700, period: 1, isPart: true }]);
  expect(log.asked).toHaveLength(2);
  log.reach(true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([...log.repeats.runs()]).toEqual([{ from: 1, to: 1000, period: 1, isPart: false }]);
  vi.useRealTimers();
});

test('short runs are not asked about', async () => {
  const log = logOf((id) => (id < 450 ? 'same' : 'other'), { from: 400, to: 800 });
  log.repeats.look(400, 700, false);
  await log.look();
  expect(log.asked).toEqual([]);
});

test.each([
  ['blocks of lines', (id: number) => (id < 101 || id > 900 ? 'other' : `line ${'ab'[id % 2]}`), [101, 900, 2]],
  [
    'blocks that end in the middle',
    (id: number) => (id < 102 || id > 900 ? 'other' : `${'abc'[id % 3]}`),
    [102, 899, 3],
  ],
  ['blocks that change', (id: number) => (id === 850 ? 'other' : `${'ab'[id % 2]}`), [1, 848, 2]],
  ['a log of blocks', (id: number) => `${'ab'[id % 2]}`, [1, 1000, 2]],
  ['very long lines', (id: number) => (id < 101 ? 'other' : 'x'.repeat(2000)), [101, 1000, 1]],
])('%s are read to their true ends', async (_what, textOf, [from, to, period]) => {
  const log = logOf(textOf, { from: 400, to: 800 });
  log.repeats.look(400, 700, false);
  await log.look();
  expect([...log.repeats.runs()]).toEqual([{ from, to, period, isPart: false }]);
  expect(log.asked.every((what) => what.startsWith('all of'))).toBe(true);
});

test('what can not be read stays a part, and is read ever more rarely', async () => {
  vi.useFakeTimers();
  const log = logOf((id) => `${'ab'[id % 2]}`, { from: 400, to: 800 });
  log.reach(false);
  log.repeats.look(400, 700, false);
  await log.look();
  await log.look();
  expect([...log.repeats.runs()].map(({ isPart }) => isPart)).toContain(true);
  expect(log.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(log.asked.length).toBeGreaterThan(5);
  expect(log.asked.length).toBeLessThan(20);
  log.reach(true);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect([...log.repeats.runs()]).toEqual([{ from: 1, to: 1000, period: 2, isPart: false }]);
  vi.useRealTimers();
});

test('another log is not read as rarely as the one before it, of which nothing could be read', async () => {
  vi.useFakeTimers();
  const log = logOf((id) => `${'ab'[id % 2]}`, { from: 400, to: 800 });
  log.reach(false);
  log.repeats.look(400, 700, false);
  await log.look();
  await vi.advanceTimersByTimeAsync(3_600_000);
  log.clear();
  await log.look();
  log.reach(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect([...log.repeats.runs()]).toEqual([{ from: 1, to: 1000, period: 2, isPart: false }]);
  vi.useRealTimers();
});

test.each([
  ['lines', () => 'same', 1],
  ['blocks', (id: number) => `${'ab'[id % 2]}`, 2],
])(
  'a run of %s that grew a little while it was asked about, and never again, has its true end',
  async (_what, textOf, period) => {
    vi.useFakeTimers();
    const log = logOf(textOf, { from: 400, to: 1200 });
    log.repeats.look(400, 800, false);
    await log.look();
    expect([...log.repeats.runs()]).toEqual([{ from: 1, to: 1000, period, isPart: false }]);
    log.grow(1200);
    await log.look();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([...log.repeats.runs()]).toEqual([{ from: 1, to: 1200, period, isPart: false }]);
    const times = log.asked.length;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(log.asked).toHaveLength(times);
    vi.useRealTimers();
  },
);
