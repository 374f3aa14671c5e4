import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventText } from '../../agent/frame/events.ts';
import { visibleName } from '../../agent/text/drawing/invisible.ts';
import { shownText } from '../../agent/text/drawing/runs.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { LogStatus, LogSummary } from '../../agent/words/log.ts';
import type { Hello } from '../../agent/words/wire.ts';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { connectionIs, lineText, type OpenOptions, row, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { parseLines } from '../support/event-text.ts';
import { helloFrom } from '../support/hello.ts';
import { hostileNames, longPayloads, payloads, randomLines } from '../support/hostile-corpus.ts';
import { drawnRows, type Misdeeds, skeletonOf, strangersIn, watchMisdeeds } from '../support/hostile-page.ts';
import { amountOf } from '../support/sweep.ts';

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

/** High enough to show all lines of a test at once. */
const tall = { width: 1200, height: 9000 };

interface OpenLog extends AsyncDisposable {
  page: Page;
  misdeeds: Misdeeds;
  /** The lines as the agent gives them, by id. */
  texts: Map<number, string>;
}

/** Follows a file of these lines and one more, and opens its page with all of them drawn. */
async function openLog(lines: readonly Buffer[], options?: OpenOptions): Promise<OpenLog> {
  const folder = temporaryFolder();
  const file = folder.file('hostile.log');
  writeFileSync(file, Buffer.concat([...lines, Buffer.from('the end')].flatMap((line) => [line, Buffer.from('\n')])));
  return openInput(
    folder,
    ['-n', 'all', file],
    async (url) => {
      return (await (await fetch(`${url}raw?tail=1&strip=1`)).text()) === 'the end\n';
    },
    options,
  );
}

/** @param isWhole whether everything has become lines */
async function openInput(
  folder: ReturnType<typeof temporaryFolder>,
  args: string[],
  isWhole: (url: string) => Promise<boolean>,
  options: OpenOptions = {},
): Promise<OpenLog> {
  const agent = startAgent(folder.path, args);
  const url = await agent.url();
  await until('all lines', () => isWhole(url), 30_000);
  const { page, misdeeds } = await openWatched(url, { ...tall, ...options });
  const last = await lastIdAt(url);
  await allDrawn(page, last);
  const body = await (await fetch(`${url}events?follow=0`)).text();
  return {
    page,
    misdeeds,
    texts: new Map(parseLines(body).map(({ id, text }) => [id, text])),
    async [Symbol.asyncDispose]() {
      await page.context().close();
      await agent[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

async function lastIdAt(url: string): Promise<number> {
  return (await helloFrom(url)).last;
}

async function openWatched(url: string, options: OpenOptions = {}): Promise<{ page: Page; misdeeds: Misdeeds }> {
  const page = await browser.open('about:blank', options);
  const misdeeds = await watchMisdeeds(page, new URL(url).origin);
  await page.goto(url);
  return { page, misdeeds };
}

const allDrawn = (page: Page, last: number) =>
  until(
    `${last} lines on the page`,
    async () => (await page.locator('.row[data-id]:not(.loading)').count()) === last,
    60_000,
  );

const skeletons = new Map<number, string[]>();

/** The skeleton of a page with so many lines that hold nothing bad. */
async function harmlessSkeleton(lines: number): Promise<string[]> {
  const known = skeletons.get(lines);
  if (known !== undefined) return known;
  await using log = await openLog(Array.from({ length: lines }, (_, at) => Buffer.from(`line ${at + 1}`)));
  const skeleton = await skeletonOf(log.page);
  skeletons.set(lines, skeleton);
  return skeleton;
}

const ordinary = payloads.map(({ bytes }) => bytes);

describe.each([
  ['the corpus', ordinary],
  ['random bytes', randomLines(20_251_120, 400)],
  ['other random bytes', randomLines(4711, 400)],
])('lines: %s', (_name, lines) => {
  let hostile: OpenLog;

  beforeAll(async () => {
    hostile = await openLog(lines);
  });
  afterAll(() => hostile?.[Symbol.asyncDispose]());

  it('change nothing of the page outside of their own text', async () => {
    expect(await skeletonOf(hostile.page)).toEqual(await harmlessSkeleton(lines.length));
    expect(await strangersIn(hostile.page)).toEqual([]);
  });

  it('show what they hold, and nothing else', async () => {
    for (const { id, text, hasMore } of await drawnRows(hostile.page)) {
      const whole = shownText(hostile.texts.get(id) as string);
      if (hasMore) expect(whole.startsWith(text), `line ${id}`).toBe(true);
      else expect(text, `line ${id}`).toBe(whole);
    }
  });

  it('stay in their rows, wrapped or not', async () => {
    await stayInTheirRows(hostile.page);
    await hostile.page.keyboard.press('w');
    await hostile.page.locator('#log.wrap').waitFor();
    await stayInTheirRows(hostile.page);
    await hostile.page.keyboard.press('w');
  });

  it('open no dialog, load nothing, run nothing, violate no policy, also when they are touched', async () => {
    const { page, misdeeds } = hostile;
    await page.evaluate(() => {
      for (const element of document.querySelectorAll('.text, .text *')) {
        for (const type of ['mouseover', 'mouseenter', 'focus', 'toggle', 'animationstart', 'error', 'load']) {
          element.dispatchEvent(new Event(type, { bubbles: true }));
        }
      }
    });
    await page.keyboard.press('Control+A');
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(misdeeds.seen).toEqual([]);
  });
});

async function stayInTheirRows(page: Page): Promise<void> {
  const isWrapped = (await page.locator('#log.wrap').count()) > 0;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const { id, text, lineHeight, top, height, overflow, isClipped, gutter } of await drawnRows(page)) {
    if (!isWrapped) expect(height, `height of line ${id}`).toBe(lineHeight);
    // A character takes at most a row of its own, in the narrowest of windows.
    else expect(height, `height of line ${id}`).toBeLessThanOrEqual(lineHeight * Math.max(1, text.length));
    expect(top, `upper edge of line ${id}`).toBeGreaterThanOrEqual(bottom - 0.01);
    expect(overflow, `overflow of line ${id}`).toBeLessThan(0.01);
    expect(isClipped, `line ${id} is clipped`).toBe(true);
    expect(gutter, `line ${id} is right of its number`).toBeGreaterThanOrEqual(0);
    bottom = top + height;
  }
}

describe('payloads without control characters', () => {
  it('are shown letter for letter', async () => {
    const plain = payloads.filter(({ bytes }) => /^[\x20-\x7e]*$/.test(bytes.toString('latin1')));
    expect(plain.length).toBeGreaterThan(100);
    await using log = await openLog(plain.map(({ bytes }) => bytes));
    const drawn = await drawnRows(log.page);
    expect(drawn.map(({ text }) => text)).toEqual([...plain.map(({ bytes }) => bytes.toString()), 'the end']);
  });
});

describe('marks piled up on a letter', () => {
  it('do not cover the lines beside them, wrapped or not', async () => {
    const pile = `Z${'\u0300\u0316'.repeat(300)}algo ส${'็'.repeat(60)}`;
    const around = ['one above', '', 'one below'];
    await using piled = await openLog(
      around.map((text) => Buffer.from(text || pile)),
      { width: 800, height: 400 },
    );
    await using plain = await openLog(
      around.map((text) => Buffer.from(text || 'Zalgo')),
      { width: 800, height: 400 },
    );
    const looksTheSame = async (id: number, wrapped: string) => {
      const [with_, without] = await Promise.all([piled, plain].map(({ page }) => row(page, id).screenshot()));
      expect(with_?.equals(without as Buffer), `line ${id} looks the same, ${wrapped}`).toBe(true);
    };
    for (const id of [1, 3]) await looksTheSame(id, 'not wrapped');
    for (const { page } of [piled, plain]) {
      await page.keyboard.press('w');
      await page.locator('#log.wrap').waitFor();
    }
    for (const id of [1, 3]) await looksTheSame(id, 'wrapped');
  });
});

describe('lines that are long or need many elements', () => {
  it('neither change the page nor hold it up', async () => {
    const lines = longPayloads.map(({ bytes }) => bytes);
    await using log = await openLog(lines);
    expect(await strangersIn(log.page)).toEqual([]);
    for (const { id, text, hasMore } of await drawnRows(log.page)) {
      const whole = shownText(log.texts.get(id) as string);
      expect(whole.startsWith(text), `line ${id}`).toBe(true);
      expect(text.length === whole.length, `line ${id}`).toBe(!hasMore);
    }
    await stayInTheirRows(log.page);
    const elements = await log.page.locator('.rows *').count();
    expect(elements / log.texts.size).toBeLessThan(2100);
    await log.page.reload();
    await allDrawn(log.page, log.texts.size);
    expect(log.misdeeds.seen).toEqual([]);
  });

  it('show the rest of themselves when they are asked to', async () => {
    await using log = await openLog([Buffer.from(`<b>${'x'.repeat(20_000)}</b>`)]);
    await log.page.locator('.more').click();
    await until('the whole line', async () => (await lineText(log.page, 1).textContent())?.endsWith('x</b>'));
    expect(await strangersIn(log.page)).toEqual([]);
  });
});

describe('names', () => {
  it('of files are shown as they are, and change nothing else', async () => {
    await using hostile = await openFiles(hostileNames);
    await using harmless = await openFiles(hostileNames.map((_, at) => `file-${at}`));
    const { page, misdeeds } = hostile;
    expect(await skeletonOf(page)).toEqual(await skeletonOf(harmless.page));
    const shown = (await titlesOf(page, '.row .source')).map((name) => name.split('/').at(-1));
    expect(shown.sort()).toEqual(hostileNames.map(visibleName).sort());
    await stayInTheirRows(page);
    expect(misdeeds.seen).toEqual([]);
  });

  it('of logs, sources and signals are text wherever they stand', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'true']);
    const url = await agent.url();
    const page = await browser.open('about:blank', { height: 400 });
    const misdeeds = await watchMisdeeds(page, new URL(url).origin);
    let name = 'harmless';
    await page.route('**/events?**', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: streamNamed(name) }),
    );
    // Where the address has a query, what shows first does not come with the document.
    await page.goto(`${url}?by=stream`);
    await connectionIs(page, 'ended');
    await row(page, 2).waitFor();
    const harmless = await skeletonOf(page);
    for (name of some(hostileNames)) {
      await page.reload();
      await connectionIs(page, 'ended');
      await row(page, 2).locator('.source').waitFor();
      expect(await page.locator('h1').textContent()).toBe(visibleName(name));
      expect(await page.locator('h1').getAttribute('title')).toBe(visibleName(name));
      const twice = [visibleName(name), visibleName(name)].join('\0');
      await until('the names', async () => (await titlesOf(page, '.row .source')).join('\0') === twice);
      expect(await page.title()).toContain(visibleName(name).slice(0, 20).replace(/\s+/g, ' ').trim());
      // Its rows are drawn again once more is known of the log.
      const isSame = async () => JSON.stringify(await skeletonOf(page)) === JSON.stringify(harmless);
      await until('the same page', isSame, 5000).catch(async () => expect(await skeletonOf(page)).toEqual(harmless));
    }
    expect(misdeeds.seen).toEqual([]);
  });
});

