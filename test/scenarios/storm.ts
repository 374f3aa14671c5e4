import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { lineText, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts';
import {
  fetchInPage,
  followInPage,
  type LineWatcher,
  seenByPage,
  watchByEventSource,
  watchBySocket,
  watchPage,
} from '../support/line-watchers.ts';

export interface Storm {
  /** Where the agent serves the log. */
  port: number;
  /** Lines of the log at the end, and how often all connections are cut until then. */
  lines: number;
  cuts: number;
  /** Makes the log grow to so many lines; line n is `stormText(n)`. */
  write(lines: number): Promise<void>;
  browser: TestBrowser;
  deadlineMs: number;
}

/** Chromium takes the head of an answer that was cut before its type for a whole one, and the page begins anew. */
const complaintAboutCutHead = 'EventSource\'s response has a MIME type ("text/plain")';

/** Its source runs in the page, too. */
export function stormText(id: number): string {
  return `line ${id} ${'x'.repeat(id % 97)}`;
}

/**
 * Clients of all kinds on a network on which connections are cut, stand still, slow down and come twice, while lines
 * are written. Every one of them sees every line once and in order.
 */
export async function sitOutStorm({ port, lines, cuts, write, browser, deadlineMs }: Storm): Promise<void> {
  await using proxy = await startFlakyProxy(() => port);
  const url = `http://127.0.0.1:${proxy.port}/`;
  const options = { textOf: stormText };
  await write(10);
  using eventSource = watchByEventSource(`${url}events`, options);
  using socket = watchBySocket(() => ({ port: proxy.port, path: '/events' }), options);
  using undisturbed = watchBySocket(() => ({ port, path: '/events' }), options);
  const page = await browser.open(url, { prepare: (page) => watchPage(page, stormText) });
  const bare = await browser.open(`${url}logs.html`);
  await followInPage(bare, stormText);
  const watchers: LineWatcher[] = [eventSource, socket, undisturbed];

  let made = 0;
  let written = 0;
  const cut = () => {
    if (proxy.cut() > 0) made++;
  };
  while (made < cuts) {
    const next = Math.ceil((lines * (made + 1)) / (cuts + 1));
    while (written < next) {
      written = Math.min(next, written + Math.ceil(lines / cuts / 4));
      await write(written);
      await pause(Math.random() * 8);
    }
    await misbehave(proxy, cut);
  }
  await write(lines);
  proxy.double(false);
  proxy.worsen({});

  for (const watcher of watchers) {
    await until(`all lines at the ${watcher.kind}`, () => watcher.lastId >= lines, deadlineMs);
    expect(watcher.faults, watcher.kind).toEqual([]);
    expect(watcher.lastId).toBe(lines);
  }
  const allSeenBy = (name: string, by: Page) =>
    until(
      `all lines ${name}`,
      async () => {
        const now = await seenByPage(by);
        return now.lastId === lines && now;
      },
      deadlineMs,
    );
  expect(await allSeenBy("at Chromium's EventSource", bare)).toEqual({ lines, skipped: 0, lastId: lines, faults: [] });
  const seen = await allSeenBy('on the page', page);
  expect(seen.faults).toEqual([]);
  expect(seen.lines).toBeGreaterThan(0);
  expect(await fetchInPage(page, stormText, lines)).toBe(lines);
  await until('the last line on the page', async () => {
    const last = lineText(page, lines);
    return (await last.count()) === 1 && (await last.textContent()) === stormText(lines);
  });
  expect(proxy.connections).toBeGreaterThan(cuts);
  expect(browser.complaints.filter((complaint) => !complaint.includes(complaintAboutCutHead))).toEqual([]);
}

async function misbehave(proxy: FlakyProxy, cut: () => void): Promise<void> {
  switch (Math.floor(Math.random() * 8)) {
    case 0:
      proxy.stall();
      await pause(Math.random() * 100);
      if (Math.random() < 0.5) cut();
      proxy.resume();
      break;
    case 1:
      proxy.worsen({ delayMs: Math.random() * 10, pieceBytes: 100 + Math.floor(Math.random() * 4000) });
      await pause(Math.random() * 100);
      if (Math.random() < 0.5) cut();
      proxy.worsen({});
      break;
    case 2:
      proxy.double(Math.random() < 0.5);
      break;
    default:
      cut();
  }
  // Long enough, mostly, for clients to come back and get something.
  await pause(Math.random() * 60);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
