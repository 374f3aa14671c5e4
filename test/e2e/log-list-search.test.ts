import { chmodSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { row, startBrowser } from '../support/browser.ts';
import { spawnSync } from '../support/sync-child.ts';

it('the list of logs searches the lines of all, and leads to them', async () => {
  using folder = temporaryFolder();
  for (const [title, command] of [
    ['first', 'seq -f "line %g" 200; echo "a <b>Needle</b> of the first"'],
    ['second', 'for i in 1 2 3 4 5; do echo "needle $i"; done'],
    ['third', 'echo nothing'],
  ] as const) {
    await using run = startAgent(folder.path, ['-q', '--title', title, '-c', command]);
    expect((await run.ended()).code).toBe(0);
  }
  await using agent = startAgent(folder.path, ['serve']);
  await using browser = await startBrowser();
  const page = await browser.open(await agent.url());
  await page.getByText('log lines', { exact: true }).click();
  const field = page.getByRole('searchbox', { name: 'Search all lines' });
  const news = (state: string) => page.locator(`.search-news[data-state="${state}"]`);
  await page.keyboard.type('/n/');
  await expect.poll(() => field.inputValue()).toBe('n/');
  await field.fill('needle');
  await news('done').getByText('6 lines in 2 of 3 logs').waitFor();
  await expect.poll(() => page.locator('.found .log .name').allInnerTexts()).toEqual(['second', 'first']);
  await expect
    .poll(() => page.locator('.lines a').allInnerTexts())
    .toEqual(
      ['1\nneedle 1', '2\nneedle 2', '3\nneedle 3', '201\na <b>Needle</b> of the first'].map((text) =>
        expect.stringMatching(new RegExp(text.replace('\n', '\\s+'))),
      ),
    );
  const left = async (selector: string) => (await page.locator(selector).boundingBox())?.x;
  await expect.poll(async () => (await left('.found')) === (await left('.search-news'))).toBe(true);
  await expect.poll(() => page.locator('.more-lines').innerText()).toBe('2 more lines');

  await page.getByRole('button', { name: 'Match case' }).click();
  await news('done').getByText('5 lines in 1 of 3 logs').waitFor();
  await field.fill('nowhere');
  await news('done').getByText('No line in 3 logs matches “nowhere”.').waitFor();
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await field.fill('(');
  await news('invalid').waitFor();

  // The address holds the search.
  await page.goto(`${await agent.url()}?q=needle`);
  await news('done').waitFor();
  await page.locator('.lines a', { hasText: 'of the first' }).click();
  await row(page, 201).locator('mark[aria-current="true"]').waitFor();
  await expect.poll(() => new URL(page.url()).search + new URL(page.url()).hash).toBe('?find=needle#L201');
  await expect.poll(() => page.locator('[data-part="search-count"]').innerText()).toBe('1 of 1');
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => url.search === '' && url.hash === '#L201');
  expect(browser.complaints).toEqual([]);
});

it('a log that can not be read as a whole says so in the list, in the side list and where it was searched', async (context) => {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync('setpriv', ['--version']).status !== 0) return context.skip('as root it needs setpriv');
  const user = isRoot ? { as: ['--reuid=54321', '--regid=54321', '--clear-groups'] } : {};
  using folder = temporaryFolder();
  chmodSync(folder.path, 0o777);
  for (const name of ['broken', 'whole']) {
    await using run = startAgent(folder.path, ['-q', '--name', name, '-c', 'echo needle'], user);
    expect((await run.ended()).code).toBe(0);
  }
  const idOf = (name: string) => readdirSync(folder.file('logs')).find((id) => id.startsWith(name));
  chmodSync(folder.file(`logs/${idOf('broken')}/000000000001.sse`), 0);
  await using agent = startAgent(folder.path, ['serve'], user);
  await using browser = await startBrowser();
  const page = await browser.open(await agent.url());
  const why = "The newest lines can't be read: ";
  await page.locator('.log', { hasText: 'broken' }).getByText(why).waitFor();
  await expect.poll(() => page.locator('.unread-why').count()).toBe(1);

  await page.getByText('log lines', { exact: true }).click();
  const news = page.locator('.search-news[data-state="done"]');
  const field = page.getByRole('searchbox', { name: 'Search all lines' });
  await field.fill('needle');
  await news.getByText('1 line in 1 of 2 logs. 1 log couldn’t be searched completely.').waitFor();
  await page.locator('.found .log', { hasText: 'broken' }).getByText(why).waitFor();
  await field.fill('nowhere');
  await news.getByText('No line in 2 logs matches “nowhere”. 1 log couldn’t be searched completely.').waitFor();

  await page.goto(`${await agent.url()}logs/${idOf('whole')}/`);
  await row(page, 1).waitFor();
  await page.keyboard.press('b');
  await page.locator('.side-log', { hasText: 'broken' }).getByText(why).waitFor();
  expect(browser.complaints).toEqual([]);
});
