import { appendFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { heapMB } from '../../support/browser.ts';
import { allScripts, firstScripts, sizeOf } from '../../support/page-scripts.ts';
import type { Bench } from '../bench.ts';
import { fileOfLines, followAll } from '../kept-log.ts';
import { type BenchBrowser, startBenchBrowser } from '../page.ts';
import type { Server } from '../programs/program.ts';
import type { Row, Sample } from '../row.ts';
import { median } from '../statistics.ts';
import { count } from '../table.ts';

const smallLog = 1000;
const large = 'sse-tail, a large log';
/** What is searched for: near the log's end, above what shows there. */
const searched = 'upstream refused';
const linesAfterIt = 3000;

export const row: Row = {
  name: 'page-large',
  title: (bench) =>
    `the page of a log of ${count(smallLog)} lines and of one of ${count(linesOf(bench))}, in Chromium: from navigation to its first line, ${count(jumpsOf(bench))} random jumps, a search by keys`,
  measures: {
    'first line ms': 'number',
    'jump ms': 'number',
    'heap MB': 'number',
    'heap growth MB': 'number',
    'first hit ms': 'number',
    'first scripts KB': 'number',
    'scripts KB': 'number',
  },
  checks: [
    { measure: 'first line ms', entrant: large, to: 'sse-tail', atMost: 1.1, isForFullLoad: true },
    { measure: 'heap growth MB', entrant: large, atMost: 1 },
    { measure: 'first hit ms', entrant: large, atMost: 100 },
    { measure: 'first scripts KB', atMost: 100 },
    { measure: 'scripts KB', atMost: 200 },
  ],
  async prepare(bench) {
    const browser = await startBenchBrowser(bench);
    const agents = await Promise.all([smallLog, linesOf(bench)].map((lines) => keptLog(bench, lines)));
    const [small, big] = agents as [Server, Server];
    return [
      { name: 'sse-tail', measure: () => measureOpening(browser, small) },
      { name: large, measure: () => measureUse(browser, big, { lines: linesOf(bench), jumps: jumpsOf(bench) }) },
    ];
  },
};

/** 10 million lines of 100 bytes: 1 GB. */
function linesOf(bench: Bench): number {
  return bench.size(10_000_000, 500_000);
}

function jumpsOf(bench: Bench): number {
  return bench.size(200, 40);
}

async function keptLog(bench: Bench, lines: number): Promise<Server> {
  const file = fileOfLines(bench, lines);
  appendFileSync(file.path, `${searched}\n${'a line after it\n'.repeat(linesAfterIt)}`);
  const agent = await followAll(file, lines + linesAfterIt + 1);
  bench.atEnd(() => agent.close());
  return agent;
}

async function measureOpening(browser: BenchBrowser, agent: Server): Promise<Sample> {
  const { firstLineMs, close } = await browser.open(agent);
  await close();
  return {
    'first line ms': firstLineMs,
    'jump ms': Number.NaN,
    'heap MB': Number.NaN,
    'heap growth MB': Number.NaN,
    'first hit ms': Number.NaN,
    'first scripts KB': sizeOf(firstScripts('index.html')) / 1024,
    'scripts KB': sizeOf(allScripts('index.html')) / 1024,
  };
}

interface Use {
  lines: number;
  jumps: number;
}

async function measureUse(browser: BenchBrowser, agent: Server, { lines, jumps }: Use): Promise<Sample> {
  const opening = await measureOpening(browser, agent);
  const { page, close } = await browser.open(agent);
  try {
    const searches = [];
    for (let i = 0; i < 5; i++) searches.push(await searchByKeys(page));
    const random = pseudoRandom();
    const jump = () => jumpTo(page, 1 + Math.floor(random() * lines));
    // What is remembered of lines that were seen has a bound, which is reached first.
    for (let i = 0; i < jumps; i++) await jump();
    const before = await heapMB(page);
    let ms = 0;
    for (let i = 0; i < jumps; i++) ms += await jump();
    const after = await heapMB(page);
    return {
      ...opening,
      'jump ms': ms / jumps,
      'heap MB': after,
      'heap growth MB': after - before,
      'first hit ms': median(searches),
    };
  } finally {
    await close();
  }
}

/** At the log's end: from the last key to the frame in which the hit shows; each key has started its own search. */
async function searchByKeys(page: Page): Promise<number> {
  await page.keyboard.press('/');
  await page.getByRole('searchbox').waitFor();
  const shown = page.evaluate(
    (text) =>
      new Promise<number>((resolve) => {
        let pressed = 0;
        addEventListener('keydown', () => {
          pressed = performance.now();
        });
        const look = () => {
          if (document.querySelector('.text mark[aria-current="true"]')?.textContent === text)
            resolve(performance.now() - pressed);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    searched,
  );
  await page.keyboard.type(searched, { delay: 30 });
  const ms = await shown;
  await page.keyboard.press('Escape');
  await page.keyboard.press('End');
  await page.locator('mark').first().waitFor({ state: 'detached' });
  return ms;
}

/** Resolves with how long it took until the line showed. */
function jumpTo(page: Page, id: number): Promise<number> {
  return page.evaluate(
    (id) =>
      new Promise<number>((resolve) => {
        const begun = performance.now();
        location.hash = `#L${id}`;
        const look = () => {
          if (document.querySelector(`[data-id="${id}"] .text`)?.textContent) resolve(performance.now() - begun);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    id,
  );
}

/** The same places in each run. */
function pseudoRandom(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
