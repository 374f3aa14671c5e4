import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { connectionIs, lineText, shownIds, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { helloFrom } from '../support/hello.ts';

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

interface Logs extends AsyncDisposable {
  url: string;
  agent: AgentProcess;
  /** Adds lines to a file, and waits until they are in the log. */
  append(name: string, ...lines: string[]): Promise<void>;
  path(name: string): string;
}

/** Follows all files of a folder. */
async function followFolder(names: readonly string[]): Promise<Logs> {
  const folder = temporaryFolder();
  const dir = join(folder.path, 'files');
  for (const name of names) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), '');
  }
  const agent = startAgent(folder.path, ['-n', 'all', join(dir, '**/*.log')]);
  const url = await agent.url();
  const lastId = async () => (await helloFrom(url)).last;
  return {
    url,
    agent,
    path: (name) => join(dir, name),
    async append(name, ...lines) {
      const before = await lastId();
      appendFileSync(join(dir, name), lines.map((line) => `${line}\n`).join(''));
      await until('the lines', async () => (await lastId()) >= before + lines.length);
    },
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const shownTexts = (page: Page) => page.locator('.row[data-id]:not(.loading) .text').allTextContents();
const showsTexts = (page: Page, expected: string[]) =>
  until(
    `the lines ${expected.join(', ').slice(0, 80)}`,
    async () => JSON.stringify(await shownTexts(page)) === JSON.stringify(expected),
  ).catch(async (error) => {
    await expect.poll(() => shownTexts(page)).toEqual(expected);
    throw error;
  });
const openMenu = async (page: Page) => {
  await page.locator('.sources-button').click();
  await page.locator('.sources-menu').waitFor();
};
const sourceRow = (page: Page, label: string) =>
  page.locator('.source-list li').filter({ has: page.getByText(label, { exact: true }) });

/** Contrast of an element's text with its own background (WCAG 2). */
const contrastOf = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const luminance = (color: string): number => {
        const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
          const part = value / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      const { color, backgroundColor } = getComputedStyle(element);
      const [dark = 0, light = 0] = [luminance(color), luminance(backgroundColor)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    });

describe('the tags of sources', () => {
  it('are short, named in full by their titles, each of its own color, the same after a reload', async () => {
    await using logs = await followFolder(['web/access.log', 'web/app.log', 'db.log']);
    for (const name of ['web/access.log', 'web/app.log', 'db.log']) await logs.append(name, `from ${name}`);
    const page = await browser.open(logs.url);
    await showsTexts(page, ['from web/access.log', 'from web/app.log', 'from db.log']);
    const tags = page.locator('.row .tag');
    await expect.poll(() => tags.allTextContents()).toEqual(['web/access.log', 'web/app.log', 'db.log']);
    await expect
      .poll(() => page.locator('.row .source').first().getAttribute('title'))
      .toBe(logs.path('web/access.log'));
    const colors = () => tags.evaluateAll((all) => all.map((tag) => getComputedStyle(tag).color));
    await expect.poll(async () => new Set(await colors()).size).toBe(3);
    const before = await colors();
    await page.reload();
    await showsTexts(page, ['from web/access.log', 'from web/app.log', 'from db.log']);
    await expect.poll(colors).toEqual(before);
  });

  it.each(['light', 'dark'] as const)('can be read whatever their color: %s', async (colorScheme) => {
    await using logs = await followFolder(['a.log', 'b.log']);
    await logs.append('a.log', 'x');
    const page = await browser.open(logs.url, { colorScheme });
    await page.locator('.row .tag').waitFor();
    for (let hue = 0; hue < 360; hue += 15) {
      // A row may be drawn again between the two.
      await until(`a tag that can be read, hue ${hue}`, async () => {
        await page
          .locator('.row .source')
          .evaluate((source, degrees) => (source as HTMLElement).style.setProperty('--hue', String(degrees)), hue);
        return (await contrastOf(page, '.row .tag')) > 4.5;
      });
    }
  });

  it('are not there where there is one source', async () => {
    await using logs = await followFolder(['a.log']);
    await logs.append('a.log', 'x');
    const page = await browser.open(logs.url);
    await showsTexts(page, ['x']);
    expect(await page.locator('.row .source').count()).toBe(0);
    expect(await page.locator('.sources-button').count()).toBe(0);
  });
});

describe('hiding and showing sources', () => {
  it('leaves the others where they are, says how many lines are hidden, and is in the address', async () => {
    await using logs = await followFolder(['a.log', 'b.log', 'c.log']);
    for (const round of [1, 2]) {
      for (const name of ['a', 'b', 'c']) await logs.append(`${name}.log`, `${name} ${round}`, `${name} ${round}+`);
    }
    const all = ['a 1', 'a 1+', 'b 1', 'b 1+', 'c 1', 'c 1+', 'a 2', 'a 2+', 'b 2', 'b 2+', 'c 2', 'c 2+'];
    const without = (...names: string[]) => all.filter((text) => !names.includes(text.charAt(0)));
    const page = await browser.open(logs.url);
    await showsTexts(page, all);
    await openMenu(page);
    await sourceRow(page, 'b.log').getByRole('checkbox').uncheck();
    await showsTexts(page, without('b'));
    await expect.poll(() => shownIds(page)).toEqual([1, 2, 5, 6, 7, 8, 11, 12]);
    await expect.poll(() => page.locator('.count').textContent()).toBe('12 lines · 4 hidden');
    await expect.poll(() => page.locator('.sources-button').textContent()).toBe('2 of 3');
    await expect.poll(() => new URL(page.url()).searchParams.getAll('hide')).toEqual([logs.path('b.log')]);

    // A link shows the same to others, and lines that come are chosen in the same way.
    const other = await browser.open(page.url());
    await showsTexts(other, without('b'));
    await logs.append('b.log', 'b 3');
    await logs.append('a.log', 'a 3');
    for (const one of [page, other]) await showsTexts(one, [...without('b'), 'a 3']);

    await sourceRow(page, 'c.log').hover();
    await sourceRow(page, 'c.log').getByRole('button').click();
    await showsTexts(page, ['c 1', 'c 1+', 'c 2', 'c 2+']);
    await expect.poll(() => new URL(page.url()).search).toBe(`?source=${encodeURIComponent(logs.path('c.log'))}`);
    await page.getByRole('button', { name: 'Hide all' }).click();
    await showsTexts(page, []);
    await page.locator('.empty').getByRole('button', { name: 'Show all' }).click();
    await showsTexts(page, [...all, 'b 3', 'a 3']);
    await expect.poll(() => new URL(page.url()).search).toBe('');
    await expect.poll(() => page.locator('.count').textContent()).toBe('14 lines');
    expect(browser.complaints).toEqual([]);
  });

  it('takes sources that join later as shown, unless some were chosen', async () => {
    await using logs = await followFolder(['a.log', 'b.log']);
    await logs.append('a.log', 'a 1');
    await logs.append('b.log', 'b 1');
    const hiding = await browser.open(`${logs.url}?hide=${encodeURIComponent(logs.path('a.log'))}`);
    const choosing = await browser.open(`${logs.url}?source=${encodeURIComponent(logs.path('a.log'))}`);
    await showsTexts(hiding, ['b 1']);
    await showsTexts(choosing, ['a 1']);
    await openMenu(choosing);
    await logs.append('late.log', 'late 1');
    await showsTexts(hiding, ['b 1', 'late 1']);
    await sourceRow(choosing, 'late.log').waitFor();
    expect(await sourceRow(choosing, 'late.log').getByRole('checkbox').isChecked()).toBe(false);
    await expect.poll(() => shownTexts(choosing)).toEqual(['a 1']);
    await sourceRow(choosing, 'late.log').getByRole('checkbox').check();
    await showsTexts(choosing, ['a 1', 'late 1']);
  });

  it('copies what is shown', async () => {
    await using logs = await followFolder(['a.log', 'b.log']);
    for (const round of [1, 2, 3]) {
      await logs.append('a.log', `a ${round}`);
      await logs.append('b.log', `b ${round}`);
    }
    const page = await browser.open(`${logs.url}?hide=${encodeURIComponent(logs.path('b.log'))}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await showsTexts(page, ['a 1', 'a 2', 'a 3']);
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+C');
    const copied = await until('the clipboard', () =>
      page.evaluate(async () => (await navigator.clipboard.readText()) || undefined),
    );
    expect(copied.trimEnd()).toBe('a 1\na 2\na 3');
    const raw = await page.locator('a.raw').getAttribute('href');
    expect(await (await fetch(new URL(raw ?? '', page.url()))).text()).toBe('a 1\na 2\na 3\n');
  });
});

describe('a source that says little in a log that is long', () => {
  const rounds = 80;
  const noise = 2000;
  const rareId = (round: number) => round * (noise + 1);
  let logs: Logs;

  beforeAll(async () => {
    logs = await followFolder(['loud.log', 'rare.log']);
    const loud = Array.from({ length: noise }, (_, at) => `noise ${at}`);
    for (let round = 1; round <= rounds; round++) {
      await logs.append('loud.log', ...loud);
      await logs.append('rare.log', `rare ${round}`);
    }
  });
  afterAll(() => logs[Symbol.asyncDispose]());

  const rareUrl = () => `${logs.url}?source=${encodeURIComponent(logs.path('rare.log'))}`;
  const lastRounds = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => `rare ${from + at}`);

  it('fills the page at once, with its own line numbers', async () => {
    const page = await browser.open('about:blank', { height: 700 });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(rareUrl());
    await lineText(page, rareId(rounds)).waitFor();
    await until('a full view', async () => (await shownIds(page)).length >= 30);
    const ids = await shownIds(page);
    expect(ids).toEqual(ids.map((_, at) => rareId(rounds - ids.length + 1 + at)));
    expect(asked.filter((url) => url.includes('events')).length).toBeLessThanOrEqual(3);

    await page.keyboard.press('Home');
    await showsTextsFrom(page, lastRounds(1, 30));
    await page.keyboard.press('PageDown');
    await until('the next page', async () => (await shownTexts(page)).includes('rare 50'));
    await page.keyboard.press('End');
    await showsTextsFrom(page, lastRounds(55, rounds));
    expect(asked.filter((url) => url.includes('events')).length).toBeLessThan(12);
  });

  const showsTextsFrom = (page: Page, expected: string[]) =>
    until(`the lines from ${expected[0]} on`, async () => {
      const shown = await shownTexts(page);
      return expected.every((text) => shown.includes(text));
    });

  it('is shown around any line, and the log around any of its lines when all is shown again', async () => {
    const page = await browser.open(`${rareUrl()}#L${rareId(40)}`);
    await page.locator(`.row.marked[data-id="${rareId(40)}"]`).waitFor();
    await showsTextsFrom(page, lastRounds(38, 42));
    await openMenu(page);
    await page.getByRole('button', { name: 'Show all' }).click();
    await until('its neighbors', async () => (await shownIds(page)).includes(rareId(40) + 1));
    await until('their text', async () => (await shownTexts(page)).includes('noise 0'));
    await expect.poll(() => page.locator(`.row.marked[data-id="${rareId(40)}"] .text`).textContent()).toBe('rare 40');
  });

  it('is shown again where the reader has gone meanwhile in the whole log, with no other line marked', async () => {
    const page = await browser.open(`${rareUrl()}#L${rareId(40)}`);
    await page.locator(`.row.marked[data-id="${rareId(40)}"]`).waitFor();
    await page.keyboard.press('c');
    await until('its neighbors', async () => (await shownTexts(page)).includes('noise 0'));
    await page.keyboard.press('Home');
    await lineText(page, 2).waitFor();
    await page.keyboard.press('c');
    await showsTextsFrom(page, lastRounds(1, 20));
    await expect.poll(() => new URL(page.url()).hash).toBe(`#L${rareId(40)}`);
    await expect.poll(() => page.locator('.absent-mark').count()).toBe(0);
  });

  it('is shown around a line of another source, which is offered', async () => {
    const page = await browser.open(`${rareUrl()}#L${rareId(40) - 1}`);
    await showsTextsFrom(page, lastRounds(38, 42));
    await page.locator('.banner.absent-mark').getByRole('button', { name: 'Show all' }).click();
    await page.locator(`.row.marked[data-id="${rareId(40) - 1}"]`).waitFor();
    await expect.poll(() => page.locator('.banner.absent-mark').count()).toBe(0);
  });

  it('goes on live', async () => {
    const page = await browser.open(rareUrl());
    await connectionIs(page, 'live');
    await lineText(page, rareId(rounds)).waitFor();
    await logs.append('loud.log', 'more noise');
    await logs.append('rare.log', 'rare and new');
    await lineText(page, rareId(rounds) + 2).waitFor();
    await expect.poll(async () => (await shownTexts(page)).slice(-2)).toEqual([`rare ${rounds}`, 'rare and new']);
    await expect.poll(() => page.locator('#log').getAttribute('data-following')).toBe('true');
  });
});

describe('the two outputs of a command', () => {
  it('can be seen apart', async () => {
    using folder = temporaryFolder();
    const script = 'for i in 1 2 3; do echo out $i; sleep 0.05; echo err $i >&2; sleep 0.05; done; sleep 60';
    await using agent = startAgent(folder.path, ['-q', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url());
    await until('six lines', async () => (await shownTexts(page)).length === 6);
    await openMenu(page);
    await page.locator('.streams').getByText('stderr').click();
    await showsTexts(page, ['err 1', 'err 2', 'err 3']);
    await expect.poll(() => new URL(page.url()).search).toBe('?stream=stderr');
    await expect.poll(() => page.locator('.sources-button').textContent()).toBe('stderr');
    await page.locator('.streams').getByText('stdout').click();
    await showsTexts(page, ['out 1', 'out 2', 'out 3']);
    await page.locator('.streams').getByText('both').click();
    await until('six lines', async () => (await shownTexts(page)).length === 6);
    await expect.poll(() => new URL(page.url()).search).toBe('');
  });
});

describe('a thousand sources', () => {
  it('are found, hidden and shown in a moment', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `host-${String(at).padStart(3, '0')}/server.log`);
    await using logs = await followFolder(names);
    const url = logs.url;
    for (const name of names) appendFileSync(logs.path(name), `line of ${name}\n`);
    await until('all lines', async () => (await helloFrom(url)).last === 1000, 90_000);
    const page = await browser.open(url);
    await until('lines', async () => (await shownTexts(page)).length > 30);
    await openMenu(page);
    const listed = (count: number) => async () => (await page.locator('.source-list li').count()) === count;
    await until('all in the list', listed(1000));
    await page.getByRole('searchbox').fill('host-77');
    await until('some in the list', listed(10));
    await page.getByRole('button', { name: 'Only these' }).click();
    const lines = (text: string) => names.filter((name) => name.includes(text)).map((name) => `line of ${name}`);
    await showsTexts(page, await inOrder(url, lines('host-77')));
    await until('the count', async () => (await page.locator('.count').textContent()) === '1,000 lines · 990 hidden');

    // More than a URL holds.
    await page.getByRole('searchbox').fill('5');
    await until('those with a 5 in the list', listed(names.filter((name) => name.includes('5')).length));
    await page.getByRole('button', { name: 'Only these' }).click();
    await until('their lines', async () => {
      const shown = await shownTexts(page);
      return shown.length > 30 && shown.every((text) => text.includes('5'));
    });
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'Show all' }).click();
    await until('all of them', async () => (await page.locator('.count').textContent()) === '1,000 lines');
    expect(browser.complaints).toEqual([]);
  });

  /** These lines as they stand in the log: files are read in no certain order. */
  async function inOrder(url: string, lines: string[]): Promise<string[]> {
    const all = (await (await fetch(`${url}raw`)).text()).split('\n');
    return all.filter((line) => lines.includes(line));
  }
});
