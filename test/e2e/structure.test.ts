import { appendFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeferred } from '../../agent/system/deferred.ts';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { openAsNew, row, shownIds, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { hasExited } from '../support/hello.ts';

let browser: TestBrowser;
let shared: Page;
let agent: AgentProcess;
let folder: ReturnType<typeof temporaryFolder>;

/** 100 groups of four lines each, the 30th with an error, lines after them, and a bad end. */
const script = `
for i in $(seq 100); do
  echo "::group::Step $i"; echo "working on $i"
  if [ $i = 30 ]; then echo "::error file=src/app.js,line=12::Missing semicolon"; else echo "done with $i"; fi
  echo "::endgroup::"
done
echo "warning: nearly there"; seq 300; echo "error: it all failed"; exit 3`;

beforeAll(async () => {
  folder = temporaryFolder();
  browser = await startBrowser();
  shared = await browser.open('about:blank');
  agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', script]);
  const url = await agent.url();
  await until('the end', () => hasExited(url), 30_000);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const errorLine = 29 * 4 + 3;
const shows = (page: Page, id: number) =>
  until(`line ${id}`, async () => (await shownIds(page)).includes(id) && (await row(page, id).isVisible()));

async function open(hash = ''): Promise<Page> {
  await openAsNew(shared, `${await agent.url()}${hash}`);
  await shared.locator('.problems-button').waitFor();
  return shared;
}

describe('a log that ended badly', () => {
  it('opens at its first error, in an open group among closed ones', async () => {
    const page = await open();
    await shows(page, errorLine);
    await expect.poll(() => row(page, errorLine).getAttribute('class')).toContain('marked');
    await expect.poll(() => page.locator('#log').getAttribute('data-following')).toBe('false');
    await expect.poll(() => row(page, errorLine - 2).getAttribute('data-group')).toBe('');
    await expect
      .poll(() =>
        row(page, errorLine - 2)
          .locator('button.fold')
          .getAttribute('aria-expanded'),
      )
      .toBe('true');
    await expect
      .poll(() =>
        row(page, errorLine + 2)
          .locator('button.fold')
          .getAttribute('aria-expanded'),
      )
      .toBe('false');
    expect(await shownIds(page)).not.toContain(errorLine + 3);
    // `::endgroup::`
    await until('no row for a bare marker', async () => !(await shownIds(page)).includes(errorLine + 1));
  });

  it('shows a bare marker that the address names', async () => {
    const page = await open('#L40');
    await shows(page, 40);
    await expect.poll(() => row(page, 40).getAttribute('class')).toContain('marked');
  });

  it('opens at the line that the address names, and opens the group that it is in', async () => {
    const page = await open('#L42');
    await shows(page, 42);
    await expect.poll(() => row(page, 41).locator('button.fold').getAttribute('aria-expanded')).toBe('true');
    await expect.poll(() => row(page, 42).getAttribute('class')).toContain('marked');
    expect(await row(page, errorLine).getAttribute('class')).not.toContain('marked');
  });

  it('has its errors and warnings counted, listed with file and line, and gone through with keys', async () => {
    const page = await open();
    await shows(page, errorLine);
    const button = page.locator('.problems-button');
    await expect.poll(() => button.textContent()).toBe('1 of 2 errors');
    await button.click();
    const items = page.locator('[data-part="errors"] li');
    await items.first().waitFor();
    await expect
      .poll(() => items.locator('.problem-text').allTextContents())
      .toEqual(['Missing semicolon', 'warning: nearly there', 'error: it all failed']);
    await expect.poll(() => items.first().locator('.problem-place').textContent()).toBe('src/app.js:12');
    await items.last().getByRole('button').click();
    await shows(page, 702);
    await page.keyboard.press('Escape');
    await page.keyboard.press('e');
    await shows(page, errorLine);
    await page.keyboard.press('E');
    await shows(page, 702);
    await until('which it is', async () => (await button.textContent()) === '2 of 2 errors');
    // Elsewhere it is none of them.
    await page.keyboard.press('Home');
    await until('none', async () => (await button.textContent()) === '2 errors, 1 warning');
    await expect.poll(() => new URL(page.url()).hash).toBe('#L702');
  });
});

describe('the next and the previous error among filtered lines', () => {
  it.each([
    ['not=semicolon', 702],
    ['q=semicolon&context=2', errorLine],
    ['level=warn', 401],
    // Where none of those that show is one, it is said to be hidden.
    ['q=working', errorLine],
  ] as const)('is among those that show: ?%s', async (query, place) => {
    const page = await open(`?${query}#L1`);
    for (const key of ['e', 'E']) {
      await page.keyboard.press(key);
      await expect.poll(() => new URL(page.url()).hash).toBe(`#L${place}`);
    }
  });
});

describe('a log with errors or warnings of very many lines', () => {
  it('says which error it is only where all of them are listed', async () => {
    await using many = startAgent(folder.path, [
      '-q',
      '--linger',
      '5m',
      '--',
      'sh',
      '-c',
      'seq 3000 | sed "s/^/error: /"',
    ]);
    const page = await browser.open(await many.url());
    const button = page.locator('.problems-button');
    await until('all errors', async () => (await button.textContent()) === '3,000 errors');
    await page.keyboard.press('End');
    await page.keyboard.press('E');
    const isAt = (id: number) => until(`line ${id}`, async () => new URL(page.url()).hash === `#L${id}`);
    await isAt(3000);
    await expect.poll(() => button.textContent()).toBe('3,000 errors');
    // Those in the middle are not listed, and gone to all the same.
    await page.goto(`${await many.url()}#L1500`);
    await shows(page, 1500);
    await page.keyboard.press('e');
    await isAt(1501);
    await page.keyboard.press('E');
    await page.keyboard.press('E');
    await isAt(1499);
  });

  it('marks errors and warnings wherever it is scrolled to, whether they are listed or not', async () => {
    await using many = startAgent(folder.path, [
      ...['-q', '--linger', '5m', '--', 'sh', '-c'],
      'seq 9000 | sed "1~3s/^/error: /; 2~3s/^/warning: /"',
    ]);
    const page = await browser.open(await many.url());
    await expect.poll(() => page.locator('.problems-button').textContent()).toContain('3,000 errors');
    const wrong = () =>
      page.locator('.row').evaluateAll((rows) =>
        rows
          .filter(({ classList }) => !classList.contains('loading'))
          .map((row) => [row.querySelector('.text')?.textContent ?? '', row.classList] as const)
          .filter(([text, is]) => is.contains('error') !== /^e/.test(text) || is.contains('warn') !== /^w/.test(text))
          .map(([text]) => text),
      );
    for (const id of [4500, 2049, 3072, 9000, 1, 6000]) {
      await page.keyboard.press('l');
      await page.locator('.go-to-line input').fill(String(id));
      await page.keyboard.press('Enter');
      await shows(page, id);
      await expect.poll(wrong).toEqual([]);
    }
    await page.goto(`${await many.url()}?q=${encodeURIComponent('99')}#L4990`);
    await shows(page, 4990);
    await expect.poll(wrong).toEqual([]);
  });

  it('shows the message beside a path of any length', async () => {
    const path = `/srv/${'a-long-name/'.repeat(30)}main.rs`;
    await using failing = startAgent(folder.path, [
      ...['-q', '--linger', '5m', '--', 'printf'],
      `thread 'main' panicked at ${path}:3:175:\nno route\n`,
    ]);
    const page = await browser.open(await failing.url());
    await page.locator('.problems-button').click();
    const item = page.locator('[data-part="errors"] li');
    const [width, ofText, ofPlace] = await Promise.all(
      [item, item.locator('.problem-text'), item.locator('.problem-place')].map(async (part) => {
        const box = await part.boundingBox();
        return box?.width ?? 0;
      }),
    );
    expect(ofPlace).toBeLessThanOrEqual((width as number) / 2);
    expect(ofText).toBeGreaterThanOrEqual((width as number) / 3);
  });

  it('are not said to be all before the log has been read', async () => {
    let asked = 0;
    const rest = createDeferred<void>();
    const page = await browser.open(await agent.url(), {
      prepare: (opening) =>
        opening.route(/\/outline$/, async (route) => {
          if (asked++ > 0) await rest.promise;
          const response = await route.fetch();
          const outline = await response.json();
          // As of a log that is read backwards, and has been as far as this.
          await route.fulfill({ response, json: asked > 1 ? outline : { ...outline, known: [300, outline.known[1]] } });
        }),
    });
    await page.locator('.problems-button').click();
    const menu = page.locator('.problems-menu');
    await menu.getByText('Reading the log …').waitFor();
    await expect.poll(() => menu.locator('li').count()).toBeGreaterThan(1);
    rest.resolve();
    await menu.getByText('Reading the log …').waitFor({ state: 'detached' });
    await expect.poll(() => menu.locator('li').count()).toBeGreaterThan(1);
  });

  it('lists them where they are missing, when asked to by key', async () => {
    await using many = startAgent(folder.path, [
      '-q',
      '--linger',
      '5m',
      '--',
      'sh',
      '-c',
      'seq 5000 | sed "s/^/error: /"',
    ]);
    const page = await browser.open(await many.url());
    const button = page.locator('.problems-button');
    await until('all errors', async () => (await button.textContent()) === '5,000 errors');
    await button.click();
    const list = page.locator('[data-part="errors"]');
    const items = list.locator('li');
    const others = list.locator('[data-from] button');
    const focused = list.locator('button:focus');
    /** Lists more of what is known, and leaves the focus on the first of it. */
    async function showMore(): Promise<void> {
      const place = items.nth((await items.count()) - 1);
      await place.locator('button').focus();
      await page.keyboard.press('Enter');
      await until('one of them', async () => (await place.textContent()) !== 'Show more');
      await expect.poll(async () => (await focused.textContent()) === (await place.textContent())).toBe(true);
    }
    while ((await others.count()) === 0) await showMore();
    await expect.poll(() => others.textContent()).toBe('4,000 errors between lines 1 and 5,000');
    await others.focus();
    await page.keyboard.press('Enter');
    await until('the first of them', async () => (await focused.innerText()).includes('error: 501'));
    // 2,000 come at a time.
    while ((await others.count()) === 0) await showMore();
    await expect.poll(() => others.textContent()).toBe('3,000 errors between lines 2,001 and 5,000');
    await others.click();
    await until('the next ones', async () => (await focused.innerText()).includes('error: 2001'));
    while ((await others.count()) === 0) await showMore();
    await others.click();
    await until('the last ones', async () => (await focused.innerText()).includes('error: 4001'));
    await page.keyboard.press('Enter');
    await until('which it is', async () => (await button.textContent()) === '4,001 of 5,000 errors');
    await expect.poll(() => new URL(page.url()).hash).toBe('#L4001');
    await page.context().close();
  });

  it('has its marks on the scroll bar beside their lines, where all of them fit', async () => {
    await using short = startAgent(folder.path, [
      '-q',
      '--linger',
      '5m',
      '--',
      'sh',
      '-c',
      'seq 9; echo error: no luck',
    ]);
    const page = await browser.open(await short.url());
    await row(page, 10).waitFor();
    const lowest = () =>
      page.locator('[data-part="minimap"]').evaluate((canvas: HTMLCanvasElement) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, width, height) ?? { data: [] };
        const at = [...data].findLastIndex((byte, index) => index % 4 === 3 && byte > 0);
        return canvas.getBoundingClientRect().top + at / 4 / width / devicePixelRatio;
      });
    const { y = 0, height = 0 } = (await row(page, 10).boundingBox()) ?? {};
    await until('the mark', async () => {
      const mark = await lowest();
      return y <= mark && mark <= y + height + 1;
    });
    await page.context().close();
  });

  it('has warnings in the color of warnings', async () => {
    await using warning = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'echo', 'warning: nearly there']);
    const page = await browser.open(await warning.url());
    const button = page.locator('.problems-button');
    await button.waitFor();
    await expect.poll(() => button.textContent()).toBe('1 warning');
    const isWarning = await button.evaluate((element) => {
      const { color } = getComputedStyle(element);
      element.style.color = 'var(--warning)';
      return color === getComputedStyle(element).color;
    });
    expect(isWarning).toBe(true);
  });
});

