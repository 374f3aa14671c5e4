import { expect, test, vi } from 'vitest';
import { createRepeats } from '../../../../../web/finding/folds/repeats.ts';
import { createRunEnds } from '../../../../../web/finding/folds/run-ends.ts';
import type { Want } from '../../../../../web/history/history.ts';

const line = (text: string) => ({ text, origin: { time: 1 } });

/** A log of a thousand lines, of which the page has some, and an agent that has all. */
function logOf(textOf: (id: number) => string, shown: { from: number; to: number }) {
  const asked: string[] = [];
  const get = (id: number) => (id >= shown.from && id <= shown.to ? line(textOf(id)) : undefined);
  const repeats = createRepeats(get, 'numbers');
  let isReachable = true;
  const find = async ({ from, to, some }: Want, selection: string) => {
    asked.push(`${from}-${to} ${some?.from}`);
    if (!isReachable) return 'unknown';
    const expression = new RegExp(new URLSearchParams(selection).get('not') ?? '', 'u');
    const ids = Array.from({ length: to - from + 1 }, (_, at) => from + at).filter(
      (id) => !expression.test(textOf(id)),
    );
    return (some?.from === 'end' ? ids.at(-1) : ids[0]) ?? 'none';
  };
  const ends = createRunEnds({
    get,
    extent: () => ({ first: 1, last: 1000 }),
    runs: repeats.runs,
    sameness: 'numbers',
    find,
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
    reach: (is: boolean) => {
      isReachable = is;
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

test('short runs, blocks of lines and very long lines are not asked about', async () => {
  for (const textOf of [
    (id: number) => (id < 450 ? 'same' : 'other'),
    (id: number) => (id % 2 === 0 ? 'a' : 'b'),
    () => 'x'.repeat(2000),
  ]) {
    const log = logOf(textOf, { from: 400, to: 800 });
    log.repeats.look(400, 700, false);
    await log.look();
    expect(log.asked).toEqual([]);
  }
});