/** Of each a page is loaded: in `npm run soak` that of all. */
const some = (names: readonly string[]) => names.filter((_, at) => at % amountOf(24, 1) === 0);

const titlesOf = (page: Page, selector: string) =>
  page.locator(selector).evaluateAll((elements) => elements.map((element) => (element as HTMLElement).title));

describe('links to the page', () => {
  it('can choose what is shown, and nothing else', async () => {
    await using log = await openLog([Buffer.from('x')], { height: 400 });
    const { page, misdeeds } = log;
    const { origin } = new URL(page.url());
    const here = page.url();
    for (const name of some(hostileNames)) {
      const text = encodeURIComponent(name);
      await page.goto(`${here}?source=${text}&hide=${text}&stream=${text}&${text}=${text}#L1${text}`);
      await page.locator('.empty .show-all').waitFor();
      for (const link of await page.locator('a[href]').all()) {
        expect(await link.evaluate((a) => new URL((a as HTMLAnchorElement).href).origin)).toBe(origin);
      }
      expect(await page.locator('.sources-button .tool-words').textContent()).toBe('0 of 1');
    }
    await page.locator('.show-all').click();
    await lineText(page, 1).waitFor();
    expect(misdeeds.seen).toEqual([]);
  });
});

describe('the list of logs', () => {
  it('shows names as text', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'true']);
    const url = await agent.url();
    const page = await browser.open('about:blank');
    const misdeeds = await watchMisdeeds(page, new URL(url).origin);
    let names: readonly string[] = hostileNames.map((_, at) => `name ${at}`);
    await page.route('**/logs', (route) => {
      if (route.request().resourceType() === 'document') return route.fallback();
      return route.fulfill({ json: names.map(summaryOf) });
    });
    await page.goto(`${url}logs`);
    const entries = page.locator('.log .name');
    await until('the logs', async () => (await entries.count()) >= 50);
    const harmless = await skeletonOf(page);
    names = hostileNames;
    await page.reload();
    await until('the logs', async () => (await entries.count()) >= 50);
    expect(await entries.allTextContents()).toEqual(hostileNames.slice(0, await entries.count()).map(visibleName));
    expect((await skeletonOf(page)).length).toBe(harmless.length);
    expect(misdeeds.seen).toEqual([]);
  });
});

