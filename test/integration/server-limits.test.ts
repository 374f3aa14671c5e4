import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../support/deadline.ts';
import { fillForHeldSearches, holdSearches } from '../support/held-searches.ts';
import { ask, connectBare, open } from '../support/http-client.ts';
import { serveLog } from '../support/served-log.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens connections that say nothing. */
async function occupy(port: number, count: number, localAddress = '127.0.0.1'): Promise<Socket[]> {
  const opened = Array.from({ length: count }, () => connect({ port, host: '127.0.0.1', localAddress }));
  sockets.push(...opened);
  for (const socket of opened) socket.on('error', () => {});
  await until('the connections', () => opened.every((socket) => !socket.connecting));
  return opened;
}

describe('connections', () => {
  it('past the limit are told so by a 503, and there is room again when others go', async () => {
    await using served = await serveLog({ lines: 1, limits: { total: 5 } });
    const opened = await occupy(served.server.port, 5);
    const refused = await ask(served.url('raw'));
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ connection: 'close', 'retry-after': '10' });
    expect(JSON.parse(refused.body).error).toContain('5 connections');
    opened[0]?.destroy();
    await until('room', async () => (await ask(served.url('raw'))).status === 200);
  });

  it('that are idle outlive those of load balancers, which keep them for up to ten minutes', async () => {
    await using served = await serveLog({ lines: 1 });
    const response = await fetch(served.url('raw'));
    await response.text();
    const [, seconds] = /^timeout=(\d+)$/.exec(response.headers.get('keep-alive') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(600);
  });

  it('that are open do not suffer from those that are too many', async () => {
    await using served = await serveLog({ lines: 1, limits: { total: 3 } });
    using stream = await open(served.url('events'));
    await occupy(served.server.port, 10);
    expect((await ask(served.url('raw'))).status).toBe(503);
    await served.append(['live']);
    await stream.until('the live line', ({ ids }) => ids.includes(2));
  });

  it('of one address are limited by a 429, others are not', async () => {
    await using served = await serveLog({ lines: 1, limits: { perAddress: 3 } });
    await occupy(served.server.port, 3, '127.0.0.2');
    const refused = await ask(served.url('raw'), { localAddress: '127.0.0.2' });
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.body).error).toContain('limit of 3 connections');
    expect((await ask(served.url('raw'), { localAddress: '127.0.0.3' })).body).toBe('line 1\n');
  });

  it('of one address keep no others out, however many there are', async () => {
    await using served = await serveLog({ lines: 1, limits: { total: 20, perAddress: 3 } });
    const opened = await occupy(served.server.port, 300, '127.0.0.2');
    await until('their end', () => opened.filter((socket) => socket.closed).length >= 300 - 3 - 16);
    expect((await ask(served.url('raw'), { localAddress: '127.0.0.3' })).status).toBe(200);
    expect((await ask(served.url('raw'), { localAddress: '127.0.0.3' })).status).toBe(200);
  });

  it('that come from a proxy on another machine are many, once somebody there has the token', async () => {
    const token = 'a-token-of-some-length';
    await using served = await serveLog({ lines: 1, limits: { perAddress: 3 }, access: { token } });
    const askFrom = (localAddress: string, headers: Record<string, string> = {}) =>
      ask(served.url('raw'), { localAddress, headers });
    const bearer = (given: string) => ({ authorization: `Bearer ${given}` });
    expect((await askFrom('127.0.0.2', bearer(token))).status).toBe(200);
    expect((await askFrom('127.0.0.3', bearer('another-token-of-that-length'))).status).toBe(401);
    for (const address of ['127.0.0.2', '127.0.0.3']) await occupy(served.server.port, 5, address);
    expect((await askFrom('127.0.0.2')).status).toBe(401);
    expect((await askFrom('127.0.0.2', bearer(token))).status).toBe(200);
    expect((await askFrom('127.0.0.3', bearer(token))).status).toBe(429);
  });

  it('that a proxy on another machine opens at once are many, too: the token comes once they are open', async () => {
    const token = 'a-token-of-some-length';
    await using served = await serveLog({ lines: 1, limits: { perAddress: 3 }, access: { token } });
    const status = async (socket: Socket) => {
      let answer = '';
      socket.on('data', (bytes) => {
        answer += bytes;
      });
      socket.write(`GET /raw HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      await until('an answer', () => answer.includes('\r\n\r\n'));
      return answer.slice(0, 12);
    };
    const opened = await occupy(served.server.port, 3 + 16, '127.0.0.2');
    const answers: string[] = [];
    for (const socket of opened) answers.push(await status(socket));
    expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 200']));
  });

  it('that come from a proxy on this machine are many', async () => {
    await using served = await serveLog({ lines: 1, limits: { perAddress: 3 } });
    await occupy(served.server.port, 5);
    expect((await ask(served.url('raw'))).body).toBe('line 1\n');
  });
});

describe('searches', () => {
  it('of one client past 128 are a 429, of all past 256 a 503, and there is room again when others leave', async () => {
    await using served = await serveLog();
    await fillForHeldSearches(served);
    const one = (localAddress: string) => ask(served.url('raw?q=y&limit=1&regex=1'), { localAddress });
    const first = await holdSearches(served, 128, '127.0.0.2');
    const refused = await one('127.0.0.2');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '5']);
    expect(JSON.parse(refused.body).error).toContain('This client already has 128 searches');
    expect((await one('127.0.0.3')).status).toBe(200);
    sockets.push(...first, ...(await holdSearches(served, 128, '127.0.0.3')));
    const last = await one('127.0.0.4');
    expect([last.status, last.headers['retry-after']]).toEqual([503, '5']);
    expect(JSON.parse(last.body).error).toContain('256 searches are already running');
    for (const socket of first) socket.destroy();
    await until('room', async () => (await one('127.0.0.2')).status === 200);
  });
});

describe('a request that takes its time', () => {
  it.each([
    ['nothing', ''],
    ['half a line', 'GET /ra'],
    ['half its headers', 'GET /raw HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
  ])('with %s said is cut off', async (_, text) => {
    await using served = await serveLog({ lines: 1, headersMs: 300 });
    using client = await connectBare(served.server.port, text);
    // A byte now and then does not help.
    const trickle = setInterval(() => text !== '' && client.socket.write('x'), 50);
    await until('the end of the connection', () => client.isClosed, 20_000).finally(() => clearInterval(trickle));
    expect(client.received).toMatch(/^$|^HTTP\/1\.1 408/);
    expect((await ask(served.url('raw'))).status).toBe(200);
  });

  it('a stream is not cut off, however long it is', async () => {
    await using served = await serveLog({ lines: 1, headersMs: 200 });
    using stream = await open(served.url('events'));
    using client = await connectBare(served.server.port, 'GET');
    await until('the deadline of others', () => client.isClosed, 20_000);
    await served.append(['live']);
    await stream.until('the live line', ({ ids }) => ids.includes(2));
  });
});

describe('a request with a body', () => {
  it.each(['GET', 'HEAD'])('is refused: %s', async (method) => {
    await using served = await serveLog({ lines: 1 });
    const { status, headers } = await ask(served.url('raw'), {
      method,
      headers: { 'Content-Length': '5' },
      body: 'x=1&y',
    });
    expect([status, headers.connection]).toEqual([413, 'close']);
  });

  it('that never comes is not waited for', async () => {
    await using served = await serveLog({ lines: 1 });
    for (const head of ['GET /raw', 'POST /raw']) {
      using client = await connectBare(
        served.server.port,
        `${head} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nx`,
      );
      await until('an answer', () => client.received.includes('"error"'));
      expect(client.received).toMatch(/^HTTP\/1\.1 4(05|13)/);
      await until('the end of the connection', () => client.isClosed);
    }
  });
});

describe('headers that are too long', () => {
  it.each([17, 60, 500])('of %d KiB of cookies are answered with words, not with an empty page', async (kib) => {
    await using served = await serveLog({ lines: 1 });
    const cookies = `Cookie: ${Array.from({ length: kib }, (_, i) => `c${i}=${'x'.repeat(1020)}`).join('; ')}`;
    const head = `GET / HTTP/1.1\r\nHost: localhost\r\n${cookies}\r\nAccept: text/html\r\n\r\n`;
    using client = await connectBare(served.server.port, head);
    await until('the end of the connection', () => client.isClosed);
    expect(client.received).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
    expect(client.received).toMatch(/\r\nContent-Type: text\/plain; charset=utf-8\r\n/);
    expect(client.received).toContain('cookies of other programs');
    expect((await ask(served.url('raw'))).status).toBe(200);
  });

  it('do not get into a response that is under way on the same connection', async () => {
    await using served = await serveLog({ lines: 1 });
    using client = await connectBare(served.server.port, 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until('the stream', () => client.received.includes('line 1'));
    client.socket.write('no request\r\n\r\n');
    await until('the end of the connection', () => client.isClosed);
    expect(client.received.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe('a connection between two requests', () => {
  it('is kept for longer than proxies keep theirs, or a request would meet the end of it', async () => {
    await using served = await serveLog({ lines: 1, headersMs: 100 });
    const request = 'GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n';
    using client = await connectBare(served.server.port, request);
    await until('the first answer', () => client.received.includes('"log"'));
    const [, seconds] = /Keep-Alive: timeout=(\d+)/i.exec(client.received) ?? [];
    // Load balancers of clouds: 600 s.
    expect(Number(seconds)).toBeGreaterThan(600);
    // A connection on which nothing was said is closed meanwhile: the time for a request's head is over.
    using silent = await connectBare(served.server.port, '');
    await until('the end of the other', () => silent.isClosed);
    client.socket.write(request);
    await until('the second answer', () => client.received.match(/"log"/g)?.length === 2);
  });
});
