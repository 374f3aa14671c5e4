import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import jsqr from 'jsqr';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { row, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';

// A CommonJS module whose types do not say that its default export is the module itself here.
const decode = jsqr as unknown as typeof jsqr.default;
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/cells/${name}.txt`, import.meta.url));
const linesOf = (name: string) => readFileSync(fixture(name), 'utf8').split('\n').length - 1;
const names = ['qr-half-blocks', 'qr-backgrounds', 'table', 'boxes', 'erased'] as const;

/** Ids of the lines of each fixture, in a log that holds one after the other. */
function idsOf(name: (typeof names)[number]): [first: number, last: number] {
  const before = names.slice(0, names.indexOf(name)).reduce((sum, other) => sum + linesOf(other), 0);
  return [before + 1, before + linesOf(name)];
}

let browser: TestBrowser;
let agent: AgentProcess;
let folder: ReturnType<typeof temporaryFolder>;
const total = idsOf('erased')[1];

beforeAll(async () => {
  folder = temporaryFolder();
  browser = await startBrowser();
  agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'cat', ...names.map(fixture)]);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function openAll(options: Parameters<TestBrowser['open']>[1] = {}): Promise<Page> {
  const page = await browser.open(await agent.url(), { height: 2000, ...options });
  await row(page, total).waitFor();
  return page;
}

type Box = { y: number; height: number };

/** A picture of rows, as the reader sees them. */
async function pictureOf(page: Page, [first, last]: [number, number]): Promise<PNG> {
  // Both at one moment: rows that are drawn anew have no place meanwhile.
  const [top, bottom] = (await until('the rows', async () => {
    const boxes = await Promise.all([first, last].map((id) => row(page, id).boundingBox()));
    return boxes.every((box) => box !== null) && boxes;
  })) as unknown as [Box, Box];
  const clip = { x: 60, y: top.y, width: 700, height: bottom.y + bottom.height - top.y };
  return PNG.sync.read(await page.screenshot({ clip }));
}

it.each([
  ['light', 1],
  ['light', 1.1],
  ['dark', 1],
] as const)('QR codes can be scanned from the page: %s, zoomed to %d', async (colorScheme, zoom) => {
  const page = await openAll({ colorScheme });
  await page.evaluate((factor) => document.documentElement.style.setProperty('zoom', String(factor)), zoom);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  for (const name of ['qr-half-blocks', 'qr-backgrounds'] as const) {
    const { data, width, height } = await pictureOf(page, idsOf(name));
    expect(decode(new Uint8ClampedArray(data), width, height)?.data, name).toMatch(/^exp:\/\/192\.0\.2\.10:8081\//);
  }
});

it('wide characters and emoji take two columns, so that tables are straight', async () => {
  const page = await openAll();
  const [first, last] = idsOf('table');
  const edges = await page.evaluate(
    ([from, to]) => {
      const rights: number[] = [];
      for (let id = from; id <= to; id++) {
        const text = document.querySelector(`[data-id="${id}"] .text`) as HTMLElement;
        const range = document.createRange();
        range.selectNodeContents(text);
        rights.push(Math.round(Math.max(...[...range.getClientRects()].map(({ right }) => right))));
      }
      return rights;
    },
    [first, last] as const,
  );
  expect(new Set(edges).size, `right edges at ${edges.join(', ')}`).toBe(1);
});

it.each([1, 1.1, 1.25, 1.5, 2])('boxes are closed at all corners: %d device pixels each', async (scale) => {
  const page = await openAll({ scale });
  const [first, last] = idsOf('boxes');
  const picture = await pictureOf(page, [first, last]);
  const outside = reachedFrom(0, picture);
  const boxes = await row(page, first)
    .locator('.text')
    .evaluate((text) => {
      const { left, width } = text.getBoundingClientRect();
      return [0, 1, 2, 3].map((at) => left + (width * (at * 9 + 1.5)) / 35);
    });
  const middle = Math.floor(picture.height / 2) * picture.width;
  expect(boxes.map((x) => outside.has(middle + Math.round((x - 60) * scale)))).toEqual([false, false, false, false]);
});

/** Indexes of the pixels that are as light as the one at `start`, and next to one that is reached. */
function reachedFrom(start: number, { data, width, height }: PNG): Set<number> {
  const reached = new Set([start]);
  for (const at of reached) {
    const x = at % width;
    for (const next of [x > 0 && at - 1, x < width - 1 && at + 1, at - width, at + width]) {
      if (next !== false && next >= 0 && next < width * height && (data[next * 4] ?? 0) > 225) reached.add(next);
    }
  }
  return reached;
}

it('a background that a program erased with reaches the right edge, and touches the next row', async () => {
  const page = await openAll({ width: 900 });
  const [first] = idsOf('erased');
  const box = await row(page, first).boundingBox();
  const picture = PNG.sync.read(
    await page.screenshot({ clip: { x: 860, y: box?.y ?? 0, width: 20, height: 5 * (box?.height ?? 0) } }),
  );
  const height = picture.height / 5;
  const colorAt = (y: number) => [...picture.data.subarray(y * picture.width * 4, y * picture.width * 4 + 3)];
  expect([0, 1, 2, 3, 4].map((at) => colorAt((at + 0.5) * height).join())).toEqual([
    '60,20,20',
    '20,60,20',
    '207,68,75',
    '255,255,255',
    '59,116,217',
  ]);
  // No seam between the first two rows.
  expect([colorAt(height - 1), colorAt(height)].map(String)).toEqual(['60,20,20', '20,60,20']);
});

it('what is drawn is the line’s own text', async () => {
  const page = await openAll();
  const [first] = idsOf('table');
  expect(await page.locator(`[data-id="${first + 2}"] .text`).textContent()).toBe('│ 数据库连接          │ ok │');
  expect(browser.complaints).toEqual([]);
});
