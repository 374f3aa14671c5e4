import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, open } from '../support/http-client.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

const friend = 'https://ci.example.com';
let served: ServedLog;

beforeAll(async () => {
  served = await serveLog({ lines: 2, allowOrigins: [friend], allowHosts: ['logs.example.com'] });
});
afterAll(() => served[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  ask(served.url(path), { headers, method });
const visit = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };

describe('a page of another origin', () => {
  it.each([
    [{ Origin: 'http://evil.example' }],
    [{ Origin: 'null' }],
    [{ Origin: 'https://ci.example.com.evil.example' }],
    [{ Origin: 'http://ci.example.com' }],
    [{ Origin: 'http://127.0.0.1:1' }],
    [{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' }],
    [{ 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }],
    [{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }],
    [{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }],
  ])('%j is refused, whatever it asks for, and told nothing', async (headers) => {
    for (const path of ['', 'events', 'raw', 'status', 'logs', 'logs/x/', 'assets/no-such.js']) {
      const response = await get(path, headers);
      expect(response.status).toBe(403);
      expect(response.headers['access-control-allow-origin']).toBeUndefined();
      expect(response.body).not.toContain('line 1');
      expect(JSON.parse(response.body).error).toContain('--allow-origin');
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    '%s from there is refused, from here not known',
    async (method) => {
      expect((await get('status', { Origin: 'http://evil.example' }, method)).status).toBe(403);
      const headers = { 'Sec-Fetch-Site': 'cross-site', ...visit };
      expect((await get('status', headers, method)).status).toBe(403);
      const own = await get('status', { Origin: served.server.url.slice(0, -1) }, method);
      expect([own.status, own.headers.allow]).toEqual([405, 'GET, HEAD']);
      expect((await get('status', {}, method)).status).toBe(405);
    },
  );

  it('may have what carries no secret: the script of the page, and whether all is well', async () => {
    const headers = { Origin: 'http://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    const script = await get('assets/main-4f3a.js', headers);
    expect([script.status, script.headers['cross-origin-resource-policy']]).toEqual([200, 'same-origin']);
    expect((await get('healthz', headers)).body).toBe('{"status":"ok"}');
  });

  it('is let through where somebody follows its link', async () => {
    expect((await get('', { 'Sec-Fetch-Site': 'cross-site', ...visit })).status).toBe(200);
  });
});

describe("the server's own page", () => {
  it.each([
    [{ 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }],
    [{ 'Sec-Fetch-Site': 'none', ...visit }],
    // A proxy replaced Host, or left its port out.
    [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'https://logs.example.com:8443' }],
    [{}],
  ])('%j may read', async (headers) => {
    expect((await get('raw', headers)).body).toBe('line 1\nline 2\n');
  });

  it('also under another name, and where a proxy speaks TLS for it', async () => {
    const own = (origin: string, host: string) => get('raw', { Origin: origin, Host: host });
    expect((await own('https://logs.example.com', 'logs.example.com')).status).toBe(200);
    expect((await own('http://logs.example.com', 'logs.example.com:80')).status).toBe(200);
    expect((await own('https://logs.example.com:8443', 'logs.example.com')).status).toBe(403);
    expect((await own('http://localhost', 'logs.example.com')).status).toBe(403);
  });
});

describe('an origin that is allowed', () => {
  it('may read, and is named alone', async () => {
    const response = await get('raw', { Origin: friend, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' });
    expect(response.body).toBe('line 1\nline 2\n');
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': friend,
      'cross-origin-resource-policy': 'cross-origin',
      vary: expect.stringContaining('Origin'),
    });
    expect(response.headers['access-control-allow-credentials']).toBeUndefined();
    using stream = await open(served.url('events'), { headers: { Origin: friend } });
    await stream.until('the lines', ({ ids }) => ids.length === 2);
    expect(stream.headers['access-control-allow-origin']).toBe(friend);
  });

  it('may know how the agent is', async () => {
    const { body, headers } = await get('healthz', { Origin: friend, 'Sec-Fetch-Site': 'cross-site' });
    expect(JSON.parse(body)).toMatchObject({ status: 'ok', version: '1.2.3' });
    expect(headers['access-control-allow-origin']).toBe(friend);
  });

  it('is told beforehand what it may send', async () => {
    const { status, headers, body } = await get(
      'events',
      { Origin: friend, 'Access-Control-Request-Method': 'GET' },
      'OPTIONS',
    );
    expect([status, body]).toEqual([204, '']);
    expect(headers).toMatchObject({
      'access-control-allow-origin': friend,
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'Authorization, Last-Event-ID, Cache-Control',
    });
  });

  it('needs the token like everybody else', async () => {
    const token = 'a-token-for-tests-only';
    await using closed = await serveLog({ lines: 1, allowOrigins: [friend], access: { token } });
    const asked = (headers: Record<string, string>, method = 'GET') => ask(closed.url('raw'), { headers, method });
    const refused = await asked({ Origin: friend });
    // Readable, so that the page can say what is missing.
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([401, friend]);
    expect((await asked({ Origin: friend }, 'OPTIONS')).status).toBe(204);
    expect((await asked({ Origin: friend, Authorization: `Bearer ${token}` })).body).toBe('line 1\n');
    expect((await asked({ Origin: 'http://evil.example', Authorization: `Bearer ${token}` })).status).toBe(403);
  });
});
