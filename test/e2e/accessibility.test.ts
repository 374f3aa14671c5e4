import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let browser: TestBrowser;
let agent: AgentProcess;
let folder: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  folder = temporaryFolder();
  browser = await startBrowser();
  const script =
    'echo "::group::Build"; echo working; echo "::endgroup::"; echo "warning: careful"; echo "error: no"; for i in 1 2 3; do echo again; done; exit 1';
  agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', script]);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Rules that the page breaks, and where. */
async function violations(page: Page): Promise<string[]> {
  type Axe = { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
  // The number of a line that is not here yet is a link without a name.
  await until('rows that are loaded', async () => (await page.locator('.row.loading').count()) === 0);
  return page.evaluate(async () => {
    // What fades in has less contrast until it is there.
    const fading = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations === 1);
    await Promise.allSettled(fading.map(({ finished }) => finished));
    const { violations: broken } = await (globalThis as unknown as { axe: Axe }).axe.run();
    return broken.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

it.each(['light', 'dark'] as const)('axe finds nothing, whatever is open: %s', async (colorScheme) => {
  // Before the page's own scripts, past its Content-Security-Policy.
  const prepare = async (page: Page) => {
    await page.addInitScript(axe);
  };
  const page = await browser.open(await agent.url(), { colorScheme, hasMotion: true, prepare });
  await page.locator('.problems-button').waitFor();
  await page.locator('[data-repeat]').waitFor();
  expect(await violations(page), 'nothing').toEqual([]);

  await page.keyboard.press('t');
  await page.locator('[data-part="timeline"] .bucket').first().waitFor({ state: 'attached' });
  await page.keyboard.press('o');
  await page.locator('[data-part="outline"] li').waitFor();
  expect(await violations(page), 'timeline and outline').toEqual([]);
  await page.keyboard.press('o');

  await page.keyboard.press('/');
  await page.getByRole('searchbox').fill('again');
  await page.locator('mark').first().waitFor();
  expect(await violations(page), 'search').toEqual([]);
  await page.keyboard.press('Escape');

  await page.keyboard.press('f');
  await page.locator('[data-part="filters"] .level').first().click();
  await page.locator('.problems-button').click();
  await page.locator('[data-part="errors"] li').first().waitFor();
  expect(await violations(page), 'filters and errors').toEqual([]);
  await page.keyboard.press('Escape');

  await page.locator('.settings-button').click();
  await page.locator('.settings-menu select').first().waitFor();
  expect(await violations(page), 'settings').toEqual([]);
  await page.keyboard.press('Escape');

  await page.locator('.side-button').click();
  await page.locator('[data-part="logs"] .side-log').first().waitFor();
  await page.locator('.download-button').click();
  await page.locator('.download-menu a').first().waitFor();
  expect(await violations(page), 'other logs and downloads').toEqual([]);

  await page.keyboard.press('Control+k');
  await page.locator('dialog.switch').waitFor();
  expect(await violations(page), 'the quick switch').toEqual([]);

  await page.goto(`${await agent.url()}logs?q=again`);
  await page.locator('.lines a').first().waitFor();
  expect(await violations(page), 'lines of all logs').toEqual([]);
});

it('where the system chooses the colors, what is marked is seen, and nothing else is', async () => {
  const page = await browser.open(`${await agent.url()}#L5`);
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
  await page.locator('.problems-button').waitFor();
  const edgeOf = (id: number) =>
    page.locator(`[data-id="${id}"] .number`).evaluate((number) => {
      const { borderLeftColor, borderLeftStyle } = getComputedStyle(number);
      return borderLeftColor === getComputedStyle(document.body).backgroundColor ? 'none' : borderLeftStyle;
    });
  expect([await edgeOf(4), await edgeOf(5), await edgeOf(6)]).toEqual(['dashed', 'solid', 'none']);

  await page.keyboard.press('/');
  await page.getByRole('searchbox').fill('ar');
  await page.locator('.text mark[aria-current="true"]').waitFor();
  const colorOf = (mark: string) =>
    page
      .locator(`.text mark${mark}`)
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(await colorOf('[aria-current="true"]')).not.toBe(await colorOf(':not([aria-current])'));
  const colors = await page
    .locator('.header .lamp')
    .evaluate((lamp) => [getComputedStyle(lamp).backgroundColor, getComputedStyle(document.body).color]);
  expect(colors[0]).toBe(colors[1]);

  await page.keyboard.press('Escape');
  await page.locator('.settings-button').click();
  const ground = (selector: string, pseudo?: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element, part) => getComputedStyle(element, part).backgroundColor, pseudo);
  const switches = 'input[role="switch"]';
  await page.locator(switches).first().waitFor();
  expect(await ground(`${switches}:checked`)).not.toBe(await ground(`${switches}:not(:checked)`));
  expect(await ground(`${switches}:checked`, '::after')).not.toBe(await ground(`${switches}:checked`));
  expect(await ground(`${switches}:not(:checked)`, '::after')).toBe(colors[1]);
  const choices = '.settings-menu .choices input';
  expect(await ground(`${choices}:checked + span`)).not.toBe(await ground('body'));

  await page.goto(`${await agent.url()}logs`);
  await page.locator('.places').waitFor();
  expect(await ground('.places input:checked + span')).not.toBe(await ground('body'));
  await page.context().close();
});
