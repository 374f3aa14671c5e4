import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportLog } from '../../agent/export/export-log.ts';
import type { IdRange } from '../../agent/finding/chunks/chunk.ts';
import type { Histogram, Outline } from '../../agent/words/finding.ts';
import { embeddedBackend } from '../../web/export/embedded-backend.ts';
import { openEmbeddedLog } from '../../web/export/embedded-log.ts';
import { createEmbeddedReader } from '../../web/export/read-embedded.ts';
import { parseEvents } from '../support/event-text.ts';
import { documentOf, shellOf } from '../support/exported-file.ts';
import { fillForHeldSearches, holdSearches } from '../support/held-searches.ts';
import { ask } from '../support/http-client.ts';
import { exited, type ServedLog, type ServedLogOptions, serveLog } from '../support/served-log.ts';

const hostile = '</title><script>alert(1)</script><!--';
const start = Date.parse('2026-01-31T12:00:00Z');

const dir = mkdtempSync(join(tmpdir(), 'sse-tail-test-'));
mkdirSync(join(dir, 'export'));
writeFileSync(join(dir, 'export/page.js'), 'const end = "</script><!--";');
writeFileSync(join(dir, 'export/page.css'), 'body { margin: 0 }');
afterAll(() => rmSync(dir, { recursive: true }));

const serve = (options: ServedLogOptions = {}) => serveLog({ viewerDir: dir, ...options });

async function exported(served: ServedLog, query = '') {
  const { body, headers, status } = await ask(served.url(`export?${query}`));
  expect(status).toBe(200);
  return { html: body, headers, log: await openEmbeddedLog(documentOf(body)) };
}

/** Lines of several sources and levels, with time stamps of their own, in groups; more than one chunk of them. */
async function fill(served: ServedLog): Promise<void> {
  for (const name of ['api', 'db']) served.log.addSource(name);
  for (let batch = 0; batch < 60; batch++) {
    const lines = Array.from({ length: 400 }, (_, i) => lineOf(batch * 400 + i));
    await served.append(lines, {
      time: start + batch * 1000,
      ...(batch % 3 === 1 && { source: 'db', stream: 'stderr' as const }),
    });
  }
}

function lineOf(i: number): string {
  if (i % 400 === 0) return `::group::Step ${i / 400}`;
  if (i % 400 === 399) return '::endgroup::';
  if (i % 97 === 0) return `\x1b[31mERROR\x1b[0m Needle ${i} failed ${'x'.repeat(i % 300)}`;
  if (i % 97 === 1) return `    at needle (src/app.ts:${i}:3)`;
  if (i % 89 === 0) return `${new Date(start + i * 41).toISOString()} WARN needle ${i}`;
  return `${i % 13 === 0 ? 'INFO' : 'plain'} line ${i} é 漢字 ${'y'.repeat(i % 80)}`;
}

