import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeZone } from '../../agent/system/time-zone.ts';
import type { Hello } from '../../agent/words/wire.ts';
import { segmentsIn, zero } from '../support/damage.ts';
import { parseLines } from '../support/event-text.ts';
import { ask, open, type Streaming } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

const last = 100;
let served: ServedLog;

beforeAll(async () => {
  served = await serveLog();
  await served.appendNumbered(last, 7);
});
afterAll(() => served[Symbol.asyncDispose]());

const idsFrom = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const typesOf = ({ events }: Streaming) => events.map(({ type }) => type);

function dataOf<Data>({ events }: Streaming, type: string): Data | undefined {
  const event = events.find((candidate) => candidate.type === type);
  return event && (JSON.parse(event.data) as Data);
}

/** Ids that a query without following gets. */
async function idsOf(parameters: string, headers: Record<string, string> = {}): Promise<number[]> {
  const response = await ask(served.url(`events?follow=0&${parameters}`), { headers });
  const lines = parseLines(response.body);
  for (const { id, text } of lines) expect(text).toBe(`line ${id}`);
  return lines.map(({ id }) => id);
}

describe('what an event stream begins with', () => {
  it('headers, retry and hello come at once, even when there is no line', async () => {
    await using empty = await serveLog();
    using stream = await open(empty.url('events'));
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers['content-encoding']).toBeUndefined();
    expect(stream.headers['access-control-allow-origin']).toBeUndefined();
    await stream.until('hello', ({ events }) => events.length > 0);
    expect(dataOf<Hello>(stream, 'hello')).toMatchObject({ log: empty.log.info.id, first: 1, last: 0 });
  });

  it('hello says what the log is and how it stands', async () => {
    const response = await ask(served.url('events?follow=0&limit=1'));
    expect(dataOf(response, 'hello')).toEqual({
      log: served.log.info.id,
      url: `events?log=${served.log.info.id}`,
      name: 'make all',
      kind: 'command',
      first: 1,
      last,
      sources: [],
      status: served.log.status,
      time: expect.any(Number),
      zone: timeZone(),
    });
  });

  it('retry differs from client to client, so that they do not come back together', async () => {
    const retries = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const { body } = await ask(served.url('events?follow=0&tail=0'));
      const retry = Number(/^retry: ([0-9]+)\n/.exec(body)?.[1]);
      expect(retry).toBeGreaterThanOrEqual(1500);
      expect(retry).toBeLessThanOrEqual(2500);
      retries.add(retry);
    }
    expect(retries.size).toBeGreaterThan(5);
  });

  it('an origin stands before the first line, also in the middle of a batch', async () => {
    for (const id of [1, 4, 7, 8, 99]) {
      const response = await ask(served.url(`events?follow=0&from=${id}&limit=1`));
      expect(typesOf(response)).toEqual(['hello', 'origin', 'message', 'end']);
    }
  });

  it('compression is not offered, whatever the client accepts', async () => {
    const response = await ask(served.url('events?follow=0'), { headers: { 'accept-encoding': 'gzip, br' } });
    expect(response.headers['content-encoding']).toBeUndefined();
  });
});

