import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { chromiumArgs, findChromium } from './chromium.ts';
import { until, within } from './deadline.ts';
import { closeInTime } from './open-pages.ts';

export interface OpenOptions {
  colorScheme?: 'light' | 'dark';
  width?: number;
  height?: number;
  /** A device's pixels for each of the page's. */
  scale?: number;
  /** A device that fingers point at, as a phone is. */
  isTouch?: boolean;
  javaScriptEnabled?: boolean;
  /**
   * What moves on the page, moves. The readers' default isn't the tests': a dot that pulses takes a tenth of a core,
   * and without windows every page is in front.
   */
  hasMotion?: boolean;
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

interface StartOptions {
  /** Further ones for Chromium itself. */
  args?: readonly string[];
  /** Of those that playwright gives it. */
  without?: string[];
  /** See `findChromium`. */
  kind?: 'windowless' | 'whole';
}

export async function startBrowser({ args = [], without = [], kind }: StartOptions = {}): Promise<TestBrowser> {
  const executablePath = findChromium(kind);
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
      const { scale: deviceScaleFactor = 1 } = options;
      const touch = { isMobile: options.isTouch === true, hasTouch: options.isTouch === true };
      const context = await browser.newContext({
        colorScheme,
        viewport: { width, height },
        deviceScaleFactor,
        javaScriptEnabled,
        reducedMotion: options.hasMotion === true ? 'no-preference' : 'reduce',
        ...touch,
      });
      closeInTime(context);
      context.on('page', waitForScripts);
      const page = await context.newPage();
      await slowDown(page);
      // One that a page opens may be closed again by then.
      context.on('page', (opened) => void slowDown(opened).catch(() => {}));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // A connection that is refused while the agent is away is what some tests are about.
        if (message.type() === 'error' && !message.text().includes('net::ERR_')) complaints.push(message.text());
      });
      await prepare?.(page);
      await page.goto(url, { waitUntil: isEarly ? 'commit' : 'load' });
      return page;
    },
    complaints,
    async [Symbol.asyncDispose]() {
      await within('the end of Chromium', browser.close());
    },
  };
}

/**
 * As on a busy machine (`SLOW_CPU=4`: so many times slower) or far from the agent (`SLOW_NET=400`: ms for each answer):
 * finds tests that look or click too early.
 */
async function slowDown(page: Page): Promise<void> {
  const { SLOW_CPU, SLOW_NET } = process.env;
  if (!SLOW_CPU && !SLOW_NET) return;
  const session = await page.context().newCDPSession(page);
  if (SLOW_CPU) await session.send('Emulation.setCPUThrottlingRate', { rate: Number(SLOW_CPU) });
  const unlimited = { offline: false, downloadThroughput: -1, uploadThroughput: -1 };
  if (SLOW_NET) await session.send('Network.emulateNetworkConditions', { ...unlimited, latency: Number(SLOW_NET) });
}

/**
 * The log's page shows its lines before it can do all the rest: nobody is as quick as a test. Whoever opens an address
 * or loads it again, and does not say that the page is wanted as soon as its document comes, waits for it.
 */
function waitForScripts(page: Page): void {
  const { goto, reload } = page;
  page.goto = async (url, options) => loaded(page, options, await goto.call(page, url, options));
  page.reload = async (options) => loaded(page, options, await reload.call(page, options));
}

async function loaded<Answer>(page: Page, options: Parameters<Page['reload']>[0], answer: Answer): Promise<Answer> {
  if (options?.waitUntil !== 'commit') await hasItsScripts(page);
  return answer;
}

/** For a page that a click or the like has led to. */
export async function hasItsScripts(page: Page): Promise<void> {
  if ((await page.locator('link[rel="preload"][as="script"]').count()) === 0) return;
  const isLater = () => performance.getEntriesByType('resource').find(({ name }) => name.includes('/later-'))?.name;
  const later = await page.waitForFunction(isLater, undefined, { timeout: 5000 }).catch(() => undefined);
  // That it has come is not that it has run. Text, as vitest would have an import of its own here.
  if (later) await page.evaluate(`import(${JSON.stringify(await later.jsonValue())}).then(() => 0, () => 0)`);
}

/**
 * Opens an address on a page that other tests have had before, as a reader does who comes for the first time: nothing
 * is stored. For tests that want no other kind of window, and intercept nothing.
 */
export async function openAsNew(page: Page, url: string): Promise<void> {
  if (page.url() !== 'about:blank') {
    await page.evaluate(() => localStorage.clear());
    // Another fragment alone would load nothing.
    await page.goto('about:blank');
  }
  await page.goto(url);
}

/** Waits until the connection is in this state. */
export const connectionIs = (page: Page, state: string) =>
  page.locator(`.connection[data-state="${state}"]`).waitFor({ timeout: 30_000 });
/** The row of the line with this id, which has come: before that it has no text to click on, to select or to read. */
export const row = (page: Page, id: number) => page.locator(`.row:not(.loading)[data-id="${id}"]`);
/** The line's own text. */
export const lineText = (page: Page, id: number) => row(page, id).locator('.text');
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
