import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reachableAddress } from '../../agent/server/net/own-addresses.ts';
import { ask, open } from '../support/http-client.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

const token = 'a-token-for-tests-only';
const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const paths = ['', 'events', 'raw', 'status', 'logs', 'logs/x/healthz', 'assets/main-4f3a.js', 'nowhere', 'index.html'];
const warnings: string[] = [];
let served: ServedLog;

beforeAll(async () => {
  served = await serveLog({ lines: 3, access: { token }, warn: (sentence) => warnings.push(sentence) });
});
afterAll(() => served[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) => ask(served.url(path), { headers });

describe('without the token', () => {
  it.each([...paths, 'logs/x/', '%00'])('/%s gives nothing', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(response.body).error).toContain('Authorization: Bearer');
    expect(response.body).not.toContain('line 1');
  });

  it('but whether all is well, to whoever asks, in one word', async () => {
    for (const headers of [{}, { Host: '10.1.2.3:7730' }, { Host: 'evil.example' }, { Host: '' }]) {
      const { status, body } = await get('healthz', headers);
      expect([status, body]).toEqual([200, '{"status":"ok"}']);
    }
    expect(JSON.parse((await get('healthz', { Authorization: `Bearer ${token}` })).body)).toMatchObject({
      status: 'ok',
      version: '1.2.3',
    });
  });

  it('nor to HEAD, nor a redirect that would tell which logs there are', async () => {
    expect((await ask(served.url('raw'), { method: 'HEAD' })).status).toBe(401);
    expect((await get(`logs/${served.log.info.id}`)).status).toBe(401);
  });

  it('a browser gets a page with a field for it, and nothing that runs but the script that keeps the address', async () => {
    const { status, body, headers } = await get('', html);
    expect(status).toBe(401);
    expect(headers['content-type']).toMatch('text/html');
    expect(body).toContain('name="token"');
    expect(body.match(/<script/g)).toHaveLength(1);
    expect(headers['content-security-policy']).toMatch(/script-src 'sha256-/);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("form-action 'self'");
  });

  it('one that came by a link of another site loads the page anew, which then sends its cookie', async () => {
    const { status, body } = await get('', {
      ...html,
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    });
    expect(status).toBe(401);
    expect(body).toContain('location.reload()');
  });
});

