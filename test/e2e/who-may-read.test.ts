import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { lineText, row, startBrowser, type TestBrowser } from '../support/browser.ts';
import { chromiumArgs, findChromium } from '../support/chromium.ts';
import { until, within } from '../support/deadline.ts';

const secretLine = 'a line that is nobody else’s business';
const evil = 'evil.test';

let browser: TestBrowser;
let folder: ReturnType<typeof temporaryFolder>;
let agent: AgentProcess;
let port: string;
let attacker: AttackerSite;

beforeAll(async () => {
  browser = await startBrowser({ args: [`--host-resolver-rules=MAP ${evil} 127.0.0.1`] });
  folder = temporaryFolder();
  writeFileSync(folder.file('x.log'), `${secretLine}\n`);
  agent = startAgent(folder.path, [folder.file('x.log')]);
  port = new URL(await agent.url()).port;
  attacker = await startAttacker();
});
afterAll(async () => {
  await attacker[Symbol.asyncDispose]();
  await agent[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  await browser[Symbol.asyncDispose]();
});

interface AttackerSite extends AsyncDisposable {
  readonly port: number;
}

/** A site that shows an empty page under every path; what it does is put in by the test. */
async function startAttacker(): Promise<AttackerSite> {
  const server: Server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>attacker</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await within("the end of the attacker's site", closed);
    },
  };
}

/**
 * What a page can get hold of, by every way that a page has: texts, and which elements loaded.
 *
 * @param wanted what it has to get; without it the ways that have no end have one and a half seconds
 */
function tryEverything(page: Page, base: string, wanted: readonly string[] = []): Promise<string[]> {
  return page.evaluate(tryIn, { target: base, wanted });

  async function tryIn({ target, wanted }: { target: string; wanted: readonly string[] }): Promise<string[]> {
    const got: string[] = [];
    const tries: Promise<unknown>[] = [];
    for (const path of ['raw', 'status', 'logs', 'events?follow=0', '', 'healthz']) {
      for (const mode of ['cors', 'no-cors'] as const) {
        for (const credentials of ['include', 'omit'] as const) {
          tries.push(
            fetch(target + path, { mode, credentials })
              .then(async (response) => got.push(`fetch ${path} ${response.type}: ${await response.text()}`))
              .catch(() => {}),
          );
        }
      }
    }
    const source = new EventSource(`${target}events`, { withCredentials: true });
    source.onmessage = ({ data }) => got.push(`EventSource: ${data}`);
    source.onopen = () => got.push('EventSource: opened');
    for (const tag of ['img', 'script', 'link', 'video', 'iframe', 'object', 'embed'] as const) {
      const element = document.createElement(tag);
      element.onload = () => got.push(`${tag} loaded`);
      try {
        load(element);
      } catch {
        // Trusted Types, in the agent's own page.
      }
      document.body.append(element);
    }
    function load(element: HTMLElement): void {
      const { localName } = element;
      if (element instanceof HTMLLinkElement) Object.assign(element, { rel: 'stylesheet', href: `${target}raw` });
      else if (element instanceof HTMLObjectElement) element.data = target;
      else
        (element as HTMLImageElement).src = localName === 'iframe' || localName === 'embed' ? target : `${target}raw`;
    }
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    await Promise.all([Promise.allSettled(tries), pause(wanted.length > 0 ? 0 : 1500)]);
    for (let looks = 0; looks < 1000 && !wanted.every((one) => got.includes(one)); looks++) await pause(20);
    source.close();
    for (const frame of document.querySelectorAll('iframe')) {
      try {
        got.push(`iframe: ${frame.contentDocument?.body.textContent ?? 'closed'}`);
      } catch {}
    }
    return got;
  }
}

/** What of it tells anything: an opaque answer is empty, and Chromium reports a refused frame as loaded, too. */
const telling = (got: string[]) =>
  got.filter((one) => !/ opaque: $|^(?:iframe|object|embed) loaded$|^iframe: (?:closed)?$/.test(one));

describe('a page of another site', () => {
  it.concurrent.each(['127.0.0.1', 'localhost', evil])('on %s gets nothing of a log, by no way', async (host) => {
    const page = await browser.open(`http://${host}:${attacker.port}/`);
    const got = await tryEverything(page, `http://127.0.0.1:${port}/`);
    expect(telling(got)).toEqual([]);
    expect(got.join()).not.toContain(secretLine);
    await page.context().close();
  });

  it('the same ways lead to the log for the agent’s own page, so that they would be noticed', async () => {
    const page = await browser.open(`http://127.0.0.1:${port}/`);
    const wanted = [`EventSource: ${secretLine}`, `fetch raw basic: ${secretLine}\n`];
    expect(await tryEverything(page, `http://127.0.0.1:${port}/`, wanted)).toEqual(expect.arrayContaining(wanted));
    await page.context().close();
  });

  it.each(['127.0.0.1', 'localhost', evil])('at %s it has no hold on a page that it opens', async (host) => {
    const page = await browser.open(`http://${host}:${attacker.port}/`);
    const [opened] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate((url) => {
        Object.assign(globalThis, { opened: open(url) });
      }, `http://127.0.0.1:${port}/`),
    ]);
    await row(opened, 1).waitFor();
    expect(await opened.evaluate(() => opener)).toBeNull();
    expect(await page.evaluate(() => (globalThis as { opened?: Window }).opened?.closed)).toBe(true);
    await page.context().close();
  });

  it('may be given leave, and then reads with fetch', async () => {
    const origin = `http://${evil}:${attacker.port}`;
    await using open = startAgent(folder.path, ['--allow-origin', origin, folder.file('x.log')]);
    const page = await browser.open(`${origin}/`);
    const url = await open.url();
    const read = () => page.evaluate(async (from) => (await fetch(`${from}raw`)).text(), url);
    await until('the line', async () => (await read()) === `${secretLine}\n`);
    await page.context().close();
  });
});