describe('which lines come', () => {
  it.each([
    ['', 1, 100],
    ['from=1', 1, 100],
    ['from=95', 95, 100],
    ['from=101', 101, 100],
    ['from=5000', 1, 0],
    ['to=3', 1, 3],
    ['to=100', 1, 100],
    ['to=5000', 1, 100],
    ['from=10&to=12', 10, 12],
    ['from=10&to=10', 10, 10],
    ['tail=5', 96, 100],
    ['tail=0', 1, 0],
    ['tail=5000', 1, 100],
    ['tail=5&to=50', 46, 50],
    ['limit=4', 1, 4],
    ['from=50&limit=4', 50, 53],
    ['tail=10&limit=4', 91, 94],
    ['limit=5000', 1, 100],
    ['lastEventId=90', 91, 100],
    ['lastEventId=0', 1, 100],
    ['lastEventId=90&from=3&tail=2', 91, 100],
    ['lastEventId=10&to=12', 11, 12],
    ['lastEventId=10&limit=2', 11, 12],
    ['lastEventId=abc', 1, 100],
    ['lastEventId=abc&tail=3', 98, 100],
  ])('%s', async (parameters, from, to) => {
    expect(await idsOf(parameters)).toEqual(idsFrom(from, to));
  });

  it('the header Last-Event-ID wins over everything in the URL', async () => {
    expect(await idsOf('from=3&tail=9&lastEventId=20', { 'Last-Event-ID': '97' })).toEqual([98, 99, 100]);
  });

  it.each(['', 'abc', '-5', '1e1', '0x5f', '95 '])('the header Last-Event-ID %j does not count', async (id) => {
    const expected = id === '95 ' ? [96, 97, 98, 99, 100] : [99, 100];
    expect(await idsOf('tail=2', { 'Last-Event-ID': id })).toEqual(expected);
  });

  it('any combination agrees with a plain model', async () => {
    const number = fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined, freq: 2 });
    const asked = fc.record({ from: number, to: number, tail: number, limit: number, lastEventId: number });
    await fc.assert(
      fc.asyncProperty(asked, async (parameters) => {
        const { from, to, tail, limit, lastEventId } = parameters;
        fc.pre(from === undefined || to === undefined || from <= to);
        const url = new URL(served.url('events?follow=0'));
        for (const [name, value] of Object.entries(parameters)) {
          if (value !== undefined) url.searchParams.set(name, String(value));
        }
        const response = await ask(url.href);

        let model = idsFrom(1, last).filter((id) => id <= (to ?? last));
        if (lastEventId === undefined) {
          if (tail !== undefined) model = model.slice(-tail);
          model = model.filter((id) => id >= (from ?? 1));
        } else if (lastEventId <= last) {
          model = model.filter((id) => id > lastEventId);
          expect(response.status).toBe(model.length === 0 ? 204 : 200);
        }
        expect(response.ids).toEqual(model.slice(0, limit));
        expect(typesOf(response).includes('reset')).toBe(lastEventId !== undefined && lastEventId > last);
      }),
      { numRuns: 60 },
    );
  });
});

