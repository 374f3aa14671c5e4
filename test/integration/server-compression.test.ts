import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { zstd } from '../../agent/server/encoding/zstd.ts';
import { reachableAddress } from '../../agent/server/net/own-addresses.ts';
import { until } from '../support/deadline.ts';
import { type Asking, ask, connectBare, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** As a proxy of this machine asks for a client elsewhere. */
const far = (headers: Record<string, string> = {}): Asking => ({
  headers: { 'accept-encoding': 'gzip', 'x-forwarded-for': '203.0.113.7', ...headers },
});
const near: Asking = { headers: { 'accept-encoding': 'gzip, zstd, br' } };

const ownAddress = reachableAddress();

const buildLine = (id: number) => `\x1b[32m[${id}/90000]\x1b[0m compiling src/parts/part-${(id * 7919) % 1000}.c`;

/** A body without what differs between two requests: when it was asked, and how often a search said how far it was. */
function sameEachTime(body: string): string {
  return body
    .replace(/^retry: \d+\n/, '')
    .replace(/"time":[\d.]+/g, '')
    .replace(/(?:id: \d+\n)?event: progress\ndata: .*\n\n/g, '');
}

async function serveBuild(lines: number): Promise<ServedLog> {
  const served = await serveLog();
  for (let id = 1; id <= lines; id += 500) {
    await served.append(Array.from({ length: Math.min(500, lines - id + 1) }, (_, i) => buildLine(id + i)));
  }
  return served;
}

describe('lines on their way to another machine', () => {
  it.each(['events?follow=0', 'raw', 'raw?strip=1', 'events?from=100&to=8000', 'events?q=part-7&follow=0&tail=500'])(
    'of %s are compressed and the same',
    async (path) => {
      await using served = await serveBuild(10_000);
      const plain = await ask(served.url(path), near);
      const packed = await ask(served.url(path), far());
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(sameEachTime(packed.body)).toBe(sameEachTime(plain.body));
      expect(packed.wireBytes).toBeLessThan(0.3 * plain.wireBytes);
    },
  );

  it.each(['application/x-ndjson', 'text/csv'])('as %s are as well', async (accept) => {
    await using served = await serveBuild(5000);
    const plain = await ask(served.url('events?follow=0'), { headers: { accept } });
    const packed = await ask(served.url('events?follow=0'), far({ accept }));
    expect(packed.body).toBe(plain.body);
    expect(packed.wireBytes).toBeLessThan(0.3 * plain.wireBytes);
  });

  it('arrive as they are announced, one by one, with what is said between them', async () => {
    await using served = await serveBuild(10);
    using live = await open(served.url('events'), far());
    await live.until('what there is', ({ ids }) => ids.length === 10);
    for (let id = 11; id <= 15; id++) {
      await served.append([buildLine(id)]);
      await live.until(`line ${id}`, ({ ids }) => ids.at(-1) === id);
    }
    await served.append(Array.from({ length: 3000 }, (_, i) => buildLine(16 + i)));
    served.log.setStatus(exited);
    await live.whole();
    expect(live.ids).toEqual(Array.from({ length: 3015 }, (_, i) => i + 1));
    expect(live.events.slice(-2).map(({ type }) => type)).toEqual(['status', 'end']);
    expect(live.wireBytes).toBeLessThan(0.4 * live.body.length);
  });

  it('are few bytes for a line alone, and no more than its event for one that can not be compressed', async () => {
    await using served = await serveBuild(1);
    using live = await open(served.url('events'), far());
    await live.until('what there is', ({ ids }) => ids.length === 1);
    const before = { wire: live.wireBytes, body: live.body.length };
    await served.append([randomBytes(3000).toString('base64')]);
    await live.until('the line', ({ ids }) => ids.length === 2);
    expect(live.wireBytes - before.wire).toBeLessThanOrEqual(live.body.length - before.body + 10);
  });

  it('resume where a connection broke', async () => {
    await using served = await serveBuild(3000);
    using first = await open(served.url('events'), far());
    await first.until('what there is', ({ ids }) => ids.length === 3000);
    first[Symbol.dispose]();
    await served.append(Array.from({ length: 3000 }, (_, i) => buildLine(3001 + i)));
    const second = await ask(served.url('events?follow=0'), far({ 'last-event-id': '3000' }));
    expect([second.ids[0], second.ids.at(-1), second.ids.length]).toEqual([3001, 6000, 3000]);
  });

  it('are cut, not ended, where the agent stops amid them', async () => {
    await using served = await serveBuild(90_000);
    using slow = await open(served.url('events?follow=0'), far());
    slow.pause();
    await served.server.close();
    slow.resume();
    await until('the end', () => slow.end !== 'open');
    expect(slow.end).toBe(slow.ids.at(-1) === 90_000 ? 'complete' : 'cut');
  });

  it('come whole to clients that stop reading meanwhile', async () => {
    await using served = await serveBuild(30_000);
    const slow = await Promise.all(Array.from({ length: 20 }, () => open(served.url('raw'), far())));
    for (const one of slow) one.pause();
    const { body } = await ask(served.url('raw'), far());
    for (const one of slow) one.resume();
    for (const one of slow) expect(await one.whole()).toBe(body);
  });
});

describe('zstd', () => {
  const inZstd = (headers: Record<string, string> = {}) =>
    far({ 'accept-encoding': 'gzip, deflate, br, zstd', ...headers });

  it('is there', (context) => {
    if (zstd === undefined) context.skip('Node has zstd from 22.15 and 23.8 on: clients get gzip.');
    expect(zstd?.name).toBe('zstd');
  });

  it.runIf(zstd !== undefined)('takes the place of gzip where both sides have it', async () => {
    await using served = await serveBuild(10_000);
    for (const path of ['raw', 'raw?strip=1', 'events?from=100&to=8000']) {
      const plain = await ask(served.url(path), near);
      const packed = await ask(served.url(path), inZstd());
      expect([path, packed.headers['content-encoding']]).toEqual([path, 'zstd']);
      expect(sameEachTime(packed.body)).toBe(sameEachTime(plain.body));
      expect(packed.wireBytes).toBeLessThan(0.3 * plain.wireBytes);
    }
  });

  it.runIf(zstd !== undefined)('brings live lines one by one, and a whole answer in the end', async () => {
    await using served = await serveBuild(10);
    using live = await open(served.url('events'), inZstd());
    for (let id = 11; id <= 15; id++) {
      await served.append([buildLine(id)]);
      await live.until(`line ${id}`, ({ ids }) => ids.at(-1) === id);
    }
    await served.append(Array.from({ length: 3000 }, (_, i) => buildLine(16 + i)));
    served.log.setStatus(exited);
    await live.whole();
    expect(live.headers['content-encoding']).toBe('zstd');
    expect(live.ids).toEqual(Array.from({ length: 3015 }, (_, i) => i + 1));
    expect(live.wireBytes).toBeLessThan(0.4 * live.body.length);
  });
});

describe('who gets them compressed', () => {
  it.each([
    ['this machine', { 'accept-encoding': 'gzip' }, undefined],
    ['a proxy here', { 'accept-encoding': 'gzip', forwarded: 'for=203.0.113.7' }, 'gzip'],
    ['a client that does not ask', { 'x-forwarded-for': '203.0.113.7' }, undefined],
    ['one that would rather not', { 'accept-encoding': 'gzip;q=0', via: '1.1 proxy' }, undefined],
    ['one that knows other codings', { 'accept-encoding': 'compress, br', via: '1.1 proxy' }, undefined],
  ])('%s', async (_, headers, coding) => {
    await using served = await serveLog({ lines: 3 });
    for (const path of ['raw', 'events?follow=0']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(served.url(path), { method, headers: headers as Record<string, string> });
        expect([answer.status, answer.headers['content-encoding']]).toEqual([200, coding]);
        expect(answer.headers.vary).toContain('Accept-Encoding');
      }
    }
  });

  it.runIf(ownAddress !== undefined)('clients that come by an address that others have', async () => {
    const access = { token: 'a-token-of-some-length' };
    await using served = await serveLog({ lines: 3, host: ownAddress as string, access });
    const headers = { 'accept-encoding': 'gzip', authorization: `Bearer ${access.token}` };
    const answer = await ask(served.url('raw'), { headers });
    expect([answer.headers['content-encoding'], answer.body]).toEqual(['gzip', 'line 1\nline 2\nline 3\n']);
  });

  it('each request of a connection by its own headers, of which there may be several, and ranges of bytes are not known', async () => {
    await using served = await serveLog({ lines: 300 });
    const get = (path: string, ...headers: string[]) =>
      [`GET /${path} HTTP/1.1`, 'Host: localhost', 'Via: 1.1 proxy', ...headers, '', ''].join('\r\n');
    using client = await connectBare(
      served.server.port,
      [
        get('raw', 'Accept-Encoding: br', 'Accept-Encoding: gzip', 'Range: bytes=0-9'),
        get('raw'),
        get('raw?from=1&to=200', 'Accept-Encoding: gzip', 'If-None-Match: *'),
        get('raw', 'Accept-Encoding: gzip;q=0, *', 'Connection: close'),
      ].join(''),
    );
    await until('the end', () => client.isClosed);
    const heads = client.received.split('HTTP/1.1 ').slice(1);
    expect(heads.map((head) => head.slice(0, 3))).toEqual(['200', '200', '304', '200']);
    expect(heads.map((head) => /^Content-Encoding: (\w+)\r$/m.exec(head)?.[1])).toEqual([
      'gzip',
      undefined,
      'gzip',
      zstd?.name,
    ]);
    const chunks = [...(heads[0] ?? '').matchAll(/\r\n([0-9a-f]+)\r\n/g)].map(({ index, 0: { length }, 1: size }) =>
      (heads[0] ?? '').slice(index + length, index + length + Number.parseInt(size ?? '', 16)),
    );
    const { body } = await ask(served.url('raw'));
    expect(gunzipSync(Buffer.from(chunks.join(''), 'latin1')).toString()).toBe(body);
    expect(heads[1]).toContain(body);
  });

  it('nobody whose answer has to say its length', async () => {
    await using served = await serveLog({ lines: 3 });
    const head = 'Host: localhost\r\nAccept-Encoding: gzip\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n';
    using client = await connectBare(served.server.port, `GET /raw HTTP/1.0\r\n${head}`);
    await until('the end', () => client.isClosed);
    expect(client.received).toMatch(/Content-Length: 21\r\n[\s\S]*\r\n\r\nline 1\nline 2\nline 3\n$/);
  });
});

