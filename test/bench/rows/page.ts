import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../../support/chromium.ts';
import { fileOfLines, followAll } from '../kept-log.ts';
import { homeLine, startSlowLine } from '../load/slow-line.ts';
import type { Row, Sample } from '../row.ts';

const lines = 1000;

export const row: Row = {
  name: 'page',
  title: () => 'from navigation to the first line in Chromium, over a line of 20 Mbit/s and 40 ms',
  measures: { 'first line ms': 'number', 'document ms': 'number', 'scripts ms': 'number' },
  checks: [{ measure: 'first line ms', atMost: 300, isForFullLoad: true }],
  async prepare(bench) {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error('there is no Chromium');
    const agent = await followAll(fileOfLines(bench, lines), lines);
    bench.atEnd(() => agent.close());
    const line = await startSlowLine(agent.target.port, homeLine);
    bench.atEnd(() => line.close());
    const browser = await chromium.launch({ executablePath, args: chromiumArgs });
    bench.atEnd(() => browser.close());

    const far = `http://127.0.0.1:${line.port}/`;
    const known = await contextOf(browser);
    await openPage(known, far);
    return [
      { name: 'sse-tail', measure: () => firstVisit(browser, far) },
      { name: 'sse-tail, a later visit', measure: () => openPage(known, far) },
      {
        name: 'sse-tail, on this machine',
        measure: () => firstVisit(browser, `http://127.0.0.1:${agent.target.port}/`),
      },
    ];
  },
};

async function firstVisit(browser: Browser, url: string): Promise<Sample> {
  const context = await contextOf(browser);
  try {
    return await openPage(context, url);
  } finally {
    await context.close();
  }
}

/** Nobody on this machine gets anything compressed, unless a proxy says that it comes from elsewhere. */
function contextOf(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ extraHTTPHeaders: { 'x-forwarded-for': '203.0.113.7' } });
}

async function openPage(context: BrowserContext, url: string): Promise<Sample> {
  const page = await context.newPage();
  try {
    await page.addInitScript(noteFirstLine);
    await page.goto(url, { waitUntil: 'commit' });
    // The page's policy lets no text be evaluated but this way.
    const devtools = await context.newCDPSession(page);
    const evaluation = { expression: notedTimes, awaitPromise: true, returnByValue: true };
    const { result } = await devtools.send('Runtime.evaluate', evaluation);
    return result.value as Sample;
  } finally {
    await page.close();
  }
}

/**
 * Runs in the page: notes when the first line has been painted, in milliseconds since the navigation began. As text:
 * what tsx makes of a function does not run in a page.
 */
const noteFirstLine = `
  globalThis.firstLineMs = new Promise((resolve) => {
    new MutationObserver((_news, observer) => {
      if (!document.querySelector('.row[data-id] .text')?.textContent) return;
      observer.disconnect();
      // Rows are drawn in an animation frame: the next task is after its painting.
      setTimeout(() => resolve(performance.now()));
    }).observe(document, { childList: true, subtree: true });
  });
`;

/** Also in the page. */
const notedTimes = `
  firstLineMs.then((ms) => {
    const [document] = performance.getEntriesByType('navigation');
    const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'));
    const scriptsBefore = scripts.map(({ responseEnd }) => responseEnd).filter((end) => end < ms);
    return { 'first line ms': ms, 'document ms': document.responseEnd, 'scripts ms': Math.max(...scriptsBefore) };
  })
`;