function summaryOf(name: string, at: number): LogSummary {
  const status: LogStatus = { state: 'exited', code: 0, signal: null, startedAt: 0, endedAt: 0 };
  const times = { createdAt: 0, updatedAt: 0 };
  return { id: `log-${at}`, kind: 'command', name, cwd: name, ...times, status, size: 1, first: 1, last: 1 };
}

/** A finished log that is called so, as is all that it has. */
function streamNamed(name: string): string {
  const status: LogStatus = { state: 'exited', code: 1, signal: null, startedAt: 0, endedAt: 0 };
  const hello: Hello = { log: name, name, first: 1, last: 2, sources: ['other', name], status, time: 0 };
  const origin: Origin = { time: 1, source: name, stream: 'stderr' };
  return [
    eventText('hello', hello),
    eventText('origin', origin),
    'id: 1\ndata: one\n\n',
    eventText('origin', { time: 1, source: name, kind: 'notice' }),
    'id: 2\ndata: two\n\n',
    eventText('status', status),
  ].join('');
}

/** Follows a file for each name, with one line in it, and opens the page. */
async function openFiles(names: readonly string[]): Promise<OpenLog> {
  const folder = temporaryFolder();
  const dir = join(folder.path, 'files');
  mkdirSync(dir);
  for (const name of names) writeFileSync(join(dir, name), 'a line\n');
  return openInput(folder, [join(dir, '*')], async (url) => (await lastIdAt(url)) === names.length);
}