describe('a line that the address names', () => {
  const banner = (page: Page) => page.locator('.banner.absent-mark');

  it('and the log does not have, is said to be missing', async () => {
    const page = await open('#L9999');
    await shows(page, 702);
    await expect
      .poll(() => banner(page).locator('p').textContent())
      .toBe('The log has 702 lines. Line 9,999 doesn’t exist.');
    // It takes no row's place.
    const [over, lines] = await Promise.all([banner(page).boundingBox(), page.locator('#log').boundingBox()]);
    expect((over?.y ?? 0) + (over?.height ?? 0)).toBeLessThanOrEqual(lines?.y ?? 0);
    await banner(page).getByRole('button', { name: 'Close' }).click();
    await banner(page).waitFor({ state: 'detached' });
    // Asked for again, it is said again.
    await page.keyboard.press(':');
    await page.locator('.go-to-line input').fill('9999');
    await page.keyboard.press('Enter');
    await banner(page).waitFor();
  });

  it('and the log does not have yet, is gone to when it comes', async () => {
    const file = folder.file('growing.log');
    writeFileSync(file, 'one\ntwo\n');
    await using following = startAgent(folder.path, [file]);
    const page = await browser.open(`${await following.url()}#L60`);
    await banner(page).waitFor();
    await expect
      .poll(() => banner(page).locator('p').textContent())
      .toBe('The log has 2 lines. Line 60 isn’t there yet.');
    appendFileSync(file, 'more\n'.repeat(57) + Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join(''));
    await page.locator('.row.marked[data-id="60"]').waitFor();
    await banner(page).waitFor({ state: 'detached' });
  });
});

