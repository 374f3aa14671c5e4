import { appendFileSync, writeFileSync } from 'node:fs';
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeferred } from '../../agent/system/deferred.ts';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import {
  connectionIs,
  heapMB,
  lineText,
  row,
  shownIds,
  startBrowser,
  styleOf,
  type TestBrowser,
} from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { helloFrom } from '../support/hello.ts';

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
});

/** Waits until the line is on the page, with its text (a row comes first, its text may have to be fetched). */
const showsLine = (page: Page, id: number) => lineText(page, id).waitFor();
const textOf = async (page: Page, id: number) => {
  await showsLine(page, id);
  return lineText(page, id).textContent();
};

describe('a command', () => {
  it('shows colors, stderr, exit code and title, and complains about nothing', async () => {
    using folder = temporaryFolder();
    const script = [
      "printf '\\033[1;38;5;196mbold red\\033[0m plain\\n'",
      "printf '\\033[7minverse\\033[27m \\033[2mfaint\\033[0m\\n'",
      "printf '\\033[?25l\\033[38:2::1:2:3mcolon\\033[m \\033]8;;https://example.org/x\\033\\\\link\\033]8;;\\033\\\\\\n'",
      "printf '<img src=x onerror=alert(1)>&amp;\\n'",
      'echo problem >&2; sleep 0.2; exit 3',
    ].join('; ');
    await using agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url());
    await page.locator('.status[data-state="exited"][data-code="3"]').waitFor();
    await showsLine(page, 5);

    expect(await textOf(page, 1)).toBe('bold red plain');
    expect(await textOf(page, 2)).toBe('inverse faint');
    expect(await textOf(page, 3)).toBe('colon link');
    expect(await textOf(page, 4)).toBe('<img src=x onerror=alert(1)>&amp;');
    await expect.poll(() => lineText(page, 3).locator('a').getAttribute('href')).toBe('https://example.org/x');
    const red = lineText(page, 1).locator('span', { hasText: 'bold red' }).first();
    const deepest = red.locator('xpath=descendant-or-self::*[not(*)]').first();
    await expect.poll(() => styleOf(deepest, 'color')).toBe('rgb(255, 0, 0)');
    await expect.poll(async () => Number(await styleOf(deepest, 'font-weight'))).toBeGreaterThanOrEqual(600);
    await expect.poll(() => page.locator('.row.stderr .text').textContent()).toBe('problem');
    // Only what is an error has a ground of its own.
    const groundOf = (id: number) => styleOf(row(page, id), 'background-color');
    await expect.poll(async () => (await groundOf(5)) === (await groundOf(1))).toBe(true);
    await expect.poll(() => page.title()).toContain('exit 3');
    // At a line, but with the end in view of a log that has ended, there is nowhere to go.
    await page.evaluate(() => {
      location.hash = '#L2';
    });
    await page.locator('#log[data-following="false"]').waitFor();
    expect(await page.locator('.to-end').count()).toBe(0);
    await connectionIs(page, 'ended');
    expect(browser.complaints).toEqual([]);
  });

  it('shows its lines also where no stream and no request comes through', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', 'seq 1000; sleep 60']);
    const url = await agent.url();
    await until('the lines', async () => (await helloFrom(url)).last === 1000);
    const page = await browser.open(url, {
      prepare: async (opened) => {
        await opened.route(/\/(events|status)/, (route) => route.abort());
      },
    });
    // On a busy machine the lines may take longer to read than the document waits for them.
    await until('a document with its lines', async () =>
      (await (await page.goto(url))?.text())?.includes('[1000,"1000"]'),
    );
    expect(await textOf(page, 1000)).toBe('1000');
    expect(await textOf(page, 990)).toBe('990');
    expect(await page.locator('#first').count()).toBe(0);
  });

  it('shows a progress bar move as one unfinished line, and then as one line', async () => {
    using folder = temporaryFolder();
    const step = 'i=$((i+1)); printf "\\rstep %s" $i; sleep 0.05';
    const script = `i=0; until [ -e go ]; do ${step}; done; printf '\\rstep 40/40\\ndone\\n'; sleep 60`;
    await using agent = startAgent(folder.path, ['-q', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url());
    const partial = page.locator('.row.partial .text');
    await partial.waitFor();
    const first = await partial.textContent();
    await until('the bar to move', async () => {
      const now = (await partial.count()) === 1 ? await partial.textContent() : undefined;
      return now?.startsWith('step ') && now !== first;
    });
    writeFileSync(folder.file('go'), '');
    await showsLine(page, 2);
    expect(await textOf(page, 1)).toBe('step 40/40');
    expect(await textOf(page, 2)).toBe('done');
    await expect.poll(() => partial.count()).toBe(0);
  });
});

