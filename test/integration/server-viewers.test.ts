import { describe, expect, it } from 'vitest';
import { until, within } from '../support/deadline.ts';
import { ask, open } from '../support/http-client.ts';
import { exited, serveLog } from '../support/served-log.ts';

const asPage = { headers: { Accept: 'text/event-stream' } };
const states = (events: { type: string; data: string }[]) =>
  events.filter(({ type }) => type === 'status').map(({ data }) => JSON.parse(data).state);

describe('a server that waits for its pages to be closed', () => {
  it('keeps their streams open after the end of the log, and sees them leave', async () => {
    await using served = await serveLog({ lines: 3, holdsPages: true });
    const page = await open(served.url('events?tail=2'), asPage);
    await page.until('the lines', ({ ids }) => ids.length === 2);
    let isDeserted = false;
    const deserted = served.server.deserted(50).then(() => {
      isDeserted = true;
    });
    await served.append(['the last line']);
    served.log.setStatus(exited);
    await page.until('the end', ({ events }) => states(events).includes('exited'));
    expect(page.ids).toEqual([2, 3, 4]);
    // It has everything, so it keeps nobody from ending …
    expect(await served.server.drained(5000)).toBe(true);
    // … and is not gone.
    await ask(served.url('raw'));
    await ask(served.url('events?from=1&to=2'), asPage);
    expect(page.end).toBe('open');
    expect(isDeserted).toBe(false);
    page[Symbol.dispose]();
    await within('the leaving of the page', deserted);
  });

  it('holds a page that comes to a finished log, or comes back with all of it', async () => {
    await using served = await serveLog({ lines: 3, holdsPages: true });
    served.log.setStatus(exited);
    using fresh = await open(served.url('events?tail=2'), asPage);
    using back = await open(served.url('events?lastEventId=3'), asPage);
    await fresh.until('the lines', ({ ids }) => ids.length === 2);
    await until('two viewers', () => served.server.subscribers === 2);
    expect([fresh.status, fresh.end, back.status, back.end]).toEqual([200, 'open', 200, 'open']);
    expect(await served.server.drained(5000)).toBe(true);
    await served.server.close();
    expect(states(parsed(await fresh.whole()))).toEqual(['exited']);
    expect(states(parsed(await back.whole()))).toEqual(['exited']);
  });

  it('ends the stream of a program that reads to the end, and counts it as a viewer that has left', async () => {
    await using served = await serveLog({ lines: 3, holdsPages: true });
    using curl = await open(served.url('events'));
    served.log.setStatus(exited);
    await curl.whole();
    expect(curl.ids).toEqual([1, 2, 3]);
    expect((await ask(served.url('events?lastEventId=3'))).status).toBe(204);
    await within('the leaving of curl', served.server.deserted(0));
  });

  it('goes on with a log that goes on', async () => {
    await using served = await serveLog({ lines: 1, holdsPages: true });
    served.log.setStatus(exited);
    using page = await open(served.url('events'), asPage);
    await page.until('the line', ({ ids }) => ids.length === 1);
    served.log.setStatus({ state: 'following' });
    await served.append(['more']);
    await page.until('the next line', ({ ids }) => ids.length === 2);
    expect(states(page.events)).toEqual(['following']);
  });
});

describe('any other server', () => {
  it('ends the streams of pages with the log', async () => {
    await using served = await serveLog({ lines: 3 });
    using page = await open(served.url('events'), asPage);
    served.log.setStatus(exited);
    await page.whole();
    expect((await ask(served.url('events?lastEventId=3'), asPage)).status).toBe(204);
  });

  it('whose viewers only look something up is not deserted by them', async () => {
    await using served = await serveLog({ lines: 3 });
    let isDeserted = false;
    const deserted = served.server.deserted(0).then(() => {
      isDeserted = true;
    });
    for (const path of ['raw', 'events?follow=0', 'events?to=2', 'events?limit=1', 'status', 'logs']) {
      await ask(served.url(path));
    }
    expect(isDeserted).toBe(false);
    (await open(served.url('raw?follow=1')))[Symbol.dispose]();
    await within('the leaving of a viewer', deserted);
  });
});

function parsed(body: string): { type: string; data: string }[] {
  return [...body.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, type = '', data = '']) => ({ type, data }));
}
