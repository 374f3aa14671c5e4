import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createNetServer, type Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../../agent/server/server.ts';
import { timeZone } from '../../agent/system/time-zone.ts';
import { until } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { ask, connectBare, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

let served: ServedLog;

beforeAll(async () => {
  served = await serveLog({ allowHosts: ['logs.example.com'] });
  await served.append(['plain', '\x1b[1;31mred\x1b[0m', '']);
  await served.append(['err'], { stream: 'stderr' });
});
afterAll(() => served[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) => ask(served.url(path), { headers });
const optionsFor = (more: object) => ({
  store: served.store,
  current: () => served.log,
  viewerDir: served.dir,
  version: '1',
  host: '127.0.0.1',
  port: 0,
  ...more,
});

describe('who may ask', () => {
  it.each(['evil.example', 'evil.example:7730', 'localhost.evil.example'])(
    'a Host %s is refused, with the way to allow it',
    async (host) => {
      for (const path of ['', 'events', 'raw', 'status', 'logs', 'logs/x/healthz', 'assets/main-4f3a.js', 'nowhere']) {
        const response = await get(path, { Host: host });
        expect(response.status).toBe(403);
        expect(JSON.parse(response.body).error).toContain(`--allow-host ${host.replace(/:.*/, '')}`);
        expect(response.body).not.toContain('plain');
      }
    },
  );

  it('a browser gets a page, in which the Host is text', async () => {
    const response = await get('', { Host: '<b>evil</b>', Accept: 'text/html,*/*;q=0.8' });
    expect(response.status).toBe(403);
    expect(response.headers['content-type']).toMatch('text/html');
    expect(response.body).toContain('&#60;b&#62;evil');
    expect(response.body).toContain('--allow-host');
  });

  it.each(['localhost', 'x.localhost:1234', '[::1]:7730', '10.0.0.1', 'logs.example.com', 'logs.example.com:443'])(
    'a Host %s is fine',
    async (host) => {
      expect((await get('status', { Host: host })).status).toBe(200);
    },
  );

  it.each(['0.0.0.0', '::', '192.168.0.1', 'example.com', ''])('listening on %j is refused', async (host) => {
    await expect(createServer(optionsFor({ host }))).rejects.toMatchObject({
      kind: 'usage',
      facts: { option: 'host', given: host },
    });
  });

  it('it listens on IPv6 too, and says so in its URL', async () => {
    const server = await createServer(optionsFor({ host: '::1' }));
    try {
      expect(server.url).toBe(`http://[::1]:${server.port}/`);
      expect((await ask(`${server.url}status`)).status).toBe(200);
    } finally {
      await server.close();
    }
  });
});

describe('headers', () => {
  it.each(['', 'events?follow=0', 'raw', 'status', 'nowhere', 'events?from=x'])('/%s is safe', async (path) => {
    const { headers } = await get(path);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';style-src-attr 'unsafe-inline';connect-src 'self';img-src 'self' data:;font-src 'self';worker-src 'self';frame-src 'self';manifest-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none';require-trusted-types-for 'script'",
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY',
    });
    for (const name of ['x-powered-by', 'strict-transport-security', 'access-control-allow-origin']) {
      expect(headers[name]).toBeUndefined();
    }
  });
});

describe('whoever opened the page', () => {
  const policyFor = async (site: string) =>
    (await get('', { 'Sec-Fetch-Site': site })).headers['cross-origin-opener-policy'];

  it.each(['cross-site', 'same-site', 'anything'])('%s is kept from it', async (site) => {
    expect(await policyFor(site)).toBe('same-origin');
  });

  it.each(['none', 'same-origin'])('%s has no process of its own', async (site) => {
    expect(await policyFor(site)).toBeUndefined();
  });
});