describe('a log of a million lines', () => {
  const total = 1_000_000;
  let folder: ReturnType<typeof temporaryFolder>;
  let agent: AgentProcess;
  let file: string;

  beforeAll(async () => {
    folder = temporaryFolder();
    file = folder.file('million.log');
    let text = '';
    for (let i = 1; i <= total; i++) text += `line ${i} of a million\n`;
    writeFileSync(file, text);
    agent = startAgent(folder.path, ['-n', 'all', file]);
    const url = await agent.url();
    await until('a million lines', async () => (await helloFrom(url)).last === total, 60_000);
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('opens at its end, with few rows in the document', async () => {
    const page = await browser.open(await agent.url());
    await showsLine(page, total);
    expect(await textOf(page, total)).toBe(`line ${total} of a million`);
    await expect.poll(() => page.locator('#log').getAttribute('data-following')).toBe('true');
    expect(await page.locator('.row').count()).toBeLessThan(300);
  });

  it('stands still soon after it was opened, as a page that draws all the time takes a processor', async () => {
    const page = await browser.open(await agent.url(), { hasMotion: true });
    await page.locator('.pulse').waitFor();
    const moving = () =>
      page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
    await until('the end of all motion', async () => (await moving()) === 0);
    await expect.poll(() => page.locator('.pulse').isVisible()).toBe(true);
  });

  it('jumps anywhere, by address, key and wheel, and every row shows its own line', async () => {
    const page = await browser.open(await agent.url(), { hasMotion: true });
    await showsLine(page, total);
    const finished: Request[] = [];
    page.on('requestfinished', (request) => finished.push(request));
    await page.evaluate(() => {
      location.hash = '#L500000';
    });
    await until(
      'line 500,000',
      async () => (await lineText(page, 500_000).count()) === 1 && (await lineText(page, 500_000).textContent()) !== '',
    );
    // It is there at once because next to nothing has to come for it.
    await until('what came for it', () => finished.length > 0);
    const sizes = await Promise.all(finished.map(async (request) => (await request.sizes()).responseBodySize));
    expect(sizes.length).toBeLessThan(10);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(500_000);
    await expect.poll(() => row(page, 500_000).getAttribute('class')).toContain('marked');

    await page.mouse.move(400, 400);
    await page.mouse.wheel(0, 1000);
    await until('later rows', async () => (await shownIds(page)).includes(500_060));
    await page.keyboard.press('Home');
    await showsLine(page, 1);
    await page.keyboard.press('End');
    await showsLine(page, total);
    await page.keyboard.press('Home');
    await until(
      'the first lines',
      async () =>
        (await lineText(page, 2).count()) === 1 && (await lineText(page, 2).textContent()) === 'line 2 of a million',
    );
    for (const id of await shownIds(page)) {
      await until(
        `the text of line ${id}`,
        async () => (await lineText(page, id).textContent()) === `line ${id} of a million`,
      );
    }
  });

  it('stops following when scrolled up, tells of new lines, and goes on at the button', async () => {
    const page = await browser.open(await agent.url(), { hasMotion: true });
    await showsLine(page, total);
    await page.mouse.move(400, 400);
    await page.mouse.wheel(0, -2000);
    await until(
      'following to stop',
      async () => (await page.locator('#log').getAttribute('data-following')) === 'false',
    );
    appendFileSync(file, 'new 1\nnew 2\nnew 3\n');
    const button = page.getByRole('button', { name: /3 new lines/ });
    await button.waitFor();
    expect(await row(page, total + 3).count()).toBe(0);
    await button.click();
    await showsLine(page, total + 3);
    await expect.poll(() => page.locator('#log').getAttribute('data-following')).toBe('true');
    expect(await textOf(page, total + 3)).toBe('new 3');

    const followingIs = (state: string) => page.locator(`#log[data-following="${state}"]`).waitFor();
    await page.keyboard.press('p');
    await followingIs('false');
    await page.keyboard.press('p');
    await followingIs('true');
    await page.keyboard.press('z');
    await page.locator('.header').waitFor({ state: 'hidden' });
    await page.goto(`${page.url()}?bare=1`);
    await showsLine(page, total + 3);
    await expect.poll(() => page.locator('.header').isVisible()).toBe(false);
  });

  it('hidden over a night it takes no memory, and is at the end as soon as it shows', async () => {
    const url = await agent.url();
    const lastId = async () => (await helloFrom(url)).last;
    const first = await lastId();
    const page = await browser.open(url, { prepare: (page) => page.addInitScript(withSwitchedVisibility) });
    await showsLine(page, first);
    await page.evaluate(() => dispatchEvent(new Event('test:hide')));

    const hours = 5;
    const perHour = 100_000;
    const heaps: number[] = [];
    for (let hour = 1; hour <= hours; hour++) {
      appendFileSync(file, `hour ${hour}, and a text as long as the lines of a log mostly are\n`.repeat(perHour));
      await until('an hour of lines', async () => (await lastId()) === first + hour * perHour, 30_000);
      heaps.push(await heapMB(page));
    }
    expect((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)).toBeLessThan(3);
    expect(await row(page, first + hours * perHour).count()).toBe(0);

    await until('the tab to say so', async () => (await page.title()) === '(500,000) million.log');
    const shownAfterMs = await page.evaluate(
      (id) =>
        new Promise<number>((resolve) => {
          const begun = performance.now();
          dispatchEvent(new Event('test:show'));
          new MutationObserver(() => {
            if (document.querySelector(`.row:not(.loading)[data-id="${id}"]`)) resolve(performance.now() - begun);
          }).observe(document.body, { childList: true, subtree: true, attributes: true });
        }),
      first + hours * perHour,
    );
    await expect.poll(() => page.title()).toBe('million.log');
    // A moment is 100 ms; a busy machine is given more.
    expect(shownAfterMs).toBeLessThan(2000);
    await expect.poll(() => page.locator('#log').getAttribute('data-following')).toBe('true');
  });
});

/**
 * In the page: hides it as a browser does where another tab is in front. It says so, and draws no frame. A headless
 * Chromium shows all of its tabs.
 */
function withSwitchedVisibility(): void {
  const waiting: FrameRequestCallback[] = [];
  const request = globalThis.requestAnimationFrame.bind(globalThis);
  let isHidden = false;
  Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
  Object.defineProperty(document, 'hidden', { get: () => isHidden });
  globalThis.requestAnimationFrame = (frame) => (isHidden ? -waiting.push(frame) : request(frame));
  addEventListener('test:hide', () => {
    isHidden = true;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  addEventListener('test:show', () => {
    isHidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
    for (const frame of waiting.splice(0)) request(frame);
  });
}

describe('the connection', () => {
  it('says when the agent is away, and resumes by itself without a lost or doubled line', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    writeFileSync(file, 'one\ntwo\n');
    const first = startAgent(folder.path, [file]);
    const url = await first.url();
    const port = new URL(url).port;
    const page = await browser.open(url);
    await showsLine(page, 2);
    await connectionIs(page, 'live');

    first.child.kill('SIGKILL');
    await first.ended();
    await connectionIs(page, 'reconnecting');
    appendFileSync(file, 'three\nfour\n');
    await using second = startAgent(folder.path, ['--port', port, file]);
    await second.url();
    await connectionIs(page, 'live');
    await showsLine(page, 4);
    appendFileSync(file, 'five\n');
    await showsLine(page, 5);
    await expect.poll(() => shownIds(page)).toEqual([1, 2, 3, 4, 5]);
    await expect
      .poll(() => page.locator('.row .text').allTextContents())
      .toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('counts no time of which it knows nothing while the agent is away', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--', 'sh', '-c', 'echo one; exec sleep 60']);
    const page = await browser.open(await agent.url(), { prepare: (opening) => opening.clock.install() });
    await connectionIs(page, 'live');
    const words = page.locator('.status .words');
    await page.clock.fastForward(7000);
    await words.getByText(/^running · \d+ s$/).waitFor();
    agent.child.kill('SIGKILL');
    await agent.ended();
    await connectionIs(page, 'reconnecting');
    await words.getByText(/^was running · \d+ s$/).waitFor();
    await expect.poll(() => page.title()).toMatch(/^○ .* · was running · \d+ s$/);
    const known = await words.innerText();
    await page.clock.fastForward(120_000);
    // It is drawn anew for what is said of the connection.
    const countdown = page.locator('.connection .words', { hasText: /Reconnecting in \d+ s/ });
    const before = await countdown.innerText();
    await until('another second', async () => (await countdown.innerText()) !== before);
    await expect.poll(() => words.innerText()).toBe(known);
  });

  it('outlives an answer that makes a plain EventSource give up', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    writeFileSync(file, 'one\n');
    await using agent = startAgent(folder.path, [file]);
    const page = await browser.open(await agent.url());
    await showsLine(page, 1);
    let refusals = 0;
    await page.route('**/events?**', async (route) => {
      if (refusals++ < 2) await route.fulfill({ status: 503, body: 'busy' });
      else await route.fallback();
    });
    // Ends the stream that is open; the next ones are answered with 503 by what stands before the agent.
    agent.child.kill('SIGKILL');
    await agent.ended();
    await connectionIs(page, 'reconnecting');
    appendFileSync(file, 'two\n');
    await until('two refusals', () => refusals >= 2, 30_000);
    await using again = startAgent(folder.path, ['--port', new URL(page.url()).port, file]);
    await again.url();
    await connectionIs(page, 'live');
    await showsLine(page, 2);
    await expect.poll(() => page.locator('.row .text').allTextContents()).toEqual(['one', 'two']);
  });

  it('hears how a command ended that did so before the stream was open', async () => {
    using folder = temporaryFolder();
    const script = `echo one; until [ -e ${folder.file('go')} ]; do sleep 0.05; done; exit 3`;
    await using agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', script]);
    const page = await browser.open('about:blank');
    const statusHas = async (text: string) =>
      (await (await fetch(new URL('status', await agent.url()))).text()).includes(text);
    await until('the line', () => statusHas('"last":1'));
    await page.route('**/events?**', async (route) => {
      // The document is there, and with it the line.
      await showsLine(page, 1);
      writeFileSync(folder.file('go'), '');
      await until('the end of the command', () => statusHas('exited'));
      await route.fallback();
    });
    await page.goto(await agent.url());
    await page.locator('.status[data-state="exited"][data-code="3"]').waitFor();
    await connectionIs(page, 'ended');
  });

  it('reads by requests that end where there is no EventSource', async () => {
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    writeFileSync(file, 'one\n');
    await using agent = startAgent(folder.path, [file]);
    const page = await browser.open('about:blank');
    await page.addInitScript(() => {
      Reflect.deleteProperty(globalThis, 'EventSource');
    });
    await page.goto(await agent.url());
    await showsLine(page, 1);
    appendFileSync(file, 'two\n');
    await showsLine(page, 2);
    expect(await page.evaluate(() => 'EventSource' in globalThis)).toBe(false);
    await connectionIs(page, 'live');
  });
});

describe('looks', () => {
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  let hello: AgentProcess;
  let failing: AgentProcess;

  beforeAll(() => {
    hello = startAgent(folders[0].path, ['-q', '--linger', '5m', '--', 'echo', 'hello']);
    const script = 'echo ::group::Build; echo "error: no luck"; echo ::endgroup::; echo "warning: more"; exit 12';
    failing = startAgent(folders[1].path, ['-q', '--linger', '5m', '--', 'sh', '-c', script]);
  });
  afterAll(async () => {
    for (const agent of [hello, failing]) await agent[Symbol.asyncDispose]();
    for (const folder of folders) folder[Symbol.dispose]();
  });

  it.each(['light', 'dark'] as const)('follows the system: %s', async (colorScheme) => {
    const page = await browser.open(await hello.url(), { colorScheme });
    await showsLine(page, 1);
    const [background, text] = await page.evaluate(() => {
      const lightness = (color: string) => Math.max(...(color.match(/\d+/g) ?? []).slice(0, 3).map(Number));
      const line = document.querySelector('.row .text') as Element;
      return [lightness(getComputedStyle(document.body).backgroundColor), lightness(getComputedStyle(line).color)];
    });
    if (colorScheme === 'light') expect(background).toBeGreaterThan(text as number);
    else expect(background).toBeLessThan(text as number);
  });

  it('times stand beside the text, and are remembered', async () => {
    const page = await browser.open(await hello.url());
    await showsLine(page, 1);
    await page.locator('.settings-button').click();
    await page.locator('.settings-menu input[name="times"]').click();
    await page.reload();
    await showsLine(page, 1);
    await expect.poll(() => page.locator('.row .time').textContent()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
    const edges = await row(page, 1).evaluate((element) =>
      ['.number', '.time', '.text'].map((part) => {
        const { left, right } = (element.querySelector(part) as Element).getBoundingClientRect();
        const range = document.createRange();
        range.selectNodeContents(element.querySelector(part) as Element);
        return [left, Math.max(right, range.getBoundingClientRect().right)];
      }),
    );
    for (const [at, [left = 0]] of edges.slice(1).entries()) expect(left).toBeGreaterThanOrEqual(edges[at]?.[1] ?? 0);
  });

  it('nothing is wider than a narrow window, menus included', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('a.log'), `${'long '.repeat(100)}\n`);
    writeFileSync(folder.file('b.log'), 'b\n');
    await using agent = startAgent(folder.path, [folder.file('a.log'), folder.file('b.log')]);
    const page = await browser.open(await agent.url(), { width: 320, height: 600 });
    await showsLine(page, 2);
    for (const name of ['sources', 'settings']) {
      await page.locator(`.${name}-button`).click();
      const box = await page.locator(`.${name}-menu`).boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(320);
      await page.keyboard.press('Escape');
    }
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  it.each([360, 640, 720, 900, 1200])(
    'nothing of the header covers another part of it, %d pixels wide',
    async (width) => {
      const page = await browser.open(await failing.url(), { width, height: 600 });
      for (const button of ['problems', 'outline', 'download']) await page.locator(`.${button}-button`).waitFor();
      await expect.poll(() => page.locator('.status > .words').innerText()).toMatch(/^exit 12 · /);
      const parts = [
        '.side-button',
        '.badge',
        '.name',
        '.status > .words',
        '.count',
        '.connection',
        '.problems',
        '.tools',
      ];
      const boxes = await Promise.all(
        parts.map(async (part) => ({ part, box: await page.locator(`.header ${part}`).first().boundingBox() })),
      );
      const covered = boxes.flatMap(({ part, box }, at) =>
        boxes.slice(at + 1).flatMap(({ part: other, box: otherBox }) => {
          if (!box || !otherBox) return [`${part} or ${other} is absent`];
          const isApart = (start: 'x' | 'y', size: 'width' | 'height') =>
            box[start] + box[size] <= otherBox[start] + 0.5 || otherBox[start] + otherBox[size] <= box[start] + 0.5;
          return isApart('x', 'width') || isApart('y', 'height') ? [] : [`${part} and ${other}`];
        }),
      );
      expect(covered).toEqual([]);
      for (const { part, box } of boxes) expect((box?.x ?? 0) + (box?.width ?? 0), part).toBeLessThanOrEqual(width);
      await expect.poll(() => page.locator('.status > .words').innerText()).toMatch(/^exit 12 · /);
    },
  );

  it('the header of a phone takes two rows, with all of its buttons', async () => {
    using folder = temporaryFolder();
    const script = 'echo ::group::Build; for i in $(seq 47); do echo "error: $i"; done; echo ::endgroup::; echo no >&2';
    await using agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url(), { width: 360, height: 640, isTouch: true });
    for (const button of ['problems', 'outline', 'sources', 'download']) {
      await page.locator(`.${button}-button`).waitFor();
    }
    await expect.poll(async () => (await page.locator('.header').boundingBox())?.height).toBeLessThan(90);
    await page.context().close();
  });

  it('no button of the header moves for what comes later', async () => {
    using folder = temporaryFolder();
    const script = 'echo ::group::Build; echo "error: no luck"; echo ::endgroup::';
    await using agent = startAgent(folder.path, ['-q', '--linger', '5m', '--', 'sh', '-c', script]);
    const placeOf = async (page: Page) => (await page.locator('.search-button').boundingBox())?.x;
    let before: number | undefined;
    const page = await browser.open(await agent.url(), {
      prepare: (opening) =>
        opening.route(/\/later-/, async (route) => {
          before = await placeOf(opening);
          await route.continue();
        }),
    });
    for (const button of ['problems', 'outline', 'download']) await page.locator(`.${button}-button`).waitFor();
    expect(before).toBeGreaterThan(0);
    await expect.poll(() => placeOf(page)).toBe(before);
  });

  it('counts by the clock of the agent, whatever the browser’s says', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--', 'sh', '-c', 'echo one; sleep 60']);
    const url = await agent.url();
    for (const hoursAhead of [3, -3]) {
      const prepare = async (page: Page) => void (await page.addInitScript(setClock, hoursAhead));
      const page = await browser.open(url, { prepare });
      await page.locator('.status .words', { hasText: /^running · \d\d? s$/ }).waitFor();
      await page.goto(`${url}logs`);
      await page.locator('.words', { hasText: /^running · \d\d? s$/ }).waitFor();
      expect(await page.locator('time').textContent()).not.toContain('h');
      await page.context().close();
    }
  });

  it('copies what is selected as plain text', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, [
      '-q',
      '--linger',
      '5m',
      '--',
      'printf',
      'one\\n\\033[31mtwo\\033[0m\\nthree\\n',
    ]);
    const page = await browser.open('about:blank');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    // The script that selects and copies comes after the first lines, and may come late.
    const comes = createDeferred();
    await page.route('**/later-*.js', (route) => comes.promise.then(() => route.continue()));
    await page.goto(await agent.url(), { waitUntil: 'commit' });
    await page.locator('.header').waitFor();
    await showsLine(page, 3);
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+C');
    comes.resolve();
    const copied = await until('the clipboard', () =>
      page.evaluate(async () => (await navigator.clipboard.readText()) || undefined),
    );
    expect(copied.trimEnd()).toBe('one\ntwo\nthree');

    await page.locator('.toast [data-form="colors"]').click();
    await page.locator('.toast [data-form="text"]').waitFor();
    const html = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      return (await item?.getType('text/html'))?.text();
    });
    expect(html).toMatch(/<pre[^>]*>one\n<span style="color: ?rgb\(\d+, \d+, \d+\);?">two<\/span>\nthree<\/pre>/);

    await page.locator('.toast [data-form="link"]').click();
    await page.locator('.toast', { hasText: 'Link to 3 lines copied' }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/logs\/[\w.-]+\/#L1-L3$/);
    const linked = await browser.open(link);
    await until('the lines marked', async () => (await linked.locator('.row.marked').count()) === 3);
  });
});

