import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { otherBrowsers } from '../support/other-browsers.ts';

const lineHas = (id: number, text: string) =>
  `document.querySelector('.row:not(.loading)[data-id="${id}"] .text')?.textContent.includes(${JSON.stringify(text)})`;
const colorOf = (selector: string) => `getComputedStyle(document.querySelector('${selector}')).color`;
const connectionIs = (state: string) => `document.querySelector('.connection')?.dataset.state === '${state}'`;

/** As typing does it: the page listens to keys, and its search to what stands in its field. */
const press = (key: string) =>
  `document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true, cancelable: true }))`;
const fill = (selector: string, text: string) => `(() => {
  const field = document.querySelector('${selector}');
  field.value = '${text}';
  field.dispatchEvent(new Event('input', { bubbles: true }));
})()`;

describe.concurrent.each(otherBrowsers)('in $name', ({ name, missing, start }) => {
  it('the page shows a log, live, in color; finds, links to a line, and resumes after the agent was away', async (context) => {
    if (missing !== undefined) context.skip(`There is no ${missing}: the page in ${name} is not tested.`);
    using folder = temporaryFolder();
    const file = folder.file('x.log');
    const lines = Array.from({ length: 2000 }, (_, at) => `line ${at + 1}`);
    lines[1989] = '\x1b[31mred\x1b[0m and plain';
    lines[99] = 'a needle in it';
    writeFileSync(file, `${lines.join('\n')}\n`);
    const first = startAgent(folder.path, ['-n', 'all', file]);
    const url = await first.url();
    await using browser = await start();

    await browser.open(url);
    await browser.until('the last line', lineHas(2000, 'line 2000'));
    await browser.until('a live stream', connectionIs('live'));
    appendFileSync(file, 'came live\n');
    await browser.until('a live line', lineHas(2001, 'came live'));
    appendFileSync(file, 'half of');
    await browser.until('an unfinished line', `document.body.textContent.includes('half of')`);
    const red = await browser.evaluate<string>(colorOf('[data-id="1990"] .text *'));
    expect(red).not.toBe(await browser.evaluate<string>(colorOf('[data-id="1989"] .text')));

    await browser.evaluate(press('/'));
    const searchbox = '[data-part="search"] [role="searchbox"]';
    await browser.until('the search', `document.querySelector('${searchbox}')`);
    await browser.evaluate(fill(searchbox, 'needle'));
    await browser.until('what was found', `document.querySelector('[data-id="100"] mark')?.textContent === 'needle'`);

    await browser.evaluate(`void (location.hash = '#L1000')`);
    await browser.until('the line of the link', lineHas(1000, 'line 1000'));
    await browser.open(`${url}#L500`);
    await browser.until('the line of a link that was opened', lineHas(500, 'line 500'));

    await browser.open(`${url}?bottom`);
    await browser.until('a live stream', connectionIs('live'));
    first.child.kill('SIGKILL');
    await first.ended();
    await browser.until('word that the agent is away', connectionIs('reconnecting'));
    appendFileSync(file, ' a line\nwhile away\n');
    await using second = startAgent(folder.path, ['--port', new URL(url).port, file]);
    await second.url();
    await browser.until('what was written meanwhile', lineHas(2003, 'while away'));
    await browser.until('a live stream', connectionIs('live'));
    appendFileSync(file, 'after it\n');
    await browser.until('a live line', lineHas(2004, 'after it'));
    const shown = `[...document.querySelectorAll('.row[data-id]')].map((row) => Number(row.dataset.id)).sort((a, b) => a - b)`;
    const ids = await browser.evaluate<number[]>(shown);
    expect(ids).toEqual(ids.map((_, at) => 2004 - ids.length + 1 + at));
    expect(await browser.evaluate(lineHas(2002, 'half of a line'))).toBe(true);
  });
});
