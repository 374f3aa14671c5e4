import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import type { Bench } from './bench.ts';
import type { Server } from './programs/program.ts';

export interface BenchBrowser {
  /** Opens an agent's page in a browser that has cached nothing; resolves when its first line shows. */
  open(server: Server): Promise<OpenedPage>;
}

export interface OpenedPage {
  page: Page;
  /** From navigation to the frame after the first line was put into the page. */
  firstLineMs: number;
  close(): Promise<void>;
}

/** A Chromium for a row, closed at its end. */
export async function startBenchBrowser(bench: Bench): Promise<BenchBrowser> {
  const browser = await startBrowser({ kind: 'whole' });
  bench.atEnd(async () => browser[Symbol.asyncDispose]());
  return {
    async open({ target }) {
      const page = await browser.open(`http://127.0.0.1:${target.port}/`, {
        hasMotion: true,
        async prepare(page) {
          // tsx puts calls of this into functions, those included that are sent to the page.
          await page.addInitScript('globalThis.__name = (named) => named');
          await page.addInitScript(watchForFirstLine);
          await windowOpened();
        },
      });
      const shown = await page.waitForFunction(() => (globalThis as Watched).firstLineMs);
      return { page, firstLineMs: (await shown.jsonValue()) as number, close: () => page.context().close() };
    },
  };
}

/** A new window of the browser is a page of its own, which takes the processor for a second; a reader has one. */
export function windowOpened(): Promise<void> {
  return sleep(1500);
}

type Watched = { firstLineMs?: number };

/** In the page, before its own scripts. */
function watchForFirstLine(): void {
  const look = () => {
    if (document.querySelector('.row[data-id] .text')?.textContent) {
      requestAnimationFrame(() =>
        setTimeout(() => {
          (globalThis as Watched).firstLineMs = performance.now();
        }),
      );
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