describe('a range of the past', () => {
  it('has a tag of its own for each coding', async () => {
    await using served = await serveLog({ lines: 30 });
    const path = `logs/${served.log.info.id}/raw?from=1&to=20`;
    const plain = await ask(served.url(path));
    const packed = await ask(served.url(path), far());
    expect(packed.headers.etag).toBe(`W/${(plain.headers.etag as string).replace(/"$/, '/gzip"')}`);
    const known = await ask(served.url(path), far({ 'if-none-match': packed.headers.etag as string }));
    expect([known.status, known.headers.vary]).toEqual([304, 'Accept-Encoding']);
    const other = await ask(served.url(path), far({ 'if-none-match': plain.headers.etag as string }));
    expect([other.status, other.body]).toEqual([200, plain.body]);
  });
});

describe('what is found out about logs', () => {
  const failed = (id: number) => `src/part-${id}.c:${id}: error: no such thing as part ${(id * 7919) % 1000}`;

  async function serveFailed(lines: number): Promise<ServedLog> {
    const served = await serveLog();
    for (let i = 0; i < 20; i++) await (await served.store.create({ ...served.log.info, name: `run ${i}` })).close();
    await served.append(Array.from({ length: lines }, (_, i) => failed(i + 1)));
    return served;
  }

  it('is compressed, each with a strong tag of its own', async () => {
    await using served = await serveFailed(300);
    for (const path of ['logs', 'logs?q=error', 'outline']) {
      const plain = await ask(served.url(path), near);
      const packed = await ask(served.url(path), far());
      expect([path, plain.headers['content-encoding']]).toEqual([path, undefined]);
      expect([path, packed.headers['content-encoding']]).toEqual([path, 'gzip']);
      expect(packed.body).toBe(plain.body);
      expect(packed.headers['content-type']).toBe(plain.headers['content-type']);
      expect(packed.headers['content-length']).toBe(String(packed.wireBytes));
      expect(packed.wireBytes).toBeLessThan(0.5 * plain.wireBytes);
      expect(packed.headers.etag).toMatch(/^"[^"]+"$/);
      expect(packed.headers.etag).not.toBe(plain.headers.etag);
      for (const { headers } of [plain, packed]) expect(headers.vary).toContain('Accept-Encoding');
      const known = await ask(served.url(path), far({ 'if-none-match': packed.headers.etag as string }));
      expect([known.status, known.wireBytes]).toEqual([304, 0]);
    }
  });

  it('comes compressed as it changes', async () => {
    await using served = await serveFailed(300);
    using live = await open(served.url('outline'), far({ accept: 'text/event-stream' }));
    const problems = () => JSON.parse(live.events.at(-1)?.data ?? '{"problems":[]}').problems.length;
    await live.until('what there is', () => problems() === 300);
    await served.append([failed(301)]);
    await live.until('one more', () => problems() === 301);
    expect(live.headers['content-encoding']).toBe('gzip');
    expect(live.wireBytes).toBeLessThan(0.5 * live.body.length);
  });

  it('is not compressed where it can not be found out', async () => {
    await using served = await serveLog();
    const answer = await ask(served.url('logs/none/outline'), far());
    expect([answer.status, answer.headers['content-encoding']]).toEqual([404, undefined]);
  });
});

