import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keepHidden } from '../../agent/text/escapes/hidden.ts';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { type OpenOptions, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { payloads } from '../support/hostile-corpus.ts';
import { paintedFrames, watchFrames } from '../support/painted-frames.ts';
import { exited, type ServedLog, type ServedLogOptions, serveLog } from '../support/served-log.ts';

let browser: TestBrowser;
/** With scroll bars that take room, as on Windows and Linux. */
let roomy: TestBrowser;
let served: ServedLog | undefined;

beforeAll(async () => {
  [browser, roomy] = await Promise.all([startBrowser(), startBrowser({ without: ['--hide-scrollbars'] })]);
});
afterEach(async () => {
  await served?.[Symbol.asyncDispose]();
  served = undefined;
});
afterAll(async () => {
  await Promise.all([browser, roomy].map((one) => one[Symbol.asyncDispose]()));
});

const esc = '\x1b';
const numbered = Array.from({ length: 300 }, (_, at) => `line ${at + 1}`);
const attacks = payloads.map(({ bytes }) => bytes.toString().replace(/[\r\n]/g, ' '));
const wide = `a line of ${'many words '.repeat(60)}and its end`;

/** Ends in what is to be seen. */
const logs: Readonly<Record<string, readonly string[]>> = {
  numbered,
  'three lines': ['one', 'two', 'three'],
  'colors and links': [
    ...numbered,
    `${esc}[31mred${esc}[0m ${esc}[1;4;32mbold${esc}[22m ${esc}[7minverse${esc}[0m ${esc}[2mfaint${esc}[0m ${esc}[48;5;93mpurple`,
    `${esc}[38;2;250;250;210mpale${esc}[0m ${esc}[8mhidden${esc}[0m ${esc}[44merased in blue${esc}[K`,
    `see https://example.org/a?b=c&d=%22 or ${esc}]8;;https://example.org/x${esc}\\there${esc}]8;;${esc}\\.`,
  ],
  cells: [...numbered, '│ 漢字 │ ✓ done │ 👩‍👩‍👧 │', '└──────┴────────┴─────┘ ▁▂▃▄▅▆▇█ ⠋⠙⠹', 'café e\u0301 ﬁ ①②③ ﷽'],
  'right to left': [
    ...numbered,
    'שלום עולם 123 abc',
    'مرحبا بالعالم (1)',
    `abc \u202e def \u2066 ghi`,
    `${esc}[31mשלום`,
  ],
  markers: [
    ...numbered,
    '##[group]Build',
    '2026-11-29T10:00:00.000Z ##[error]It failed',
    '::warning file=a.js,line=1::Unused',
    "##teamcity[testFailed name='a|'b' message='it |[failed|]']",
    keepHidden(`section_start:1763622000:build\r${esc}[0Kbuilding`),
    '--- :docker: Build',
  ],
  'broken sequences': [
    ...numbered,
    `a${esc}[31`,
    `b${esc}[999999m`,
    `c${esc}]8;;http`,
    `d${esc}[38;5mx`,
    `e${esc}Pq`,
    '\x07\x00\x9b31m',
    '\ufffd\ufffd',
    '\t\ttabs\tin it',
  ],
  'wide lines at its end': [...numbered, wide, 'short', wide],
  'wide lines that do not show': [wide, wide, ...numbered.slice(0, 110)],
  'what attacks readers': attacks.slice(0, 60),
  'what attacks readers, too': attacks.slice(60, 120),
};

async function serve(lines: readonly string[], options: ServedLogOptions = {}): Promise<ServedLog> {
  served = await serveLog({ viewerDir: 'dist/web', ...options });
  if (lines.length > 0) await served.append([...lines]);
  return served;
}

interface HeldPage {
  page: Page;
  /** Lets the first script come, and no other; resolves when its rows have been painted. */
  script(): Promise<void>;
}

interface Watched {
  seenBottoms: Set<number>;
}

/** A page whose scripts have not come yet. */
async function openHeld(
  url: string,
  options: OpenOptions = {},
  { by = browser, lines = 'some' as 'some' | 'none' } = {},
): Promise<HeldPage> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const page = await by.open(url, {
    ...options,
    isEarly: true,
    async prepare(page) {
      await options.prepare?.(page);
      await page.route(/\/assets\/start-.*\.js$/, async (route) => {
        await released;
        await route.continue();
      });
      await page.route(/\/assets\/later-.*\.js$/, () => undefined);
    },
  });
  // On a busy machine lines may take longer to read than their document waits for them.
  await until('a document with its lines', async () => {
    await page.locator('#over').waitFor({ state: 'attached' });
    if (lines === 'none' || (await page.locator('.newest').count()) > 0) return true;
    await page.reload({ waitUntil: 'commit' });
    return false;
  });
  await painted(page);
  return {
    page,
    async script() {
      release();
      await page.locator('.header').waitFor();
      await painted(page);
    },
  };
}

