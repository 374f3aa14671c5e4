import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createGatheringPause } from '../../../agent/journal/gathering-pause.ts';

function ended(pause: ReturnType<typeof createGatheringPause>, isFull: boolean): Promise<void> {
  return new Promise((resolve) => pause.begin(isFull, resolve));
}

async function waited(pause: ReturnType<typeof createGatheringPause>, isFull = false): Promise<number> {
  const startedAt = performance.now();
  await ended(pause, isFull);
  return performance.now() - startedAt;
}

/** The last batches took so long to send. */
function follow(pause: ReturnType<typeof createGatheringPause>, ...sends: number[]): void {
  for (const ms of sends) pause.follow(performance.now() - ms, performance.now());
}

async function isOverInThisTurn(pause: ReturnType<typeof createGatheringPause>, isFull = false): Promise<boolean> {
  let isTurnOver = false;
  setImmediate(() => {
    isTurnOver = true;
  });
  await ended(pause, isFull);
  return isTurnOver;
}

it('what comes when it is quiet waits for nothing, what comes after batches that took long to send gathers', async () => {
  const pause = createGatheringPause();
  expect(await isOverInThisTurn(pause)).toBe(true);
  follow(pause, 100, 100);
  expect(await waited(pause)).toBeGreaterThan(8);
});

it('what comes after a single batch that took long waits for nothing', async () => {
  const pause = createGatheringPause();
  follow(pause, 0.1, 100);
  expect(await isOverInThisTurn(pause)).toBe(true);
  follow(pause, 0.1);
  expect(await isOverInThisTurn(pause)).toBe(true);
});

it('enough is sent at once', async () => {
  const pause = createGatheringPause();
  follow(pause, 100, 100);
  expect(await isOverInThisTurn(pause, true)).toBe(true);
  follow(pause, 100, 100);
  const waiting = waited(pause);
  pause.end();
  await waiting;
});

/** So many batches are sent until it is known how often lines come. */
const learning = 20;

/** Batches that take so long to send, of lines that come after so many milliseconds each, on a clock of its own. */
function play(sendMs: number, intervals: readonly number[]): { longestWaitMs: number; sendingShare: number } {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance', 'queueMicrotask'] });
  onTestFinished(() => void vi.useRealTimers());
  const pause = createGatheringPause();
  let cameAt: number[] = [];
  let isGathering = false;
  let busyUntil = 0;
  let sends = 0;
  let longestWaitMs = 0;
  const startedAt = performance.now();

  function begin(): void {
    if (isGathering || cameAt.length === 0 || performance.now() < busyUntil) return;
    isGathering = true;
    pause.begin(false, send);
  }
  function send(): void {
    const now = performance.now();
    if (sends > learning) longestWaitMs = Math.max(longestWaitMs, ...cameAt.map((at) => now - at));
    cameAt = [];
    isGathering = false;
    sends++;
    busyUntil = now + sendMs;
    pause.follow(now, busyUntil);
    setTimeout(begin, sendMs);
  }
  for (const ms of intervals) {
    vi.advanceTimersByTime(ms);
    cameAt.push(performance.now());
    pause.came();
    begin();
  }
  vi.advanceTimersByTime(100);
  return { longestWaitMs, sendingShare: (sends * sendMs) / (performance.now() - startedAt) };
}

const lines = 2000;

describe('lines that come regularly while sending takes long', () => {
  it('are sent with the last one that comes in the pause, not at its end', () => {
    const { longestWaitMs, sendingShare } = play(5, Array<number>(lines).fill(7));
    expect(longestWaitMs).toBeLessThanOrEqual(14);
    expect(sendingShare).toBeLessThan(0.36);
  });

  it.each([1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 14])('wait no longer for it, nor take more sending: every %d ms', (ms) => {
    const { longestWaitMs, sendingShare } = play(4, Array<number>(lines).fill(ms));
    expect(longestWaitMs).toBeLessThanOrEqual(4 + 8 + 4);
    expect(sendingShare).toBeLessThan(0.36);
  });
});

it('lines that come irregularly take no more sending', () => {
  const random = [3, 17, 1, 0, 9, 4, 2, 26, 1, 8];
  const intervals = Array.from({ length: lines }, (_, at) => random[(at * 7 + (at >> 3)) % random.length] as number);
  const { longestWaitMs, sendingShare } = play(4, intervals);
  expect(longestWaitMs).toBeLessThanOrEqual(4 + 8 + 4);
  expect(sendingShare).toBeLessThan(0.36);
});