it('says that its agent is gone before its later scripts are there, and loads them once it is back', async () => {
  using folder = temporaryFolder();
  const file = folder.file('x.log');
  writeFileSync(file, 'one\n');
  const args = ['--port', String(await freePort()), file];
  const agent = startAgent(folder.path, args);
  const page = await browser.open('about:blank');
  await page.route('**/later-*.js', (route) => route.abort());
  await page.goto(await agent.url(), { waitUntil: 'commit' });
  await page.locator('.header').waitFor();
  await showsLine(page, 1);
  await agent[Symbol.asyncDispose]();
  await page.locator('.banner.lost:visible').waitFor();
  await page.unroute('**/later-*.js');
  await using again = startAgent(folder.path, args);
  await again.url();
  await connectionIs(page, 'live');
  await page.locator('.banner.lost:visible').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  await page.getByRole('searchbox').waitFor();
});

it('is loaded again, once, where the browser does not ask for a later script any more', async () => {
  using folder = temporaryFolder();
  const file = folder.file('x.log');
  writeFileSync(file, 'one\n');
  await using agent = startAgent(folder.path, [file]);
  const page = await browser.open('about:blank');
  let documents = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest()) documents++;
  });
  // It answers with the failure that it had, whoever asks.
  await page.route('**/later-*.js', (route) => (documents < 2 ? route.abort() : route.continue()));
  await page.goto(await agent.url(), { waitUntil: 'commit' });
  await until('another document', async () => documents === 2);
  // Of the first script; lines come with the document.
  await page.locator('.header').waitFor();
  await showsLine(page, 1);
  await page.keyboard.press('/');
  await page.getByRole('searchbox').waitFor();
  expect(documents).toBe(2);
  await page.close();
});

