import { appendFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { canInstallPackages, installPackages } from '../support/debian-packages.ts';
import { isExecutable } from '../support/executable.ts';
import { helloFrom } from '../support/hello.ts';
import { startWindowedChromium } from '../support/windowed-chromium.ts';

/** Chromium leaves a hidden tab in peace for five minutes; then its timers run once a minute. */
const minutes = Number(process.env.SOAK_MINUTES ?? 8);
const linesPerSecond = 1000;

const hasXvfb = () => (process.env.PATH ?? '').split(delimiter).some((dir) => isExecutable(join(dir, 'Xvfb')));
if (!hasXvfb() && canInstallPackages()) installPackages(['xvfb']);

it.runIf(hasXvfb())(
  `a tab that is behind another one for ${minutes} minutes takes no memory, and is at the end as soon as it shows`,
  { timeout: (minutes + 3) * 60_000 },
  async () => {
    using folder = temporaryFolder();
    const file = folder.file('night.log');
    writeFileSync(file, 'first\n');
    await using agent = startAgent(folder.path, [file]);
    const url = await agent.url();
    await using chromium = await startWindowedChromium();
    const tab = await chromium.open(url);
    const shows = (id: number) => `document.querySelector('.row:not(.loading)[data-id="${id}"]') !== null`;
    await until('the first line', () => tab.value<boolean>(shows(1)));
    expect(await tab.value('document.visibilityState')).toBe('visible');
    const other = await chromium.open('about:blank');
    await until('the tab to be hidden', async () => (await tab.value('document.visibilityState')) === 'hidden');

    const measured: { minute: number; heapMB: number; memoryMB: number }[] = [];
    let lines = 1;
    for (let second = 1; second <= minutes * 60; second++) {
      appendFileSync(
        file,
        `second ${second}, and a text as long as the lines of a log mostly are\n`.repeat(linesPerSecond),
      );
      lines += linesPerSecond;
      await sleep(1000);
      if (second % 60 !== 0) continue;
      measured.push({ minute: second / 60, heapMB: await tab.heapMB(), memoryMB: chromium.memoryMB() });
      console.log(measured.at(-1));
    }
    await until('all lines in the log', async () => (await helloFrom(url)).last === lines);
    expect(await other.value('document.visibilityState')).toBe('visible');
    expect(await tab.value(shows(lines))).toBe(false);
    const [first, last] = [measured[Math.min(1, measured.length - 1)], measured.at(-1)];
    expect((last?.heapMB ?? 0) - (first?.heapMB ?? 0)).toBeLessThan(3);
    expect((last?.memoryMB ?? 0) - (first?.memoryMB ?? 0)).toBeLessThan(20);

    const shown = tab.value<number>(`new Promise((resolve) => {
      let begun;
      document.addEventListener('visibilitychange', () => { begun = performance.now(); });
      new MutationObserver(() => {
        if (${shows(lines)}) resolve(performance.now() - begun);
      }).observe(document.body, { childList: true, subtree: true, attributes: true });
    })`);
    await tab.toFront();
    const shownAfterMs = await shown;
    console.log({ shownAfterMs });
    // A moment is 100 ms; a busy machine is given more.
    expect(shownAfterMs).toBeLessThan(2000);
    await until('the end is followed', () =>
      tab.value<boolean>(`document.getElementById('log').getAttribute('data-following') === 'true'`),
    );
  },
);