describe('a page for a frame', () => {
  const framing = async (path: string) => {
    const { headers } = await get(path);
    const ancestors = /frame-ancestors [^;]*/.exec(String(headers['content-security-policy']))?.[0];
    return [ancestors, headers['x-frame-options']];
  };

  it.each(['?frame=left&other=a', '?level=error&frame=right'])(
    'may be framed by pages of this origin: /%s',
    async (path) => {
      expect(await framing(path)).toEqual(["frame-ancestors 'self'", 'SAMEORIGIN']);
    },
  );

  it.each(['?frame=top', '?q=frame%3Dleft', '?xframe=left', 'status?frame=left', 'events?follow=0&frame=left'])(
    'is not /%s',
    async (path) => {
      expect(await framing(path)).toEqual(["frame-ancestors 'none'", 'DENY']);
    },
  );
});

describe('limits', () => {
  it('a URL that is too long is a 414, headers that are too long a 431', async () => {
    expect((await get(`status?x=${'y'.repeat(9000)}`)).status).toBe(414);
    using client = await connectBare(
      served.server.port,
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
    );
    await until('an answer', () => client.isClosed);
    expect(client.received).toContain('431');
  });

  it.each([
    'GET /logs/%zz/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET /%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET /assets/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET /logs/https:evil.example HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
    'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n',
    'nonsense\r\n\r\n',
  ])('%j gets a 4xx and harms nothing', async (text) => {
    using client = await connectBare(served.server.port, text);
    await until('an answer', () => client.isClosed);
    expect(client.received).toMatch(/^HTTP\/1\.1 4/);
    expect(client.received).not.toContain('root:');
    expect((await get('healthz')).status).toBe(200);
  });
});

