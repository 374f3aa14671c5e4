import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { expectHosts, isHost } from '../../../../agent/server/guard/host.ts';

describe('expected hosts', () => {
  const hosts = expectHosts({
    allowed: [
      'logs.example.com',
      'only.example.com:8443',
      'fd00::7',
      '.example.dev',
      '*.example.net:81',
      'größe.example',
    ],
    defaultPort: '80',
  });

  it.each([
    'localhost',
    'localhost:7730',
    'LocalHost:9999',
    'localhost.',
    'build.localhost:7730',
    '127.0.0.1:7730',
    '127.0.0.2',
    '192.0.2.1:80',
    '[::1]:7730',
    '[fd00::7]:7730',
    'logs.example.com',
    'LOGS.example.com:80',
    'only.example.com:8443',
    'example.dev',
    'a.example.dev:3000',
    'a.b.Example.dev',
    'a.example.net:81',
    'xn--gre-6ka8i.example',
    hostname(),
    `${hostname().toUpperCase()}:7730`,
    `${hostname().split('.')[0]}.local`,
  ])('%s is accepted', (header) => {
    expect(hosts.accepts(header)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:7730',
    'localhost.evil.example',
    'evillocalhost',
    'evil.example@localhost',
    'localhost@evil.example',
    'localhost/evil',
    'localhost:x',
    'localhost:123456',
    'localhost, evil.example',
    '127.0.0.1.nip.io',
    '127.1',
    '2130706433',
    '::1',
    '[::1',
    '[evil]',
    'only.example.com',
    'only.example.com:80',
    'sub.logs.example.com',
    'logs.example.com:1:2',
    'evilexample.dev',
    'example.dev.evil.example',
    'example.net:81',
    'a.example.net',
    `${hostname()}.evil.example`,
    'elsewhere.local',
  ])('%j is refused', (header) => {
    expect(hosts.accepts(header)).toBe(false);
  });

  it('without a port it is the one of the scheme', () => {
    const secure = expectHosts({ allowed: ['x.example:443'], defaultPort: '443' });
    expect([secure.accepts('x.example'), secure.accepts('x.example:80')]).toEqual([true, false]);
  });
});

describe('what can be allowed', () => {
  it.each(['logs.example.com', 'x:8443', '.example.dev', '*.example.dev', '::1', '192.0.2.1'])('%s', (text) => {
    expect(isHost(text)).toBe(true);
  });

  it.each(['', '*', '.', 'a.*.b', '**.b', 'https://x', 'a b', 'x:'])('not %j', (text) => {
    expect(isHost(text)).toBe(false);
  });
});
