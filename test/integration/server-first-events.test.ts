import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FirstEvents } from '../../agent/words/wire.ts';
import { until } from '../support/deadline.ts';
import { ask } from '../support/http-client.ts';
import { exited, type ServedLogOptions, serveLog } from '../support/served-log.ts';
import { tempFolder } from '../support/temp-folder.ts';

const element = '<script type="application/json" id="first"></script>';

/** A log whose page can carry what shows first. */
async function serveWithPage(options: ServedLogOptions = {}) {
  const viewerDir = await tempFolder();
  writeFileSync(join(viewerDir, 'index.html'), `<!doctype html><html><body>${element}</body></html>`);
  return serveLog({ viewerDir, ...options });
}

/** As a browser reads it: such an element ends at the first end tag. */
function firstEventsIn(page: string): FirstEvents {
  const [, json = ''] = /<script type="application\/json" id="first">(.*?)<\/script/s.exec(page) ?? [];
  return JSON.parse(json || '[]');
}

const linesIn = (page: string) => firstEventsIn(page).filter(([type]) => typeof type === 'number');

/** Asks until the document carries lines: on a busy machine they may take longer to read than it waits for them. */
const askForLines = (url: string, options: Parameters<typeof ask>[1] = {}) =>
  until('a document with lines', async () => {
    const answer = await ask(url, options);
    return linesIn(answer.body).length > 0 && answer;
  });

it('the document of a log carries what its stream would begin with', async () => {
  await using served = await serveWithPage();
  await served.append(['one', 'two']);
  await served.append(['three'], { stream: 'stderr' });
  const { body, headers } = await askForLines(served.url(''));
  const [hello, ...lines] = firstEventsIn(body);
  expect(JSON.parse(hello?.[1] ?? '')).toMatchObject({ log: served.log.info.id, first: 1, last: 3 });
  expect(lines.map(([type, data]) => [type, type === 'origin' ? JSON.parse(data).stream : data])).toEqual([
    ['origin', undefined],
    [1, 'one'],
    [2, 'two'],
    ['origin', 'stderr'],
    [3, 'three'],
  ]);
  expect(headers['cache-control']).toBe('no-store');
});

it('text of a log does not get out of its element', async () => {
  await using served = await serveWithPage();
  const hostile = ['</script><script>alert(1)</script>', '<!--<script>', '\u2028"]]\\', '$& $` \u0000'];
  await served.append(hostile);
  const { body } = await askForLines(served.url(''));
  expect(linesIn(body).map(([, text]) => text)).toEqual(hostile);
  expect(body.match(/<script/g)).toHaveLength(1);
});

it('of many lines it carries the newest, of long ones those that fit, and of longer ones none', async () => {
  await using served = await serveWithPage({ lines: 1000 });
  const numbered = linesIn((await askForLines(served.url(''))).body);
  expect([numbered.length, numbered.at(-1)]).toEqual([128, [1000, 'line 1000']]);
  await served.append(Array.from({ length: 20 }, () => 'x'.repeat(3000)));
  expect(linesIn((await askForLines(served.url(''))).body).map(([id]) => id)).toEqual([1016, 1017, 1018, 1019, 1020]);
  await served.append(['y'.repeat(300_000)]);
  expect(firstEventsIn((await ask(served.url(''))).body)).toMatchObject([['hello', expect.any(String)]]);
});

it('where lines are picked out, or a page holds its agent, it carries none', async () => {
  await using served = await serveWithPage({ lines: 10 });
  expect(firstEventsIn((await ask(served.url('?level=error'))).body)).toEqual([]);
  await using once = await serveWithPage({ lines: 10, holdsPages: true });
  await once.log.setStatus(exited);
  expect(firstEventsIn((await ask(once.url(''))).body)).toEqual([]);
});

it('a client elsewhere gets it compressed', async () => {
  await using served = await serveWithPage({ lines: 1000 });
  const from = { 'x-forwarded-for': '203.0.113.7' };
  const plain = await askForLines(served.url(''), { headers: from });
  const packed = await askForLines(served.url(''), { headers: { ...from, 'accept-encoding': 'gzip' } });
  const withoutTime = (body: string) => body.replace(/\\"time\\":\d+/g, '');
  expect(packed.headers).toMatchObject({
    'content-encoding': 'gzip',
    vary: expect.stringContaining('Accept-Encoding'),
  });
  expect(withoutTime(packed.body)).toBe(withoutTime(plain.body));
  expect(packed.wireBytes).toBeLessThan(0.5 * plain.wireBytes);
});