describe('with the token', () => {
  it('in the header everything is given', async () => {
    for (const path of ['', 'raw', 'status', 'logs', 'healthz', 'assets/main-4f3a.js']) {
      expect((await get(path, { Authorization: `Bearer ${token}` })).status).toBe(200);
    }
    expect((await get('raw', { Authorization: `bearer  ${token}` })).body).toBe('line 1\nline 2\nline 3\n');
    expect((await get('nowhere', { Authorization: `Bearer ${token}` })).status).toBe(404);
  });

  it.each([
    ['', './'],
    ['?a=1&b=2', './?a=1&b=2'],
    ['raw?tail=1', './raw?tail=1'],
    ['logs/x-1/?theme=dark', './?theme=dark'],
    ['logs/x-1', './x-1'],
    ['?q=a%26b', './?q=a%26b'],
    ['?source=a,b%2Cc', './?source=a,b%2Cc'],
  ])('in the URL of /%s it becomes a cookie and leaves the address: %s', async (path, location) => {
    const response = await get(`${path}${path.includes('?') ? '&' : '?'}token=${token}`);
    expect(response.status).toBe(302);
    expect(response.headers.location).toBe(location);
    expect(response.headers['referrer-policy']).toBe('no-referrer');
    expect(response.headers['cache-control']).toBe('no-store');
    const [cookie = ''] = response.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^sse-tail-[A-Za-z0-9]{8}=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(token);
  });

  it('the cookie lets the same client in again and again, an EventSource that comes back too', async () => {
    const [given = ''] = (await get(`?token=${token}`)).headers['set-cookie'] ?? [];
    const Cookie = `other=1; ${given.split(';')[0]}`;
    expect((await get('', { ...html, Cookie })).body).toContain('<title>page</title>');
    using stream = await open(served.url('events'), { headers: { Cookie, 'Last-Event-ID': '2' } });
    await stream.until('line 3', ({ ids }) => ids.includes(3));
    expect(stream.ids).toEqual([3]);
  });

  it('after a link of another site the page goes on as its own, because a redirect would not carry the cookie', async () => {
    const { status, body, headers } = await get(`logs/x-1/?token=${token}&theme=dark`, {
      ...html,
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    });
    expect([status, headers.location]).toEqual([200, undefined]);
    expect(headers['set-cookie']).toHaveLength(1);
    expect(body).toContain('<a href="./?theme=dark&#38;signed-in=1">');
    expect(body).not.toContain(token);
  });

  it('a browser comes back with the cookie and leaves that address, too', async () => {
    const first = await get(`?theme=dark&token=${token}`, html);
    expect(first.headers.location).toBe('./?theme=dark&signed-in=1');
    const Cookie = (first.headers['set-cookie'] ?? [''])[0]?.split(';')[0] ?? '';
    const second = await get('?theme=dark&signed-in=1', { ...html, Cookie });
    expect([second.status, second.headers.location]).toEqual([302, './?theme=dark']);
  });

  it('a browser that comes back without the cookie is told that cookies are blocked', async () => {
    const { status, body } = await get('?theme=dark&signed-in=1', html);
    expect(status).toBe(401);
    expect(body).toContain('Cookies are blocked');
  });

  it('any name will do for whoever brings it: in a container the agent does not know the one that is published', async () => {
    const Host = 'docker.example:8080';
    expect((await get('raw', { Host })).status).toBe(403);
    expect((await get('raw', { Host, Authorization: `Bearer ${token}` })).status).toBe(200);
    const first = await get(`?token=${token}`, { Host });
    expect(first.status).toBe(302);
    const Cookie = (first.headers['set-cookie'] ?? [''])[0]?.split(';')[0] ?? '';
    expect((await get('raw', { Host, Cookie })).status).toBe(200);
    expect((await get('raw', { Host, Authorization: 'Bearer wrong-wrong-wrong' })).status).toBe(401);
    expect((await get('raw', { Host, Cookie: 'sse-tail-x=1' })).status).toBe(403);
  });

  it('the URL to open has it, and the one to build on has not', () => {
    expect(served.server.entryUrl).toBe(`${served.server.url}?token=a%2Dtoken%2Dfor%2Dtests%2Donly`);
    expect(served.server.url).not.toContain(token);
  });
});

