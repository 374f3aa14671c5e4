import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../../support/chromium.ts';
import type { Bench } from '../bench.ts';
import { fileOfLines, followAll } from '../kept-log.ts';
import { homeLine, startSlowLine } from '../load/slow-line.ts';
import { windowOpened } from '../page.ts';
import { servePage } from '../programs/floor.ts';
import type { Row, Sample } from '../row.ts';

const lines = 1000;

export const row: Row = {
  name: 'page',
  title: () => 'from navigation to the first line in Chromium, over a line of 20 Mbit/s and 40 ms',
  measures: {
    'first line ms': 'number',
    'document ms': 'number',
    /** When the page's own script has drawn the lines: from then on keys and clicks act. */
    'script ms': 'number',
  },
  checks: [{ measure: 'first line ms', atMost: 300, isForFullLoad: true }],
  async prepare(bench) {
    const executablePath = findChromium('whole');
    if (executablePath === undefined) throw new Error('there is no Chromium');
    const agent = await followAll(fileOfLines(bench, lines), lines);
    bench.atEnd(() => agent.close());
    const line = await startSlowLine(agent.target.port, homeLine);
    bench.atEnd(() => line.close());
    const browser = await chromium.launch({ executablePath, args: chromiumArgs });
    bench.atEnd(() => browser.close());

    const far = `http://127.0.0.1:${line.port}/`;
    const document = await (await fetch(`http://127.0.0.1:${agent.target.port}/`)).text();
    const hasLines = document.includes(' data-id="');
    const bare = await servePage(withoutScripts(bench, document));
    bench.atEnd(() => bare.close());
    const bareLine = await startSlowLine(bare.target.port, homeLine);
    bench.atEnd(() => bareLine.close());
    const known = await contextOf(browser);
    await openPage(known, far);
    return [
      { name: 'sse-tail', measure: () => firstVisit(browser, far) },
      { name: 'sse-tail, a later visit', measure: () => openPage(known, far) },
      {
        name: 'sse-tail, on this machine',
        measure: () => firstVisit(browser, `http://127.0.0.1:${agent.target.port}/`),
      },
      // What the browser and the line take of it.
      {
        name: 'floor',
        async measure() {
          if (!hasLines) throw new Error('the document of this build has no lines: nothing shows without its script');
          return firstVisit(browser, `http://127.0.0.1:${bareLine.port}/`);
        },
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
    await windowOpened();
    await page.goto(url, { waitUntil: 'commit' });
    // The page's policy lets no text be evaluated but this way.
    const devtools = await context.newCDPSession(page);
    const evaluation = { expression: notedTimes, awaitPromise: true, returnByValue: true };
    const { result } = await devtools.send('Runtime.evaluate', evaluation);
    const { 'script ms': scriptMs, ...times } = result.value;
    return { ...times, 'script ms': scriptMs ?? Number.NaN };
  } finally {
    await page.close();
  }
}

/** The agent's document with nothing in it that runs, in a file. */
function withoutScripts(bench: Bench, document: string): string {
  const path = join(bench.folder(), 'page.html.br');
  writeFileSync(path, brotliCompressSync(document.replace(/<script.*?<\/script>/gs, '')));
  return path;
}

/**
 * Runs in the page: notes when the first line has been painted, in milliseconds since the navigation began, and when
 * the first one by the page's script. As text: what tsx makes of a function does not run in a page.
 */
const noteFirstLine = `
  const painted = (selector) => new Promise((resolve) => {
    new MutationObserver((_news, observer) => {
      const text = document.querySelector(selector);
      if (!text?.textContent || text.getBoundingClientRect().height === 0) return;
      observer.disconnect();
      // Drawn in the next frame, or in this one already: the task after it is after the painting.
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    }).observe(document, { childList: true, subtree: true });
  });
  globalThis.firstLineMs = painted('.row[data-id] .text');
  globalThis.scriptMs = painted('.rows:not(.newest) > .row[data-id] .text');
`;

/** Also in the page. */
const notedTimes = `(async () => {
  const ms = await firstLineMs;
  const [document] = performance.getEntriesByType('navigation');
  const firstPaint = await new Promise((resolve) => {
    new PerformanceObserver((paints) => {
      const [paint] = paints.getEntriesByName('first-contentful-paint');
      if (paint) resolve(paint.startTime);
    }).observe({ type: 'paint', buffered: true });
  });
  const hasScript = globalThis.document.scripts.length > 0;
  return {
    'first line ms': Math.max(ms, firstPaint),
    'document ms': document.responseEnd,
    'script ms': hasScript ? await scriptMs : null,
  };
})()`;
