import type { Page } from 'playwright-core';

/**
 * What a page did that no text of a log may make it do: dialogs, loads from elsewhere, new windows, policy violations.
 */
export interface Misdeeds {
  readonly seen: readonly string[];
}

/** To be called on `about:blank`, before the page is opened. */
export async function watchMisdeeds(page: Page, origin: string): Promise<Misdeeds> {
  const seen: string[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.context().on('page', (other) => seen.push(`window: ${other.url()}`));
  page.context().on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !request.url().startsWith('data:image/svg+xml,')) seen.push(`request: ${url.href}`);
  });
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame() || new URL(frame.url()).origin !== origin) seen.push(`frame: ${frame.url()}`);
  });
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') seen.push(`console: ${message.text()}`);
  });
  page.on('download', (download) => seen.push(`download: ${download.url()}`));
  await page.exposeFunction('reportMisdeed', (text: string) => seen.push(text));
  await page.addInitScript(() => {
    const report = (globalThis as unknown as { reportMisdeed(text: string): void }).reportMisdeed;
    addEventListener('securitypolicyviolation', (event) => {
      const { effectiveDirective, blockedURI, sample } = event as SecurityPolicyViolationEvent;
      report(`policy: ${effectiveDirective} ${blockedURI} ${sample}`);
    });
    Object.defineProperty(globalThis, 'pwned', { set: () => report('script ran') });
  });
  return { seen };
}

/**
 * The page's elements and attributes without what lines hold and sources are called: two logs that differ in nothing
 * else have the same skeleton. Times and sizes, which differ from log to log, are left out.
 */
export async function skeletonOf(page: Page): Promise<string[]> {
  // Scripts that come once lines show.
  if ((await page.locator('#log').count()) > 0) {
    for (const late of ['.minimap', '.toasts', 'a.all-logs', 'link[rel=icon][data-look]'])
      await page.locator(late).waitFor({ state: 'attached' });
  }
  return page.evaluate(() => {
    const lines: string[] = [];
    const visit = (element: Element, depth: number): void => {
      if (element.classList.contains('more')) return;
      const attributes = [...element.attributes]
        .filter(({ name }) => !(name === 'style' && element.matches('#log, .canvas, .rows, .thumb, .hint')))
        .filter(({ name }) => !(name === 'title' && element.matches('.number, .source, h1.name, label')))
        .filter(({ name }) => !(name === 'style' && element.matches('.source, .tag')))
        .filter(({ name }) => name !== 'aria-valuenow')
        .map(({ name, value }) => `${name}=${JSON.stringify(value)}`)
        .sort();
      const own = [...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.nodeValue);
      const isForeign = element.matches('.text, .tag, h1.name, title, .print-note');
      const words = isForeign ? '' : own.join('').trim();
      lines.push(`${'  '.repeat(depth)}${element.tagName} ${attributes.join(' ')} ${words}`.trimEnd());
      if (!element.matches('.text')) for (const child of element.children) visit(child, depth + 1);
    };
    visit(document.documentElement, 0);
    return lines;
  });
}

/** What lines may consist of; everything else that stands in a `.text` is returned, described. */
export function strangersIn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const tags = new Set(['SPAN', 'B', 'I', 'U', 'STRIKE', 'BLINK', 'A']);
    const classes = /^(?:(?:faint|conceal|u[2-5]|symbol|cell|drawn|stamp)(?: |$))+$/;
    const color = String.raw`(?:#[0-9a-f]{6}|var\(--(?:page|text|ansi(?:-bg|-on)?-\d{1,2})\)|light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\))`;
    const styles = new RegExp(`^(?:color:${color}|background-color:${color}|text-decoration:overline)$`);
    // A character's columns, and what draws a block or box: gradients of one color, nothing that loads.
    const cellStyles = /^(?:--columns: ?\d{1,5};)? ?(?:background: ?(?:[-+*/%.,() \da-z](?!url))+;?)?$/;
    const isAllowed = (element: Element, name: string, value: string): boolean => {
      if (name === 'style' && element.matches('.cell')) return cellStyles.test(value);
      if (name === 'style') return styles.test(value);
      if (name === 'class') return classes.test(value);
      if (name === 'title') return /^U\+[0-9A-F]{4,6}$/.test(value) || value === element.getAttribute('href');
      if (element.tagName !== 'A') return false;
      if (name === 'href') return /^https?:\/\/[^\s"<>]+$/.test(value);
      const fixed: Record<string, string> = { rel: 'noopener noreferrer', target: '_blank', draggable: 'false' };
      if (name === 'tabindex') return value === '-1';
      return fixed[name] === value;
    };
    const strangers: string[] = [];
    for (const text of document.querySelectorAll('.text')) {
      const nodes = document.createNodeIterator(text, NodeFilter.SHOW_ALL);
      for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
        if (node === text || node.nodeType === Node.TEXT_NODE) continue;
        if (!(node instanceof Element) || !tags.has(node.tagName) || node.namespaceURI !== document.body.namespaceURI) {
          strangers.push(node.nodeName);
          continue;
        }
        for (const { name, value } of node.attributes) {
          if (!isAllowed(node, name, value)) strangers.push(`${node.tagName} ${name}=${value}`);
        }
      }
    }
    return strangers;
  });
}

/** A row as it was drawn. */
export interface DrawnRow {
  id: number;
  text: string;
  /** Height of a line of text in CSS pixels. */
  lineHeight: number;
  top: number;
  height: number;
  /** By how much the text's box stands out of its row's, in the worst direction that is not sideways. */
  overflow: number;
  /** Whether what is drawn beyond the box is cut off. */
  isClipped: boolean;
  /** Distance of the text's left edge from the line number's right edge. */
  gutter: number;
  hasMore: boolean;
}

export function drawnRows(page: Page): Promise<DrawnRow[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.row[data-id]')].map((row) => {
      const text = row.querySelector('.text') as HTMLElement;
      const number = row.querySelector('.number') as HTMLElement;
      const [outer, inner] = [row.getBoundingClientRect(), text.getBoundingClientRect()];
      const style = getComputedStyle(text);
      return {
        id: Number(row.dataset.id),
        text: text.textContent ?? '',
        lineHeight: Number.parseFloat(style.lineHeight),
        top: outer.top,
        height: outer.height,
        overflow: Math.max(0, outer.top - inner.top, inner.bottom - outer.bottom),
        isClipped: style.overflowY === 'clip' && style.overflowX === 'clip',
        gutter: inner.left - number.getBoundingClientRect().right,
        hasMore: row.querySelector('.more') !== null,
      };
    }),
  );
}