describe('buttons in rows', () => {
  it('are no stops of Tab, but are gone through with Enter and the arrows', async () => {
    const page = await open('#L1');
    const focused = () =>
      page.evaluate(() => {
        const { className, dataset } = document.activeElement as HTMLElement;
        const row = document.activeElement?.closest<HTMLElement>('.row');
        return row ? `${className} ${row.dataset.id}` : (dataset.part ?? className);
      });
    await row(page, 5).locator('button.fold').waitFor();
    await page.locator('.scroller').focus();
    await page.keyboard.press('Tab');
    expect(await focused()).not.toContain('fold');
    await page.locator('.scroller').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused()).toBe('fold 5');
    await page.keyboard.press('Enter');
    await shows(page, 6);
    // The button that was pressed has another one in its place.
    await until('the focus', async () => (await focused()) === 'fold 5');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => focused()).toBe('fold 1');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused()).toBe('scroller');
  });

  it('are gone through where they show, and keep the focus when their rows are drawn anew', async () => {
    const file = folder.file('links.log');
    writeFileSync(file, '{"level":"info","msg":"hidden","at":"http://127.0.0.1:1/"}\nsee http://127.0.0.1:1/ now\n');
    await using following = startAgent(folder.path, [file]);
    const page = await browser.open(await following.url());
    const focused = () =>
      page.evaluate(() => {
        const { localName, className } = document.activeElement as HTMLElement;
        return [localName, className, document.activeElement?.closest<HTMLElement>('.row')?.dataset.id].join(' ');
      });
    await row(page, 1).locator('button.unfold').waitFor();
    await page.locator('.scroller').press('Enter');
    expect(await focused()).toBe('button unfold 1');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('a  2');
    await page.keyboard.press('Shift+T');
    await row(page, 2).locator('.time').waitFor();
    await expect.poll(() => focused()).toBe('a  2');
    // Nor do they take it from who has it by then.
    await page.keyboard.press('/');
    await page.keyboard.type('see', { delay: 20 });
    await row(page, 2).locator('mark').waitFor();
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('see');
    await expect.poll(() => focused()).toContain('input');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('div scroller ');
    expect(browser.complaints).toEqual([]);
  });
});

