import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/deadline.ts';
import { ask, connectBare, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

let served: ServedLog;

beforeAll(async () => {
  served = await serveLog({ lines: 5000 });
  await served.append(['needle one', 'needle two'], { stream: 'stderr' });
});
afterAll(() => served[Symbol.asyncDispose]());

const finite = [
  'follow=0',
  'from=10&to=4000',
  'from=10&limit=3',
  'tail=7&follow=0',
  'tail=0&follow=0',
  'from=90000&follow=0',
  'lastEventId=4000&to=4500',
  'stream=stderr&follow=0',
  'stream=stderr&limit=1',
  'q=needle&follow=0',
  'q=needle&context=3&follow=0',
  'q=needle&tail=1&follow=0',
  'q=line&limit=30',
];

describe('a complete answer', () => {
  it.each(finite)('events?%s ends with the number of its lines', async (query) => {
    const { events, ids } = await ask(served.url(`events?${query}`));
    const last = JSON.parse(events.at(-1)?.data ?? '{}');
    expect(events.at(-1)?.type).toBe('end');
    expect(last.lines).toBe(ids.length);
    expect(last.last).toBeGreaterThanOrEqual(ids.at(-1) ?? 0);
    expect(last.last).toBeLessThanOrEqual(5002);
  });

  it('is told once, and not by a live stream that ends because the agent stops', async () => {
    const stopping = await serveLog({ lines: 3 });
    using live = await open(stopping.url('events'));
    await live.until('the lines', ({ ids }) => ids.length === 3);
    const closed = stopping[Symbol.asyncDispose]();
    await live.whole();
    await closed;
    expect(live.events.map(({ type }) => type)).not.toContain('end');

    await using finished = await serveLog({ lines: 3 });
    finished.log.setStatus(exited);
    const { events } = await ask(finished.url('events'));
    expect(events.filter(({ type }) => type === 'end').map(({ data }) => data)).toEqual(['{"last":3,"lines":3}']);
  });
});

describe('over HTTP/1.0, where the end of a connection may be a cut', () => {
  async function askOld(path: string, accept = '*/*', { server } = served) {
    const head = `GET /${path} HTTP/1.0\r\nHost: localhost\r\nAccept: ${accept}\r\n\r\n`;
    using client = await connectBare(server.port, head);
    await until('the end of the connection', () => client.isClosed);
    const [headers = '', body = ''] = client.received.split(/\r\n\r\n(.*)/s);
    return { length: Number(/^content-length: (\d+)$/im.exec(headers)?.[1]), headers, body };
  }

  it.each([
    ['raw', '*/*'],
    ['raw?from=5&to=900&strip=1', '*/*'],
    ['raw?tail=3', '*/*'],
    ['raw?q=needle&context=2', '*/*'],
    ['raw?stream=stderr', '*/*'],
    ['events?follow=0', 'application/x-ndjson'],
    ['events?q=needle&follow=0', 'text/csv'],
  ])('%s (%s) has a length', async (path, accept) => {
    const { length, body } = await askOld(path, accept);
    expect(length).toBeGreaterThan(0);
    expect(Buffer.byteLength(body, 'latin1')).toBe(length);
    const modern = await ask(served.url(path), { headers: { accept } });
    expect(modern.headers['content-length']).toBeUndefined();
    expect(Buffer.from(body, 'latin1').toString()).toBe(modern.body);
  });

  it('a search that is given up has none, and no body', async () => {
    await using hurried = await serveLog({ lines: 5000, searchMs: 0 });
    const { length, headers, body } = await askOld('raw?q=line&follow=0', '*/*', hurried);
    expect({ length, headers, body }).toEqual({ length: Number.NaN, headers: '', body: '' });
  });

  it('events have their own end', async () => {
    const { body, headers } = await askOld('events?follow=0', 'text/event-stream');
    expect(headers).not.toMatch(/content-length/i);
    expect(body).toMatch(/event: end\ndata: \{"last":5002,"lines":5002\}\n\n$/);
  });
});