describe('an exported log', () => {
  let served: ServedLog;
  let log: Awaited<ReturnType<typeof exported>>['log'];

  beforeAll(async () => {
    served = await serve({ info: { name: 'make all' } });
    await fill(served);
    served.log.setStatus(exited);
    ({ log } = await exported(served));
  });
  afterAll(() => served[Symbol.asyncDispose]());

  it('is made of several pieces, none of them large', async () => {
    expect(log.places.length).toBeGreaterThan(1);
    const sizes: number[] = [];
    const outline = async () => ({}) as Outline;
    const stamps = async ({ from, to }: IdRange) => ({ from, to, stamps: [] });
    for await (const piece of exportLog(served.log, { page: { script: '', style: '' }, outline, stamps, now: 0 })) {
      sizes.push(piece.length);
    }
    expect(Math.max(...sizes)).toBeLessThan(1 << 20);
  });

  it.each([
    '',
    'from=7&to=9',
    'tail=5',
    'tail=5&to=20000',
    'limit=3&from=12000',
    'lastEventId=23990',
    'q=needle',
    'q=Needle',
    'q=needle&case=1&limit=4',
    'q=needle&tail=7',
    'q=needle%20%5Cd%2B7%24&regex=1&tail=100',
    'q=line&word=1&not=plain&limit=50',
    'level=error',
    'level=warn,error&tail=20&to=15000',
    'level=error&context=2&tail=9',
    'source=db&limit=30',
    'hide=db&tail=30',
    'stream=stderr&q=needle',
    `since=${start + 20_000}&until=${start + 21_500}`,
    `since=${start + 30_000}&limit=1`,
    'not=%5Eline.*%24&regex=1&case=1&limit=1',
    'not=plain&regex=1&tail=1&to=900',
    'q=nowhere',
  ])('answers %j as the agent does', async (query) => {
    const { body } = await ask(served.url(`events?follow=0&${query}`));
    const events: { type: string; id: string; data: string }[] = [];
    const read = createEmbeddedReader(log);
    const { signal } = new AbortController();
    const take = (type: string, data: string, id: string) => events.push({ type, data, id });
    expect(await read(`events?follow=0&${query}`, signal, take, () => undefined)).toEqual({ how: 'done' });
    expect(linesOf(events)).toEqual(
      linesOf(parseEvents(body).map(({ type, id, data }) => ({ type, id: id ?? '', data }))),
    );
  });

  it.each([
    ['q=needle', ''],
    ['q=needle', 'tail=7'],
    ['q=needle', 'level=error'],
    ['level=error', 'q=at%20needle'],
    ['level=error&context=2', ''],
    ['before=3&q=Needle', 'from=12000'],
    ['source=db', 'tail=30'],
    ['has=ERROR&has=failed&lacks=Needle', ''],
    [`since=${start + 20_000}&until=${start + 21_500}`, ''],
    ['q=nowhere', ''],
  ])('of the lines that match %j answers %j as the agent does', async (filter, query) => {
    const { body } = await ask(served.url(`events?follow=0&${filter}&${query}`));
    const part = await exported(served, filter);
    const events: { type: string; id: string; data: string }[] = [];
    const take = (type: string, data: string, id: string) => events.push({ type, data, id });
    await createEmbeddedReader(part.log)(
      `events?follow=0&${query}`,
      new AbortController().signal,
      take,
      () => undefined,
    );
    expect(linesOf(events)).toEqual(
      linesOf(parseEvents(body).map(({ type, id, data }) => ({ type, id: id ?? '', data }))),
    );
    expect(part.log.manifest.filter).toBe(new URLSearchParams(filter).toString());
  });

  it.each([
    ['', `since=${start - 86_400_000 + 60_000}`],
    [`until=${start}`, ''],
    ['level=error', ''],
  ])(
    'that begins with line 1,000 and has what matches %j answers %j by what was said before',
    async (filter, query) => {
      await using written = await serve();
      const yesterday = new Date(start - 86_400_000).toISOString();
      await written.append([`${yesterday} up`, ...Array.from({ length: 897 }, () => 'part')], { time: start });
      await written.append(['Error: no route', ...Array.from({ length: 150 }, () => '    at route (a.js:1:1)')], {
        time: start + 30_000,
      });
      await written.append(['part', 'last'], { time: start + 90_000 });
      written.log.setStatus(exited);
      const { body } = await ask(written.url(`events?follow=0&from=1000&${filter}&${query}`));
      const part = await exported(written, `from=1000&${filter}`);
      const events: { type: string; id: string; data: string }[] = [];
      const take = (type: string, data: string, id: string) => events.push({ type, data, id });
      await createEmbeddedReader(part.log)(
        `events?follow=0&${query}`,
        new AbortController().signal,
        take,
        () => undefined,
      );
      const expected = linesOf(parseEvents(body).map(({ type, id, data }) => ({ type, id: id ?? '', data })));
      expect(expected.length).toBeGreaterThan(0);
      expect(linesOf(events)).toEqual(expected);
    },
  );

  it('of some lines has the outline of these, and says which they are', async () => {
    const part = await embeddedBackend((await exported(served, 'q=::group::step%202&to=10000&follow=0')).log);
    expect(part.snapshot).toMatchObject({
      isPart: true,
      notes: ['Only lines that match q=::group::step 2 to=10000 were exported.'],
    });
    const { groups, problems, errors, firstError } = await (await part.later()).outline(new AbortController().signal);
    expect(groups.map(({ title, depth }) => [title, depth])).toEqual([
      ['Step 2', 0],
      ...[20, 21, 22, 23, 24].map((step) => [`Step ${step}`, 0]),
    ]);
    expect({ problems, errors, firstError }).toEqual({ problems: [], errors: 0, firstError: null });
  });

  it('takes the expressions that the agent takes, and none can hang it', async () => {
    await using hostile = await serve();
    await hostile.append([`${'a'.repeat(100_000)}!`, 'ab']);
    const read = createEmbeddedReader((await exported(hostile)).log);
    const ids: string[] = [];
    const take = (type: string, _data: string, id: string) => type === 'message' && ids.push(id);
    const ask = (query: string) => read(`events?${query}`, new AbortController().signal, take, () => undefined);
    expect(await ask('q=(a%2B)%2B%24&regex=1')).toEqual({ how: 'done' });
    expect(await ask('q=%5E(a|b|ab)*%24&regex=1&word=1')).toEqual({ how: 'done' });
    expect(ids).toEqual(['2']);
    expect(await ask('q=a(%3F%3Db)&regex=1')).toEqual({ how: 'refused', why: 'lookaheads are not supported' });
    expect(await ask('q=x&not=(&regex=1')).toMatchObject({ how: 'refused' });
  });

  it('refuses an expression that is none', async () => {
    const { status, body } = await ask(served.url('export?q=(&regex=1'));
    expect([status, JSON.parse(body).parameter]).toEqual([400, 'q']);
  });

  it('has the outline and the times that the agent has', async () => {
    const { later } = await embeddedBackend(log);
    const backend = await later();
    const { signal } = new AbortController();
    const outline: Outline = JSON.parse((await ask(served.url('outline'))).body);
    expect(outline.groups.length).toBe(60);
    expect(await backend.outline(signal)).toEqual(outline);
    const part: Outline = JSON.parse((await ask(served.url('outline?from=1000&to=21000'))).body);
    expect(part.errors).toBeGreaterThan(100);
    const { problems, errors, warnings } = await backend.outline(signal, { from: 1000, to: 21_000 });
    expect([errors, warnings]).toEqual([part.errors, part.warnings]);
    expect(problems).toEqual(part.problems.map(({ id, level, text }) => ({ id, level, text })));
    for (const query of ['buckets=50', 'buckets=7&level=error', 'buckets=20&q=needle', 'buckets=9&from=9000']) {
      const { pauses: _, ...histogram }: Histogram = JSON.parse((await ask(served.url(`histogram?${query}`))).body);
      expect([query, await backend.histogram(query, signal)]).toEqual([query, expect.objectContaining(histogram)]);
    }
  });
});