describe('where a stream ends', () => {
  it('without a reason to end, it stays open', async () => {
    using stream = await open(served.url('events?from=99'));
    await stream.until('both lines', ({ ids }) => ids.length === 2);
    expect(stream.end).toBe('open');
  });

  it('`to` in the future is waited for', async () => {
    await using growing = await serveLog({ lines: 3 });
    using stream = await open(growing.url('events?to=5'));
    await stream.until('what there is', ({ ids }) => ids.length === 3);
    await growing.appendNumbered(10);
    await stream.whole();
    expect(stream.ids).toEqual([1, 2, 3, 4, 5]);
    expect(typesOf(stream)).not.toContain('status');
  });

  it('`limit` cuts a live batch', async () => {
    await using growing = await serveLog({ lines: 3 });
    using stream = await open(growing.url('events?limit=4'));
    await stream.until('what there is', ({ ids }) => ids.length === 3);
    await growing.appendNumbered(10);
    await stream.whole();
    expect(stream.ids).toEqual([1, 2, 3, 4]);
  });

  it('a first line in the future is waited for', async () => {
    await using growing = await serveLog({ lines: 3 });
    using stream = await open(growing.url('events?from=6&to=8'));
    await stream.until('hello', ({ events }) => events.length > 0);
    await growing.appendNumbered(1);
    await growing.appendNumbered(10);
    await stream.whole();
    expect(stream.ids).toEqual([6, 7, 8]);
  });

  it('a log that grows without pause does not keep follow=0 from ending', async () => {
    await using growing = await serveLog({ lines: 1000 });
    let isOver = false;
    const writing = (async () => {
      while (!isOver) {
        await growing.appendNumbered(100);
        // As between the reads of a source. Without it a million lines come before the request does.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const response = await ask(growing.url('events?follow=0'));
    isOver = true;
    await writing;
    expect(growing.log.journal.lastId).toBeGreaterThan(response.ids.length);
    expect(response.ids.length).toBeGreaterThanOrEqual(1000);
    expect(response.ids).toEqual(idsFrom(1, response.ids.length));
  });

  it('after the last line of a finished log come status and the end', async () => {
    await using finished = await serveLog({ lines: 10 });
    finished.log.setStatus(exited);
    const response = await ask(finished.url('events?from=9'));
    expect(typesOf(response)).toEqual(['hello', 'origin', 'message', 'message', 'status', 'end']);
    expect(dataOf(response, 'status')).toEqual(exited);
    expect(typesOf(await ask(finished.url('events?tail=0')))).toEqual(['hello', 'status', 'end']);
    expect(typesOf(await ask(finished.url('events?to=2')))).not.toContain('status');
  });

  it('who has everything of a finished log gets 204, so that an EventSource stops', async () => {
    await using finished = await serveLog({ lines: 10 });
    const headers = { 'Last-Event-ID': '10' };
    using before = await open(finished.url('events'), { headers });
    expect(before.status).toBe(200);
    finished.log.setStatus(exited);
    await before.whole();
    const response = await ask(finished.url('events'), { headers });
    expect([response.status, response.body]).toEqual([204, '']);
    expect((await ask(finished.url('events'), { headers: { 'Last-Event-ID': '9' } })).ids).toEqual([10]);
    expect((await ask(finished.url('events'), { method: 'HEAD', headers })).status).toBe(204);
  });

  it('a Last-Event-ID past the end gets reset, then the log from its first line', async () => {
    for (const id of ['101', '9'.repeat(40)]) {
      const response = await ask(served.url('events?follow=0&tail=3'), { headers: { 'Last-Event-ID': id } });
      expect(typesOf(response).slice(0, 4)).toEqual(['hello', 'reset', 'origin', 'message']);
      expect(dataOf(response, 'reset')).toEqual({ first: 1, last });
      expect(response.ids).toEqual(idsFrom(1, last));
    }
  });
});

describe('lines that are no longer there', () => {
  it('are told with their exact range, and counted by no limit', async () => {
    await using served = await serveLog({ keeping: { retainBytes: 600_000, segmentBytes: 100_000 } });
    await served.outgrowRetention();
    const { firstId, lastId } = served.log.journal;
    expect(firstId).toBeGreaterThan(1000);

    const fromFirst = await ask(served.url('events?from=1&follow=0'));
    expect(dataOf(fromFirst, 'gap')).toEqual({ from: 1, to: firstId - 1, reason: 'retention' });
    expect(typesOf(fromFirst).slice(0, 4)).toEqual(['hello', 'gap', 'origin', 'message']);
    expect(fromFirst.ids).toEqual(idsFrom(firstId, lastId));

    const resumed = await ask(served.url('events?follow=0&limit=3'), { headers: { 'Last-Event-ID': '500' } });
    expect(dataOf(resumed, 'gap')).toEqual({ from: 501, to: firstId - 1, reason: 'retention' });
    expect(resumed.ids).toEqual(idsFrom(firstId, firstId + 2));

    const gone = await ask(served.url('events?from=10&to=20'));
    expect(typesOf(gone)).toEqual(['hello', 'gap', 'end']);
    expect(dataOf(gone, 'gap')).toEqual({ from: 10, to: 20, reason: 'retention' });

    expect(typesOf(await ask(served.url('events?follow=0')))).not.toContain('gap');
    expect((await ask(served.url('events?follow=0&tail=100000'))).ids).toEqual(idsFrom(firstId, lastId));
  });
});

describe('lines that were damaged on the disk', () => {
  it('are told with their exact range, the others come', async () => {
    await using served = await serveLog({ lines: 100 });
    const { id } = served.log.info;
    const folder = join(served.dir, 'logs', id);
    const segment = join(folder, readdirSync(folder).find((name) => name.endsWith('.sse')) as string);
    await served.appendNumbered(100);
    const bytes = readFileSync(segment);
    const at = bytes.indexOf('data: line 150') + 'data: l'.length;
    const handle = openSync(segment, 'r+');
    writeSync(handle, 'X', at);
    closeSync(handle);

    const events = await ask(served.url('events?follow=0'));
    expect(dataOf(events, 'gap')).toEqual({ from: 101, to: 200, reason: 'damage' });
    expect(events.ids).toEqual(idsFrom(1, 100));
    const { body } = await ask(served.url('raw'));
    expect(body.endsWith('line 100\n[sse-tail: lines 101-200 were lost to damage of the journal]\n')).toBe(true);
  });

  it('come as one gap, however it was found out', async () => {
    await using served = await serveLog({ lines: 400, keeping: { segmentBytes: 3000 } });
    const segments = await segmentsIn(join(served.dir, 'logs', served.log.info.id));
    expect(segments.length).toBe(4);
    // The end of one segment and the beginning of the next.
    for (const segment of segments.slice(1, 3)) await zero(segment, 100, 10);
    const gap = { from: 101, to: 300, reason: 'damage' };
    for (const parameters of ['', 'limit=150', 'from=1&to=400']) {
      const events = await ask(served.url(`events?follow=0&${parameters}`));
      expect(events.events.filter(({ type }) => type === 'gap').map(({ data }) => JSON.parse(data))).toEqual([gap]);
      const limit = parameters.startsWith('limit') ? 50 : 100;
      expect(events.ids).toEqual([...idsFrom(1, 100), ...idsFrom(301, 300 + limit)]);
    }
    const within = await ask(served.url('events?from=120&to=130'));
    expect(dataOf(within, 'gap')).toEqual({ from: 120, to: 130, reason: 'damage' });
  });
});

describe('mistakes', () => {
  it.each([
    ['from=abc', 'from'],
    ['to=-1', 'to'],
    ['tail=1.5', 'tail'],
    ['limit=0', 'limit'],
    ['skim=x', 'skim'],
    ['follow=2', 'follow'],
    ['from=5&to=3', 'to'],
    ['level=loud', 'level'],
  ])('%s is a 400 that names the parameter', async (parameters, parameter) => {
    const response = await ask(served.url(`events?${parameters}`));
    expect(response.status).toBe(400);
    expect(response.headers['content-type']).toMatch('application/json');
    const body = JSON.parse(response.body);
    expect(body).toMatchObject({ parameter, error: expect.stringContaining(parameter) });
    expect(Object.keys(body).sort()).toEqual(['error', 'expected', 'given', 'parameter']);
  });

  it('an unknown parameter is ignored', async () => {
    expect(await idsOf('tail=1&nonsense=7')).toEqual([100]);
  });

  it('HEAD answers without a body', async () => {
    const response = await ask(served.url('events'), { method: 'HEAD' });
    expect([response.status, response.body]).toEqual([200, '']);
    expect(response.headers['content-type']).toBe('text/event-stream');
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is a 405', async (method) => {
    const response = await ask(served.url('events'), { method });
    expect(response.status).toBe(405);
    expect(response.headers.allow).toBe('GET, HEAD');
  });

  it('an unknown log is a 404', async () => {
    for (const path of ['logs/nope-1234/events', 'logs/nope-1234/', 'logs/..%2f..%2fetc/events', 'logs/.hidden/raw']) {
      const response = await ask(served.url(path));
      expect([path, response.status]).toEqual([path, 404]);
      expect(JSON.parse(response.body)).toHaveProperty('error');
    }
  });
});
