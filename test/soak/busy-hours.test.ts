import { expect, it } from 'vitest';
import { liveBusyHours } from '../scenarios/busy-hours.ts';
import { startBrowser } from '../support/browser.ts';

/** What 480 minutes bring happens in 60: the whole is `SOAK_MINUTES=60`. */
const minutes = Number(process.env.SOAK_MINUTES ?? 4);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

it.runIf(process.platform === 'linux')(
  `after ${minutes * 8} minutes of events in ${minutes}, seed ${seed}, nothing is held that was not after the first tenth`,
  { timeout: (2 * minutes + 10) * 60_000 },
  async () => {
    expect(minutes).toBeGreaterThan(0);
    await using browser = await startBrowser();
    await liveBusyHours({ minutes, seed, browser, say: (sentence) => console.log(sentence) });
  },
);