describe('groups', () => {
  let resized: Page;

  async function openWide(width: number): Promise<Page> {
    await resized.setViewportSize({ width, height: 800 });
    await openAsNew(resized, await agent.url());
    return resized;
  }

  beforeAll(async () => {
    resized = await browser.open('about:blank');
  });

  it('open and close, without what marks them', async () => {
    const page = await open('#L1');
    await shows(page, 1);
    // A title is drawn once what decorates it has loaded.
    await until('the title', async () => (await row(page, 1).innerText()).includes('Step 1'));
    expect(await row(page, 1).innerText()).not.toContain('::');
    await row(page, 1).getByRole('button', { name: 'Expand Step 1' }).click();
    await shows(page, 2);
    await row(page, 1).getByRole('button', { name: 'Collapse Step 1' }).click();
    await until('line 2 to be folded', async () => !(await shownIds(page)).includes(2));
    await expect.poll(async () => (await shownIds(page)).slice(0, 3)).toEqual([1, 5, 9]);
  });

  it('are opened by a search that finds something inside', async () => {
    const page = await open('#L1');
    await shows(page, 1);
    await page.keyboard.press('/');
    await page.getByRole('searchbox').fill('working on 55');
    await shows(page, 54 * 4 + 2);
    await expect.poll(() => page.locator('mark[aria-current="true"]').textContent()).toBe('working on 55');

    // What is found in a marker shows, too.
    await page.getByRole('searchbox').fill('group::Step 55');
    const current = page.locator('mark[aria-current="true"]:visible');
    await until('the marker', async () => (await current.allTextContents()).join('') === 'group::Step 55');
  });

  it('are listed in the outline, which leads to them', async () => {
    const page = await open('#L1');
    await shows(page, 1);
    await page.keyboard.press('o');
    const entry = page.locator('[data-part="outline"] li', { hasText: /^Step 90$/ });
    await entry.getByRole('button').last().click();
    await shows(page, 89 * 4 + 1);
    await page.getByRole('button', { name: 'Expand all' }).click();
    await shows(page, 89 * 4 + 2);
    await page.keyboard.press('Escape');
    await page.locator('[data-part="outline"]').waitFor({ state: 'detached' });
  });

  it('are listed beside the search bar, and above it on a phone', async () => {
    for (const width of [390, 700, 1200]) {
      const page = await openWide(width);
      await page.locator('.outline-button').click();
      await page.keyboard.press('/');
      await until(`both, apart, ${width} pixels wide`, async () => {
        const boxes = ['.search-bar', '.outline .close'].map((part) => page.locator(part).boundingBox());
        const [search, close] = await Promise.all(boxes);
        if (!search || !close || search.height >= 120) return false;
        return search.y >= close.y + close.height || search.x + search.width <= close.x;
      });
    }
  });

  it('leave the button to the end free', async () => {
    for (const width of [760, 1200]) {
      const page = await openWide(width);
      await page.locator('.outline-button').click();
      const boxOf = async (part: string) => (await page.locator(part).boundingBox()) ?? { x: 0, width: 0 };
      await until(`a button beside it, ${width} pixels wide`, async () => {
        const [end, outline] = [await boxOf('.to-end'), await boxOf('.outline')];
        return end.x > 0 && end.x + end.width < outline.x;
      });
    }
  });

  it('are not said to be none before the log has been read', async () => {
    await using plain = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'echo', 'no group']);
    let answer: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const page = await browser.open(await plain.url(), {
      prepare: (opening) =>
        opening.route(/\/outline$/, async (route) => {
          await asked;
          await route.continue();
        }),
    });
    await page.keyboard.press('o');
    const outline = page.locator('[data-part="outline"]');
    await outline.getByText('Reading the log …').waitFor();
    expect(await outline.innerText()).not.toContain('no groups');
    answer?.();
    await outline.getByText('This log has no groups.').waitFor();
    expect(await outline.innerText()).not.toContain('Reading');
  });

  it('of a shell say the exit code of a command that failed', async () => {
    const marks = `printf '\\033]133;C;cmdline_url=make\\007\\nno\\n\\033]133;D;2\\007\\n'`;
    await using shell = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', marks]);
    const page = await browser.open(await shell.url());
    await page.keyboard.press('o');
    await page.locator('[data-part="outline"] li', { hasText: 'make' }).getByTitle('exit 2').waitFor();
  });

  it('keep their title in view', async () => {
    const page = await browser.open(`${await agent.url()}#L${errorLine}`, { height: 300, hasMotion: true });
    await page.locator('.problems-button').waitFor();
    await page.mouse.move(200, 200);
    await until('the title', async () => {
      await page.mouse.wheel(0, 20);
      return (await page.locator('.sticky-group').count()) > 0;
    });
    await expect.poll(() => page.locator('.sticky-group').textContent()).toBe('Step 30');
    expect(browser.complaints).toEqual([]);
  });

  it('do not cover the first line that a filter shows with their title', async () => {
    const page = await open('?q=semicolon');
    await page.keyboard.press('o');
    await page.locator('[data-part="outline"] li', { hasText: 'Step 30' }).waitFor();
    await page.keyboard.press('o');
    await shows(page, errorLine);
    // Whatever lies over the line would take the click.
    await row(page, errorLine).locator('.text').click({ trial: true, timeout: 5000 });
    expect(await page.locator('.sticky-group').count()).toBe(0);
  });
});