describe('with a wrong one', () => {
  it.each([
    { Authorization: 'Bearer wrong-wrong-wrong-wrong' },
    { Authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` },
    { Authorization: token },
    { Cookie: `sse-tail-1=${token}` },
  ])('%j gives nothing', async (headers) => {
    expect((await get('raw', headers)).status).toBe(401);
  });

  it('of this agent, a cookie of another one is none', async () => {
    const another = 'another-token-for-tests';
    await using other = await serveLog({ access: { token: another } });
    const cookieOf = async (url: string) => ((await ask(url)).headers['set-cookie'] ?? [''])[0]?.split(';')[0] ?? '';
    const own = await cookieOf(served.url(`?token=${token}`));
    const foreign = await cookieOf(other.url(`?token=${another}`));
    expect((await get('raw', { Cookie: foreign })).status).toBe(401);
    expect((await get('raw', { Cookie: `${own.split('=')[0]}=${foreign.split('=')[1]}` })).status).toBe(401);
    // Both come along where the two are under one host.
    expect((await get('raw', { Cookie: `${foreign}; ${own}` })).status).toBe(200);
  });

  it('in the URL, a cookie that is right does not make it right', async () => {
    const [cookie = ''] = (await get(`?token=${token}`)).headers['set-cookie'] ?? [];
    expect((await get('raw?token=wrong-wrong-wrong', { Cookie: cookie.split(';')[0] as string })).status).toBe(401);
  });

  it('again and again it takes longer, then is a 429; the owner is let in at once all the while', async () => {
    await using other = await serveLog({ access: { token }, warn: (sentence) => warnings.push(sentence) });
    const startedAt = performance.now();
    const guesses = Array.from({ length: 30 }, (_, i) =>
      ask(other.url('raw'), { headers: { Authorization: `Bearer guess-number-${i}-guess` } }).then(
        ({ status, headers }) => ({
          status,
          retryAfter: headers['retry-after'],
          ms: performance.now() - startedAt,
        }),
      ),
    );
    // From the same address, among the guesses.
    expect((await ask(other.url('status'), { headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
    const ownerMs = performance.now() - startedAt;
    const answers = await Promise.all(guesses);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(21);
    for (const { retryAfter, ms } of refused) {
      expect(retryAfter).toBe('300');
      expect(ms).toBeGreaterThan(Math.max(1900, ownerMs));
    }
    expect((await ask(other.url('raw'), { headers: { Authorization: `Bearer ${token}` } })).body).toBe('');
    expect(warnings).toEqual(['Someone at 127.0.0.1 keeps sending wrong tokens.']);
  });

  it('is counted wherever it is tried, and whether all is well does not tell it from the right one any sooner', async () => {
    const told: string[] = [];
    await using other = await serveLog({ access: { token }, warn: (sentence) => told.push(sentence) });
    const guesses = Array.from({ length: 10 }, (_, i) => ask(other.url(`healthz?token=guess-number-${i}-guess`)));
    const answers = await Promise.all(guesses);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
    for (const { status, body } of answers) if (status === 200) expect(body).toBe('{"status":"ok"}');
    expect(told).toEqual(['Someone at 127.0.0.1 keeps sending wrong tokens.']);
    expect((await ask(other.url('healthz'))).body).toBe('{"status":"ok"}');
    const right = await ask(other.url('healthz'), {
      headers: { Host: 'by.any.name', Authorization: `Bearer ${token}` },
    });
    expect(JSON.parse(right.body)).toMatchObject({ status: 'ok', version: '1.2.3' });
  });

  it('an old cookie is no guess: pages of a restarted agent are not counted', async () => {
    await using other = await serveLog({ access: { token } });
    const Cookie = `sse-tail-${other.server.port}=old`;
    for (let i = 0; i < 12; i++) expect((await ask(other.url('events'), { headers: { Cookie } })).status).toBe(401);
  });
});

describe('who needs one', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('on %s nothing is served without', async (host) => {
    await expect(serveLog({ host })).rejects.toMatchObject({ kind: 'usage', facts: { option: 'host' } });
  });

  it('others reach it under its real address, with the token only', async () => {
    await using wide = await serveLog({ host: '0.0.0.0', access: { token }, lines: 1 });
    const address = reachableAddress() ?? '127.0.0.1';
    expect(wide.server.url).toBe(`http://${address.includes(':') ? `[${address}]` : address}:${wide.server.port}/`);
    const Host = new URL(wide.server.url).host;
    const raw = `http://127.0.0.1:${wide.server.port}/raw`;
    expect((await ask(raw, { headers: { Host } })).status).toBe(401);
    expect((await ask(raw, { headers: { Authorization: `Bearer ${token}`, Host } })).body).toBe('line 1\n');
    expect((await ask(raw, { headers: { Host: 'evil.example' } })).status).toBe(403);
  });

  it('nobody, where that was said', async () => {
    await using wide = await serveLog({ host: '0.0.0.0', access: 'open', lines: 1 });
    expect((await ask(`http://127.0.0.1:${wide.server.port}/raw`)).body).toBe('line 1\n');
    expect(wide.server.entryUrl).toBe(wide.server.url);
  });

  it.each(['tiny', 'fifteen-letters', 'with a space in it', ''])(
    'a token %j is refused and not repeated',
    async (weak) => {
      const refused = serveLog({ access: { token: weak } });
      await expect(refused).rejects.toMatchObject({ kind: 'usage', facts: { option: 'token' } });
      if (weak !== '') await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(weak) });
    },
  );
});
