import { appendFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { connectionIs, lineText, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { findProxy, startProxy } from '../support/proxies.ts';

/** What stands between page and agent, by nginx: a site for each. */
const lines = 120_000;
const names = ['logs.example.com', 'sso.example.org'];

let browser: TestBrowser;
let folder: ReturnType<typeof temporaryFolder>;
let agent: AgentProcess;
let wire: FlakyProxy;
let proxy: AsyncDisposable;
let sites: Record<'held' | 'redirecting' | 'answering' | 'plain' | 'old', string>;

beforeAll(async () => {
  browser = await startBrowser({
    args: [`--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(',')}`],
  });
  folder = temporaryFolder();
  const file = folder.file('x.log');
  writeFileSync(file, Array.from({ length: lines }, (_, at) => `line ${at + 1} of many\n`).join(''));
  agent = startAgent(folder.path, ['-n', 'all', file]);
  const { host, port } = new URL(await agent.url());
  wire = await startFlakyProxy(() => Number(port));
  const ports = await Promise.all(Array.from({ length: 6 }, freePort));
  const [held, redirecting, answering, plain, old, login] = ports as [number, number, number, number, number, number];
  const pass = `proxy_pass http://${host};`;
  const withoutCookie = (answer: string) => `if ($cookie_sso = "") { ${answer} }`;
  const server = (on: number, location: string) => `server { listen ${on}; location / { ${location} } }`;
  const html = 'default_type text/html;';
  const page = 'return 200 "<!doctype html><title>Sign in</title>Sign in";';
  proxy = await startProxy(
    'nginx',
    held,
    [
      server(held, `${pass} proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;`),
      server(redirecting, `${withoutCookie(`return 302 http://${names[1]}:${login}/;`)} ${pass}`),
      server(answering, `${html} ${withoutCookie(page)} ${pass}`),
      server(plain, pass),
      server(old, `proxy_pass http://127.0.0.1:${wire.port}; proxy_http_version 1.0; proxy_set_header Host ${host};`),
      server(login, `${html} ${page}`),
    ].join('\n'),
  );
  const at = (on: number) => `http://${names[0]}:${on}/`;
  sites = {
    held: at(held),
    redirecting: at(redirecting),
    answering: at(answering),
    plain: `http://127.0.0.1:${plain}/`,
    old: `http://127.0.0.1:${old}/`,
  };
});
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  await wire?.[Symbol.asyncDispose]();
  await agent?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  await browser[Symbol.asyncDispose]();
});

const banner = (page: Page, kind: string) => page.locator(`.banner.${kind}`);
const hasNginx = findProxy('nginx') !== undefined;

it.runIf(hasNginx)('a copy through a proxy that speaks HTTP/1.0 is whole, or said to be none', async () => {
  const page = await browser.open(sites.old);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await lineText(page, lines).waitFor();
  const toast = page.locator('.toast');
  // The script that selects loads after the lines.
  const copyAll = (news: string | RegExp) =>
    until(`the news ${news}`, async () => {
      await page.keyboard.press('Control+A');
      await page.keyboard.press('Control+C');
      return toast.getByText(news).isVisible();
    });
  // In pieces, so that there is a middle to cut in.
  wire.worsen({ delayMs: 20, pieceBytes: 65_536 });
  await copyAll('Loading');
  const before = wire.bytes;
  await until('the middle of the answer', () => wire.bytes > before + 500_000);
  wire.cut();
  await toast.getByText('Copy failed').waitFor();
  wire.worsen({});
  await connectionIs(page, 'live');
  // It may be over before anybody looks.
  await copyAll(/Loading|lines copied/);
  await toast.getByText('120,000 lines copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.trimEnd().split('\n')).toHaveLength(lines);
  await page.context().close();
});

it.runIf(hasNginx)(
  'a stream that a proxy holds back is replaced by requests, and the page says what cures it',
  async () => {
    const page = await browser.open(sites.held);
    await lineText(page, lines).waitFor();
    await connectionIs(page, 'polling');
    await banner(page, 'held').waitFor();
    await banner(page, 'held').locator('summary').click();
    for (const setting of ['nginx', 'Apache', 'Traefik', 'HAProxy', 'proxy_buffering off;']) {
      await banner(page, 'held').getByText(setting, { exact: true }).waitFor();
    }
    appendFileSync(folder.file('x.log'), 'through requests\n');
    await lineText(page, lines + 1)
      .filter({ hasText: 'through requests' })
      .waitFor();
    await page.context().close();
  },
);

it.runIf(hasNginx)(
  'says who answers: a login page, a proxy without an agent; and where the page is older than its agent',
  async () => {
    const cookie = [{ name: 'sso', value: 'me', url: sites.redirecting }];
    const open = (site: string) => browser.open(site, { prepare: async (page) => page.context().addCookies(cookie) });
    const [redirected, answered, plain] = await Promise.all([
      open(sites.redirecting),
      open(sites.answering),
      open(sites.plain),
    ]);
    const pages = [redirected, answered, plain] as Page[];
    for (const page of pages) await connectionIs(page, 'live');

    // The stream is let through still; what is scrolled to is not.
    await (redirected as Page).context().clearCookies();
    await (redirected as Page).keyboard.press('Home');
    await banner(redirected as Page, 'stranger').waitFor();
    await connectionIs(redirected as Page, 'live');
    await (redirected as Page).context().addCookies(cookie);
    await lineText(redirected as Page, 1).waitFor();
    await banner(redirected as Page, 'stranger').waitFor({ state: 'detached' });

    for (const page of [redirected, answered] as Page[]) await page.context().clearCookies();
    const { port } = new URL(await agent.url());
    agent.child.kill('SIGTERM');
    await agent.ended();
    await banner(plain as Page, 'lost')
      .getByText('HTTP 502')
      .waitFor();
    for (const page of [redirected, answered] as Page[]) {
      await connectionIs(page, 'stranger');
      await banner(page, 'stranger').getByText('login').waitFor();
    }
    await banner(redirected as Page, 'stranger')
      .locator('.reload')
      .click();
    await (redirected as Page).getByText('Sign in').waitFor();

    // The page of an agent of another version names another script.
    await (plain as Page).route(sites.plain, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        body: (await answer.text()).replace(/start-[\w-]+\.js/g, 'start-other.js'),
      });
    });
    agent = startAgent(folder.path, ['--port', port, folder.file('x.log')]);
    await connectionIs(plain as Page, 'live');
    await banner(plain as Page, 'outdated')
      .locator('.reload')
      .waitFor();
    for (const page of pages) await page.context().close();
  },
);
