import { appendFileSync, writeFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { connectionIs, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until, within } from '../support/deadline.ts';

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

/** Opens a page in many tabs of one browser, which has six connections for them. */
async function openTabs(count: number, url: string, prepare: (context: BrowserContext) => Promise<void>) {
  const first = await browser.open(url, { prepare: (page) => prepare(page.context()) });
  await connectionIs(first, 'live');
  const tabs = [first];
  while (tabs.length < count) tabs.push(await openTab(first.context(), url));
  return tabs;
}

async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(url);
  await connectionIs(tab, 'live');
  return tab;
}

async function allShow(tabs: readonly Page[], lines: readonly string[]): Promise<void> {
  const show = (texts: readonly string[]) =>
    String([...document.querySelectorAll('.row .text')].map((element) => element.textContent)) === String(texts);
  // Each tab looks for itself: many that are asked again and again have no time for their lines.
  const shown = tabs.map((tab) => tab.waitForFunction(show, lines, { polling: 100, timeout: 30_000 }));
  await within(`the lines ${lines}`, Promise.all(shown), 35_000);
}

async function subscribersOf(url: string): Promise<number> {
  const metrics = await (await fetch(new URL('metrics', url))).text();
  return Number(/^sse_tail_subscribers(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1]);
}

it('eight tabs of one browser are live over few streams, which outlive the tabs that opened them', async () => {
  using folder = temporaryFolder();
  const file = folder.file('x.log');
  writeFileSync(file, 'one\n');
  await using agent = startAgent(folder.path, [file]);
  const url = await agent.url();
  const tabs = await openTabs(1, url, async () => undefined);
  const [first] = tabs as [Page];
  // All at once, as a browser restores them: they wait for their scripts, and none takes that for a stream held back.
  tabs.push(...(await Promise.all(Array.from({ length: 7 }, () => openTab(first.context(), url)))));
  appendFileSync(file, 'two\n');
  await allShow(tabs, ['one', 'two']);
  // Those that ask again and again are subscribers for a moment.
  await until('three streams and a shared one', async () => (await subscribersOf(url)) === 4);

  for (const tab of tabs.splice(0, 2)) await tab.close();
  appendFileSync(file, 'three\n');
  await allShow(tabs, ['one', 'two', 'three']);
  expect(browser.complaints).toEqual([]);
});

it('without SharedWorker ten tabs are, and lose nothing when the leading one closes, crashes or freezes', async () => {
  using folder = temporaryFolder();
  const file = folder.file('x.log');
  writeFileSync(file, 'one\n');
  await using agent = startAgent(folder.path, [file]);
  const url = await agent.url();
  const tabs = await openTabs(10, url, withoutSharedWorker);
  const lines = ['one'];
  const write = async (text: string) => {
    lines.push(text);
    appendFileSync(file, `${text}\n`);
    await allShow(tabs, lines);
    // Three have streams of their own, and a new tab may ask again and again for a while.
    await until('few streams', async () => (await subscribersOf(url)) <= 5);
  };
  await write('two');

  const closed = await takeLeader(tabs);
  await closed.close();
  await write('three');

  const crashed = await takeLeader(tabs);
  const session = await crashed.context().newCDPSession(crashed);
  void session.send('Page.crash').catch(() => undefined);
  await write('four');

  // As on a phone that froze the tab: it keeps its lock, and its worker answers nobody. A new tab notices.
  const frozen = await takeLeader(tabs);
  await frozen.evaluate(() => (globalThis as unknown as Led).workerOfStreams?.terminate());
  const noticing = await frozen.context().newPage();
  await noticing.goto(url);
  tabs.push(noticing);
  await write('five');
  expect(browser.complaints).toEqual([]);
});

it.each([
  ['HTTP from another machine has no Web Locks', ['locks']],
  ['phones over HTTP have no SharedWorker either', ['locks', 'SharedWorker']],
])('%s, and four tabs are live', async (_where, missing) => {
  using folder = temporaryFolder();
  const file = folder.file('x.log');
  writeFileSync(file, 'one\n');
  await using agent = startAgent(folder.path, [file]);
  const url = await agent.url();
  const tabs = await openTabs(4, url, async (context) => {
    await context.addInitScript((names) => {
      for (const name of names) {
        Reflect.deleteProperty(globalThis, name);
        Reflect.deleteProperty(Navigator.prototype, name);
      }
    }, missing);
  });
  appendFileSync(file, 'two\n');
  await allShow(tabs, ['one', 'two']);
  await until('few streams', async () => (await subscribersOf(url)) <= 5);
  await tabs.shift()?.close();
  appendFileSync(file, 'three\n');
  await allShow(tabs, ['one', 'two', 'three']);
  expect(browser.complaints).toEqual([]);
});

interface Led {
  workerOfStreams?: Worker;
}

async function withoutSharedWorker(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'SharedWorker');
    globalThis.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        if (options?.name === 'streams') (globalThis as Led).workerOfStreams = this;
      }
    };
  });
}

/** The tab that runs the worker of the others is taken out of `tabs`. */
async function takeLeader(tabs: Page[]): Promise<Page> {
  const leads = (tab: Page) => tab.evaluate(() => 'workerOfStreams' in globalThis);
  // Where one has left, lines also come to those that ask for them, before another one leads.
  const leader = await until('a tab that leads', async () => tabs[(await Promise.all(tabs.map(leads))).indexOf(true)]);
  tabs.splice(tabs.indexOf(leader), 1);
  return leader;
}
