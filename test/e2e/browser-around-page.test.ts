import { appendFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { row, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';

let browser: TestBrowser;
let folder: ReturnType<typeof temporaryFolder>;
let agent: AgentProcess;
let input: string;
const token = 'a-token-of-good-length';

beforeAll(async () => {
  folder = temporaryFolder();
  input = folder.file('input');
  appendFileSync(input, 'FAILED before\n');
  // The other kind shows no notifications.
  browser = await startBrowser({ kind: 'whole' });
  const script = `tail -n +1 -f "${input}" & until grep -q '^end$' "${input}"; do sleep 0.05; done; kill $!; exit 3`;
  agent = startAgent(folder.path, ['-q', '--linger', '5m', '--token', token, '--', 'sh', '-c', script]);
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

type Shown = { title: string; body?: string };
declare global {
  var shown: Shown[];
}

/** A page whose reader looks elsewhere; what it shows as notifications is kept. Android has none for pages. */
async function openUnseen(system: 'desktop' | 'android' = 'desktop'): Promise<Page> {
  return browser.open(`${await agent.url()}?token=${token}`, {
    async prepare(page) {
      await page.context().grantPermissions(['notifications']);
      await page.addInitScript((isAndroid) => {
        document.hasFocus = () => false;
        globalThis.shown = [];
        const { showNotification } = ServiceWorkerRegistration.prototype;
        ServiceWorkerRegistration.prototype.showNotification = async function show(title, options) {
          await showNotification.call(this, title, options);
          globalThis.shown.push({ title, ...(options?.body !== undefined && { body: options.body }) });
        };
        globalThis.Notification = class extends Notification {
          constructor(title: string, options?: NotificationOptions) {
            if (isAndroid) throw new TypeError('Illegal constructor.');
            super(title, options);
            globalThis.shown.push({ title, ...(options?.body !== undefined && { body: options.body }) });
          }
        };
      }, system === 'android');
    },
  });
}

describe('the page', () => {
  it('can be installed, behind the token as well', async () => {
    const page = await openUnseen();
    await row(page, 1).waitFor();
    const devtools = await page.context().newCDPSession(page);
    const { url, errors, data } = await devtools.send('Page.getAppManifest');
    expect([url, errors]).toEqual([`${await agent.url()}manifest.webmanifest`, []]);
    expect(JSON.parse(data ?? '{}').icons).toHaveLength(3);
    expect((await fetch(url)).status).toBe(401);
    // Its icons can be had, too.
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    // The test's browser has no profile.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  });

  it('notifies of what was asked for, and of nothing else', async () => {
    const [page, onAndroid] = [await openUnseen(), await openUnseen('android')];
    for (const one of [page, onAndroid]) {
      await row(one, 1).waitFor();
      await one.locator('.settings-button').click();
      await one.locator('input[name="notifyText"]').fill('failed');
      await one.locator('input[name="notifyText"]').press('Enter');
      await one.locator('input[name="notify"]').click();
      await one.keyboard.press('Escape');
    }
    appendFileSync(input, 'fine\n\x1b[31mBuild\x1b[0m FAILED\n');
    appendFileSync(input, '\x1b]9;4;1;42\x07working\n');
    await until('how far it is', async () => /^42% /.test(await page.title()));
    await page.locator('link[rel="icon"][data-look="running normal 42"]').waitFor({ state: 'attached' });
    const shown = () => page.evaluate(() => globalThis.shown);
    await until('a line that was asked for', async () => (await shown()).length > 0);
    expect((await shown()).map(({ body }) => body)).toEqual(['Build FAILED']);
    const byWorker = () => onAndroid.evaluate(() => globalThis.shown.map(({ body }) => body).join());
    await until('the same of a service worker', async () => (await byWorker()) === 'Build FAILED');
    appendFileSync(input, 'end\n');
    await until('the end', async () => (await shown()).length > 1);
    expect((await shown())[1]?.title).toMatch(/^✗ /);
    expect((await shown())[1]?.body).toMatch(/^exit 3 · /);
  });

  it('complains about nothing', () => {
    expect(browser.complaints).toEqual([]);
  });
});
