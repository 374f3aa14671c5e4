import { appendFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeferred } from '../../agent/system/deferred.ts';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { lineText, openAsNew, row, shownIds, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { helloFrom } from '../support/hello.ts';

let browser: TestBrowser;
let shared: Page;
let agent: AgentProcess;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;
const total = 30_000;

beforeAll(async () => {
  folder = temporaryFolder();
  file = folder.file('build.log');
  const lines = Array.from({ length: total }, (_, at) => {
    const id = at + 1;
    if (id % 10_000 === 0) return `\x1b[31mnee\x1b[1mdle\x1b[0m ${id}: Needle and needle`;
    return `line ${id} of hay, ${id % 2 ? 'odd' : 'even'}`;
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  browser = await startBrowser();
  // How soon the agent has to answer is a question for a machine that has nothing else to do.
  const patient = () => {
    const { timeout } = AbortSignal;
    AbortSignal.timeout = (ms) => timeout.call(AbortSignal, 10 * ms);
  };
  shared = await browser.open('about:blank', { prepare: (page) => page.addInitScript(patient) });
  agent = startAgent(folder.path, ['-n', 'all', file]);
  const url = await agent.url();
  await until('all lines', async () => (await helloFrom(url)).last === total, 30_000);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const searchbox = (page: Page) => page.locator('[data-part="search"] [role="searchbox"]');
const countIs = (page: Page, text: string) =>
  until(`the count ${text}`, async () => (await page.locator('[data-part="search-count"]').textContent()) === text);
/** Rows are drawn a frame after the count. */
const marksAre = (page: Page, selector: string, texts: string[]) =>
  until(
    `the marks ${texts}`,
    async () => (await page.locator(selector).allTextContents()).join('|') === texts.join('|'),
  );
const currentIs = (page: Page, texts: string[]) => marksAre(page, '.text mark[aria-current="true"]', texts);

async function open(query = ''): Promise<Page> {
  await openAsNew(shared, `${await agent.url()}${query}`);
  await shared.locator('.row:not(.loading) .text').first().waitFor();
  return shared;
}

it('lines stay where they are on the screen when the filters come late, open and close', async () => {
  const file = folder.file('still.log');
  writeFileSync(file, Array.from({ length: 900 }, (_, at) => `line ${at + 1}\n`).join(''));
  await using still = startAgent(folder.path, [file]);
  const page = await browser.open('about:blank');
  const scripts = createDeferred<void>();
  await page.route('**/later-*.js', async (route) => {
    await scripts.promise;
    await route.continue();
  });
  await page.goto(`${await still.url()}?q=line#L500`, { waitUntil: 'commit' });
  const top = async (id: number) => Math.round((await page.locator(`.row[data-id="${id}"]`).boundingBox())?.y ?? 0);
  // Its text comes with the scripts, too.
  await page.locator('.row[data-id="500"]').waitFor();
  const before = await top(500);
  scripts.resolve();
  const bar = page.locator('.filter-bar');
  await bar.waitFor();
  await expect.poll(() => top(500)).toBe(before);
  await page.locator('.scroller').press('ArrowDown');
  await expect.poll(() => top(500)).toBeLessThan(before);
  const scrolled = await top(500);
  for (const state of ['detached', 'visible'] as const) {
    await page.locator('.filter-button').click();
    await bar.waitFor({ state });
    await expect.poll(() => top(500)).toBe(scrolled);
  }
  // The first line is hidden by nothing.
  await page.locator('.scroller').press('Home');
  await row(page, 1).waitFor();
  await page.locator('.filter-button').click();
  await bar.waitFor({ state: 'detached' });
  await page.locator('.filter-button').click();
  await bar.waitFor();
  await expect
    .poll(() => page.locator('.scroller').evaluate((view) => view.getBoundingClientRect().top))
    .toBe(await top(1));
  await page.context().close();
});

it('errors are listed and counted as far as the filter shows them, also those that come', async () => {
  const mixed = folder.file('mixed.log');
  const lines = (count: number) =>
    Array.from(
      { length: count },
      (_, at) => `${at % 10 === 9 ? 'error: ' : ''}${at % 20 === 9 ? 'disk' : 'net'} ${at}\n`,
    );
  writeFileSync(mixed, lines(400).join(''));
  await using live = startAgent(folder.path, ['-n', 'all', mixed]);
  const page = await browser.open(`${await live.url()}?q=disk`);
  const button = page.locator('.problems-button');
  await expect.poll(() => button.textContent()).toBe('20 of 40 errors shown');
  await button.click();
  const listed = page.locator('[data-part="errors"] li[data-line]');
  await expect.poll(() => listed.count()).toBe(20);
  await expect.poll(() => listed.first().textContent()).toBe('error: disk 9line 10');
  await page.keyboard.press('Escape');
  await page.keyboard.press('e');
  await expect.poll(() => button.textContent()).toMatch(/^\d+ of 20 errors$/);

  appendFileSync(mixed, lines(60).join(''));
  await expect.poll(() => button.textContent()).toBe('1 of 23 errors');
  await page.locator('.level[data-level="info"]').click();
  await expect.poll(() => button.textContent()).toBe('0 of 46 errors shown');
  await button.click();
  await page.locator('[data-part="errors"] button', { hasText: '46 hidden by the filter' }).click();
  await expect.poll(() => button.textContent()).toBe('46 errors');
  await expect.poll(() => listed.count()).toBe(46);
  await page.context().close();
});

describe('lines that are hidden by one key', () => {
  it('are in no count, list or search, also after a reload, until one click shows them again', async () => {
    const cleared = folder.file('cleared.log');
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, at) => `${(from + at) % 100 ? 'line' : 'error:'} ${from + at}\n`).join(
        '',
      );
    writeFileSync(cleared, lines(1, 1000));
    await using live = startAgent(folder.path, ['-n', 'all', cleared]);
    const page = await browser.open(await live.url());
    const problems = page.locator('.problems-button');
    const lineCount = page.locator('.status .count');
    const ticks = async () => Number(await page.locator('.scrollbar canvas').getAttribute('data-ticks'));
    await until('ten errors', async () => (await problems.textContent()) === '10 errors' && (await ticks()) === 10);

    await page.keyboard.press('x');
    const chip = page.locator('.chip[data-kind="from"]');
    await expect.poll(() => chip.getAttribute('data-value')).toBe('1001');
    await page.locator('.empty').getByText('All lines so far are hidden.').waitFor();
    await problems.waitFor({ state: 'detached' });
    await expect.poll(() => shownIds(page)).toEqual([]);
    appendFileSync(cleared, lines(1001, 1200));
    await row(page, 1200).waitFor();

    const showsRest = async () => {
      await until('two errors', async () => (await problems.textContent())?.endsWith('2 errors') === true);
      const isMarked = page.url().includes('#L1100');
      await until('their places', async () => (await ticks()) === (isMarked ? 3 : 2));
      await expect.poll(() => lineCount.textContent()).toBe('200 lines');
      await expect.poll(() => lineCount.getAttribute('title')).toBe(null);
      await page.keyboard.press('Home');
      await until('its first line', async () => (await shownIds(page))[0] === 1001);
      await page.keyboard.press('e');
      await until('the first error', async () => page.url().endsWith('#L1100'));
      await page.keyboard.press('/');
      await searchbox(page).fill('line');
      await until('its matches', async () =>
        (await page.locator('[data-part="search-count"]').innerText()).endsWith('of 198'),
      );
      await page.keyboard.press('Escape');
      await page.keyboard.press('t');
      const bars = page.locator('[data-part="timeline"] .bucket');
      await until('the lines over time', async () => {
        const counts = await bars.evaluateAll((all) => all.map((bar) => Number(bar.getAttribute('data-lines'))));
        return counts.reduce((sum, count) => sum + count, 0) === 200;
      });
      await page.keyboard.press('t');
      await expect.poll(() => page.locator('.tool.raw').getAttribute('href')).toBe('raw?from=1001');
    };
    await showsRest();
    await page.reload();
    await expect.poll(() => page.url()).toContain('?from=1001');
    await chip.waitFor();
    await showsRest();

    await page.getByRole('button', { name: 'error', exact: true }).click();
    await until('what else is filtered', async () => (await lineCount.textContent()) === '200 lines · 198 hidden');
    await page.getByRole('button', { name: 'error', exact: true }).click();
    await page.keyboard.press('l');
    await page.keyboard.type('500\n');
    await page.locator('.absent-mark').getByText('Line 500 is hidden by the current filter.').waitFor();

    await chip.getByRole('button').click();
    await until('all lines', async () => (await lineCount.textContent()) === '1,200 lines');
    await until('all errors', async () => (await problems.textContent())?.endsWith('12 errors') === true);
    expect(page.url()).not.toContain('from=');
    await page.keyboard.press('Home');
    await until('the first line', async () => (await lineText(page, 1).allTextContents()).join() === 'line 1');
    expect(browser.complaints).toEqual([]);
  });

  it('are those of one log: what an address hides of another one shows', async () => {
    const page = await open('?from=40000');
    await row(page, total).waitFor();
    expect(await page.locator('.chip[data-kind="from"]').count()).toBe(0);
    expect(page.url()).not.toContain('from=');
  });

  it('stay hidden when the errors that a filter hides are shown', async () => {
    const both = folder.file('both.log');
    writeFileSync(both, ['error: old', 'line', 'error: one', 'error: two', ''].join('\n'));
    await using live = startAgent(folder.path, ['-n', 'all', both]);
    const page = await browser.open(`${await live.url()}?from=2&not=two`);
    await row(page, 3).waitFor();
    await page.locator('.problems-button').click();
    await page.getByText('1 hidden by the filter: show all lines').click();
    await row(page, 4).waitFor();
    expect(await shownIds(page)).toEqual([2, 3, 4]);
    expect(await page.locator('.chip').count()).toBe(1);
    await page.context().close();
  });

  it('show at the end of the log when filters are turned off, and are hidden again, with no line marked', async () => {
    const long = folder.file('long.log');
    writeFileSync(long, Array.from({ length: 3000 }, (_, at) => `line ${at + 1}\n`).join(''));
    await using live = startAgent(folder.path, ['-n', 'all', long]);
    const page = await browser.open(await live.url());
    const lastRow = row(page, 3000);
    const isAtEnd = async () => {
      await expect.poll(() => page.locator('.absent-mark').count()).toBe(0);
      await expect.poll(() => new URL(page.url()).hash).toBe('');
      await expect.poll(() => page.locator('#log').getAttribute('data-following')).toBe('true');
    };
    await lastRow.waitFor();
    await page.keyboard.press('x');
    for (let turn = 0; turn < 2; turn++) {
      await lastRow.waitFor({ state: 'detached' });
      await isAtEnd();
      await page.keyboard.press('c');
      await lastRow.waitFor();
      await isAtEnd();
      await page.keyboard.press('c');
    }
    await page.locator('.empty').getByText('All lines so far are hidden.').waitFor();
    await isAtEnd();
    appendFileSync(long, 'one more\n');
    await row(page, 3001).waitFor();
    await isAtEnd();
  });

  it.each([
    ['a key', ''],
    ['an address that somebody wrote', '?from=21'],
  ])('are not those with the same numbers in the next run at the same address: by %s', async (_way, query) => {
    const port = String(await freePort());
    const run = (lines: number) =>
      startAgent(folder.path, ['--port', port, '--', 'sh', '-c', `seq ${lines}; exec sleep 600`]);
    const chip = (page: Page) => page.locator('.chip[data-kind="from"]');
    let page: Page;
    {
      await using first = run(20);
      await until('all lines', async () => (await helloFrom(await first.url())).last === 20);
      page = await browser.open(`${await first.url()}${query}`);
      if (query === '') {
        await row(page, 20).waitFor();
        await page.keyboard.press('x');
      }
      await chip(page).waitFor();
      await page.reload();
      await page.locator('.empty').getByText('All lines so far are hidden.').waitFor();
      await page.goto('about:blank');
    }
    await using second = run(25);
    await second.url();
    await page.goBack();
    await row(page, 25).waitFor();
    await row(page, 1).waitFor();
    await expect.poll(() => chip(page).count()).toBe(0);
    await expect.poll(() => new URL(page.url()).search).toBe('');
    await page.context().close();
  });
});

it.each([
  ['after', ''],
  ['amid', '&not=first'],
])('lines around matches are all there, also where a reading of them ends %s a pair', async (_where, not) => {
  const around = folder.file('around.log');
  // Pairs after one that stands alone: whether so many matches are whole pairs, depends on that.
  const isMatch = (id: number) => id > 30 && (id % 20 === 0 || id % 20 === 3);
  const textOf = (id: number) => (id === 10 ? 'match: the first' : `${isMatch(id) ? 'match' : 'line'} ${id}`);
  const ids = Array.from({ length: 3000 }, (_, at) => at + 1);
  writeFileSync(around, ids.map((id) => `${textOf(id)}\n`).join(''));
  await using agent = startAgent(folder.path, ['-n', 'all', around]);
  const page = await browser.open(`${await agent.url()}?q=match&context=5${not}`);
  let readings = 0;
  page.on('request', (request) => {
    if (request.url().includes('&limit=')) readings++;
  });
  const seen = new Set<number>();
  await page.keyboard.press('Home');
  await row(page, 40).waitFor();
  // One more than its lines: those are there when what comes after them is asked for.
  for (let last = 0, pages = 0; pages < 3; pages += readings > 1 ? 1 : 0, await page.keyboard.press('PageDown')) {
    const shown = await until('the lines below', async () => {
      // At once: a row that is still loading may be of a line that then does not show.
      const found = await page.locator('.row').evaluateAll((rows) => {
        if (rows.some(({ classList }) => classList.contains('loading'))) return [];
        return rows.flatMap(({ dataset }) => (dataset.id === undefined ? [] : [Number(dataset.id)]));
      });
      return Math.max(0, ...found) > last && found;
    });
    for (const id of shown) seen.add(id);
    last = Math.max(...shown);
  }
  const matches = ids.filter(isMatch);
  const expected = ids.filter((id) => id <= Math.max(...seen) && matches.some((match) => Math.abs(match - id) <= 5));
  expect([...seen].filter((id) => id > 30).sort((a, b) => a - b)).toEqual(expected);
  await page.context().close();
});

describe('search', () => {
  it('finds in the whole log, marks in colored text, and goes from place to place around the ends', async () => {
    const page = await open();
    await row(page, total).waitFor();
    await page.keyboard.press('/');
    await searchbox(page).fill('needle');
    await countIs(page, '7 of 9');
    await marksAre(page, '[data-id="30000"] mark', ['nee', 'dle', 'Needle', 'needle']);
    await currentIs(page, ['nee', 'dle']);
    await page.keyboard.press('Enter');
    await countIs(page, '8 of 9');
    await currentIs(page, ['Needle']);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await countIs(page, '1 of 9');
    await until('the first place', async () => (await shownIds(page)).includes(10_000));
    await page.keyboard.press('Shift+Enter');
    await countIs(page, '9 of 9');
    await page.keyboard.press('Escape');
    await until('no mark', async () => (await page.locator('mark').count()) === 0);
    await expect.poll(() => page.locator('[data-part="search"]').count()).toBe(0);
  });

  it('has regard to case where the text has upper-case letters, and takes whole words', async () => {
    const page = await open();
    await page.keyboard.press('Control+F');
    await searchbox(page).fill('Needle');
    await countIs(page, '3 of 3');
    await searchbox(page).fill('needl');
    await countIs(page, '7 of 9');
    await page.getByRole('button', { name: 'Whole words' }).click();
    await countIs(page, 'No matches');
  });

  it('says as it is typed that an expression is none', async () => {
    const page = await open();
    await page.keyboard.press('/');
    await page.getByRole('button', { name: 'Regular expression' }).click();
    await searchbox(page).fill('need(');
    await page.locator('[data-part="search"][data-state="invalid"] .search-news', { hasText: /group/i }).waitFor();
    await expect.poll(() => searchbox(page).getAttribute('aria-invalid')).toBe('true');
    // One that the browser takes and the agent does not, which answers programs with the name of the parameter.
    await searchbox(page).fill('(?<="need": )le');
    const news = page.locator('.search-news', { hasText: 'lookbehind' });
    await expect.poll(() => news.textContent()).toBe('lookbehinds are not supported at character 1.');
  });

  it('marks nothing for an expression that the agent refuses, though the browser takes it', async () => {
    const page = await open();
    await row(page, total).waitFor();
    await page.keyboard.press('/');
    await page.locator('.flag[data-flag="regex"]').click();
    await searchbox(page).fill('l?ine');
    await page.locator('.text mark').first().waitFor();
    await searchbox(page).fill('(?<=l)ine');
    await page.locator('[data-part="search"][data-state="invalid"] .search-news', { hasText: /lookbehind/ }).waitFor();
    await expect.poll(() => page.locator('.text mark').count()).toBe(0);
  });

  it('says that a filter kept it from lines where it finds nothing', async () => {
    const page = await open('?q=needle');
    await page.keyboard.press('/');
    await searchbox(page).fill('line 5');
    await countIs(page, 'No matches');
    await page.locator('.search-news', { hasText: 'Hidden lines were not searched.' }).waitFor();
  });

  it('goes to the piece of a long line in which the match is', async () => {
    const long = folder.file('long.log');
    const hay = (count: number) => 'hay '.repeat((count * 256 * 1024) / 4);
    writeFileSync(long, `before\n${hay(1)}a needle, ${hay(2)}\nafter\n`);
    await using live = startAgent(folder.path, ['-n', 'all', long]);
    const url = await live.url();
    await until('all pieces', async () => (await helloFrom(url)).last === 6, 30_000);
    const page = await browser.open(url);
    await row(page, 6).waitFor();
    await page.keyboard.press('/');
    await searchbox(page).fill('needle');
    await countIs(page, '1 of 1');
    await currentIs(page, ['needle']);
    const marked = page.locator('.row', { has: page.locator('mark[aria-current="true"]') });
    await expect.poll(() => marked.getAttribute('data-id')).toBe('3');
    await page.context().close();
  });

  it('finds lines that come while it is open', async () => {
    const page = await open();
    await page.keyboard.press('/');
    await searchbox(page).fill('latecomer');
    await countIs(page, 'No matches');
    appendFileSync(file, 'a latecomer\n');
    await countIs(page, '1 match');
    await page.keyboard.press('Enter');
    await countIs(page, '1 of 1');
  });
});

describe('filters', () => {
  it('are in the address, leave out what does not match, and lead to a place in the whole log and back', async () => {
    const page = await open('?q=needle');
    await until('the lines that match', async () => String(await shownIds(page)) === '10000,20000,30000');
    const chip = page.locator('[data-part="filters"] .chip[data-kind="q"]');
    await expect.poll(() => chip.getAttribute('data-value')).toBe('needle');

    await row(page, 20_000).locator('a.number').click();
    await page.keyboard.press('c');
    await until('what is around it', async () => (await shownIds(page)).includes(20_001));
    await expect.poll(() => new URL(page.url()).search).toBe('');
    await expect.poll(() => row(page, 20_000).getAttribute('class')).toContain('marked');
    await page.keyboard.press('c');
    await until('the filter', async () => String(await shownIds(page)) === '10000,20000,30000');
    await expect.poll(() => new URL(page.url()).search).toBe('?q=needle');

    await chip.getByRole('button').click();
    await until('the whole log', async () => (await shownIds(page)).length > 10);
    await expect.poll(() => new URL(page.url()).search).toBe('');
  });

  it('are added and taken away on the page, several at once', async () => {
    const page = await open();
    await page.keyboard.press('f');
    const filters = page.locator('[data-part="filters"]');
    await filters.locator('.filter-text').fill('odd');
    await page.keyboard.press('Enter');
    await until('odd lines', async () => {
      const shown = await shownIds(page);
      return shown.length > 10 && shown.every((id) => id % 2 === 1);
    });
    // Those that nobody has looked at are counted as well.
    const hidden = page.locator('.hidden-lines');
    await until('how many', async () => / · 15,00\d hidden$/.test((await hidden.textContent()) ?? ''));
    await filters.locator('select').first().selectOption('not');
    await filters.locator('.filter-text').fill('line 2');
    await page.keyboard.press('Enter');
    await until('both', async () => {
      const shown = await page.locator('.row .text').allTextContents();
      return shown.length > 10 && shown.every((text) => text.includes('odd') && !text.includes('line 2'));
    });
    await expect.poll(() => new URL(page.url()).search).toBe('?q=odd&not=line%202');
    await page.keyboard.press('Control+F');
    await searchbox(page).fill('line 19999 ');
    await countIs(page, '1 of 1');
    await expect.poll(() => lineText(page, 19_999).locator('mark').textContent()).toBe('line 19999 ');

    await page.keyboard.press('Escape');
    await filters.locator('select').first().selectOption('q');
    await filters.locator('.filter-text').fill('1999');
    await page.keyboard.press('Enter');
    const numbers = ['1999', '11999', '19991', '19993', '19995', '19997', '19999'];
    await until('lines with both texts', async () => String(await shownIds(page)) === String(numbers));
    await expect.poll(() => new URL(page.url()).search).toBe('?q=odd&q=1999&not=line%202');
    await expect.poll(() => lineText(page, 1999).locator('mark').allTextContents()).toEqual(['1999', 'odd']);
    await filters.locator('.chip[data-value="odd"]').getByRole('button').click();
    await until('lines with one text', async () => (await shownIds(page)).includes(19_990));
  });

  it('complain about nothing', () => {
    expect(browser.complaints.filter((text) => !text.includes('400'))).toEqual([]);
  });
});
