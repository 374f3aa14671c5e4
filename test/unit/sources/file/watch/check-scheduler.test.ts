import { expect, it } from 'vitest';
import { createCheckScheduler } from '../../../../../agent/sources/file/watch/check-scheduler.ts';
import { until } from '../../../../support/deadline.ts';

/** Asks so many times, each when the look before is done; how many of them began at once. */
async function asked(times: number, options?: { gatherMs?: number; savedChecks?: number }): Promise<number> {
  let count = 0;
  const looks = createCheckScheduler(async () => {
    count++;
  }, options);
  let atOnce = 0;
  for (let i = 0; i < times; i++) {
    const before = count;
    looks.request();
    if (count > before) atOnce++;
    await looks.idle();
  }
  const last = count;
  await until('the look that was put off, and the one after the burst', () => count > last);
  looks.stop();
  return atOnce;
}

it('looks begin at once as long as they are few', async () => {
  expect(await asked(20)).toBe(20);
});

it('of more than a thousand a second most are gathered', async () => {
  const times = 100_000;
  expect(await asked(times)).toBeLessThan(times / 2);
});

it('a look that took no wait is over, one that did is not begun again before it is', async () => {
  let count = 0;
  let end = () => {};
  let takes: Promise<void> | undefined;
  const looks = createCheckScheduler(() => {
    count++;
    return takes;
  });
  looks.request();
  looks.request();
  expect(count).toBe(2);
  takes = new Promise((resolve) => {
    end = resolve;
  });
  looks.request();
  looks.request();
  expect(count).toBe(3);
  takes = undefined;
  end();
  await until('the look for what was asked meanwhile', () => count === 4);
  looks.stop();
});

it('a check knows whether events told of nothing but writing, and the one after a burst is for everything', async () => {
  const causes: string[] = [];
  let takes: Promise<void> | undefined;
  const looks = createCheckScheduler((cause) => {
    causes.push(cause);
    return takes;
  });
  looks.request('writing');
  looks.request();
  let end = () => {};
  takes = new Promise((resolve) => {
    end = resolve;
  });
  looks.request('writing');
  looks.request();
  looks.request('writing');
  takes = undefined;
  end();
  await until('the check of what was asked meanwhile, and the one after the burst', () => causes.length === 5);
  expect(causes).toEqual(['writing', 'event', 'writing', 'event', 'event']);
  looks.stop();
});
