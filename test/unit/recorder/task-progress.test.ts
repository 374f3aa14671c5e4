import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTaskProgressReport } from '../../../agent/recorder/task-progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const percent = (value: number) => Buffer.from(`\x1b]9;4;1;${value}\x07`);
const over = Buffer.from('\x1b]9;4;0\x07');

it('the newest is shown four times a second, the end at once', () => {
  const shown: unknown[] = [];
  const stream = createTaskProgressReport((progress) => shown.push(progress?.percent)).stream();
  for (let ms = 0; ms <= 1000; ms += 10) {
    stream.written(percent(ms / 10));
    vi.advanceTimersByTime(10);
  }
  expect(shown.length).toBeGreaterThanOrEqual(4);
  expect(shown.length).toBeLessThanOrEqual(6);
  stream.written(percent(100));
  stream.written(over);
  expect(shown.at(-1)).toBeUndefined();
  const { length } = shown;
  vi.advanceTimersByTime(1000);
  expect(shown).toHaveLength(length);
});

it('what did not change is not said again', () => {
  const show = vi.fn();
  const stream = createTaskProgressReport(show).stream();
  for (let times = 0; times < 10; times++) {
    stream.written(percent(5));
    vi.advanceTimersByTime(1000);
  }
  expect(show).toHaveBeenCalledTimes(1);
});

it('ends with the stream that said it, not with another one', () => {
  const shown: unknown[] = [];
  const report = createTaskProgressReport((progress) => shown.push(progress?.percent));
  const [stdout, stderr] = [report.stream(), report.stream()];
  stderr.written(percent(5));
  stdout.ended();
  expect(shown).toEqual([5]);
  stderr.ended();
  expect(shown).toEqual([5, undefined]);
});
