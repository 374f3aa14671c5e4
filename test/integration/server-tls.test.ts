import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls, DEFAULT_MAX_VERSION, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { until } from '../support/deadline.ts';
import { ask, connectBare, open } from '../support/http-client.ts';
import { serveLog } from '../support/served-log.ts';
import { tempFolder } from '../support/temp-folder.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const one = { certPath: fixture('one.cert.pem'), keyPath: fixture('one.key.pem') };
const ca = readFileSync(one.certPath);
const token = 'a-token-for-tests-only';

/** The name in the certificate that is served now, or the error's code. */
function certificateOf(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', (error) => resolve(String(error)));
  });
}

describe('over TLS', () => {
  it('everything is as it is without, and the URL says so', async () => {
    await using served = await serveLog({ lines: 2, tls: one });
    expect(served.server.url).toBe(`https://127.0.0.1:${served.server.port}/`);
    expect((await ask(served.url('raw'), { ca })).body).toBe('line 1\nline 2\n');
    using stream = await open(served.url('events'), { ca });
    await served.append(['live']);
    await stream.until('the live line', ({ ids }) => ids.length === 3);
    await served.appendNumbered(100_000, 5000);
    await stream.until('many lines', ({ body }) => body.includes('id: 100003\n'));
  });

  it('the cookie is for TLS only, and for this host only', async () => {
    await using served = await serveLog({ lines: 1, tls: one, access: { token } });
    const { headers } = await ask(served.url(`?token=${token}`), { ca });
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^__Host-sse-tail-[A-Za-z0-9]{8}=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect((await ask(served.url('raw'), { ca, headers: { Cookie: cookie.split(';')[0] as string } })).status).toBe(
      200,
    );
    expect(headers['strict-transport-security']).toBeUndefined();
  });

  it('versions before 1.2 are refused', async () => {
    await using served = await serveLog({ tls: one });
    const handshake = (maxVersion: 'TLSv1.1' | 'TLSv1.2') =>
      new Promise((resolve) => {
        const options = { minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
        const socket = connectTls({
          ...options,
          port: served.server.port,
          host: '127.0.0.1',
          rejectUnauthorized: false,
        });
        socket.on('secureConnect', () => resolve(socket.getProtocol()));
        socket.on('error', (error) => resolve(error.message));
        socket.on('close', () => resolve('closed'));
      });
    expect(await handshake('TLSv1.2')).toBe('TLSv1.2');
    expect(await handshake('TLSv1.1')).toMatch(/alert protocol version|unsupported protocol|no protocols available/);
    expect(DEFAULT_MAX_VERSION).toBe('TLSv1.3');
  });

  it('a handshake that takes its time is cut off, and plain HTTP gets nothing', async () => {
    await using served = await serveLog({ lines: 1, tls: one, headersMs: 300 });
    using silent = await connectBare(served.server.port, '');
    using plain = await connectBare(served.server.port, 'GET /raw HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until('their end', () => silent.isClosed && plain.isClosed, 20_000);
    expect(plain.received).not.toContain('line 1');
  });

  it('limits count connections as well', async () => {
    await using served = await serveLog({ lines: 1, tls: one, limits: { total: 1 } });
    using stream = await open(served.url('events'), { ca });
    expect((await ask(served.url('raw'), { ca })).status).toBe(503);
    expect(stream.status).toBe(200);
  });
});

describe('certificate and key', () => {
  it('are taken up anew when they were replaced, without a break; those that do not fit are not, and told', async () => {
    const folder = await tempFolder();
    const tls = { certPath: join(folder, 'cert.pem'), keyPath: join(folder, 'key.pem') };
    copyFileSync(one.certPath, tls.certPath);
    copyFileSync(one.keyPath, tls.keyPath);
    const warnings: string[] = [];
    await using served = await serveLog({ lines: 1, tls, tlsLookMs: 20, warn: (sentence) => warnings.push(sentence) });
    const { port } = served.server;
    expect(await certificateOf(port)).toBe('sse-tail test one');
    using stream = await open(served.url('events'), { ca });

    copyFileSync(fixture('two.cert.pem'), join(folder, 'new'));
    renameSync(join(folder, 'new'), tls.certPath);
    await until('a warning', () => warnings.length > 0);
    expect(warnings[0]).toContain('does not belong to the certificate');
    expect(await certificateOf(port)).toBe('sse-tail test one');

    copyFileSync(fixture('two.key.pem'), tls.keyPath);
    await until('the new certificate', async () => (await certificateOf(port)) === 'sse-tail test two');
    await served.append(['live']);
    await stream.until('the live line', ({ ids }) => ids.includes(2));
  });

  const bad: [string, { certPath?: string; keyPath?: string }, RegExp][] = [
    [
      'a missing certificate',
      { certPath: '/nowhere/cert.pem' },
      /--tls-cert .*"\/nowhere\/cert.pem" can't be read: it does not exist/,
    ],
    [
      'a missing key',
      { keyPath: '/nowhere/key.pem' },
      /--tls-key .*"\/nowhere\/key.pem" can't be read: it does not exist/,
    ],
    ['the key of another one', { keyPath: fixture('two.key.pem') }, /two\.key\.pem does not belong to the certificate/],
    ['an encrypted key', { keyPath: fixture('encrypted.key.pem') }, /encrypted\.key\.pem is encrypted/],
    ['a folder', { certPath: '/' }, /--tls-cert .*EISDIR/],
    [
      'something else',
      { certPath: fixture('README.md') },
      /README\.md and .*one\.key\.pem are not a certificate and key/,
    ],
    [
      'the two mixed up',
      { certPath: one.keyPath, keyPath: one.certPath },
      /are not a certificate and key in PEM format/,
    ],
  ];
  it.each(bad)('%s is told', async (_, files, message) => {
    await expect(serveLog({ tls: { ...one, ...files } })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(message),
    });
  });

  it('that are empty are told', async () => {
    const empty = join(await tempFolder(), 'empty.pem');
    writeFileSync(empty, '');
    await expect(serveLog({ tls: { ...one, certPath: empty } })).rejects.toMatchObject({ kind: 'usage' });
    await expect(serveLog({ tls: { ...one, keyPath: empty } })).rejects.toMatchObject({ kind: 'usage' });
  });
});
