import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { row, startBrowser, type TestBrowser } from '../support/browser.ts';

/** What a phone's round corners, its notch and the bar of its system cover, in CSS pixels. */
const phones = [
  { name: 'upright', width: 390, height: 844, insets: { top: 0, right: 0, bottom: 34, left: 0 } },
  { name: 'on its side', width: 844, height: 390, insets: { top: 0, right: 47, bottom: 21, left: 47 } },
];

const folder = temporaryFolder();
let browser: TestBrowser;
let agent: AgentProcess;

beforeAll(async () => {
  browser = await startBrowser();
  const lines = Array.from({ length: 500 }, (_, at) => {
    if (at % 250 === 10) return `::group::group of line ${at + 1}`;
    return `2026-11-30T12:00:00Z ${at % 100 ? 'INFO' : 'ERROR'} line ${at + 1}`;
  });
  writeFileSync(folder.file('app.log'), `${lines.join('\n')}\n`);
  agent = startAgent(folder.path, ['-n', 'all', 'app.log']);
});

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await agent?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

it.each(phones)(
  'everything that is touched stays out of what a phone covers: $name',
  async ({ width, height, insets }) => {
    const page = await browser.open('about:blank', { isTouch: true, width, height });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Emulation.setSafeAreaInsetsOverride' as never, { insets } as never);
    await page.goto(await agent.url());
    await row(page, 500).waitFor();
    const look = async (what: string) => expect.poll(() => coveredIn(page, insets), { message: what }).toEqual([]);
    await look('at the beginning');
    await page.locator('.scroller').press('Home');
    await page.locator('.to-end').waitFor();
    await look('above the end');
    for (const [key, part] of Object.entries({ f: '.filter-bar', '/': '.search-bar', o: '.outline', '?': 'dialog' })) {
      await page.keyboard.press(key);
      await page.locator(part).first().waitFor();
      await look(part);
      await page.keyboard.press('Escape');
    }
  },
);

/** Controls that reach into the covered edges, as far as they are in view. */
function coveredIn(page: Page, insets: { right: number; bottom: number; left: number }): Promise<string[]> {
  return page.evaluate(({ right, bottom, left }) => {
    const area = { left, right: innerWidth - right, bottom: innerHeight - bottom };
    const view = document.querySelector('.scroller')?.getBoundingClientRect();
    return [...document.querySelectorAll<HTMLElement>('button, a, input, select, summary, .row .text')]
      .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .map((one) => ({ one, box: one.getBoundingClientRect(), end: one.closest('.scroller') ? view : undefined }))
      .map(({ one, box, end }) => ({ one, box, to: Math.min(box.bottom, end?.bottom ?? box.bottom) }))
      .map((all) => ({ ...all, toRight: all.one.matches('.text') ? 0 : all.box.right }))
      .filter(({ box, to }) => box.width > 1 && to - box.top > 1 && to > 0 && box.top < innerHeight)
      .filter(({ box, to, toRight }) => box.left < area.left || toRight > area.right || to > area.bottom)
      .map(({ one, box }) => `${one.tagName} ${one.className}: ${box.left}–${box.right}, ${box.top}–${box.bottom}`);
  }, insets);
}