describe('time', () => {
  it('is shown as bars that lead to their lines, with errors, and on the scroll bar', async () => {
    const page = await open('#L1');
    await shows(page, 1);
    await page.keyboard.press('t');
    const buckets = page.locator('[data-part="timeline"] .bucket');
    await buckets.first().waitFor({ state: 'attached' });
    const counts = await buckets.evaluateAll((all) =>
      all.map((bucket) => [Number(bucket.getAttribute('data-lines')), Number(bucket.getAttribute('data-errors'))]),
    );
    const sum = (at: 0 | 1) => counts.reduce((total, count) => total + (count[at] ?? 0), 0);
    expect([sum(0), sum(1)]).toEqual([702, 2]);
    const plot = await page.locator('[data-part="timeline"] > svg').boundingBox();
    if (!plot) throw new Error('There is no plot.');
    await page.mouse.click(plot.x + plot.width - 2, plot.y + plot.height / 2);
    const last = await buckets.evaluateAll((all) => Number(all.at(-1)?.getAttribute('data-first')));
    await shows(page, last);
    await until('ticks', async () => (await page.locator('[data-part="minimap"]').getAttribute('data-ticks')) === '4');
  });
});

it('the bars of a timeline can be gone through, jumped to and selected by keys, and say what they are', async () => {
  const file = folder.file('hours.log');
  const times = ['10:00', '10:40', '10:40', '12:00'];
  writeFileSync(file, times.map((time, at) => `2026-11-02T${time}:00.000Z line ${at + 1}\n`).join(''));
  await using following = startAgent(folder.path, [file]);
  const page = await browser.open(await following.url());
  await page.keyboard.press('t');
  await page.locator('.bucket').first().waitFor({ state: 'attached' });
  const plot = page.getByRole('slider', { name: 'Lines over time' });
  await plot.focus();
  const says = () => plot.getAttribute('aria-valuetext');
  await expect.poll(says).toMatch(/4 lines$/);
  await page.keyboard.press('ArrowRight');
  await expect.poll(says).toMatch(/^\S+ · 1 line$/);
  await page.keyboard.press('ArrowRight');
  await expect.poll(says).toMatch(/^\S+ · 2 lines$/);
  await expect.poll(() => page.locator('.timeline-words').textContent()).toBe(await says());
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).hash).toBe('#L2');
  await page.keyboard.press('End');
  await expect.poll(says).toMatch(/^\S+ · 1 line$/);
  await page.keyboard.press('Shift+ArrowLeft');
  await expect.poll(says).toMatch(/^\S+ · 2 lines$/);
  await page.keyboard.press('Enter');
  await expect.poll(() => shownIds(page)).toEqual([2, 3, 4]);
  expect(new URL(page.url()).search).toMatch(/^\?since=\d+&until=\d+$/);
  // Whoever clicks on a bar goes on among the lines.
  await plot.click();
  await expect.poll(() => plot.evaluate((bars) => bars === document.activeElement)).toBe(false);
  await page.context().close();
});