/** By the browser's own clock of frames: what is in the document shows by then. */
async function painted(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const expression =
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))';
  await session.send('Runtime.evaluate', { expression, awaitPromise: true });
  await session.detach();
}

interface SeenRow {
  id: string;
  /**
   * Left, top and height of the row and of its text, and how wide they are, in pixels. All rows are as wide as the
   * widest, in whole pixels. A cell of the font's own width may be a hundredth wider or narrower.
   */
  box: number[];
  textBox: number[];
  width: number;
  textWidth: number;
  classes: string[];
  text: string;
  colors: string[];
}

/** The rows that show, as a reader sees them. */
function seenRows(page: Page): Promise<SeenRow[]> {
  return page.evaluate(() => {
    const boxOf = (element: Element) => {
      const { x, y, height } = element.getBoundingClientRect();
      return [x, y, height].map((value) => Math.round(value * 10) / 10);
    };
    const view = document.querySelector('.scroller')?.getBoundingClientRect() ?? new DOMRect();
    const rows = [...document.querySelectorAll<HTMLElement>('.row[data-id]')];
    return rows
      .filter((row) => row.getBoundingClientRect().bottom > view.top && row.getBoundingClientRect().height > 0)
      .map((row) => {
        const text = row.querySelector('.text') as HTMLElement;
        return {
          id: row.dataset.id ?? '',
          box: boxOf(row),
          textBox: boxOf(text),
          width: row.getBoundingClientRect().width,
          textWidth: text.getBoundingClientRect().width,
          classes: [...row.classList].sort(),
          text: text.textContent,
          colors: [...text.querySelectorAll(':not(.cell)')].map((one) => {
            const { color, backgroundColor, fontWeight } = getComputedStyle(one);
            return `${color} ${backgroundColor} ${fontWeight}`;
          }),
        };
      });
  });
}

function expectSame(rows: readonly SeenRow[], before: readonly SeenRow[]): void {
  const shown = rows.slice(-before.length);
  const withoutWidths = (all: readonly SeenRow[]) => all.map((row) => ({ ...row, width: 0, textWidth: 0 }));
  expect(withoutWidths(shown)).toEqual(withoutWidths(before));
  for (const [at, { width, textWidth }] of before.entries()) {
    expect(shown[at]?.textWidth).toBeCloseTo(textWidth, 0);
    // A further row may be wider.
    if (shown.length === rows.length) expect(shown[at]?.width).toBeCloseTo(width, 0);
  }
}

/** The lines' part of the window, without the scroll bar. */
async function picture(page: Page): Promise<PNG> {
  const box = await page.locator('.scroller').boundingBox();
  if (!box) throw new Error('No lines show.');
  // It shows after seconds of waiting for an answer: in a picture without animations, at once.
  await page.locator('.banner.slow').waitFor({ state: 'detached' });
  const clip = { ...box, height: Math.max(1, box.height) };
  return PNG.sync.read(await page.screenshot({ clip, animations: 'disabled' }));
}

/** The edges of letters that begin a hundredth of a pixel further on, of a million pixels. */
const edgePixels = 500;

/** How many pixels are another color, however little. */
function differences(a: PNG, b: PNG): number {
  expect([b.width, b.height]).toEqual([a.width, a.height]);
  let count = 0;
  for (let at = 0; at < a.data.length; at += 4) if (a.data.compare(b.data, at, at + 4, at, at + 4) !== 0) count++;
  return count;
}

const windows: Readonly<Record<string, OpenOptions>> = {
  light: {},
  dark: { colorScheme: 'dark' },
  narrow: { width: 390, height: 700 },
  'a phone': { width: 390, height: 700, isTouch: true },
  'higher than all that is drawn': { height: 2300 },
};

/** What lines hold is drawn alike in all windows: a log that fits, and one of several screens with some of all. */
const inAllWindows = ['three lines', 'colors and links'];

