import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { lineText, row, startBrowser } from '../support/browser.ts';

const lines = ['one', '\x1b[31mERROR\x1b[0m two', 'three, "four"'];

/** What a link of the menu leads to, as the browser saves it. */
async function download(page: Page, kind: string): Promise<{ name: string; path: string; text: string }> {
  await page.locator('.download-button').click();
  const saved = page.waitForEvent('download');
  await page.locator(`.download-menu [data-kind="${kind}"]`).click();
  const file = await saved;
  const path = await file.path();
  await page.keyboard.press('Escape');
  return { name: file.suggestedFilename(), path, text: readFileSync(path, 'utf8') };
}

it('the page saves a log in each format, as filtered or whole', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('app.log'), lines.map((line) => `${line}\n`).join(''));
  await using agent = startAgent(folder.path, ['-n', 'all', folder.file('app.log')]);
  await using browser = await startBrowser();
  const page = await browser.open(await agent.url());
  await row(page, 3).waitFor();

  expect(await download(page, 'raw')).toMatchObject({ name: 'app.ansi.log', text: `${lines.join('\n')}\n` });
  expect((await download(page, 'stripped')).text).toBe('one\nERROR two\nthree, "four"\n');
  const ndjson = await download(page, 'ndjson');
  expect(ndjson.name).toBe('app.log.jsonl');
  const ids = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
  expect(ids(ndjson.text)).toEqual([1, 2, 3]);
  const csv = await download(page, 'csv');
  expect(csv.name).toBe('app.log.csv');
  expect(csv.text.split('\r\n')[3]).toMatch(/^3,20\d\d-\d\d-\d\dT[\d:.]+Z,app\.log,stdout,,"three, ""four"""$/);
  const html = await download(page, 'html');
  expect(html.name).toBe('app.log.html');

  await page.goto(`${page.url()}?level=error`);
  await row(page, 2).waitFor();
  expect(ids((await download(page, 'ndjson')).text)).toEqual([2]);
  expect((await download(page, 'stripped')).text).toBe('ERROR two\n');
  await page.locator('.download-button').click();
  await page.locator('.download-menu .which label', { hasText: 'all' }).click();
  expect(await page.locator('.download-menu [data-kind="csv"]').getAttribute('href')).not.toContain('level');
  await page.keyboard.press('Escape');

  const copy = folder.file('copy.html');
  writeFileSync(copy, html.text);
  await agent[Symbol.asyncDispose]();
  const offline = await browser.open(pathToFileURL(copy).href);
  await lineText(offline, 2).getByText('ERROR two').waitFor();
  await expect.poll(() => offline.locator('.banner.snapshot').innerText()).toContain('still being written');
  expect(await offline.locator('.download-button').count()).toBe(0);
  expect(browser.complaints).toEqual([]);
});
