import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

let served: ServedLog;

beforeAll(async () => {
  served = await serveLog({ lines: 300 });
});
afterAll(() => served[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) => ask(served.url(path), { headers });
const ndjson = { Accept: 'application/x-ndjson' };
const csv = { Accept: 'text/csv' };

describe('a range of the past', () => {
  it.each([
    ['raw', {}],
    ['raw?strip=1', {}],
    ['events', ndjson],
    ['events', csv],
    ['events', {}],
  ])('as %s is immutable under the id of its log, and a 304 for whoever has it', async (resource, accept) => {
    const path = `logs/${served.log.info.id}/${resource}${resource.includes('?') ? '&' : '?'}from=3&to=5`;
    const isOfEvents = resource === 'events' && !('Accept' in accept);
    const first = await get(path, accept);
    expect([first.status, first.body.match(/line \d+/g)]).toEqual([200, ['line 3', 'line 4', 'line 5']]);
    expect(first.headers['cache-control']).toBe('private, max-age=86400, immutable, no-transform');
    const etag = first.headers.etag as string;
    expect(etag).toMatch(isOfEvents ? /^W\/"[^"]+"$/ : /^"[^"]+"$/);
    await served.appendNumbered(1);
    const again = await get(path, { ...accept, 'If-None-Match': etag });
    expect([again.status, again.body, again.headers.etag]).toEqual([304, '', etag]);
    const { body } = await get(path, { ...accept, 'If-None-Match': '"another"' });
    if (isOfEvents) expect(body.match(/^data: line.*/gm)).toEqual(first.body.match(/^data: line.*/gm));
    else expect(body).toBe(first.body);
  });

  it('of which lines are found is a 304 for whoever has them, and takes no place of a search', async () => {
    const path = `logs/${served.log.info.id}/raw?from=3&to=15&q=line%201&context=1&not=line%2012`;
    const { headers, body } = await get(path);
    expect(body.match(/line \d+/g)).toContain('line 10');
    expect(headers['cache-control']).toBe('private, max-age=86400, immutable, no-transform');
    for (let i = 0; i < 100; i++) {
      const again = await get(path, { 'If-None-Match': headers.etag as string });
      expect([again.status, again.body]).toEqual([304, '']);
    }
    expect((await get(path)).body).toBe(body);
  });

  it('has one ETag for each range, form and what is found', async () => {
    const found = [
      'q=1',
      'q=2',
      'q=1&regex=1',
      'q=1&context=1',
      'not=1',
      'level=error',
      'stream=stdout',
      'stream=stderr',
    ];
    const paths = [
      ...['raw?from=1&to=5', 'raw?from=1&to=6', 'raw?from=2&to=5', 'raw?from=1&to=5&strip=1'],
      ...found.map((filter) => `raw?from=1&to=5&${filter}`),
    ];
    const answers = [
      ...paths.map((path) => get(path)),
      ...[{}, ndjson, csv].map((accept) => get('events?from=1&to=5', accept)),
    ];
    const tags = (await Promise.all(answers)).map(({ headers }) => headers.etag);
    expect(tags).not.toContain(undefined);
    expect(new Set(tags).size).toBe(tags.length);
  });

  it('has to be asked about where the address does not name the log', async () => {
    const { headers } = await get('raw?from=3&to=5');
    expect(headers['cache-control']).toBe('private, no-cache, no-transform');
    const again = await get('raw?from=3&to=5', { 'If-None-Match': headers.etag as string });
    expect(again.status).toBe(304);
    await using other = await serveLog({ lines: 20 });
    const elsewhere = await ask(other.url('raw?from=3&to=5'), { headers: { 'If-None-Match': headers.etag as string } });
    expect(elsewhere.status).toBe(200);
  });

  it.each([
    'raw',
    'raw?from=3',
    'raw?to=5',
    'raw?from=3&to=999',
    'raw?from=3&to=5&q=line&since=1h',
    'raw?from=3&to=5&tail=1',
    'raw?from=3&to=5&limit=1',
    'events?from=3&to=5&lastEventId=3',
    'events?from=3&to=5&skim=100',
  ])('%s is none', async (path) => {
    const { headers, status } = await get(`logs/${served.log.info.id}/${path}`);
    expect(status).toBe(200);
    expect(headers.etag).toBeUndefined();
    expect(headers['cache-control']).toBe('no-cache, no-transform');
  });

  it('is none while records that its last lines begin may go on: what they are may change', async () => {
    await using other = await serveLog({ lines: 300 });
    await other.append(['{', '  "msg": "no route",']);
    const path = `logs/${other.log.info.id}/raw?from=290&to=302&level=error`;
    const early = await ask(other.url(path));
    expect(early.headers.etag).toBeUndefined();
    await other.append(['  "level": "error"', '}']);
    expect((await ask(other.url(path))).body).toBe('{\n  "msg": "no route",\n');
    other.log.setStatus(exited);
    expect((await ask(other.url(path))).headers.etag).toBeDefined();
  });

  it('is none where its lines are no longer kept', async () => {
    await using short = await serveLog({ keeping: { retainBytes: 64 * 1024, segmentBytes: 16 * 1024 } });
    await short.outgrowRetention();
    const { headers, body } = await ask(short.url(`raw?from=1&to=${short.log.journal.lastId}`));
    expect(body).toContain('no longer kept');
    expect(headers.etag).toBeUndefined();
  });
});