it('a timeline is asked for again, though no line comes, until it is that of the whole log', async () => {
  const file = folder.file('quiet.log');
  writeFileSync(file, '2026-11-02T10:00:00.000Z line\n'.repeat(4));
  await using following = startAgent(folder.path, [file]);
  const page = await browser.open(await following.url());
  // One that does not come, and what an agent says that has only begun to look at a long log.
  const none = { buckets: [], pauses: [], lines: 0, errors: 0, warnings: 0, known: [5, 4] };
  const answers = [undefined, none, { ...none, known: [3, 4] }];
  await page.route(/\/histogram\?buckets/, (route) => {
    if (answers.length === 0) return route.continue();
    const json = answers.shift();
    return json ? route.fulfill({ json }) : route.abort();
  });
  await page.keyboard.press('t');
  await page.locator('.bucket').first().waitFor({ state: 'attached' });
  await page.context().close();
});

it('the words of a timeline have room in one row on a phone, days included', async () => {
  const file = folder.file('days.log');
  const lines = Array.from({ length: 80 }, (_, hour) => {
    const time = new Date(Date.UTC(2026, 10, 2, hour));
    return `${time.toISOString().slice(0, 19).replace('T', ' ')} line`;
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  await using following = startAgent(folder.path, [file]);
  const page = await browser.open(await following.url(), { width: 390, height: 700 });
  await page.keyboard.press('t');
  const words = page.locator('.timeline-words', { hasText: '80 lines' });
  await words.waitFor();
  const sizes = await words.evaluate(({ scrollWidth, clientWidth, clientHeight }) => ({
    isWhole: scrollWidth <= clientWidth,
    isOneRow: clientHeight < 30,
  }));
  expect(sizes).toEqual({ isWhole: true, isOneRow: true });
  await page.context().close();
});

it.each([1200, 360])('menus lie over the outline and the search bar (%d px wide)', async (width) => {
  const page = await browser.open(`${await agent.url()}#L400`, { width });
  await page.locator('.problems-button').waitFor();
  await page.keyboard.press('o');
  await page.locator('[data-part="outline"] li').first().waitFor();
  await page.keyboard.press('/');
  await page.getByRole('searchbox').waitFor();
  for (const name of ['problems', 'download', 'settings']) {
    await page.locator(`.${name}-button`).click();
    const menu = page.locator(`.${name}-menu`);
    await menu.locator('button, a, input').first().waitFor();
    const covered = await menu.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const shares = [0.05, 0.3, 0.5, 0.7, 0.95];
      const points = shares.flatMap((x) => shares.map((y) => [left + x * width, top + y * height] as const));
      const inView = points.filter(([x, y]) => x > 0 && y > 0 && x < innerWidth && y < innerHeight);
      return inView.filter(([x, y]) => !element.contains(document.elementFromPoint(x, y))).length;
    });
    expect(`${name}: ${covered}`).toBe(`${name}: 0`);
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
  }
  await page.context().close();
});

