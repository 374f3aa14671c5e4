import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { connectionIs, lineText, startBrowser, styleOf, type TestBrowser } from '../support/browser.ts';

/** What browsers of November 2023 (Chrome 119, Firefox 120, Safari 17.1) don't all have. */
const youngFunctions = [
  ...['URL.canParse', 'URL.parse', 'AbortSignal.any', 'Promise.withResolvers', 'Promise.try', 'Object.groupBy'],
  ...['Map.groupBy', 'Array.fromAsync', 'Iterator.from', 'RegExp.escape', 'Intl.Segmenter', 'Intl.DurationFormat'],
  ...['CSS.highlights', 'Math.sumPrecise', 'Uint8Array.fromBase64', 'Error.isError', 'Temporal', 'requestIdleCallback'],
];
const youngMethods = [
  ...['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom'],
  ...[
    'showPopover',
    'hidePopover',
    'togglePopover',
    'checkVisibility',
    'startViewTransition',
    'moveBefore',
    'toBase64',
  ],
  ...['requestClose', 'transferToFixedLength', 'waitAsync', 'setHTMLUnsafe', 'getHTML'],
];
const youngStyles = [
  ...[
    /:has\(/,
    /light-dark\(/,
    /:popover-open/,
    /\[popover\]/,
    /@starting-style/,
    /@property/,
    /@scope/,
    /@view-transition/,
  ],
  ...[
    /anchor\(/,
    /position-anchor/,
    /::highlight/,
    /interpolate-size/,
    /calc-size\(/,
    /\brgb\(from /,
    /\boklch\(from /,
  ],
  ...[/\b(round|mod|rem|abs|sign|pow|sqrt|hypot|log|exp)\(/, /(?<=[{;}])\s*&/, /:state\(/, /\bif\(/, /linear\(/],
];
/** Where the style sheet asks first. */
const asked = /@supports[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g;

const web = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const built = (ending: RegExp) =>
  readdirSync(web, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => ({ name, text: readFileSync(join(web, name), 'utf8') }));

/** `name?.(…)` and `typeof name` ask first. */
function usesUnasked(text: string, name: string): boolean {
  const escaped = name.replaceAll('.', '\\.');
  return new RegExp(`(?<!typeof )\\b${escaped}\\b(?!\\?\\.)(?=[.(])`).test(text);
}

/** `node.name && node.name(…)` asks first. */
function callsUnasked(text: string, name: string): boolean {
  return text.includes(`.${name}(`) && !new RegExp(`\\.${name}(&&|\\?)`).test(text);
}

describe('what is built for browsers of three years ago', () => {
  it('calls no function that is younger without asking', () => {
    const inDocuments = built(/\.html$/).map(({ name, text }) => ({
      name,
      text: Array.from(text.matchAll(/<script[^>]*>(.*?)<\/script>/gs), ([, code]) => code).join('\n'),
    }));
    const scripts = [...built(/\.js$/), ...inDocuments];
    expect(scripts.length).toBeGreaterThan(10);
    const found = scripts.flatMap(({ name, text }) => [
      ...youngFunctions.filter((young) => usesUnasked(text, young)).map((young) => `${name}: ${young}`),
      ...youngMethods.filter((young) => callsUnasked(text, young)).map((young) => `${name}: .${young}`),
    ]);
    expect(found).toEqual([]);
  });

  it('has no style that is younger without one for those that don’t know it', () => {
    const styles = built(/\.html$/).map(({ name, text }) => ({
      name,
      text: /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? '',
    }));
    expect(styles.every(({ text }) => text.length > 5000)).toBe(true);
    const found = styles.flatMap(({ name, text }) => {
      const unasked = text.replace(asked, '');
      return youngStyles.filter((young) => young.test(unasked)).map((young) => `${name}: ${young.source}`);
    });
    expect(found).toEqual([]);
  });
});

describe('a browser', () => {
  let browser: TestBrowser;
  let folder: ReturnType<typeof temporaryFolder>;
  let agent: ReturnType<typeof startAgent>;

  beforeAll(async () => {
    browser = await startBrowser();
    folder = temporaryFolder();
    writeFileSync(folder.file('x.log'), '\x1b[31mred\x1b[0m\nhttps://example.org/\n');
    agent = startAgent(folder.path, [folder.file('x.log')]);
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
    await browser[Symbol.asyncDispose]();
  });

  it('without what is younger shows the log, in its colors, light and dark', async () => {
    const colors: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const prepare = async (page: Page) => void (await page.addInitScript(growOld, [...youngFunctions]));
      const page = await browser.open(await agent.url(), { prepare, colorScheme });
      await connectionIs(page, 'live');
      await lineText(page, 2).locator('a').waitFor();
      colors.push(await styleOf(lineText(page, 1).locator('span').first(), 'color'));
      colors.push(await styleOf(page.locator('body'), 'background-color'));
      await page.context().close();
    }
    expect(colors).toEqual(['rgb(196, 38, 46)', 'rgb(255, 255, 255)', 'rgb(244, 113, 119)', 'rgb(15, 18, 24)']);
    expect(browser.complaints).toEqual([]);
  });

  it('with large text, more contrast and no storage is followed, and a printout says where the rest is', async () => {
    const prepare = async (page: Page) => {
      await page.emulateMedia({ contrast: 'more' });
      await page.addInitScript(() => {
        Object.defineProperty(window, 'localStorage', {
          get() {
            throw new DOMException('denied', 'SecurityError');
          },
        });
        const style = getComputedStyle;
        // A browser's own default, which no API of the page sets.
        window.getComputedStyle = (element, pseudo) =>
          element === document.documentElement
            ? new Proxy(style(element, pseudo), {
                get: (own, name) => (name === 'fontSize' ? '24px' : Reflect.get(own, name)),
              })
            : style(element, pseudo);
      });
    };
    const page = await browser.open(await agent.url(), { prepare });
    await lineText(page, 2).waitFor();
    await expect.poll(() => styleOf(lineText(page, 2), 'font-size')).toBe('20px');
    await expect.poll(() => page.locator('html').getAttribute('data-contrast')).toBe('high');

    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const note = page.locator('.print-note');
    await expect.poll(() => note.isVisible()).toBe(true);
    const raw = `${await agent.url()}raw`;
    await expect.poll(() => note.textContent()).toContain(raw);
    await page.context().close();
  });

  it('whose translator puts elements around every text goes on', async () => {
    const page = await browser.open(await agent.url());
    await lineText(page, 2).waitFor();
    await page.evaluate(() => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (text) =>
        text.parentElement?.closest('[translate=no], script') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
      );
      const all: Text[] = [];
      while (texts.nextNode()) all.push(texts.currentNode as Text);
      for (const text of all) {
        const font = document.createElement('font');
        font.textContent = `${text.data}!`;
        text.replaceWith(font);
      }
    });
    for (const key of ['t', 't', 'o', 'f', 'Escape', '?', 'Escape', '/', 'Escape']) await page.keyboard.press(key);
    appendFileSync(folder.file('x.log'), 'three\n');
    await lineText(page, 3).waitFor();
    await expect.poll(() => page.locator('.count').textContent()).toBe('3 lines');
    expect(browser.complaints).toEqual([]);
    await page.context().close();
  });
});

/** In the page: takes away what is young. */
function growOld(names: string[]): void {
  for (const path of names) {
    const [owner, member] = path.includes('.') ? path.split('.') : ['window', path];
    const object = Reflect.get(window, owner as string) as object | undefined;
    if (object) Reflect.deleteProperty(object, member as string);
  }
  const { supports } = CSS;
  CSS.supports = (...given: [string, string?]) =>
    !given.join(' ').includes('light-dark') && (supports as (...given: unknown[]) => boolean).apply(CSS, given);
}
