import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/http-client.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

let served: ServedLog;

beforeAll(async () => {
  served = await serveLog({ lines: 1 });
  served.log.addSource('api');
  await served.append(['plain', '\x1b[31merror\x1b[0m: "a", b'], { time: 5 });
  await served.append([' from elsewhere '], { time: 7, source: 'db', stream: 'stderr' });
});
afterAll(() => served[Symbol.asyncDispose]());

const get = (parameters: string, accept: string) =>
  ask(served.url(`events?follow=0&from=2&${parameters}`), { headers: { Accept: accept } });

describe('lines for programs', () => {
  it('are JSON lines where those are asked for', async () => {
    const { headers, body } = await get('', 'application/x-ndjson');
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    expect(headers.vary).toContain('Accept');
    expect(
      body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { id: 2, time: 5, source: 'api', stream: 'stdout', text: 'plain' },
      { id: 3, time: 5, source: 'api', stream: 'stdout', level: 'error', text: 'error: "a", b' },
      { id: 4, time: 7, source: 'db', stream: 'stderr', text: ' from elsewhere ' },
    ]);
  });

  it('are no formulas in a download of CSV, and exact where a program asks for them', async () => {
    await using other = await serveLog({ lines: 0 });
    const texts = ['=1+1', '+x', '-x', '@SUM(A1)', '\t=1', '＝1', '=a,"b"', 'a=1', '1-2', ''];
    await other.append(texts, { time: 5, source: '=app.log' });
    const rows = async (parameters: string) => {
      const { body } = await ask(other.url(`events?follow=0&format=csv&${parameters}`));
      const rest = (row: string) => /^\d+,1970-01-01T00:00:00\.005Z,(.*)$/s.exec(row)?.[1];
      return body.trimEnd().split('\r\n').slice(1).map(rest);
    };
    const quoted = (text: string) => (/[",]|^\s/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    expect(await rows('')).toEqual(texts.map((text) => `=app.log,stdout,,${quoted(text)}`));
    expect(await rows('download=1')).toEqual(
      texts.map((text, at) => `'=app.log,stdout,,${quoted(at < 7 ? `'${text}` : text)}`),
    );
    const { body } = await ask(other.url('events?follow=0&format=ndjson&download=1&limit=1'));
    expect(JSON.parse(body)).toMatchObject({ text: '=1+1', source: '=app.log' });
  });

  it('are CSV where that is asked for', async () => {
    const { headers, body } = await get('', 'text/csv');
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(body).toBe(
      'id,time,source,stream,level,text\r\n2,1970-01-01T00:00:00.005Z,api,stdout,,plain\r\n3,1970-01-01T00:00:00.005Z,api,stdout,error,"error: ""a"", b"\r\n4,1970-01-01T00:00:00.007Z,db,stderr,," from elsewhere "\r\n',
    );
  });

  it.each([
    ['ndjson', 'application/x-ndjson; charset=utf-8', 'make all.jsonl'],
    ['csv', 'text/csv; charset=utf-8', 'make all.csv'],
  ])('can be asked for by a link: format=%s', async (format, type, name) => {
    const { headers, body } = await get(`format=${format}&download=1`, 'text/html');
    expect(headers['content-type']).toBe(type);
    expect(headers['content-disposition']).toBe(`attachment; filename="${name}"`);
    expect(body).toBe((await get('', type.split(';', 1)[0] as string)).body);
    expect((await get(`format=${format}`, '*/*')).headers).not.toHaveProperty('content-disposition');
  });

  it('are refused in a format that is none', async () => {
    const { status, body } = await get('format=xml', '*/*');
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ parameter: 'format', expected: 'ndjson or csv', given: 'xml' });
  });

  it('can be filtered like events', async () => {
    const { body } = await get('q=elsewhere', 'application/x-ndjson');
    expect(JSON.parse(body).id).toBe(4);
    expect((await get('q=nowhere', 'text/csv')).body).toBe('id,time,source,stream,level,text\r\n');
  });

  it.each(['*/*', 'text/event-stream', 'text/html', 'text/event-stream, application/x-ndjson;q=0.5'])(
    'are events for whoever accepts %s',
    async (accept) => {
      expect((await get('', accept)).headers['content-type']).toBe('text/event-stream');
    },
  );

  it('say which lines are no longer there', async () => {
    await using short = await serveLog({ keeping: { retainBytes: 64 * 1024, segmentBytes: 16 * 1024 } });
    await short.outgrowRetention();
    const to = short.log.journal.firstId - 1;
    const url = short.url('events?follow=0&from=1&limit=1');
    const jsonLines = await ask(url, { headers: { Accept: 'application/x-ndjson' } });
    expect(JSON.parse(jsonLines.body.split('\n')[0] as string)).toEqual({ gap: { from: 1, to, reason: 'retention' } });
    const csv = await ask(url, { headers: { Accept: 'text/csv' } });
    expect(csv.body.split('\r\n')[1]).toBe(`,,,,,[sse-tail: lines 1-${to} are no longer kept]`);
  });

  it('say of each line of a long batch when it came and from where', async () => {
    await using long = await serveLog();
    await long.append(Array(3000).fill('x'.repeat(100)), { time: 5, source: 'db', stream: 'stderr' });
    const { body } = await ask(long.url('events?follow=0'), { headers: { Accept: 'application/x-ndjson' } });
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ time, source, stream }) => time !== 5 || source !== 'db' || stream !== 'stderr')).toEqual(
      [],
    );
  });
});
