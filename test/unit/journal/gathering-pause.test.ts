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

/** The last batch took so long to send. */
const follow = (pause: ReturnType<typeof createGatheringPause>, ms: number) =>
  pause.follow(performance.now() - ms, performance.now());

it('what comes when it is quiet waits for nothing, what comes after a batch that took long to send gathers', async () => {
  const pause = createGatheringPause();
  let isTurnOver = false;
  setImmediate(() => {
    isTurnOver = true;
  });
  await ended(pause, false);
  expect(isTurnOver).toBe(true);
  follow(pause, 100);
  expect(await waited(pause)).toBeGreaterThan(8);
});

it('enough is sent at once', async () => {
  const pause = createGatheringPause();
  follow(pause, 100);
  let isTurnOver = false;
  setImmediate(() => {
    isTurnOver = true;
  });
  await ended(pause, true);
  expect(isTurnOver).toBe(true);
  follow(pause, 100);
  const waiting = waited(pause);
  pause.end();
  await waiting;
});
