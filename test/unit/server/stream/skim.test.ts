import { expect, it } from 'vitest';
import { createSkim } from '../../../../agent/server/stream/skim.ts';

function clocked(linesPerSecond: number, credit?: number) {
  let now = 1000;
  const skim = createSkim(linesPerSecond, credit, () => now);
  return {
    skim,
    pass(ms: number) {
      now += ms;
    },
  };
}

it('a second of lines may go out at once', () => {
  expect(clocked(200).skim.allowance()).toBe(200);
});

it('the allowance grows with time, up to a second of lines', () => {
  const { skim, pass } = clocked(200);
  skim.spend(200);
  expect(skim.allowance()).toBe(0);
  pass(100);
  expect(skim.allowance()).toBe(20);
  pass(60_000);
  expect(skim.allowance()).toBe(200);
});

it('lines that were asked for by number come on top, and are not lost by waiting', () => {
  const { skim, pass } = clocked(200, 500);
  expect(skim.allowance()).toBe(700);
  pass(60_000);
  expect(skim.allowance()).toBe(700);
  skim.spend(650);
  pass(60_000);
  expect(skim.allowance()).toBe(200);
});

it('it waits a tenth of a second, longer only when no line would be allowed by then', () => {
  const fast = clocked(200);
  fast.skim.spend(200);
  expect(fast.skim.waitMs()).toBe(100);
  const slow = clocked(2);
  slow.skim.spend(2);
  expect(slow.skim.waitMs()).toBe(500);
  slow.pass(500);
  expect(slow.skim.allowance()).toBe(1);
});

it('over a long time no more than the rate goes out', () => {
  const { skim, pass } = clocked(50);
  let sent = 0;
  for (let ms = 0; ms < 60_000; ms += 7) {
    const lines = Math.min(skim.allowance(), 13);
    skim.spend(lines);
    sent += lines;
    pass(7);
  }
  expect(sent).toBeGreaterThan(50 * 59);
  expect(sent).toBeLessThanOrEqual(50 * 61);
});