describe('the file', () => {
  it('is a download named after the log, and names nothing of it outside of its data but its escaped title', async () => {
    await using served = await serve({ info: { name: 'a/b', title: hostile } });
    await served.append([hostile, 'secret']);
    const { html, headers } = await exported(served);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-disposition']).toBe('attachment; filename=a-b.html');
    expect(shellOf(html)).not.toContain('alert(1)</script>');
    expect(shellOf(html)).not.toContain('secret');
    expect(shellOf(html)).toContain('<title>&#60;/title&#62;&#60;script&#62;alert(1)');
    // What would end the script element is written so that it does not.
    expect(html.match(/<\/script/g)?.length).toBe(html.match(/<script/g)?.length);
    expect(html).toContain('const end = "\\x3c/script>\\x3c!--";');
  });

  it('is compressed for a client on another machine, and the same', async () => {
    await using served = await serve();
    await fill(served);
    served.log.setStatus(exited);
    const far = { 'accept-encoding': 'gzip, br', via: '1.1 proxy' };
    const { headers, body, wireBytes } = await ask(served.url('export'), { headers: far });
    expect([headers['content-encoding'], headers.vary]).toEqual(['gzip', 'Accept-Encoding']);
    expect(wireBytes).toBeLessThan(0.8 * body.length);
    const log = await openEmbeddedLog(documentOf(body));
    expect(log.places).toEqual((await exported(served)).log.places);
    const head = await ask(served.url('export'), { method: 'HEAD', headers: far });
    expect(head.headers['content-encoding']).toBe('gzip');
  });

  it('is not what a refusal is called', async () => {
    await using served = await serve();
    await fillForHeldSearches(served);
    const held = await holdSearches(served, 128);
    const { status, headers, body } = await ask(served.url('export'), {
      headers: { via: '1.1 proxy', 'accept-encoding': 'gzip' },
    });
    for (const socket of held) socket.destroy();
    expect(status).toBe(429);
    expect(JSON.parse(body).error).toContain('128 searches');
    expect(headers['content-type']).toContain('application/json');
    expect(headers['content-disposition']).toBeUndefined();
    expect(headers['content-encoding']).toBeUndefined();
  });

  it('says that the log was still being written', async () => {
    await using served = await serve({ lines: 3 });
    const { log } = await exported(served);
    expect(log.manifest).toMatchObject({ wasLive: true, hello: { last: 3, status: { state: 'stopped' } } });
    expect((await embeddedBackend(log)).snapshot?.notes).toEqual([
      'This log was still being written when it was exported.',
    ]);
  });

  it('says what retention deleted, and that its end is missing', async () => {
    await using served = await serve({ keeping: { retainBytes: 64 * 1024, segmentBytes: 16 * 1024 } });
    await served.outgrowRetention();
    served.log.setStatus(exited);
    const { html, log } = await exported(served);
    const { firstId } = served.log.journal;
    expect((await embeddedBackend(log)).snapshot?.notes).toEqual([
      `Lines 1 to ${firstId - 1} were deleted to save space before the export.`,
    ]);
    const cut = await openEmbeddedLog(
      documentOf(html.slice(0, html.indexOf('<script type="application/gzip" data-outline'))),
    );
    expect((await embeddedBackend(cut)).snapshot?.notes[0]).toMatch(/^This file is incomplete/);
  });

  it('holds an empty log, too', async () => {
    await using served = await serve();
    const { log } = await exported(served);
    expect(log.places).toEqual([]);
    expect(log.manifest.hello).toMatchObject({ first: 1, last: 0 });
  });

  it('can only be had from an installation that has the page for it', async () => {
    await using served = await serveLog();
    expect((await ask(served.url('export'))).status).toBe(503);
    expect(served.unexpected.splice(0)).toHaveLength(1);
  });
});

/** Lines with their origins, as far as these matter to a page. */
function linesOf(events: readonly { type: string; id: string; data: string }[]) {
  let origin = '';
  const lines: unknown[] = [];
  for (const { type, id, data } of events) {
    if (type === 'origin') origin = data;
    if (type === 'message') lines.push([Number(id), data, JSON.parse(origin)]);
  }
  return lines;
}

it('an export that is under way is waited for at the end, as a stream is', async () => {
  await using served = await serve();
  await served.append(Array.from({ length: 200_000 }, (_, i) => `line ${i} of many that fill the pipes between`));
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(served.url('export'), resolve).on('error', reject);
  });
  expect(await served.server.drained(50)).toBe(false);
  const drained = served.server.drained(10_000);
  response.resume();
  await once(response, 'end');
  expect(await drained).toBe(true);
});