describe.each(Object.entries(windows))('before its script is there the page shows the same, %s:', (window, options) => {
  const shown = Object.entries(logs).filter(([log]) => window === 'light' || inAllWindows.includes(log));
  it.each(shown)('%s', async (_log, lines) => {
    const { url } = await serve(lines);
    const { page, script } = await openHeld(url(''), options);
    const before = await seenRows(page);
    const pictureBefore = await picture(page);
    const hasCells = (await page.locator('.cell').count()) > 0;
    expect(before.at(-1)?.id).toBe(String(lines.length));
    await script();
    const after = await seenRows(page);
    // On a screen that is higher than what was drawn, the script has more.
    expectSame(after, before);
    if (after.length === before.length)
      expect(differences(pictureBefore, await picture(page))).toBeLessThanOrEqual(hasCells ? edgePixels : 0);
    else expect(before.length).toBeGreaterThan(70);
    await page.context().close();
  });
});

it.each(['wide lines at its end', 'wide lines that do not show'])(
  'a scroll bar that takes room moves nothing: %s',
  async (name) => {
    const { url } = await serve(logs[name] ?? []);
    const { page, script } = await openHeld(url(''), {}, { by: roomy });
    const before = await seenRows(page);
    // Each frame from now on is looked at: none may differ for a moment.
    await page.evaluate(() => {
      const seen = new Set<number>();
      Object.assign(globalThis, { seenBottoms: seen });
      const look = () => {
        const last = [...document.querySelectorAll('.row[data-id]')].at(-1);
        if (last) seen.add(last.getBoundingClientRect().bottom);
        requestAnimationFrame(() => setTimeout(look));
      };
      requestAnimationFrame(look);
    });
    await script();
    await painted(page);
    expectSame(await seenRows(page), before);
    expect(await page.evaluate(() => [...(globalThis as unknown as Watched).seenBottoms])).toHaveLength(1);
    await page.context().close();
  },
);

it('origins are seen: stderr, what sse-tail says, and lines in pieces', async () => {
  const { url, append } = await serve(numbered);
  await append(['an error'], { stream: 'stderr' });
  await append(['the run started'], { kind: 'notice' });
  await append(['begins', 'goes on'], { continued: true });
  await append(['and ends']);
  const { page, script } = await openHeld(url(''));
  const before = await seenRows(page);
  expect(before.slice(-5).map(({ classes }) => classes.join(' '))).toEqual([
    'row stderr',
    'notice row',
    'continued row',
    'continuation continued row',
    'continuation row',
  ]);
  await script();
  expect(await seenRows(page)).toEqual(before);
  await page.context().close();
});

it('a log that has lost its first lines ends at its end', async () => {
  const { url, log, outgrowRetention } = await serve([], {
    keeping: { retainBytes: 64 * 1024, segmentBytes: 16 * 1024 },
  });
  await outgrowRetention();
  const { page, script } = await openHeld(url(''));
  const before = await seenRows(page);
  expect(before.at(-1)?.id).toBe(String(log.journal.lastId));
  await script();
  expectSame(await seenRows(page), before);
  await page.context().close();
});

it('of an empty log it shows nothing', async () => {
  const { url } = await serve([]);
  const { page } = await openHeld(url(''), {}, { lines: 'none' });
  expect(await seenRows(page)).toEqual([]);
  await page.context().close();
});

