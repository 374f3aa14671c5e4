import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { lineText, row, shownIds, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { payloads } from '../support/hostile-corpus.ts';
import { strangersIn, watchMisdeeds } from '../support/hostile-page.ts';

const folder = temporaryFolder();
let browser: TestBrowser;

async function run(...args: string[]) {
  await using agent = startAgent(folder.path, args);
  const { code } = await agent.ended();
  return { code, stdout: agent.stdout, stderr: agent.stderr };
}

/** Steps of 5,000 lines, each in a group and with one error; the texts of strangers are the last lines. */
function longLog(): Buffer {
  const lines: Buffer[] = [];
  for (let i = 1; i <= 99_000; i++) lines.push(Buffer.from(lineOf(i)));
  for (const { bytes } of payloads) lines.push(bytes);
  while (lines.length < 100_000) lines.push(Buffer.from(`padding ${lines.length}`));
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
}

function lineOf(i: number): string {
  if (i % 5000 === 1) return `::group::Step ${Math.ceil(i / 5000)}`;
  if (i % 5000 === 0) return '::endgroup::';
  if (i % 10_000 === 2500) return `\x1b[31mERROR\x1b[0m step failed at ${i}`;
  return `\x1b[3${i % 7}m${i}\x1b[0m ${(i * 2654435761).toString(36)} ${(i * 40503).toString(16)} a line of a build`;
}

/** Opens a file as it is opened from a disk. */
async function openFile(name: string, hash = '', prepare?: (page: Page) => Promise<void>): Promise<Page> {
  const url = `${pathToFileURL(folder.file(name)).href}${hash}`;
  return browser.open(url, prepare && { prepare });
}

beforeAll(async () => {
  browser = await startBrowser();
  writeFileSync(folder.file('long.txt'), longLog());
  expect((await run('-q', '--title', 'long', '--', 'cat', 'long.txt')).code).toBe(0);
  expect((await run('-q', '--title', 'small', '--', 'echo', 'a line')).code).toBe(0);
  expect(await run('export', 'long', '-o', 'long.html')).toEqual({ code: 0, stdout: '', stderr: '' });
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('an exported log of 100,000 lines', () => {
  it('is smaller than 10 MB, opens from the disk and leads to a line', async () => {
    expect(statSync(folder.file('long.html')).size).toBeLessThan(10e6);
    const page = await openFile('long.html', '#L45045');
    await row(page, 45_045).waitFor();
    await expect.poll(() => lineText(page, 45_045).textContent()).toMatch(/^45045 .* a line of a build$/);
    await expect.poll(() => page.locator('.row.marked').getAttribute('data-id')).toBe('45045');
    await expect.poll(() => page.title()).toContain('long');
    await expect.poll(() => page.locator('.connection').innerText()).toMatch(/^Exported \d{4}-\d\d-\d\d \d\d:\d\d$/);
    await page.context().close();
  });

  it('can be searched and folded, and its errors be gone through', async () => {
    const page = await openFile('long.html');
    await page.locator('.problems-button').waitFor();
    await page.keyboard.press('/');
    await page.locator('[data-part="search"] [role=searchbox]').fill('step failed');
    await until('all hits', async () =>
      (await page.locator('[data-part="search-count"]').textContent()) === '10 of 10' ? true : undefined,
    );
    await page.keyboard.press('Enter');
    await until('the first hit', async () => (await shownIds(page)).includes(2500) || undefined);
    await page.keyboard.press('Escape');
    for (const _ of ['the one that shows', 'the next']) await page.keyboard.press('e');
    await until('the next error', async () => (await shownIds(page)).includes(12_500) || undefined);
    const group = page.locator('[data-part="outline"] [data-from="5001"], [data-group]').first();
    await page.keyboard.press('o');
    await group.waitFor();
    await page.getByRole('button', { name: 'Collapse all' }).click();
    await until('the folded groups', async () => {
      const ids = await shownIds(page);
      return ids.includes(10_001) && ids.includes(15_001) && !ids.includes(12_500) ? true : undefined;
    });
    await page.context().close();
  });

  it('can be filtered, with the filter in its address', async () => {
    const page = await openFile('long.html', '?level=error&q=step');
    await until('the lines that match', async () => (await shownIds(page)).length === 10 || undefined);
    await expect.poll(async () => (await shownIds(page)).slice(0, 2)).toEqual([2500, 12_500]);
    await page.context().close();
  });

  it('shows whatever lines hold as text, loads nothing and sends nothing', async () => {
    let misdeeds: Awaited<ReturnType<typeof watchMisdeeds>> | undefined;
    const page = await openFile('long.html', '#L99001', async (opening) => {
      misdeeds = await watchMisdeeds(opening, 'null');
    });
    for (let id = 99_001; id <= 99_000 + payloads.length; id += 20) {
      await page.evaluate((line) => location.replace(`#L${line}`), id);
      await row(page, id).waitFor();
      expect(await strangersIn(page)).toEqual([]);
    }
    expect(misdeeds?.seen).toEqual([]);
    await page.context().close();
  });
});

it('an export of some lines shows them under their own ids, and says which they are', async () => {
  const part = await run('export', 'long', '--match', 'step failed', '--before-context', '1', '-o', 'part.html');
  expect(part).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(statSync(folder.file('part.html')).size).toBeLessThan(1e6);
  const page = await openFile('part.html', '#L2500');
  await row(page, 2500).waitFor();
  const failed = Array.from({ length: 10 }, (_, i) => 2500 + i * 10_000);
  await until('all of them', async () => (await shownIds(page)).join() === failed.flatMap((id) => [id - 1, id]).join());
  await expect
    .poll(() => page.locator('.banner.snapshot').innerText())
    .toContain('Only lines that match q=step failed before=1 were exported.');
  await page.locator('.problems-button').waitFor();
  await page.keyboard.press('f');
  await page.locator('.filter-text').fill('failed at 12500');
  await page.keyboard.press('Enter');
  await until('one', async () => (await shownIds(page)).join() === '12500');
  await page.context().close();
});

describe('a file that can not be shown', () => {
  it('says what is wrong with it', async () => {
    const html = readFileSync(folder.file('long.html'), 'utf8');
    writeFileSync(folder.file('cut.html'), html.slice(0, html.indexOf('<script type="application/gzip" data-outline')));
    const cut = await openFile('cut.html');
    await expect.poll(() => cut.locator('.banner.snapshot').innerText()).toContain('This file is incomplete');
    await cut.context().close();
    writeFileSync(folder.file('damaged.html'), html.replace(/(data-log>.{20})..../s, '$1AAAA'));
    const damaged = await openFile('damaged.html');
    await expect.poll(() => damaged.locator('.empty').innerText()).toContain('This file is damaged');
    await damaged.context().close();
  });
});

describe('sse-tail export', () => {
  it('writes to standard output, too', async () => {
    const { code, stdout } = await run('export', 'small');
    expect(code).toBe(0);
    expect(stdout.startsWith('<!doctype html>\n')).toBe(true);
    expect(stdout.endsWith('</body>\n</html>\n')).toBe(true);
  });

  it('replaces a file as a whole, and says in a sentence why it can not', async () => {
    mkdirSync(folder.file('directory'));
    writeFileSync(folder.file('old.html'), 'old');
    expect((await run('export', 'small', '-o', 'old.html')).code).toBe(0);
    expect(readFileSync(folder.file('old.html'), 'utf8')).toContain('</html>');
    for (const [args, code, sentence] of [
      [['small', '-o', 'directory'], 1, 'The file "directory" can\'t be written: it is a directory (EISDIR).'],
      [['small', '-o', 'none/a.html'], 1, 'The file "none/a.html" can\'t be written: its directory does not exist.'],
      [['nothing', '-o', 'a.html'], 1, 'There is no log "nothing". "sse-tail logs" lists them.'],
      [[], 2, 'export expects one log, but got none. "sse-tail logs" lists them.'],
    ] as const) {
      expect(await run('export', ...args)).toEqual({ code, stdout: '', stderr: `sse-tail: ${sentence}\n` });
    }
    expect((await run('export', 'small', '-o', '/dev/null')).code).toBe(0);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync(folder.path).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});
