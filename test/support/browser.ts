import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { chromiumArgs, findChromium } from './chromium.ts';
import { until, within } from './deadline.ts';

export interface OpenOptions {
  colorScheme?: 'light' | 'dark';
  width?: number;
  height?: number;
  /** A device that fingers point at, as a phone is. */
  isTouch?: boolean;
  javaScriptEnabled?: boolean;
  /** Resolves as soon as the document begins to come, and waits for no script. */
  isEarly?: boolean;
  /** Called before the URL is opened. */
  prepare?(page: Page): Promise<unknown>;
}

/** A real Chromium; what a page complains about (errors, refused loads, CSP) is kept for the test to look at. */
export interface TestBrowser extends AsyncDisposable {
  open(url: string, options?: OpenOptions): Promise<Page>;
  readonly complaints: readonly string[];
}

/**
 * @param args further ones for Chromium itself
 * @param without of those that playwright gives it
 */
export async function startBrowser(args: readonly string[] = [], without: string[] = []): Promise<TestBrowser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium.');
  const browser: Browser = await chromium.launch({
    executablePath,
    args: [...chromiumArgs, ...args],
    ignoreDefaultArgs: without,
  });
  const complaints: string[] = [];
  return {
    async open(url, options = {}) {
      const { colorScheme = 'light', width = 1200, height = 800, javaScriptEnabled = true, isEarly, prepare } = options;
      const touch = { isMobile: options.isTouch === true, hasTouch: options.isTouch === true };
      const context = await browser.newContext({
        colorScheme,
        viewport: { width, height },
        javaScriptEnabled,
        ...touch,
      });
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // A connection that is refused while the agent is away is what some tests are about.
        if (message.type() === 'error' && !message.text().includes('net::ERR_')) complaints.push(message.text());
      });
      await prepare?.(page);
      await page.goto(url, { waitUntil: isEarly ? 'commit' : 'load' });
      if (!isEarly) await hasItsScripts(page);
      return page;
    },
    complaints,
    async [Symbol.asyncDispose]() {
      await within('the end of Chromium', browser.close());
    },
  };
}

/** The log's page shows its lines before it can do all the rest: nobody is as quick as a test. */
async function hasItsScripts(page: Page): Promise<void> {
  if ((await page.locator('script[src*="/index-"]').count()) === 0) return;
  const hasLater = () => performance.getEntriesByType('resource').some(({ name }) => name.includes('/later-'));
  await page.waitForFunction(hasLater, undefined, { timeout: 5000 }).catch(() => undefined);
}

/** Waits until the connection is in this state. */
export const connectionIs = (page: Page, state: string) =>
  page.locator(`.connection[data-state="${state}"]`).waitFor({ timeout: 30_000 });
/** The row of the line with this id. */
export const row = (page: Page, id: number) => page.locator(`[data-id="${id}"]`);
/** The line's own text. */
export const lineText = (page: Page, id: number) => page.locator(`[data-id="${id}"] .text`);
/**
 * A computed property of what the locator finds in the document. A row may be drawn again between being found and being
 * asked, and an element that left the document has no style: such an answer is none.
 */
export const styleOf = (found: Locator, property: string): Promise<string> =>
  until(`${property} of an element in the document`, async () => {
    const value = await found.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
    return value !== '' && value;
  });
/** Ids of the rows that are there, in order. */
export async function shownIds(page: Page): Promise<number[]> {
  return page
    .locator('.row[data-id]')
    .evaluateAll((rows) => rows.map((element) => Number(element.dataset.id)).sort((a, b) => a - b));
}

/** What the page's scripts hold, in MB, once the garbage is collected. */
export async function heapMB(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 2 ** 20;
}
