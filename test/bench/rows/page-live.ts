import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Bench } from '../bench.ts';
import { startWriter } from '../load/writer.ts';
import { type BenchBrowser, startBenchBrowser } from '../page.ts';
import { startSseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';

const perSecond = 50_000;

export const row: Row = {
  name: 'page-live',
  title: (bench) =>
    `the page in Chromium while ${secondsOf(bench)} s of 50,000 lines/s are written; keys are pressed that leave the end and come back to it`,
  measures: {
    'frames/s': 'number',
    'longest task ms': 'number',
    'key ms': 'number',
    'at the end after ms': 'number',
  },
  checks: [
    { measure: 'frames/s', atLeast: 55 },
    { measure: 'longest task ms', atMost: 50 },
    { measure: 'key ms', atMost: 100 },
    { measure: 'at the end after ms', atMost: 500 },
  ],
  async prepare(bench) {
    const browser = await startBenchBrowser(bench);
    return [{ name: 'sse-tail', measure: () => measure(bench, browser) }];
  },
};

function secondsOf(bench: Bench): number {
  return bench.size(8, 3);
}

async function measure(bench: Bench, browser: BenchBrowser): Promise<Sample> {
  const lines = secondsOf(bench) * perSecond;
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, 'the first line\n');
  const writer = await startWriter({ path, first: 1, lines, perSecond });
  const agent = await startSseTail(['-n', 'all', path], { folder });
  const { page, close } = await browser.open(agent);
  try {
    await page.evaluate(watchTasksAndFrames);
    const keys = pressKeys(page);
    await writer.run();
    await keys.stop();
    const seen = await page.evaluate(endOfWatch);
    await page.keyboard.press('End');
    const endMs = await page.evaluate(untilLineShows, lines + 1);
    return { ...seen, 'at the end after ms': endMs };
  } finally {
    await close();
    await writer.close();
    await agent.close();
  }
}

/** One key after the other, as a reader holds one down. */
function pressKeys(page: Page): { stop(): Promise<void> } {
  let isOver = false;
  const pressed = (async () => {
    for (let i = 0; !isOver; i++) {
      await page.keyboard.press(i % 10 < 5 ? 'ArrowUp' : 'End');
      await page.waitForTimeout(100);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await pressed;
    },
  };
}

interface Watch {
  begun: number;
  frames: number;
  longestTask: number;
  longestKey: number;
}
type Watched = { watch: Watch };

/** In the page. What takes less than 50 ms is no long task to a browser, and what less than 16 ms no slow key. */
function watchTasksAndFrames(): void {
  const watch: Watch = { begun: performance.now(), frames: 0, longestTask: 0, longestKey: 0 };
  (globalThis as unknown as Watched).watch = watch;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watch.longestTask = Math.max(watch.longestTask, duration);
  }).observe({ type: 'longtask' });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watch.longestKey = Math.max(watch.longestKey, duration);
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  const frame = () => {
    watch.frames++;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function endOfWatch(): Sample {
  const { begun, frames, longestTask, longestKey } = (globalThis as unknown as Watched).watch;
  const seconds = (performance.now() - begun) / 1000;
  return { 'frames/s': frames / seconds, 'longest task ms': longestTask, 'key ms': longestKey };
}

/** In the page; resolves with how long it took. */
function untilLineShows(id: number): Promise<number> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const look = () => {
      if (document.querySelector(`[data-id="${id}"] .text`)?.textContent) resolve(performance.now() - begun);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}
