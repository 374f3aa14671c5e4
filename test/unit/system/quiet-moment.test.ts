import { afterEach, expect, it } from 'vitest';
import { createDeferred } from '../../../agent/system/deferred.ts';
import { inQuietMoment } from '../../../agent/system/quiet-moment.ts';

let isBusy = false;
let cancel = () => {};

afterEach(() => {
  isBusy = false;
  cancel();
});

/** The event loop never waits until it is said that it may: on a busy machine each wait may be long. */
function keepBusy(): void {
  isBusy = true;
  const work = () => {
    const endsAt = performance.now() + 10;
    while (performance.now() < endsAt);
    if (isBusy) setImmediate(work);
  };
  work();
}

function moment(afterMs: number, atLatestMs: number) {
  const come = createDeferred<number>();
  const startedAt = performance.now();
  let calls = 0;
  cancel = inQuietMoment({ afterMs, atLatestMs }, () => {
    calls++;
    come.resolve(performance.now() - startedAt);
  });
  return { come: come.promise, calls: () => calls };
}

it('does not come before its time', async () => {
  expect(await moment(150, 60_000).come).toBeGreaterThan(145);
});

it('waits while the event loop is busy', async () => {
  keepBusy();
  const { come, calls } = moment(60, 60_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(calls()).toBe(0);
  isBusy = false;
  await come;
});

it('comes at the latest where it never gets quiet, and once', async () => {
  keepBusy();
  const { come, calls } = moment(60, 200);
  expect(await come).toBeGreaterThan(190);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(calls()).toBe(1);
});

it('is called off, at each step', async () => {
  keepBusy();
  const early = moment(10_000, 20_000);
  cancel();
  const late = moment(60, 60_000);
  await new Promise((resolve) => setTimeout(resolve, 200));
  cancel();
  isBusy = false;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(early.calls() + late.calls()).toBe(0);
});