describe('in no frame is there anything else than what the address asks for, and what shows stays:', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let agent: AgentProcess;

  beforeAll(() => {
    folder = temporaryFolder();
    const text = (id: number) => `${id % 50 === 0 && id < 3000 ? 'ERROR: ' : ''}line ${id}\n`;
    writeFileSync(folder.file('long.log'), Array.from({ length: 3000 }, (_, at) => text(at + 1)).join(''));
    agent = startAgent(folder.path, [folder.file('long.log')]);
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it.each([
    ['', 3000],
    ['#L1500', 1500],
    ['?q=7', 2997],
    ['?level=error', 2950],
    ['?q=5#L1500', 1500],
    ['?from=2000', 3000],
  ])('%j', async (address, id) => {
    const page = await browser.open('about:blank', { prepare: watchFrames });
    for (const time of ['opened', 'loaded again']) {
      if (time === 'opened') await page.goto(`${await agent.url()}${address}`, { waitUntil: 'commit' });
      else await page.reload({ waitUntil: 'commit' });
      // The script is there by then that draws all rows anew.
      await page.locator('.minimap').waitFor({ state: 'attached' });
      await until('all lines', async () => {
        const last = (await paintedFrames(page)).at(-1);
        return last !== undefined && last.ids.length > 20 && last.loading.length === 0;
      });
      await painted(page);
      const frames = await paintedFrames(page);
      const shown = frames.slice(frames.findIndex(({ ids }) => ids.length > 0));
      // Not the end of a log that is opened elsewhere, and never nothing.
      expect({ time, elsewhere: shown.filter(({ ids }) => !ids.includes(id)) }).toEqual({ time, elsewhere: [] });
      const come = new Set<number>();
      for (const { ids, loading } of shown) {
        expect({ time, again: loading.filter((one) => come.has(one)) }).toEqual({ time, again: [] });
        for (const one of ids) if (!loading.includes(one)) come.add(one);
      }
    }
    await page.context().close();
  });
});

describe('nothing shows that the script would show otherwise:', () => {
  const store = (settings: unknown) => ({
    prepare: (page: Page) =>
      page.addInitScript((text) => localStorage.setItem('sse-tail:settings', text), JSON.stringify(settings)),
  });

  it.each([
    ['a line in the address', '#L5', {}, 'some'],
    ['a search in the address', '?find=line', {}, 'none'],
    ['a font size of the reader’s', '', store({ fontSize: 20 }), 'some'],
    ['times beside the lines', '', store({ theme: 'dark', times: true }), 'some'],
  ] as const)('%s', async (_name, address, options, lines) => {
    const { url } = await serve(numbered);
    const { page } = await openHeld(url(address), options, { lines });
    expect(await seenRows(page)).toEqual([]);
    await page.context().close();
  });

  it('a log of several sources', async () => {
    const { url, append, log } = await serve(numbered);
    for (const name of ['one.log', 'other.log']) log.addSource(name);
    await append(['from one'], { source: 'one.log' });
    await append(['from another'], { source: 'other.log' });
    const { page } = await openHeld(url(''));
    expect(await seenRows(page)).toEqual([]);
    await page.context().close();
  });

  it.each([false, true])(
    'a log that fits, where the header’s words say how high it is (touch: %s)',
    async (isTouch) => {
      const { url } = await serve(logs['three lines'] ?? []);
      const { page } = await openHeld(url(''), { width: 700, isTouch });
      expect(await seenRows(page)).toEqual([]);
      await page.context().close();
    },
  );

  it('a log that ended badly', async () => {
    const { url, log } = await serve(numbered);
    await log.setStatus({ ...exited, code: 2 });
    const { page } = await openHeld(url(''));
    expect(await seenRows(page)).toEqual([]);
    await page.context().close();
  });

  it('but the reader’s theme and wrapping are known at once', async () => {
    const { url } = await serve([...numbered, wide]);
    const { page, script } = await openHeld(url(''), store({ theme: 'dark', wrap: true }));
    const before = await seenRows(page);
    expect(before.at(-1)?.box[2]).toBeGreaterThan(50);
    const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(dark).toBe('rgb(15, 18, 24)');
    await script();
    expect(await seenRows(page)).toEqual(before);
    await page.context().close();
  });
});

it('a reader without JavaScript sees the end of the log, whatever it is, and where all of it is', async () => {
  const { url, log } = await serve(numbered);
  await log.setStatus({ ...exited, code: 2 });
  const page = await browser.open(url(''), { javaScriptEnabled: false, isEarly: true });
  expect(await page.locator('.row').last().innerText()).toContain('line 300');
  expect(await page.locator('.row').last().boundingBox()).toMatchObject({ height: expect.any(Number) });
  expect((await page.locator('noscript').boundingBox())?.height).toBeGreaterThan(10);
  await page.context().close();
});

it('its script begins as well where nobody may know what has been painted', async () => {
  const { url } = await serve(numbered);
  const page = await browser.open(url(''), {
    isEarly: true,
    async prepare(page) {
      await page.addInitScript('delete globalThis.PerformanceObserver');
      await page.route(/\/assets\/later-.*\.js$/, () => undefined);
    },
  });
  await page.locator('.header').waitFor();
  await page.context().close();
});

it('a script that does not come is asked for again, and the page says so meanwhile', async () => {
  const { url } = await serve(numbered);
  let [isGone, tries] = [true, 0];
  const page = await browser.open(url(''), {
    isEarly: true,
    async prepare(page) {
      await page.route(/\/assets\/start-.*\.js$/, (route) => {
        tries++;
        return isGone ? route.abort() : route.continue();
      });
      await page.route(/\/assets\/later-.*\.js$/, () => undefined);
    },
  });
  const note = page.getByRole('alert');
  await note.waitFor();
  expect(await note.innerText()).toContain('Trying again');
  expect(await note.getByRole('link', { name: 'Reload the page' }).getAttribute('href')).toBe('');
  expect(await page.locator('.row').last().innerText()).toContain('line 300');
  await until('several tries', () => tries > 3);
  isGone = false;
  await page.locator('.header').waitFor();
  await note.waitFor({ state: 'hidden' });
  await page.context().close();
});

describe('a browser that does not ask again for a script that did not come', () => {
  /** Its own requests for the script fail as long as this holds; those of the page's are answered. */
  async function openKeeping(isKept: (documents: number) => boolean, prepare?: (page: Page) => Promise<unknown>) {
    const { url } = await serve(numbered);
    const seen = { documents: 0, probes: 0 };
    const page = await browser.open(url(''), {
      isEarly: true,
      async prepare(page) {
        await prepare?.(page);
        page.on('request', (request) => {
          if (request.isNavigationRequest()) seen.documents++;
        });
        await page.route(/\/assets\/start-.*\.js$/, (route) => {
          const isProbe = route.request().resourceType() === 'fetch';
          if (isProbe) seen.probes++;
          return isProbe || !isKept(seen.documents) ? route.continue() : route.abort();
        });
        await page.route(/\/assets\/later-.*\.js$/, () => undefined);
      },
    });
    return { page, seen, note: page.locator('#not-started') };
  }

  it('has it with another document, as soon as it is served', async () => {
    const { page, seen } = await openKeeping((documents) => documents < 2);
    await page.locator('.header').waitFor();
    expect(seen.documents).toBe(2);
    await page.context().close();
  });

  it('has another document once a minute, no more, and is asked on', async () => {
    const { page, seen, note } = await openKeeping(() => true);
    await until('probes of the second document', () => seen.documents === 2 && seen.probes >= 4);
    expect(await note.innerText()).toContain('Trying again');
    await page.evaluate(() => {
      const { now } = Date;
      Date.now = () => now() + 61_000;
    });
    await until('a third document', () => seen.documents >= 3);
    await page.context().close();
  });

  it('and has no memory, says that it could not be loaded, and is left to the reader', async () => {
    const { page, seen, note } = await openKeeping(
      () => true,
      (page) =>
        page.addInitScript(() =>
          Object.defineProperty(window, 'sessionStorage', {
            get() {
              throw new DOMException('denied', 'SecurityError');
            },
          }),
        ),
    );
    await until('a note that does not say more', async () => !(await note.innerText()).includes('Trying'));
    expect(await note.innerText()).toContain('could not be loaded');
    expect(await note.getByRole('link', { name: 'Reload the page' }).isVisible()).toBe(true);
    expect(seen).toEqual({ documents: 1, probes: 1 });
    await page.context().close();
  });
});

it.each([
  ['fails', 'throw new Error("It has failed.");'],
  ['fails without an error', 'throw undefined;'],
  ['is not understood', 'export {'],
])('of a script that came and %s, the page says only that it could not be loaded', async (_what, body) => {
  const { url } = await serve(numbered);
  let documents = 0;
  const page = await browser.open(url(''), {
    isEarly: true,
    async prepare(page) {
      page.on('request', (request) => {
        if (request.isNavigationRequest()) documents++;
      });
      await page.route(/\/assets\/start-.*\.js$/, (route) => route.fulfill({ contentType: 'text/javascript', body }));
    },
  });
  const note = page.getByRole('alert');
  await note.waitFor();
  await until('a note that does not say more', async () => !(await note.innerText()).includes('Trying'));
  expect(await note.innerText()).toContain('could not be loaded');
  expect(await note.getByRole('link', { name: 'Reload the page' }).isVisible()).toBe(true);
  expect(documents).toBe(1);
  await page.context().close();
});

it('complains about nothing', () => {
  expect([...browser.complaints, ...roomy.complaints]).toEqual([]);
});