describe('a name that was bent to this machine (DNS rebinding)', () => {
  it('is refused with a page that names --allow-host', async () => {
    const page = await browser.open(`http://${evil}:${port}/`);
    expect(await page.locator('body').textContent()).toContain(`--allow-host ${evil}`);
    await page.context().close();
  });

  it("gives the attacker's script nothing, to which everything is its own origin", async () => {
    // The name leads to the attacker's server first, and then to the agent: here by one taking the other's place.
    const site = await startAttacker();
    const page = await browser.open(`http://${evil}:${site.port}/`);
    await site[Symbol.asyncDispose]();
    await using bent = startAgent(folder.path, ['--port', String(site.port), folder.file('x.log')]);
    await until('the line', async () => (await (await fetch(`${await bent.url()}raw`)).text()).includes(secretLine));
    const got = await page.evaluate(
      (paths) =>
        Promise.all(
          paths.map(async (path) => {
            const response = await fetch(path);
            return `${response.status} ${await response.text()}`;
          }),
        ),
      ['raw', 'status', 'logs', 'events?follow=0', 'logs/x/healthz', ''],
    );
    for (const answer of got) expect(answer).toMatch(/^403 .*--allow-host/);
    expect(got.join()).not.toContain(secretLine);
    await page.context().close();
  });

  it('is let in where it was allowed', async () => {
    await using open = startAgent(folder.path, ['--allow-host', evil, folder.file('x.log')]);
    const page = await browser.open(`http://${evil}:${new URL(await open.url()).port}/`);
    await lineText(page, 1).filter({ hasText: secretLine }).waitFor();
    await page.context().close();
  });
});

/** A Chromium whose user has blocked all cookies in its settings. */
async function startBlockingBrowser(profile: string): Promise<AsyncDisposable & { page: Page }> {
  mkdirSync(join(profile, 'Default'), { recursive: true });
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(settings));
  // The other kind has no settings.
  const executablePath = findChromium('whole') as string;
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: [...chromiumArgs] });
  return { page: await context.newPage(), [Symbol.asyncDispose]: () => context.close() };
}

