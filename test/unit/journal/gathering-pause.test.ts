import { expect, it } from 'vitest';
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
