import { appendFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { hasItsScripts, row, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';

const folder = temporaryFolder();
let browser: TestBrowser;
let following: AgentProcess;
let served: AgentProcess;
let url = '';
const idOf = new Map<string, string>();

beforeAll(async () => {
  browser = await startBrowser();
  for (const [title, command] of [
    ['nightly', 'echo old run'],
    ['npm run build', 'echo building; exit 1'],
    ['nightly', 'echo middle run'],
    ['nightly', 'echo new run'],
  ] as const) {
    await using run = startAgent(folder.path, ['-q', '--title', title, '-c', command]);
    await run.ended();
  }
  writeFileSync(folder.file('app.log'), 'one\ntwo\n');
  following = startAgent(folder.path, ['-n', 'all', folder.file('app.log')]);
  await following.url();
  served = startAgent(folder.path, ['serve']);
  url = await served.url();
  const logs = (await (await fetch(`${url}logs`)).json()) as { id: string; name: string; title?: string }[];
  for (const { id, name, title } of logs) idOf.set(`${title ?? name} ${[...idOf.keys()].length}`, id);
}, 60_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await following[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const pageOf = (name: string) => `${url}logs/${idOf.get(name)}/`;

it('the side list shows the state, the last line and what is new of each log', async () => {
  const page = await browser.open(pageOf('nightly 1'));
  await row(page, 1).waitFor();
  await page.keyboard.press('b');
  const side = page.locator('[data-part="logs"]');
  const app = side.locator(`[data-log-id="${idOf.get('app.log 0')}"]`);
  await app.locator('.last-line', { hasText: 'two' }).waitFor();
  await expect.poll(() => app.getAttribute('data-state')).toBe('following');
  await side.locator('[aria-current="page"] .last-line', { hasText: 'new run' }).waitFor();
  expect(await app.locator('.unread').count()).toBe(0);
  appendFileSync(folder.file('app.log'), 'three\nfour\n');
  await app.locator('.unread', { hasText: '2' }).waitFor();
  await app.locator('.last-line', { hasText: 'four' }).waitFor();

  // It stays open from log to log, and what was looked at is not new any more.
  await app.click();
  await row(page, 4).waitFor();
  await side.locator(`[data-log-id="${idOf.get('app.log 0')}"][aria-current="page"]`).waitFor();
  await side.locator(`[data-log-id="${idOf.get('npm run build 3')}"]`).click();
  await side.locator(`[data-log-id="${idOf.get('npm run build 3')}"][aria-current="page"]`).waitFor();
  await app.waitFor();
  expect(await app.locator('.unread').count()).toBe(0);
  await page.keyboard.press('b');
  await side.waitFor({ state: 'detached' });
  await page.context().close();
});

it('Ctrl+K goes to a log by a few letters of its name', async () => {
  const page = await browser.open(pageOf('nightly 1'));
  await row(page, 1).waitFor();
  const dialog = page.locator('dialog.switch');
  await page.keyboard.press('Control+k');
  await dialog.getByRole('option').first().waitFor();
  await expect.poll(() => dialog.getByRole('option').count()).toBe(4);
  await page.keyboard.type('nrbq');
  await dialog.getByText('No other matching logs.').waitFor();
  expect(await dialog.locator('.switch-keys').count()).toBe(0);
  await page.keyboard.press('Backspace');
  await until('the one that has these letters', async () => (await dialog.getByRole('option').count()) === 1);
  await expect.poll(() => dialog.locator('.name b').allInnerTexts()).toEqual(['n', 'r', 'b']);
  await page.keyboard.press('Enter');
  await page.waitForURL(pageOf('npm run build 3'));
  await page.context().close();
});

it('the page of an old run offers the newest one and the one before', async () => {
  const page = await browser.open(pageOf('nightly 2'));
  const banner = page.locator('.banner.old-run');
  await banner.waitFor();
  await expect
    .poll(() => banner.getByRole('link', { name: 'Previous run' }).getAttribute('href'))
    .toBe(`../${idOf.get('nightly 4')}/`);
  await banner.getByRole('link', { name: 'Newest run' }).click();
  await page.waitForURL(pageOf('nightly 1'));
  await hasItsScripts(page);
  await row(page, 1).waitFor();
  await page.keyboard.press('b');
  await page.locator('.runs .previous').waitFor();
  expect(await page.locator('.runs .newest').count()).toBe(0);
  expect(await banner.count()).toBe(0);
  expect(browser.complaints).toEqual([]);
  await page.context().close();
});

it('the page of another log does not take the log that its agent writes for a newer run', async () => {
  const page = await browser.open(`${await following.url()}logs/${idOf.get('nightly 2')}/`);
  await page.locator('.banner.old-run').waitFor();
  expect(await page.locator('.banner.newer-log').count()).toBe(0);
  await page.context().close();
});

it('two logs are shown side by side, and each side can be closed or changed', async () => {
  const page = await browser.open(pageOf('nightly 1'));
  await row(page, 1).waitFor();
  await page.keyboard.press('b');
  const side = page.locator('[data-part="logs"]');
  await side.locator(`[data-log-id="${idOf.get('app.log 0')}"]`).hover();
  await side
    .locator('li', { has: page.locator(`[data-log-id="${idOf.get('app.log 0')}"]`) })
    .locator('.beside')
    .click();
  const [left, right] = ['left', 'right'].map((name) => page.frameLocator(`iframe.${name}`));
  await left?.getByText('new run').waitFor();
  await right?.getByText('four').waitFor();
  await expect.poll(() => new URL(page.url()).search).toBe(`?beside=${idOf.get('app.log 0')}`);
  appendFileSync(folder.file('app.log'), 'five\n');
  await right?.getByText('five').waitFor();

  // What each of them shows is in the address, and there again after a reload.
  await left?.locator('a.number[data-number="1"]').click();
  await right?.locator('.filter-button').click();
  await right?.locator('.filter-text').fill('five');
  await right?.locator('.filter-text').press('Enter');
  const statesOf = (url: URL) => ['left', 'right'].map((name) => url.searchParams.get(name));
  await page.waitForURL((url) => statesOf(url).join(' ') === '#L1 q=five');
  await page.reload();
  await left?.locator('.row.marked[data-id="1"]').waitFor();
  await right?.locator('.chip[data-value="five"]').waitFor();
  await right?.locator('.row', { hasText: 'five' }).waitFor();
  expect(await right?.locator('.row', { hasText: 'four' }).count()).toBe(0);

  // Another log on the left.
  const search = left?.getByRole('combobox');
  await left?.locator('#lines').press('Control+k');
  await search?.fill('nrb');
  // What it takes is there once the list of logs has come.
  await left?.getByRole('option', { selected: true }).filter({ hasText: 'npm run build' }).waitFor();
  await search?.press('Enter');
  await page.waitForURL((url) => url.pathname.endsWith(`/${idOf.get('npm run build 3')}/`));
  await left?.getByText('building', { exact: true }).waitFor();
  await right?.locator('.row', { hasText: 'five' }).waitFor();
  await expect.poll(() => statesOf(new URL(page.url()))).toEqual([null, 'q=five']);
  await left?.locator('.close-side').click();
  await page.waitForURL(`${pageOf('app.log 0')}?q=five`);
  await row(page, 5).waitFor();
  expect(browser.complaints).toEqual([]);
  await page.context().close();
});

it('a log that is watched on another page has nothing unread', async () => {
  const page = await browser.open(pageOf('app.log 0'));
  const watching = await page.context().newPage();
  await watching.goto(pageOf('app.log 0'));
  await watching.keyboard.press('b');
  await watching.locator('.side').waitFor();
  // The list is open there, too, as it was left.
  await page.goto(pageOf('nightly 1'));
  const app = page.locator(`.side-log[data-log-id="${idOf.get('app.log 0')}"]`);
  await app.waitFor();
  const count = page.evaluate(async (selector) => {
    let found = 0;
    const look = () => {
      found = Math.max(found, document.querySelectorAll(selector).length);
    };
    const watch = new MutationObserver(look);
    watch.observe(document.body, { subtree: true, childList: true, characterData: true });
    await new Promise((done) => document.addEventListener('enough', done));
    return found;
  }, '.side .unread');
  for (let i = 0; i < 6; i++) {
    appendFileSync(folder.file('app.log'), `watched ${i}\n`);
    await app.locator('.last-line', { hasText: `watched ${i}` }).waitFor();
  }
  await page.evaluate(() => document.dispatchEvent(new Event('enough')));
  expect(await count).toBe(0);
  // Once nobody looks, what comes is new again.
  await watching.locator('.text', { hasText: 'watched 5' }).waitFor();
  await watching.goto('about:blank');
  appendFileSync(folder.file('app.log'), 'new\n');
  await app.locator('.unread', { hasText: '1' }).waitFor();
  await page.context().close();
});

it('the last line of a log is shown as the log’s page shows it', async () => {
  const lines = ['##[group]Run tests', '2026-01-31T12:00:00.1234567Z ##[error]No space left', '##[endgroup]', ''];
  await using run = startAgent(folder.path, ['-q', '--name', 'ci', '--', 'printf', '%s\\n', ...lines]);
  await run.ended();
  const page = await browser.open(pageOf('nightly 1'));
  await row(page, 1).waitFor();
  await page.keyboard.press('b');
  const ci = page.locator('[data-part="logs"] .side-log', { hasText: 'ci' });
  await ci.locator('.last-line', { hasText: /\S/ }).waitFor();
  await expect.poll(() => ci.locator('.last-line').innerText()).toBe('No space left');
  await page.context().close();
});
