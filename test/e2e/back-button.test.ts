import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDeferred } from '../../agent/system/deferred.ts';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { row, startBrowser, type TestBrowser } from '../support/browser.ts';

let browser: TestBrowser;
let folder: ReturnType<typeof temporaryFolder>;
let agent: AgentProcess;

beforeAll(async () => {
  folder = temporaryFolder();
  const lines = Array.from({ length: 3000 }, (_, at) => (at % 500 === 499 ? `ERROR ${at + 1}` : `line ${at + 1}`));
  writeFileSync(folder.file('app.log'), `${lines.join('\n')}\n`);
  browser = await startBrowser();
  agent = startAgent(folder.path, [folder.file('app.log')]);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const open = async () => {
  const page = await browser.open(await agent.url(), { height: 500 });
  await row(page, 3000).waitFor();
  await page.locator('.problems-button').waitFor();
  return page;
};
/** The first row, and how much of it is above the view. */
const place = (page: Page) =>
  page.locator('#log .scroller').evaluate((scroller) => {
    const { top } = scroller.getBoundingClientRect();
    const first = scroller.querySelector<HTMLElement>('.row:not(.loading)[data-id]');
    return first && `${first.dataset.id} ${Math.round(top - first.getBoundingClientRect().top)}`;
  });
/** Half a second after the last scroll: before that, the page's entry in the history has an earlier place. */
const placeIsKept = (page: Page) =>
  expect
    .poll(async () => [await page.evaluate(() => history.state?.id), Number.parseInt((await place(page)) ?? '', 10)])
    .toSatisfy(([kept, shown]) => kept === shown);
const steps = (page: Page) => page.evaluate(() => history.length);
const address = (page: Page) => new URL(page.url()).search + new URL(page.url()).hash;
async function goToLine(page: Page, id: number): Promise<void> {
  await page.keyboard.press('l');
  await page.locator('.go-to-line input').fill(String(id));
  await page.keyboard.press('Enter');
  await row(page, id).waitFor();
}

it('goes back to where the reader was, and forth again: jumps and filters are steps', async () => {
  const page = await open();
  // It takes of the lines' height.
  await page.locator('.filter-button').click();
  await page.locator('.level').first().waitFor();
  await page.locator('.scroller').focus();
  await page.keyboard.press('Home');
  await row(page, 1).waitFor();
  await page.mouse.move(300, 300);
  await page.mouse.wheel(0, 333);
  await expect.poll(() => place(page)).not.toMatch(/^1 /);
  const scrolled = await place(page);

  await goToLine(page, 1200);
  const there = await place(page);
  await page.locator('.level[data-level="error"]').click();
  await row(page, 500).waitFor();
  await row(page, 1200).waitFor({ state: 'detached' });
  expect(address(page)).toBe('?level=error#L1200');

  await page.goBack();
  await row(page, 1200).waitFor();
  expect(address(page)).toBe('#L1200');
  await expect.poll(() => place(page)).toBe(there);
  await page.locator('.level[data-level="error"][aria-pressed="false"]').waitFor();
  await page.goBack();
  await expect.poll(() => place(page)).toBe(scrolled);
  expect(address(page)).toBe('');
  expect(await page.locator('.row.marked').count()).toBe(0);

  await page.goForward();
  await expect.poll(() => place(page)).toBe(there);
  await page.locator('.row.marked[data-id="1200"]').waitFor();
  await page.goForward();
  await row(page, 1200).waitFor({ state: 'detached' });
  await row(page, 500).waitFor();
  await page.context().close();
});

it('takes no steps of what is typed, scrolled, searched and gone through', async () => {
  const page = await open();
  await goToLine(page, 400);
  const before = await steps(page);
  await page.keyboard.press('e');
  await row(page, 500).waitFor();
  await page.keyboard.press('e');
  await row(page, 1000).waitFor();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('/');
  await page.keyboard.type('line 15');
  await page.locator('mark[aria-current="true"]').waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  expect(await steps(page)).toBe(before);

  await page.goBack();
  await page.locator('#log[data-following="true"]').waitFor();
  expect(address(page)).toBe('');
  await page.context().close();
});

it('takes one step of a time that is brushed', async () => {
  await using burst = startAgent(folder.path, ['--', 'sh', '-c', 'seq 50; sleep 0.2; seq 50; exec sleep 600']);
  const page = await browser.open(await burst.url());
  await row(page, 100).waitFor();
  await page.keyboard.press('t');
  const bars = page.locator('[data-part="timeline"] > svg');
  await bars.locator('.bucket').nth(5).waitFor({ state: 'attached' });
  const before = await steps(page);
  const { x, y, width } = (await bars.boundingBox()) ?? { x: 0, y: 0, width: 0 };
  await page.mouse.move(x + 1, y + 9);
  await page.mouse.down();
  await page.mouse.move(x + width - 1, y + 9);
  await page.mouse.up();
  await expect.poll(() => address(page)).toMatch(/^\?since=.*#L1$/);
  expect(await steps(page)).toBe(before + 1);
  await page.goBack();
  await page.locator('#log[data-following="true"]').waitFor();
  expect(address(page)).toBe('');
  await page.context().close();
});

it('goes back from another page to the same place', async () => {
  const page = await open();
  await goToLine(page, 2000);
  const there = await place(page);
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => place(page)).not.toBe(there);
  const before = await place(page);
  await page.locator('.number[data-number="2002"]').click();
  expect(address(page)).toBe('#L2002');
  await placeIsKept(page);
  await page.goto('about:blank');
  await page.goBack();
  await row(page, 2002).waitFor();
  await expect.poll(() => place(page)).toBe(before);
  await page.goBack();
  await expect.poll(() => address(page)).toBe('#L2000');
  await expect.poll(() => place(page)).toBe(before);
  expect(browser.complaints).toEqual([]);
  await page.context().close();
});

it('goes back from another page to the same place among lines that are filtered, again and again', async () => {
  const page = await browser.open(`${await agent.url()}?q=line`, { height: 500 });
  await page.locator('.filter-bar').waitFor();
  await row(page, 2999).waitFor();
  for (let times = 0; times < 9; times++) await page.keyboard.press('PageUp');
  await row(page, 2999).waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('.row.loading').count()).toBe(0);
  const before = await place(page);
  for (let times = 0; times < 2; times++) {
    await placeIsKept(page);
    await page.goto('about:blank');
    await page.goBack();
    await page.locator('.filter-bar').waitFor();
    await expect.poll(() => place(page)).toBe(before);
  }
  await page.context().close();
});

it('goes back to a step on which was searched, and to the end of a log that ended badly', async () => {
  const page = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('ERROR');
  await page.locator('mark[aria-current="true"]').waitFor();
  await page.locator('.scroller').focus();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageUp');
  await page.locator('mark').first().waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('.row.loading').count()).toBe(0);
  const before = await place(page);
  await goToLine(page, 100);
  await page.keyboard.press('Escape');
  await expect.poll(() => address(page)).toBe('#L100');
  await page.goBack();
  await expect.poll(() => page.locator('[data-part="search-count"]').textContent()).toMatch(/of 6$/);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  await expect.poll(() => place(page)).toBe(before);

  await using failing = startAgent(folder.path, ['--linger', '1m', '--', 'sh', '-c', 'echo error: x; seq 400; exit 3']);
  await page.goto(await failing.url());
  await row(page, 1).waitFor();
  await page.keyboard.press('End');
  await page.locator('#log[data-following="true"]').waitFor();
  await expect.poll(() => page.evaluate(() => JSON.stringify(history.state))).toMatch(/^\{"log":"[^"]+"\}$/);
  await page.goto('about:blank');
  await page.goBack();
  await page.locator('.problems-button').waitFor();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  await expect.poll(() => page.locator('#log').getAttribute('data-following')).toBe('true');
  await page.context().close();
});

it.each(['End', 'wheel'])('is where the reader went (%s) before the lines came that a filter shows', async (how) => {
  const page = await browser.open(`${await agent.url()}?q=line`, { height: 500 });
  await row(page, 2999).waitFor();
  for (let times = 0; times < 9; times++) await page.keyboard.press('PageUp');
  await row(page, 2999).waitFor({ state: 'detached' });
  await placeIsKept(page);
  await page.goto('about:blank');
  const comes = createDeferred<void>();
  await page.context().route('**/events?**', (route) => comes.promise.then(() => route.continue()));
  await page.goBack();
  await page.locator('.filter-bar').waitFor();
  if (how === 'End') await page.keyboard.press('End');
  else {
    await page.mouse.move(300, 300);
    await page.mouse.wheel(0, 400);
  }
  comes.resolve();
  await row(page, 2999).waitFor();
  await page.locator('.problems-button').waitFor();
  expect(await row(page, 2999).count()).toBe(1);
  await page.context().close();
});