describe("the page's files", () => {
  const script = `export const words = '${'a word '.repeat(300)}';`;
  const path = 'assets/late-5e6f.js';

  async function servePage(): Promise<ServedLog> {
    const viewerDir = await tempFolder();
    mkdirSync(join(viewerDir, 'assets'));
    writeFileSync(join(viewerDir, path), script);
    writeFileSync(join(viewerDir, `${path}.br`), brotliCompressSync(script));
    writeFileSync(join(viewerDir, `${path}.gz`), gzipSync(script));
    return serveLog({ viewerDir });
  }

  it('are answered as the client takes them, each with a strong tag of its own', async () => {
    await using served = await servePage();
    const tags = new Set<string>();
    for (const [accept, coding] of [
      ['gzip, deflate', 'gzip'],
      ['gzip, deflate, br, zstd', 'br'],
      ['', undefined],
    ] as const) {
      const answer = await ask(served.url(path), far({ 'accept-encoding': accept }));
      expect([answer.headers['content-encoding'], answer.headers.vary]).toEqual([coding, 'Accept-Encoding']);
      expect(answer.headers['content-length']).toBe(String(answer.wireBytes));
      expect([answer.body, answer.headers['content-type']]).toEqual([script, 'text/javascript; charset=utf-8']);
      const etag = answer.headers.etag as string;
      expect(etag).toMatch(/^"[^"]+"$/);
      tags.add(etag);
      const known = await ask(served.url(path), far({ 'accept-encoding': accept, 'if-none-match': etag }));
      expect([known.status, known.wireBytes]).toEqual([304, 0]);
      const head = await ask(served.url(path), { method: 'HEAD', ...far({ 'accept-encoding': accept }) });
      expect(head.headers).toMatchObject({ etag, 'content-length': String(answer.wireBytes) });
    }
    expect(tags.size).toBe(3);
  });

  it('are answered as they are to this machine, and have no other address', async () => {
    await using served = await servePage();
    const answer = await ask(served.url(path), near);
    expect([answer.headers['content-encoding'], answer.body]).toEqual([undefined, script]);
    expect((await ask(served.url(`${path}.gz`), far())).status).toBe(404);
  });
});