describe('a log of two hours', () => {
  it('is gone through by time, cut to a part of it, and wrapped where the reader is', async () => {
    const file = folder.file('hours.log');
    const twoDigits = (n: number) => String(n).padStart(2, '0');
    const timeOf = (minute: number) => `${10 + Math.floor(minute / 60)}:${twoDigits(minute % 60)}`;
    const lines = Array.from(
      { length: 120 },
      (_, minute) => `2026-11-02 ${timeOf(minute)}:00 ${'a long line '.repeat(30)}`,
    );
    writeFileSync(file, `${lines.join('\n')}\n`);
    await using following = startAgent(folder.path, [file]);
    const page = await browser.open(await following.url());
    await shows(page, 120);
    await page.keyboard.press('t');
    await page.locator('[data-part="timeline"] .bucket').first().waitFor({ state: 'attached' });

    await page.locator('.go-to-time input').fill('10:10');
    await page.keyboard.press('Enter');
    await shows(page, 11);

    const top = () =>
      page.locator('.scroller').evaluate((scroller) => {
        const { top } = scroller.getBoundingClientRect();
        const rows = [...scroller.querySelectorAll<HTMLElement>('.row[data-id]')];
        return Math.min(...rows.filter((row) => row.getBoundingClientRect().bottom > top + 1).map(idOf));
        function idOf({ dataset }: HTMLElement): number {
          return Number(dataset.id);
        }
      });
    await page.locator('.scroller').focus();
    await page.keyboard.press('PageDown');
    await until('the next page', async () => (await top()) > 11);
    const before = await top();
    for (const isWrapped of [true, false]) {
      await page.keyboard.press('w');
      await until('the other way', async () => (await page.locator('#log.wrap').count()) === Number(isWrapped));
      await until('the same first line', async () => (await top()) === before);
    }

    const plot = await page.locator('[data-part="timeline"] > svg').boundingBox();
    if (!plot) throw new Error('There is no plot.');
    const at = (share: number) => plot.x + plot.width * share;
    await page.mouse.move(at(0.5), plot.y + 20);
    await until('what is there', async () =>
      /^1[01]:\d\d.*line/.test((await page.locator('.timeline-words').textContent()) ?? ''),
    );
    await page.mouse.down();
    await page.mouse.move(at(0.75), plot.y + 20, { steps: 4 });
    const answered = createDeferred<void>();
    await page.route(/histogram.*since=/, async (route) => {
      await answered.promise;
      await route.continue();
    });
    await page.mouse.up();
    // What shows meanwhile is of all lines.
    const timeline = page.locator('[data-part="timeline"]');
    await until('that it is late', async () => (await timeline.getAttribute('aria-busy')) === 'true');
    answered.resolve();
    await until('the answer', async () => (await timeline.getAttribute('aria-busy')) === 'false');
    await until('only that time', async () => {
      const ids = await shownIds(page);
      return ids.length > 20 && ids.length < 40 && ids.every((id) => id > 55 && id < 95);
    });
    const { searchParams } = new URL(page.url());
    expect([searchParams.has('since'), searchParams.has('until')]).toEqual([true, true]);
    // It is gone to, wherever the reader was.
    const isAtFirst = async () => new URL(page.url()).hash === `#L${(await shownIds(page))[0]}`;
    await expect.poll(isAtFirst).toBe(true);
  });
});