it('is the page of its agent where that was updated before all scripts had come', async () => {
  using folder = temporaryFolder();
  const file = folder.file('x.log');
  writeFileSync(file, 'one\n');
  await using agent = startAgent(folder.path, [file]);
  const url = await agent.url();
  const page = await browser.open('about:blank');
  await page.route('**/later-*.js', (route) => route.abort());
  await page.route(url, async (route) => {
    if (route.request().resourceType() === 'document') return route.continue();
    const body = (await (await fetch(url)).text()).replace(/start-[\w-]+\.js/g, 'start-of-another.js');
    await route.fulfill({ body, contentType: 'text/html' });
  });
  await page.goto(url, { waitUntil: 'commit' });
  const reloads = () => page.waitForRequest((request) => request.isNavigationRequest());
  await reloads();
  await showsLine(page, 1);
  // Once is enough.
  const tries = page.waitForRequest('**/later-*.js').then(() => page.waitForRequest('**/later-*.js'));
  await Promise.race([tries, reloads().then(() => Promise.reject(new Error('reloaded again')))]);
  await page.close();
});

/** In the page: its clock is so many hours ahead. */
function setClock(hours: number): void {
  const Real = Date;
  const now = () => Real.now() + hours * 3_600_000;
  // Only what is asked for the time without saying which.
  globalThis.Date = new Proxy(Real, {
    construct: (_, given) => Reflect.construct(Real, given.length > 0 ? given : [now()]),
    get: (_, name) => (name === 'now' ? now : Reflect.get(Real, name)),
  });
}
