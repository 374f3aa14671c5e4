import { writeFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { lineText, openAsNew, row, shownIds, startBrowser, styleOf, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';

let browser: TestBrowser;
let shared: Page;
let agent: AgentProcess;
let folder: ReturnType<typeof temporaryFolder>;

const lines = [
  'a plain line',
  '{"level":30,"time":1763622000123,"req":{"method":"GET"},"status":200,"msg":"request completed"}',
  '{"level":50,"time":1763622001456,"req":{"method":"POST"},"status":500,"msg":"<b>failed</b>","stack":"Error\\n  at a"}',
  'time="2025-11-20T07:00:00Z" level=warning msg="disk is filling up" status=500 free="1 GB"',
  '{"level":30,"status":5001,"msg":"another"}',
];

beforeAll(async () => {
  folder = temporaryFolder();
  const file = folder.file('app.log');
  writeFileSync(file, `${lines.join('\n')}\n`);
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
const fields = (page: Page, id: number) => row(page, id).locator('.fields');
const shown = async (page: Page, id: number) => (await fields(page, id).textContent())?.replace(/\s+/g, ' ').trim();

describe('lines of JSON and logfmt', () => {
  it('are shown as level, message and fields, and stay as they were for whoever searches or copies', async () => {
    const page = await open();
    await fields(page, 3).waitFor();
    expect(await row(page, 1).getAttribute('data-fields')).toBeNull();
    await expect
      .poll(() => shown(page, 3))
      .toMatch(/^ERROR \d\d:00:01\.456 <b>failed<\/b> req\.method=POST status=500 stack="Error\\n at a"$/);
    await expect
      .poll(() => shown(page, 4))
      .toMatch(/^WARNI? \d\d:00:00\.000 disk is filling up status=500 free="1 GB"$/);
    await expect.poll(() => lineText(page, 2).textContent()).toBe(lines[1]);

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    // On a busy machine a key may come before the event of what was selected right before it.
    const copiedAtOnce = await page.evaluate(() => {
      const [from, to] = ['2', '4'].map((id) => document.querySelector(`[data-id="${id}"] .message`)?.firstChild);
      document.getSelection()?.setBaseAndExtent(from as Node, 3, to as Node, 2);
      const event = new ClipboardEvent('copy', { clipboardData: new DataTransfer(), cancelable: true });
      document.dispatchEvent(event);
      return event.clipboardData?.getData('text/plain');
    });
    expect(copiedAtOnce).toBe(lines.slice(1, 4).join('\n'));
    await page.keyboard.press('Control+C');
    const copied = await until('the clipboard', () => page.evaluate(() => navigator.clipboard.readText()));
    expect(copied.replaceAll('\r\n', '\n')).toBe(lines.slice(1, 4).join('\n'));

    await page.keyboard.press('/');
    await page.getByRole('searchbox').fill('filling');
    await until('a mark in the fields', async () => (await page.locator('.fields mark').allTextContents()).join());
    // What shows only in the line as it came is shown there.
    await page.getByRole('searchbox').fill('"method":"P');
    await until('the line as it came', async () => (await row(page, 3).getAttribute('data-fields')) === null);
    // The reader sees a sentence, the log holds escapes.
    await page.getByRole('searchbox').fill('ERROR failed');
    await page.getByText('Lines are searched as printed').waitFor();
  });

  it('open to links, in values and in the line as it came', async () => {
    const trace = 'Error: no\\n\\n    at https://127.0.0.1:1/app.js';
    const link = folder.file('links.log');
    writeFileSync(link, `{"level":"info","msg":"sent","url":"https://127.0.0.1:1/a?b=c","stack":"${trace}"}\n`);
    await using following = startAgent(folder.path, [link]);
    const page = await browser.open(await following.url());
    await fields(page, 1).locator('.unfold').click();
    const details = row(page, 1).locator('.details');
    await expect
      .poll(() => details.locator('a').evaluateAll((all) => all.map((one) => one.getAttribute('href'))))
      .toEqual(['a?b=c', 'app.js', 'a?b=c', 'app.js'].map((path) => `https://127.0.0.1:1/${path}`));
    const lines = details.locator('.value-text div');
    await expect.poll(() => lines.nth(1).textContent()).toBe('Error: no');
    expect((await lines.nth(2).boundingBox())?.height).toBe((await lines.nth(1).boundingBox())?.height);
    const opened = page.waitForEvent('popup');
    await details.locator('a').first().click();
    await (await opened).close();
    expect(browser.complaints).toEqual([]);
  });

  it('open to all of their fields, which become filters and columns', async () => {
    const page = await open();
    await fields(page, 3).locator('.unfold').click();
    const details = row(page, 3).locator('.details');
    await expect.poll(() => details.locator('.original').textContent()).toBe(lines[2]);
    const heightOf = async (id: number) => (await row(page, id).boundingBox())?.height ?? 0;
    await until('the next line after it', async () => {
      const [a, b] = [await row(page, 3).boundingBox(), await row(page, 4).boundingBox()];
      return a && b && Math.abs(a.y + a.height - b.y) < 1;
    });
    await expect.poll(async () => (await heightOf(3)) / (await heightOf(1))).toBeGreaterThan(5);

    await page.setViewportSize({ width: 390, height: 800 });
    const values = await details.locator('td:last-child').evaluateAll((cells) =>
      cells.map((cell) => {
        const { width, right } = cell.getBoundingClientRect();
        return width > 200 && right <= innerWidth;
      }),
    );
    expect(new Set(values), 'each value has room on a phone').toEqual(new Set([true]));
    await page.setViewportSize({ width: 1200, height: 800 });

    await details.locator('[data-do="column"][data-field="1"]').click();
    await until('the column', async () => (await page.locator('.column[data-key="status"]').count()) === 4);
    await expect.poll(() => new URL(page.url()).searchParams.getAll('column')).toEqual(['status']);
    const lefts = await page
      .locator('.row:not([data-id="3"]) .column[data-key="status"]')
      .evaluateAll((columns) => columns.map((column) => column.getBoundingClientRect().width));
    expect(new Set(lefts).size).toBe(1);

    const head = page.locator('.column-head[data-key="status"]');
    await expect.poll(() => head.textContent()).toBe('status');
    const leftOf = async (place: Locator) => (await place.boundingBox())?.x;
    const isOverColumn = async () => (await leftOf(head)) === (await leftOf(row(page, 3).locator('.column')));
    await expect.poll(isOverColumn).toBe(true);
    const bottom = () => head.evaluate((element) => element.parentElement?.getBoundingClientRect().bottom);
    await expect.poll(async () => (await row(page, 1).boundingBox())?.y === (await bottom())).toBe(true);
    await row(page, 3).locator('.column .value').click();
    await until('lines with this value', async () => String(await shownIds(page)) === '3');
    await expect.poll(() => new URL(page.url()).searchParams.getAll('has')).toEqual(['"status":500']);
    await page.locator('.chip[data-kind="has"] .remove').click();
    // Two values at once, and one that is not to be there; 500 is not 5001.
    const value = (id: number, key: string) => row(page, id).locator(`[data-key="${key}"] .value`).first();
    await value(2, 'status').click();
    await value(2, 'req.method').click();
    await until('lines with both', async () => String(await shownIds(page)) === '2');
    await expect.poll(() => page.locator('.chip[data-kind="has"]').count()).toBe(2);
    await page.locator('.clear').click();
    await until('all lines', async () => (await shownIds(page)).length === 5);
    const withoutStatus = row(page, 3).locator('[data-do="without"][data-field="1"]');
    await withoutStatus.click();
    await until('lines without it', async () => String(await shownIds(page)) === '1,2,4,5');
    await page.locator('.clear').click();

    await page.locator('.chip[data-kind="column"] .remove').click();
    await until('no column', async () => (await page.locator('.column').count()) === 0);
    await expect.poll(() => new URL(page.url()).searchParams.getAll('column')).toEqual([]);
    await expect.poll(() => page.locator('.column-heads').isVisible()).toBe(false);
  });

  it('are left as they came, if the reader prefers that', async () => {
    const page = await open();
    await fields(page, 2).waitFor();
    await page.locator('.settings-button').click();
    await page.locator('select[name="fields"]').selectOption('off');
    await until('no fields', async () => (await page.locator('.fields').count()) === 0);
    await expect.poll(() => lineText(page, 2).innerText()).toBe(lines[1]);
  });
});

describe('own highlights', () => {
  it('are colors behind words, in the address', async () => {
    const page = await open('?highlight=green:plain');
    await until('the word', async () => (await row(page, 1).locator('.highlight').textContent()) === 'plain');
    await page.keyboard.press('f');
    await page.locator('.add-filter select').selectOption('highlight');
    await page.locator('.filter-text').fill('FAILED');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.highlight:not(.swatch)').count()).toBe(1);
    await page.locator('.filter-text').fill('failed');
    await page.keyboard.press('Enter');
    await until('the word in a field', async () => (await fields(page, 3).locator('.highlight').count()) === 1);
    const chip = page.locator('.chip[data-kind="highlight"][data-value="plain"]');
    await chip.locator('.swatch').click();
    await expect.poll(() => row(page, 1).locator('.highlight').getAttribute('data-color')).toBe('blue');
    await expect
      .poll(() => new URL(page.url()).searchParams.getAll('highlight'))
      .toEqual(['blue:plain', 'yellow:FAILED', expect.stringMatching(/^\w+:failed$/)]);
    await chip.locator('.remove').click();
    await until('no color', async () => (await row(page, 1).locator('.highlight').count()) === 0);
  });
});

describe('paths with a line number', () => {
  const links = ['--link-template', 'vscode://file/{path}:{line}:{column}'];
  const printing = '-q --linger 5m -- printf'.split(' ');
  const output = 'at src/a.ts:12:5\n\x1b[31m/x/b\x1b[1m.ts:3\x1b[0m\nhttps://a.b/c.js:1\n/javascript:x/a.js:1\n';
  const linksIn = async (page: Page, id: number) =>
    lineText(page, id)
      .locator('a')
      .evaluateAll((all) => all.map((link) => `${link.textContent} ${link.getAttribute('href')}`));

  it('lead where the person who runs the agent says, and show viewers no directory', async () => {
    await using hiding = startAgent(folder.path, [...links, ...printing, output]);
    const page = await browser.open(await hiding.url());
    await until('the absolute path', async () => String(await linksIn(page, 2)).includes('vscode'));
    expect(await linksIn(page, 1)).toEqual([]);
    await expect
      .poll(() => linksIn(page, 2))
      .toEqual(['/x/b vscode://file/x/b.ts:3:1', '.ts:3 vscode://file/x/b.ts:3:1']);
    await expect.poll(() => linksIn(page, 3)).toEqual(['https://a.b/c.js:1 https://a.b/c.js:1']);
    expect(await page.content()).not.toContain(folder.path);
  });

  it('are taken from the working directory where viewers may see that', async () => {
    await using telling = startAgent(folder.path, [...links, '--show-paths', ...printing, output]);
    const page = await browser.open(await telling.url());
    await until('the relative path', async () => String(await linksIn(page, 1)).includes('vscode'));
    await expect.poll(() => linksIn(page, 1)).toEqual([`src/a.ts:12:5 vscode://file${folder.path}/src/a.ts:12:5`]);
  });

  it('lead nowhere by a scheme that runs code', async () => {
    await using agentWithScript = startAgent(folder.path, ['--link-template', 'javascript://{path}', 'x.log']);
    expect((await agentWithScript.ended()).code).toBe(2);
    expect(agentWithScript.stderr).toContain('that runs no script');
  });
});

it('times are what lines say themselves, or those of the arrival, and so are pauses', async () => {
  const page = await open();
  const timeOf = (id: number) => row(page, id).locator('.time').textContent();
  await page.locator('.settings-button').click();
  await page.locator('input[name="times"]').check();
  await page.locator('select[name="timeStyle"]').selectOption('utc');
  await until('its own time', async () => (await timeOf(2)) === '07:00:00.123Z');
  const arrival = await timeOf(1);
  await expect.poll(() => timeOf(3)).toBe('07:00:01.456Z');
  await page.locator('select[name="timeFrom"]').selectOption('arrival');
  await until('when it came', async () => (await timeOf(2)) === arrival);
  await expect.poll(() => timeOf(3)).toBe(arrival);
  await page.locator('select[name="timeFrom"]').selectOption('line');
  await page.locator('select[name="timeStyle"]').selectOption('previous');
  await until('since the line before', async () => (await timeOf(3))?.trim() === '+0:01.333');
  await page.locator('select[name="pauses"]').selectOption('1');
  await until('a pause', async () => (await row(page, 3).locator('.pause').count()) === 1);
});

describe('the line at the top', () => {
  /** Each third line comes after a pause, each seventh is longer than the window is wide. */
  async function openLong() {
    const file = folder.file('pauses.log');
    const text = (id: number) => `line ${id} ${'word '.repeat(id % 7 === 0 ? 200 : 3)}`;
    const time = (id: number) => new Date(Date.UTC(2026, 10, 28) + id * 1000 + Math.floor(id / 3) * 60_000);
    writeFileSync(
      file,
      Array.from({ length: 900 }, (_, at) => `${time(at + 1).toISOString()} ${text(at + 1)}\n`).join(''),
    );
    const other = startAgent(folder.path, [file]);
    const page = await browser.open(`${await other.url()}#L300`);
    await row(page, 300).waitFor();
    await page.keyboard.press('T');
    await row(page, 300).locator('.pause').waitFor();
    return { page, [Symbol.asyncDispose]: () => other[Symbol.asyncDispose]() };
  }

  /** The first row that shows, and how far above the view its text begins, in CSS pixels. */
  const top = (page: Page) =>
    page.locator('.scroller').evaluate((scroller) => {
      const { top } = scroller.getBoundingClientRect();
      const rows = [...scroller.querySelectorAll<HTMLElement>('.row[data-id]')];
      const shown = rows.filter((one) => one.getBoundingClientRect().bottom > top + 0.5);
      const first = shown.sort((a, b) => Number(a.dataset.id) - Number(b.dataset.id))[0];
      const text = first?.querySelector('.text')?.getBoundingClientRect();
      return { id: Number(first?.dataset.id), above: top - (text?.top ?? Number.NaN) };
    });

  /** Scrolls until it is this one, and this far above. */
  async function scrollTo(page: Page, id: number, above: number) {
    await page.locator('.scroller').hover();
    await until(`line ${id}`, async () => {
      const now = await top(page);
      const height = await row(page, now.id).evaluate(({ clientHeight }) => clientHeight);
      if (now.id === id && Math.abs(now.above - above) < 1) return true;
      // No row is lower than a line of text.
      await page.mouse.wheel(0, now.id === id ? above - now.above : (id - now.id) * Math.min(20, height));
      // Another turn of the wheel before this one shows would go too far, and back again, for ever.
      const isMoved = async () => (await top(page)).above !== now.above;
      await until('that it moved', isMoved, 1000).catch(() => undefined);
      return false;
    });
  }

  const wrapped = (page: Page, isWrapped: boolean) =>
    page.locator(`#log${isWrapped ? '.wrap' : ':not(.wrap)'}`).waitFor();

  it('stays where it is when lines are wrapped, or no longer, among pauses', async () => {
    await using opened = await openLong();
    const { page } = opened;
    // A pause is out of view, and the beginning of what comes after it.
    await scrollTo(page, 303, 8);
    for (const isWrapped of [true, false, true, false]) {
      await page.keyboard.press('w');
      await wrapped(page, isWrapped);
      await until('the same place', async () => {
        const now = await top(page);
        return now.id === 303 && Math.abs(now.above - 8) <= 2;
      });
    }
  });

  it('is still there when it becomes lower than its part above the view was high', async () => {
    await using opened = await openLong();
    const { page } = opened;
    await page.keyboard.press('w');
    await wrapped(page, true);
    await scrollTo(page, 308, 45);
    for (const isWrapped of [false, true]) {
      await page.keyboard.press('w');
      await wrapped(page, isWrapped);
      await until('its beginning', async () => {
        const now = await top(page);
        return now.id === 308 && Math.abs(now.above) <= 2;
      });
    }
  });
});

it('a line that is shown in part has the color of any other', async () => {
  const file = folder.file('long.log');
  writeFileSync(file, `short\n${'x'.repeat(20_000)}\n`);
  await using other = startAgent(folder.path, [file]);
  const page = await browser.open(await other.url());
  await row(page, 2).locator('.more').waitFor();
  const colorOf = (id: number) => styleOf(lineText(page, id), 'color');
  expect(await colorOf(2)).toBe(await colorOf(1));
  // What shows the rest is where the reader is, wherever that is along the line.
  const distance = () =>
    page.locator('.scroller').evaluate((scroller) => {
      const button = scroller.querySelector('.more')?.getBoundingClientRect();
      return button && Math.round(scroller.getBoundingClientRect().left + scroller.clientWidth - button.right);
    });
  await expect.poll(distance).toBe(0);
  await page.locator('.scroller').evaluate((scroller) => {
    scroller.scrollLeft = 5000;
  });
  await expect.poll(distance).toBe(0);
});

it('the time that a build server puts before each line shows in the column, where times are asked for', async () => {
  const file = folder.file('ci.log');
  writeFileSync(file, '2025-11-20T07:00:00.1234567Z Run npm test\n2025-11-20T07:00:01.123456Z 01O npm test\n');
  await using other = startAgent(folder.path, [file]);
  const page = await browser.open(await other.url());
  const texts = () => page.locator('.row .text').allInnerTexts();
  await until('lines without it', async () => (await texts()).join() === 'Run npm test,npm test');
  await page.keyboard.press('/');
  await page.keyboard.type('07:00:01');
  await page.locator('mark[aria-current="true"]').waitFor();
  await expect.poll(() => page.locator('mark[aria-current="true"]').innerText()).toBe('07:00:01');
  // Where a line seems to begin it does not.
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await page.getByRole('searchbox').fill('^Run');
  await page.locator('.search-news', { hasText: 'as printed: with times' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('T');
  await page.locator('.settings-button').click();
  await page.locator('select[name="timeStyle"]').selectOption('utc');
  const times = () => page.locator('.row .time').allTextContents();
  await until('the times', async () => (await times()).join() === '07:00:00.123Z,07:00:01.123Z');
  await expect.poll(() => texts()).toEqual(['Run npm test', 'npm test']);
  await page.locator('select[name="timeFrom"]').selectOption('arrival');
  await until('both times', async () => (await texts())[1] === '2025-11-20T07:00:01.123456Z 01O npm test');
  await page.context().close();
});

it('the time since the start of a file is that since its first line', async () => {
  const file = folder.file('stated.log');
  writeFileSync(file, `2025-11-20T07:00:00Z one\n${'x\n'.repeat(200)}2025-11-20T07:00:02.500Z last\n`);
  await using other = startAgent(folder.path, [file]);
  const page = await browser.open(await other.url());
  await row(page, 202).waitFor();
  // The time that a CI puts before each line is set apart, and left out where a column shows it.
  const stamp = row(page, 202).locator('.text .stamp');
  await expect.poll(() => stamp.textContent()).toBe('2025-11-20T07:00:02.500Z ');
  await expect.poll(() => row(page, 202).locator('.text').innerText()).toContain('07:00:02.500Z last');
  await page.locator('.settings-button').click();
  await page.locator('input[name="times"]').check();
  await until('the line without it', async () => (await row(page, 202).locator('.text').innerText()) === 'last');
  await expect.poll(() => row(page, 202).locator('.text').textContent()).toContain('07:00:02.500Z last');
  await page.locator('select[name="timeFrom"]').selectOption('arrival');
  await page.locator('.settings-button').click();
  await page.locator('.settings-button').click();
  await page.locator('input[name="times"]').check();
  await page.locator('select[name="timeFrom"]').selectOption('line');
  await page.locator('select[name="timeStyle"]').selectOption('start');
  const time = () => row(page, 202).locator('.time').textContent();
  await until('the time', async () => (await time())?.trim() === '0:02.500');
});

it('the time since the start of a run is that since it began, where lines state none', async () => {
  await using run = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', 'sleep 1.2; echo one']);
  const page = await browser.open(await run.url());
  await row(page, 1).waitFor();
  await page.keyboard.press('T');
  await page.locator('.settings-button').click();
  await page.locator('select[name="timeStyle"]').selectOption('start');
  const time = async () => (await row(page, 1).locator('.time').textContent())?.trim() ?? '';
  await until('a time since then', async () => /^\d:\d\d\.\d{3}$/.test(await time()) && (await time()) > '0:01.1');
  await page.context().close();
});

describe('a run that fails', () => {
  const script = `echo one; echo 'Error: it failed'; for i in 1 2 3 4; do echo "    at f$i (a.js:$i:1)"; done
    while [ ! -e went-on ]; do sleep 0.1; done; sleep 1.1
    echo two; for i in 1 2 3 4; do echo 'GET /health'; echo '200 OK'; done; echo three`;

  it('shows pauses, folds stack traces, and blocks of lines that are repeated', async () => {
    await using run = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', script]);
    const page = await browser.open(await run.url());
    await row(page, 6).waitFor();
    writeFileSync(folder.file('went-on'), '');
    await until('the end', async () => (await page.locator('[data-id="16"]').count()) === 1);
    const ids = async () => String(await shownIds(page));
    await until('one block', async () => (await ids()) === '1,2,3,4,5,6,7,8,9,16');
    await expect.poll(() => row(page, 8).getAttribute('data-repeat')).toBe('4');
    await expect.poll(() => row(page, 8).getAttribute('data-block')).toBe('2');

    const fold = row(page, 2).locator('.fold');
    await expect.poll(() => fold.getAttribute('aria-expanded')).toBe('true');
    await fold.click();
    await until('the first line alone', async () => (await ids()) === '1,2,7,8,9,16');
    await expect.poll(() => row(page, 2).locator('.record-facts').textContent()).toBe('4 lines');
    await page.keyboard.press('/');
    await page.getByRole('searchbox').fill('f3');
    await until('the lines of the trace', async () => (await ids()).includes('5'));
    await page.keyboard.press('Escape');

    expect(await page.locator('.pause').count()).toBe(0);
    await page.locator('.settings-button').click();
    await page.locator('select[name="pauses"]').selectOption('1');
    await expect.poll(() => row(page, 7).locator('.pause').textContent()).toMatch(/^[1-9]\d*(\.\d)? s without output$/);
    const box = async (id: number) => (await row(page, id).boundingBox()) ?? { y: 0, height: 0 };
    await expect.poll(async () => (await box(7)).height / (await box(6)).height).toBe(2);
    await expect.poll(async () => (await box(8)).y - (await box(7)).y - (await box(7)).height).toBe(0);
    await page.locator('select[name="records"]').selectOption('folded');
    await until('the trace folded', async () => (await ids()) === '1,2,7,8,9,16');
    await row(page, 8).locator('.repeat').click();
    await until('all blocks', async () => (await ids()).includes('10'));
  });
});

it('levels have a column, also those of plain text, and a click on one filters by it', async () => {
  using own = temporaryFolder();
  const file = own.file('mixed.log');
  const mixed = [
    'plain',
    '12:00:01 INFO started',
    'npm ERR! code 1',
    lines[3],
    '12:00:02 [debug] x',
    '12:00:03 WARN y',
  ];
  writeFileSync(file, `${mixed.join('\n')}\n`);
  await using other = startAgent(own.path, [file]);
  const page = await browser.open(await other.url());
  await page.locator('.settings-button').click();
  await page.locator('input[name="levels"]').check();
  await page.keyboard.press('Escape');
  const levels = () =>
    page
      .locator('.level-cell')
      .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell, '::before').content.replaceAll('"', '')));
  await until('the levels', async () => String(await levels()) === ',info,error,warn,debug,warn');
  const lefts = await page
    .locator('.row .level-cell')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().left));
  expect(new Set(lefts).size).toBe(1);
  await row(page, 6).locator('.level-cell').click();
  await until('warnings alone', async () => String(await shownIds(page)) === '4,6');
  await expect.poll(() => new URL(page.url()).search).toBe('?level=warn');

  // The outline lists groups only: it denies no errors, and opens nothing where there is nothing to open.
  await page.keyboard.press('o');
  const outline = page.locator('[data-part="outline"]');
  await expect.poll(() => outline.locator('.panel-none').innerText()).toBe('This log has no groups.');
  await expect.poll(() => outline.getByRole('button').count()).toBe(1);
});

it('the page complains about nothing', () => {
  expect(browser.complaints).toEqual([]);
});
