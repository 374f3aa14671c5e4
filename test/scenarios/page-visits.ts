import type { TestBrowser } from '../support/browser.ts';
import type { Held } from '../support/held.ts';
import type { Visited } from './visits.ts';

/** Somebody opens the page in a window of their own, scrolls, searches, and closes it. */
export async function visitPage(browser: TestBrowser, { url, token, word }: Visited): Promise<void> {
  const address = token === undefined ? url : `${url}?token=${encodeURIComponent(token)}`;
  const page = await browser.open(address, { hasMotion: true });
  try {
    await page.locator('.row:not(.loading) .text').first().waitFor();
    await page.keyboard.press('Home');
    await page.locator('[data-id]').first().waitFor();
    await page.mouse.move(400, 400);
    for (let turn = 0; turn < 5; turn++) await page.mouse.wheel(0, 3000);
    await page.keyboard.press('/');
    await page.locator('[data-part="search"] [role="searchbox"]').fill(word);
    await page.locator('[data-part="search-count"]', { hasText: ' of ' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.text mark').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('End');
  } finally {
    await page.context().close();
  }
}

/** A page that stays open, and what it holds once its garbage is collected. */
export async function holdPage(browser: TestBrowser, url: string) {
  const page = await browser.open(url, { hasMotion: true });
  await page.locator('.row:not(.loading) .text').first().waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return {
    name: 'page',
    async held(): Promise<Held> {
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      const measured = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
      return {
        'page heap MB': measured('JSHeapUsedSize') / 1e6,
        documents: measured('Documents'),
        listeners: measured('JSEventListeners'),
        nodes: measured('Nodes'),
      };
    },
    [Symbol.asyncDispose]: () => page.context().close(),
  };
}
