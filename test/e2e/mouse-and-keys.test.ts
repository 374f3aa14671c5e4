import { appendFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeferred } from '../../agent/system/deferred.ts';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { openAsNew, row, shownIds, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';

let browser: TestBrowser;
let shared: Page;
let agent: AgentProcess;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeAll(async () => {
  folder = temporaryFolder();
  file = folder.file('live.log');
  writeFileSync(file, Array.from({ length: 300 }, (_, at) => `line ${at + 1} of a log\n`).join(''));
  browser = await startBrowser();
  shared = await browser.open('about:blank');
  agent = startAgent(folder.path, [file]);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function open(query = ''): Promise<Page> {
  await openAsNew(shared, `${await agent.url()}${query}`);
  await shared.locator('.row:not(.loading) .text').first().waitFor();
  return shared;
}
const isFollowing = async (page: Page) => (await page.locator('#log').getAttribute('data-following')) === 'true';
const lastOf = async (page: Page) => Number(await page.locator('#log').getAttribute('data-last'));

describe('while lines come', () => {
  it('text can be selected: rows stay under the pressed mouse; after a plain click following goes on', async () => {
    const page = await open();
    let lines = 0;
    const writing = setInterval(
      () => appendFileSync(file, `another line of a log: ${++lines}\nanother line once more: ${lines}\n`),
      5,
    );
    try {
      const begun = await lastOf(page);
      await until('lines that come', async () => (await lastOf(page)) > begun + 5);
      await page.mouse.move(120, 400);
      await page.mouse.down();
      const id = await page.evaluate(
        () => document.elementFromPoint(120, 400)?.closest<HTMLElement>('.row')?.dataset.id,
      );
      const pressed = row(page, Number(id));
      const top = (await pressed.boundingBox())?.y;
      const at = await lastOf(page);
      await until('more than a screen of lines', async () => (await lastOf(page)) > at + 60);
      expect(await isFollowing(page)).toBe(true);
      expect((await pressed.boundingBox())?.y).toBe(top);
      await page.mouse.up();
      await until('following to go on', async () => (await pressed.count()) === 0);

      await page.mouse.move(120, 300);
      await page.mouse.down();
      await page.mouse.move(220, 300, { steps: 3 });
      await page.mouse.up();
      const selected = await page.evaluate(() => String(document.getSelection()));
      expect(selected).toMatch(/^[\w: ]{5,}$/);
      const after = await lastOf(page);
      await until('more than a screen of lines', async () => (await lastOf(page)) > after + 60);
      expect(await page.evaluate(() => String(document.getSelection()))).toBe(selected);
      expect(Number(await page.locator('.to-end').getAttribute('data-new-lines'))).toBeGreaterThan(60);
    } finally {
      clearInterval(writing);
    }
  });
});

describe('what is typed right after the key that opens a field', () => {
  it.each([
    ['/', '[role=searchbox]', 'mlogs'],
    ['Control+k', '[role=combobox]', 'mlogs'],
    ['l', '.go-to-line input', '12'],
    ['f', '.filter-text', 'mlogs'],
  ])('arrives in it, in order, though the script of the field comes later: %s', async (key, field, text) => {
    const page = await browser.open('about:blank');
    const come = createDeferred();
    await page.route('**/later-*.js', async (route) => {
      await come.promise;
      await route.fallback();
    });
    await page.goto(await agent.url(), { waitUntil: 'commit' });
    // Of the first script; lines come with the document.
    await page.locator('.header').waitFor();
    await page.locator('.row:not(.loading) .text').first().waitFor();
    await page.keyboard.press(key);
    await page.keyboard.type(`${text}x`);
    await page.keyboard.press('Backspace');
    come.resolve();
    await until('the field', () => page.locator(field).count());
    await page.keyboard.type('3');
    await until('the text', async () => (await page.locator(field).inputValue()) === `${text}3`);
    await page.keyboard.press('Escape');
    await page.context().close();
  });
});

describe('the keyboard', () => {
  it('f takes to the field of filters; Escape closes one panel at a time, the last one first', async () => {
    const page = await open();
    await page.keyboard.press('t');
    await page.keyboard.press('f');
    await page.keyboard.type('of a');
    const draft = page.locator('.filter-text');
    await until('the text', async () => (await draft.inputValue()) === 'of a');
    // Also where the bar is open already.
    await page.locator('.scroller').focus();
    await page.keyboard.press('f');
    await page.keyboard.press('End');
    await page.keyboard.type('!');
    await until('the text', async () => (await draft.inputValue()) === 'of a!');
    await page.keyboard.press('Backspace');
    await page.locator('.settings-button').click();
    const isOpen = (selector: string) => page.locator(selector).count();
    const all = ['.settings-menu', '[data-part="filters"]', '[data-part="timeline"]'];
    for (const [at, closed] of all.entries()) {
      await page.keyboard.press('Escape');
      await until(`${closed} closed`, async () => (await isOpen(closed)) === 0);
      expect(await Promise.all(all.slice(at + 1).map(isOpen))).toEqual(all.slice(at + 1).map(() => 1));
    }
    await page.keyboard.press('f');
    await expect.poll(() => draft.inputValue()).toBe('of a');
    await page.keyboard.press('Enter');
    await page.locator('.chip[data-kind="q"]').waitFor();
  });

  it('is for the lines again once a dialog, a field or a button is gone', async () => {
    const page = await open();
    const isForLines = () =>
      until('focus on the lines', () => page.evaluate(() => document.activeElement?.id === 'lines'));
    for (const [key, opened, end] of [
      ['?', 'dialog.help', 'Escape'],
      ['Control+k', 'dialog.switch', 'Escape'],
      ['l', '.go-to-line', 'Enter'],
      ['/', '[data-part="search"]', 'Escape'],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator(opened).waitFor();
      await page.keyboard.press(end);
      await page.locator(opened).waitFor({ state: 'detached' });
      await isForLines();
    }
    await page.keyboard.press('f');
    await page.keyboard.type('line');
    await page.keyboard.press('Enter');
    await page.locator('.chip .remove').click();
    await isForLines();
  });
});

describe('settings', () => {
  it('apply in the other tabs as well, by menu and by key, and to the list of logs', async () => {
    const page = await browser.open(await agent.url());
    const others = [await page.context().newPage(), await page.context().newPage()] as const;
    await others[0].goto(await agent.url());
    await others[0].locator('.row:not(.loading) .text').first().waitFor();
    await others[1].goto(`${await agent.url()}logs`);
    await others[1].locator('[data-log-id]').first().waitFor();
    await page.bringToFront();
    await page.keyboard.press('T');
    await others[0].locator('.row .time').first().waitFor();
    await page.keyboard.press('T');
    await others[0].locator('.row .time').first().waitFor({ state: 'detached' });
    await page.locator('.settings-button').click();
    await page.locator('.settings-menu').getByText('dark', { exact: true }).click();
    for (const other of others) await other.locator('html[data-theme="dark"]').waitFor();
    await page.getByRole('button', { name: 'Larger text' }).click();
    await until('larger text', () =>
      others[0].evaluate(() => document.documentElement.style.getPropertyValue('--font-size') === '14px'),
    );
    await page.context().close();
  });
});

it('what is scrolled sideways stays so while lines come', async () => {
  const page = await open();
  appendFileSync(file, `${'a long line '.repeat(60)}\n`);
  await until('the long line', async () => (await page.getByText('a long line a long line').count()) > 0);
  const lines = page.locator('#lines');
  await lines.evaluate((element) => element.scrollTo(300, 0));
  const at = await lastOf(page);
  appendFileSync(file, ['one', 'two', 'three', 'four', 'five'].map((word) => `and ${word} more\n`).join(''));
  await until('more lines', async () => (await lastOf(page)) === at + 5);
  await row(page, at + 5).waitFor();
  expect(await lines.evaluate((element) => element.scrollLeft)).toBe(300);
  await page.keyboard.press('Home');
  await row(page, 1).waitFor();
  await page.keyboard.press('End');
  await row(page, at + 5).waitFor();
  expect(await lines.evaluate((element) => element.scrollLeft)).toBe(300);
});

it('the lines have a ring where the Tab key leads to them, and none where the page or the mouse does', async () => {
  const page = await browser.open(await agent.url());
  const lines = page.locator('.scroller');
  const ring = () => lines.evaluate((element) => getComputedStyle(element).outlineStyle);
  await expect.poll(() => lines.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await ring()).toBe('none');
  await page.keyboard.press('Shift+Tab');
  expect(await ring()).toBe('none');
  await page.keyboard.press('Tab');
  expect(await ring()).toBe('solid');
  await lines.click();
  expect(await ring()).toBe('none');
  await page.context().close();
});

describe('Shift with a click, or a drag', () => {
  let long: AgentProcess;
  const textAt = (page: Page, id: number) => row(page, id).locator('.text');
  const atStart = { position: { x: 1, y: 5 } };

  beforeAll(() => {
    const path = folder.file('long.log');
    writeFileSync(path, Array.from({ length: 3000 }, (_, at) => `line ${at + 1} of a log\n`).join(''));
    long = startAgent(folder.path, [path]);
  });
  afterAll(() => long[Symbol.asyncDispose]());

  async function openAt(id: number): Promise<Page> {
    const page = await browser.open('about:blank');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${await long.url()}#L${id}`);
    await textAt(page, id).waitFor();
    return page;
  }

  /** Until the row of a line is gone. Returns a line that shows by then. */
  async function scrollFrom(page: Page, id: number, way = 1): Promise<number> {
    await until('other rows', async () => {
      await page.mouse.wheel(0, 400 * way);
      return (await row(page, id).count()) === 0;
    });
    return standing(page);
  }

  async function standing(page: Page): Promise<number> {
    await until('a view that stands still', async () => {
      const before = String(await shownIds(page));
      await new Promise((resolve) => setTimeout(resolve, 100));
      return before === String(await shownIds(page));
    });
    return (await shownIds(page))[15] ?? 0;
  }

  async function copies(page: Page, first: number, last: number): Promise<void> {
    await page.evaluate(() => navigator.clipboard.writeText(''));
    await page.keyboard.press('Control+C');
    expect(last - first).toBeGreaterThan(10);
    const lines = Array.from({ length: last - first }, (_, at) => `line ${first + at} of a log`);
    await until('the copy', async () => (await page.evaluate(() => navigator.clipboard.readText())) !== '');
    expect((await page.evaluate(() => navigator.clipboard.readText())).trimEnd().split('\n')).toEqual(lines);
    await page.context().close();
  }

  it.each(['down', 'up'] as const)('selects from a click far %s the log, whose row is gone', async (way) => {
    const page = await openAt(1500);
    await textAt(page, 1500).click(atStart);
    const other = await scrollFrom(page, 1500, way === 'down' ? 1 : -1);
    await textAt(page, other).click({ ...atStart, modifiers: ['Shift'] });
    if (way === 'down') await copies(page, 1500, other);
    else await copies(page, other, 1500);
  });

  it('selects from where the mouse was dragged from last', async () => {
    const page = await openAt(1500);
    await textAt(page, 1490).click(atStart);
    const begun = await scrollFrom(page, 1490);
    await textAt(page, begun).hover(atStart);
    await page.mouse.down();
    await textAt(page, begun + 1).hover(atStart);
    await textAt(page, begun + 2).hover({ position: { x: 30, y: 5 } });
    await page.mouse.up();
    const other = await scrollFrom(page, begun + 2);
    await textAt(page, other).click({ ...atStart, modifiers: ['Shift'] });
    await copies(page, begun, other);
  });

  it('selects from where the mouse was pressed, whose row is gone, with two moves in one frame', async () => {
    const page = await openAt(1500);
    await textAt(page, 1500).hover(atStart);
    await page.mouse.down();
    const { height } = page.viewportSize() ?? { height: 0 };
    await until('other rows', async () => {
      await page.mouse.move(100, height + 50);
      await page.mouse.move(101, height + 50);
      return (await row(page, 1500).count()) === 0;
    });
    await page.mouse.move(100, height / 2);
    const other = await standing(page);
    await page.evaluate((last) => {
      for (const id of [last - 1, last]) {
        document.getSelection()?.extend(document.querySelector(`[data-id="${id}"] .text`) as Element, 0);
        document.dispatchEvent(new Event('selectionchange'));
      }
    }, other);
    await page.mouse.up();
    await copies(page, 1500, other);
  });

  it.each([1, -1])('selects from where the mouse was pressed, with all of it turned out of view (%s)', async (way) => {
    const page = await openAt(1500);
    await textAt(page, 1500).hover(atStart);
    await page.mouse.down();
    await textAt(page, 1501).hover({ position: { x: 30, y: 5 } });
    const past = 1500 + 40 * way;
    await until('other rows', async () => {
      await page.mouse.wheel(0, 400 * way);
      const [first = 0] = await shownIds(page);
      return way > 0 ? first > past : first < past - 100;
    });
    const other = await standing(page);
    await textAt(page, other).hover(atStart);
    await page.mouse.up();
    await copies(page, Math.min(1500, other), Math.max(1500, other));
  });

  it('selects from a word that was selected with two clicks', async () => {
    const page = await openAt(1500);
    // In the middle of its first word: at its edge Chromium may take what is before it.
    await textAt(page, 1500).dblclick({ position: { x: 12, y: 8 } });
    expect(await page.evaluate(() => String(document.getSelection()))).toMatch(/^line ?$/);
    const other = await scrollFrom(page, 1500);
    await textAt(page, other).click({ ...atStart, modifiers: ['Shift'] });
    await copies(page, 1500, other);
  });

  it('selects nothing with two clicks on a line that has not come', async () => {
    const page = await browser.open('about:blank');
    const come = createDeferred();
    await page.context().route(/\/events\?.*from=/, async (route) => {
      await come.promise;
      await route.fallback();
    });
    await page.goto(`${await long.url()}#L1500`);
    const text = page.locator('.row.loading[data-id="1500"] .text');
    await text.dblclick({ position: { x: 12, y: 8 } });
    come.resolve();
    await row(page, 1500).waitFor();
    expect(await page.evaluate(() => String(document.getSelection()))).toBe('');
    // The very same clicks select a word that is there.
    await textAt(page, 1500).dblclick({ position: { x: 12, y: 8 } });
    expect(await page.evaluate(() => String(document.getSelection()))).toMatch(/^line ?$/);
    await page.context().close();
  });
});

it('the page complains about nothing', () => {
  expect(browser.complaints).toEqual([]);
});
