import { appendFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { connectionIs, lineText, startBrowser, type TestBrowser } from '../support/browser.ts';

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

it('twelve tabs of one browser are live over few streams, which outlive the tabs that opened them', async () => {
  using folder = temporaryFolder();
  const file = folder.file('x.log');
  writeFileSync(file, 'one\n');
  await using agent = startAgent(folder.path, [file]);
  const url = await agent.url();
  const first = await browser.open(url);
  await connectionIs(first, 'live');
  const tabs = [first];
  for (let count = 2; count <= 12; count++) {
    const tab = await first.context().newPage();
    await tab.goto(url);
    tabs.push(tab);
  }
  for (const tab of tabs) await connectionIs(tab, 'live');
  appendFileSync(file, 'two\n');
  for (const tab of tabs) await lineText(tab, 2).waitFor();

  await first.close();
  await (tabs[4] as Page).close();
  appendFileSync(file, 'three\n');
  for (const tab of tabs.filter((one) => !one.isClosed())) {
    await lineText(tab, 3).waitFor();
    expect(await tab.locator('.row .text').allTextContents()).toEqual(['one', 'two', 'three']);
  }
  expect(browser.complaints).toEqual([]);
});