describe('lines that say the same', () => {
  it('are one with a count, until they are asked for', async () => {
    await using retrying = startAgent(folder.path, [
      ...['-q', '--linger', '5m', '--', 'sh', '-c'],
      'echo begin; for i in 1 2 3 4 5; do echo "connection refused, retrying"; done; echo connected; echo; echo; echo',
    ]);
    const page = await browser.open(await retrying.url());
    const folded = page.locator('.row[data-repeat="5"]');
    await folded.waitFor();
    await expect.poll(() => folded.locator('.text').textContent()).toBe('connection refused, retrying');
    await expect.poll(() => shownIds(page)).toEqual([1, 2, 7, 8, 9, 10]);
    await folded.getByRole('button').click();
    await shows(page, 6);
    await expect.poll(() => page.locator('[data-repeat]').count()).toBe(0);
  });

  it('have their true count, however many they are, and end where others begin', async () => {
    await using retrying = startAgent(folder.path, [
      ...['-q', '--linger', '5m', '--', 'sh', '-c'],
      'echo begin; yes "tick (1/2)" | head -n 40000; echo end',
    ]);
    const page = await browser.open(await retrying.url());
    const folded = page.locator('.row[data-repeat="40000"]');
    await folded.waitFor();
    await expect.poll(() => folded.locator('.repeat').textContent()).toBe('× 40,000');
    await expect.poll(() => shownIds(page)).toEqual([1, 2, 40_002]);

    await using pairs = startAgent(folder.path, [
      ...['-q', '--linger', '5m', '--', 'sh', '-c'],
      'echo begin; yes "connecting\nrefused" | head -n 20000; echo end',
    ]);
    const other = await browser.open(await pairs.url());
    await other.locator('.row[data-repeat="10000"]').waitFor();
    await expect.poll(() => shownIds(other)).toEqual([1, 2, 3, 20_002]);
  });
});

describe('every way to a line opens what hides it:', () => {
  /** Line 2 is in a group, 7 in a record, 12 in a repetition, 15 to 18 are errors that repeat. */
  const hiding = String.raw`
echo ::group::Build; echo compiling; echo linking; echo ::endgroup::
printf 'java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n\tat d.E.f(E.java:2)\n\tat g.H.i(H.java:3)\n'
for i in 1 2 3 4 5; do echo waiting for the database; done
echo now; for i in 1 2 3 4; do echo "error: it does not answer"; done; seq 60`;
  const hidden = [2, 7, 12];
  let hider: AgentProcess;
  let page: Page;

  const folded = () =>
    until('what hides them', async () => {
      const shown = await shownIds(page);
      return shown.includes(1) && shown.includes(19) && ![...hidden, 16].some((id) => shown.includes(id));
    });

  beforeAll(async () => {
    hider = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', hiding]);
    const url = await hider.url();
    await until('the end', () => hasExited(url), 30_000);
    page = await browser.open('about:blank', {
      prepare: (one) =>
        one.addInitScript(() => {
          if (origin !== 'null') localStorage.setItem('sse-tail:settings', JSON.stringify({ records: 'folded' }));
        }),
    });
  });
  afterAll(() => hider[Symbol.asyncDispose]());

  /** Afterwards the page shows the log from its start, with everything folded that can be. */
  async function fold(hash = ''): Promise<void> {
    await openAsNew(page, `${await hider.url()}${hash}`);
    if (hash) return;
    await page.keyboard.press('Home');
    await folded();
  }

  it.each(hidden)('the address that the page is opened with, #L%i', async (id) => {
    await fold(`#L${id}`);
    await shows(page, id);
    await expect.poll(() => row(page, id).getAttribute('class')).toContain('marked');
    // Until the reader closes it.
    if (id !== 7) return;
    await row(page, 5).locator('button.fold').click();
    await until('line 7 to be folded', async () => !(await shownIds(page)).includes(7));
  });

  it('an address that changes, with a range of lines', async () => {
    await fold();
    await page.evaluate(() => {
      location.hash = '#L2-L12';
    });
    await shows(page, 2);
    await shows(page, 12);
    // What lies between its ends stays as it is.
    expect(await shownIds(page)).not.toContain(7);
  });

  it('a number that is typed', async () => {
    await fold();
    for (const id of hidden) {
      await page.keyboard.press(':');
      await page.locator('.go-to-line input').fill(String(id));
      await page.keyboard.press('Enter');
      await shows(page, id);
    }
  });

  it('a search, and the next and previous match', async () => {
    await fold();
    await page.keyboard.press('/');
    for (const [text, id] of [
      ['compiling', 2],
      ['at d.E', 7],
    ] as const) {
      await page.getByRole('searchbox').fill(text);
      await shows(page, id);
    }
    await page.getByRole('searchbox').fill('the database');
    const current = page.locator('mark[aria-current="true"]');
    await until('the first match', async () => (await current.allTextContents()).join() === 'the database');
    await page.keyboard.press('Enter');
    await shows(page, 10);
    await expect.poll(() => shownIds(page)).toContain(13);
  });

  it('the next and previous error, and the list of errors', async () => {
    await fold();
    await page.keyboard.press('e');
    await page.keyboard.press('e');
    await page.keyboard.press('e');
    await shows(page, 16);
    await fold();
    await page.locator('.problems-button').click();
    await page.locator('[data-part="errors"] li').nth(2).getByRole('button').click();
    await shows(page, 16);
    expect(browser.complaints).toEqual([]);
  });
});