describe('the token', () => {
  /** An agent that others can reach. */
  const guarded = () => startAgent(folder.path, ['--host', '0.0.0.0', folder.file('x.log')]);
  const shown = (page: Page) => lineText(page, 1).filter({ hasText: secretLine }).waitFor();

  it('opens the page, leaves the address bar, and is not needed again', async () => {
    await using open = guarded();
    const url = new URL(await open.url());
    expect(url.searchParams.get('token')).toMatch(/^[\w-]{22,}$/);
    const page = await browser.open(`${url.href}&theme=dark#L1`);
    await shown(page);
    expect([new URL(page.url()).search, new URL(page.url()).hash]).toEqual(['?theme=dark', '#L1']);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(
      await page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .map(({ name }) => name)
          .join(),
      ),
    ).not.toContain('token');
    await page.reload();
    await shown(page);
    await page.goto(`http://127.0.0.1:${url.port}/raw`);
    expect(page.url()).toBe(`http://127.0.0.1:${url.port}/raw`);
    await page.context().close();
  });

  it('is asked for, and can be typed', async () => {
    await using open = guarded();
    const url = new URL(await open.url());
    const page = await browser.open(url.origin);
    await page.getByLabel('Token').fill(url.searchParams.get('token') as string);
    await page.getByRole('button', { name: 'Open' }).click();
    await shown(page);
    expect(page.url()).toBe(`${url.origin}/`);
    await page.context().close();
  });

  it('typed on the page that a deep link is answered with, leads to the line that the link names', async () => {
    const text = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join('');
    writeFileSync(folder.file('deep.log'), text);
    await using open = startAgent(folder.path, ['--host', '0.0.0.0', folder.file('deep.log')]);
    const url = new URL(await open.url());
    const token = url.searchParams.get('token') as string;
    const status = await fetch(`${url.origin}/status`, { headers: { Authorization: `Bearer ${token}` } });
    const { log } = (await status.json()) as { log: string };
    // Of a query nothing is decoded and encoded again: a comma and a `%2C` are not the same.
    for (const link of [`/logs/${log}/?tail=5#L45`, '/?x=a,b%2Cc&tail=5#L45']) {
      const page = await browser.open(`${url.origin}${link}`);
      const enter = async (typed: string) => {
        await page.getByLabel('Token').fill(typed);
        await page.getByRole('button', { name: 'Open' }).click();
      };
      await enter('a-token-of-another-agent');
      await page.getByText('The token is wrong.').waitFor();
      const asked: string[] = [];
      page.on('request', (request) => request.isNavigationRequest() && asked.push(request.url()));
      await enter(token);
      await lineText(page, 45).filter({ hasText: 'line 45' }).waitFor();
      expect(asked.at(-1)?.split('#')[0]).toBe(`${url.origin}${link.split('#')[0]}`);
      expect(new URL(page.url()).hash).toBe('#L45');
      expect(page.url()).not.toMatch(/token|signed-in/);
      await page.context().close();
    }
  });

  it('where the browser blocks cookies, it is said, again after the token was typed', async () => {
    await using open = guarded();
    const url = new URL(await open.url());
    await using blocking = await startBlockingBrowser(folder.file('blocking'));
    const { page } = blocking;
    await page.goto(`${url.href}&tail=5#L1`);
    const says = page.getByRole('heading', { name: 'Cookies are blocked' });
    await says.waitFor();
    await page.getByText('Allow cookies for this address').waitFor();
    const answered = page.waitForResponse((response) => response.url().includes('signed-in'));
    await page.getByLabel('Token').fill(url.searchParams.get('token') as string);
    await page.getByRole('button', { name: 'Open' }).click();
    expect((await answered).status()).toBe(401);
    await says.waitFor();
    expect(new URL(page.url()).hash).toBe('#L1');
    expect(page.url()).not.toContain('token=');
  });

  it('a link on another site opens the log, with the token and afterwards without, at the line that it names', async () => {
    await using open = guarded();
    // Chromium tells where a request comes from (Sec-Fetch-Site) only to addresses that it trusts, as 127.0.0.1.
    const { port: at, search } = new URL(await open.url());
    const page = await browser.open(`http://${evil}:${attacker.port}/`);
    const follow = async (href: string) => {
      await page.evaluate((to) => {
        const link = Object.assign(document.createElement('a'), { href: to, textContent: 'the log' });
        document.body.append(link);
      }, href);
      await page.getByText('the log').click();
    };
    await follow(`http://127.0.0.1:${at}/${search}`);
    await shown(page);
    expect(new URL(page.url()).search).toBe('');
    await page.goto(`http://${evil}:${attacker.port}/`);
    await follow(`http://127.0.0.1:${at}/#L1`);
    await shown(page);
    expect(new URL(page.url()).hash).toBe('#L1');
    await page.context().close();
  });

  it('a page of another site can not use the cookie', async () => {
    await using open = guarded();
    const { port: at, search } = new URL(await open.url());
    const page = await browser.open(`http://127.0.0.1:${at}/${search}`);
    await shown(page);
    // It has the cookie now, and so have its other pages.
    const pages = await Promise.all(
      ['127.0.0.1', evil].map(async (host) => {
        const other = await page.context().newPage();
        await other.goto(`http://${host}:${attacker.port}/`);
        return telling(await tryEverything(other, `http://127.0.0.1:${at}/`));
      }),
    );
    expect(pages).toEqual([[], []]);
    await page.context().close();
  });

  it('a restarted agent with another token: the page says so and does not lose what it shows', async () => {
    const first = guarded();
    const { port: at, search } = new URL(await first.url());
    const page = await browser.open(`http://127.0.0.1:${at}/${search}`);
    await shown(page);
    first.child.kill('SIGKILL');
    await first.ended();
    await using second = startAgent(folder.path, ['--host', '0.0.0.0', '--port', at, folder.file('x.log')]);
    await second.url();
    await page.locator('.banner.refused').waitFor({ timeout: 30_000 });
    await shown(page);
    expect(await page.locator('.banner.refused').textContent()).toContain('token');
    await page.context().close();
  });
});

describe('privacy', () => {
  it('the page asks nobody but its agent', async () => {
    const page = await browser.open('about:blank');
    const asked: string[] = [];
    page.context().on('request', (request) => asked.push(request.url()));
    page.context().on('serviceworker', (worker) => asked.push(`service worker ${worker.url()}`));
    await page.goto(await agent.url());
    await lineText(page, 1).waitFor();
    await page.goto(`${await agent.url()}logs`);
    await page.getByText('x.log').first().waitFor();
    expect(asked.length).toBeGreaterThan(5);
    expect(
      asked.filter((url) => new URL(url).origin !== `http://127.0.0.1:${port}` && !url.startsWith('data:')),
    ).toEqual([]);
    await page.context().close();
  });
});