describe('ports', () => {
  it('one that is taken is an error that names it', async () => {
    await expect(createServer(optionsFor({ port: served.server.port }))).rejects.toMatchObject({
      kind: 'address',
      message: `Can't listen on 127.0.0.1:${served.server.port}: the port is already in use. Choose another --port, or --port 0.`,
      facts: { port: served.server.port },
    });
  });

  it("on an address that is none of this machine's can't be had, which is said in words", async () => {
    const token = 'a-token-that-nobody-guesses';
    await expect(createServer(optionsFor({ host: '192.0.2.1', access: { token } }))).rejects.toMatchObject({
      kind: 'address',
      message: expect.stringMatching(/^Can't listen on 192\.0\.2\.1:\d+: this machine does not have that address \(/),
    });
  });

  it('the next free one is taken where that was asked for', async () => {
    const server = await createServer(optionsFor({ port: served.server.port, portFallback: true }));
    try {
      expect(server.port).toBeGreaterThan(served.server.port);
      expect(server.port).toBeLessThan(served.server.port + 100);
      expect((await ask(`${server.url}status`)).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it('one that another program holds is passed over, too', async () => {
    const other = createNetServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const server = await createServer(optionsFor({ port, portFallback: true }));
    expect(server.port).not.toBe(port);
    await server.close();
    other.close();
  });

  it('however many are passed over, Node has nothing to warn of', async () => {
    const first = await freePort();
    const others = Array.from({ length: 15 }, (_, at) => holdPort(first + at));
    const holders = await Promise.all(others);
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    try {
      const server = await createServer(optionsFor({ port: first, portFallback: true }));
      expect(server.port).toBeGreaterThanOrEqual(first + others.length);
      await server.close();
      // A warning is emitted in the next turn.
      await turn();
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', onWarning);
      for (const holder of holders) holder?.close();
    }
  });
});

/** Undefined where somebody else has it. */
async function holdPort(port: number): Promise<NetServer | undefined> {
  const holder = createNetServer().listen(port, '127.0.0.1');
  return once(holder, 'listening').then(
    () => holder,
    () => undefined,
  );
}

describe('the page', () => {
  it('is asked for again each time, and not sent again unless it changed', async () => {
    const page = await get('');
    expect(page.status).toBe(200);
    expect(page.body).toContain('<title>page</title>');
    expect(page.headers['cache-control']).toBe('no-cache');
    const again = await get('', { 'If-None-Match': page.headers.etag as string });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  it('is served as it was when the agent started, also while it is built anew', async () => {
    const page = join(served.dir, 'web', 'index.html');
    const before = readFileSync(page);
    rmSync(page);
    try {
      expect((await get('')).body).toBe(before.toString());
    } finally {
      writeFileSync(page, before);
    }
  });

  it('keeps its hashed files for a year', async () => {
    const { headers, status } = await get('assets/main-4f3a.js');
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toMatch('text/javascript');
  });

  it('stands under each log as well', async () => {
    const path = `logs/${served.log.info.id}`;
    expect((await get(`${path}/`)).body).toContain('<title>page</title>');
    expect((await get(`${path}/assets/main-4f3a.js`)).status).toBe(200);
  });

  it('a log without a slash redirects, relative and with its parameters', async () => {
    const { id } = served.log.info;
    const response = await get(`logs/${id}?theme=dark`);
    expect(response.status).toBe(302);
    expect(response.headers.location).toBe(`${id}/?theme=dark`);
    expect(new URL(response.headers.location as string, 'http://proxy/prefix/logs/x').pathname).toBe(
      `/prefix/logs/${id}/`,
    );
  });

  it('what does not exist is a 404', async () => {
    for (const path of ['nowhere', 'assets/', 'assets/gone.js', 'events/', 'logs/', '.git/config']) {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(JSON.parse(response.body)).toHaveProperty('error');
    }
  });
});

describe('raw', () => {
  it('is the log as text, colors kept', async () => {
    const response = await get('raw');
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(response.body).toBe('plain\n\x1b[1;31mred\x1b[0m\n\nerr\n');
  });

  it.each([
    ['strip=1', 'plain\nred\n\nerr\n'],
    ['from=2&to=3&strip=1', 'red\n\n'],
    ['tail=1', 'err\n'],
    ['limit=1', 'plain\n'],
    ['tail=3&limit=1&strip=1', 'red\n'],
    ['from=9', ''],
  ])('%s', async (parameters, expected) => {
    expect((await get(`raw?${parameters}`)).body).toBe(expected);
  });

  it('follows until the log is finished', async () => {
    await using growing = await serveLog({ lines: 2 });
    using stream = await open(growing.url('raw?follow=1&tail=1'));
    await stream.until('the backlog', ({ body }) => body === 'line 2\n');
    await growing.append(['live']);
    await stream.until('the live line', ({ body }) => body.endsWith('live\n'));
    growing.log.setStatus(exited);
    expect(await stream.whole()).toBe('line 2\nlive\n');
  });

  it('tells what is no longer kept where it was asked for', async () => {
    await using trimmed = await serveLog({ keeping: { retainBytes: 600_000, segmentBytes: 100_000 } });
    await trimmed.outgrowRetention();
    const { firstId, lastId } = trimmed.log.journal;
    const lines = (await ask(trimmed.url('raw?from=5'))).body.split('\n');
    expect(lines[0]).toBe(`[sse-tail: lines 5-${firstId - 1} are no longer kept]`);
    expect(lines).toHaveLength(lastId - firstId + 3);
    expect((await ask(trimmed.url('raw'))).body).not.toContain('[sse-tail');
  });

  it('a large log comes whole', async () => {
    await using large = await serveLog();
    await large.appendNumbered(200_000, 5000);
    const { body } = await ask(large.url('raw'));
    let next = 1;
    for (const line of body.split('\n').slice(0, -1))
      if (line !== `line ${next++}`) throw new Error(`${next - 1}: ${line}`);
    expect(next).toBe(200_001);
  });

  it.each([
    ['make all', 'attachment; filename="make all.log"'],
    ['build.log', 'attachment; filename=build.log'],
    ['a/b"c\n', 'attachment; filename=a-b-c-.log'],
    ['größe', `attachment; filename="gr??e.log"; filename*=UTF-8''gr%C3%B6%C3%9Fe.log`],
  ])('download=1 names the file: %j, and another one for text with colors', async (name, disposition) => {
    await using other = await serveLog({ info: { name } });
    const response = await ask(other.url('raw?strip=1&download=1'));
    const colored = await ask(other.url('raw?download=1'));
    expect(colored.headers['content-disposition']).toBe(disposition.replaceAll('.log', '.ansi.log'));
    expect(response.headers['content-disposition']).toBe(disposition);
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('HEAD answers without a body, mistakes are 400s', async () => {
    const head = await ask(served.url('raw'), { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect(JSON.parse((await get('raw?strip=yes')).body)).toMatchObject({ parameter: 'strip' });
  });
});

describe('status, logs, healthz', () => {
  it('status is what hello says, under the log too', async () => {
    const expected = {
      log: served.log.info.id,
      url: `events?log=${served.log.info.id}`,
      name: 'make all',
      kind: 'command',
      first: 1,
      last: 4,
      sources: [],
      status: served.log.status,
      time: expect.any(Number),
      zone: timeZone(),
    };
    expect(JSON.parse((await get('status')).body)).toEqual(expected);
    expect(JSON.parse((await get(`logs/${served.log.info.id}/status`)).body)).toEqual(expected);
  });

  it('an older log names the current one', async () => {
    const older = await served.store.create({ kind: 'stdin', name: 'older', title: 'The older one', cwd: '/' });
    const response = await get(`logs/${older.info.id}/status`);
    expect(JSON.parse(response.body)).toMatchObject({ name: 'The older one', current: served.log.info.id });
    const { body } = await get(`logs/${older.info.id}/events?follow=0`);
    expect(body).toContain(`"current":"${served.log.info.id}"`);
    await older.close();
    const ended = await ask(served.url(`logs/${older.info.id}/events`));
    expect(ended.events.at(-2)).toMatchObject({ type: 'status', data: '{"state":"stopped"}' });
  });

  it('logs lists what is kept', async () => {
    const logs = JSON.parse((await get('logs')).body);
    expect(logs.find(({ id }: { id: string }) => id === served.log.info.id)).toMatchObject({
      kind: 'command',
      name: 'make all',
      argv: ['make', 'all'],
      first: 1,
      last: 4,
      status: { state: 'running' },
    });
    expect(JSON.parse((await get(`logs/${served.log.info.id}/logs`)).body)).toEqual(logs);
  });

  it('healthz is ok', async () => {
    const response = await get('healthz');
    expect(response.status).toBe(200);
    expect(JSON.parse(response.body)).toMatchObject({ status: 'ok', version: '1.2.3', subscribers: 0 });
  });

  it('healthz is a 503 while the journal can not be written, and ok again afterwards', async () => {
    await using full = await serveLog({ lines: 10, keeping: { segmentBytes: 1000 } });
    const folder = join(full.dir, 'logs', full.log.info.id);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way');
    const appending = full.append(['x'.repeat(2000)]);
    await until('trouble', async () => (await ask(full.url('healthz'))).status === 503);
    const { status, trouble } = JSON.parse((await ask(full.url('healthz'))).body);
    expect(status).toBe('trouble');
    expect(trouble).toMatch(/^The journal can't be written: /);
    expect(trouble).not.toContain(full.dir);
    rmSync(folder);
    await appending;
    expect((await ask(full.url('healthz'))).status).toBe(200);
  });

  it('an agent without a log of its own says so', async () => {
    const server = await createServer(optionsFor({ current: () => undefined }));
    try {
      expect((await ask(`${server.url}events`)).status).toBe(404);
      expect((await ask(`${server.url}healthz`)).status).toBe(200);
      expect((await ask(`${server.url}logs/${served.log.info.id}/raw?limit=1`)).body).toBe('plain\n');
    } finally {
      await server.close();
    }
  });

  it('answers to HEAD have no body', async () => {
    for (const path of ['', 'status', 'logs', 'healthz', 'nowhere', 'events?from=x']) {
      expect((await ask(served.url(path), { method: 'HEAD' })).body).toBe('');
    }
  });
});
