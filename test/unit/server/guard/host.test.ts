import { hostname, networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { expectHosts } from '../../../../agent/server/guard/host.ts';
import { hostInUrl } from '../../../../agent/server/net/address.ts';

describe('expected hosts', () => {
  const hosts = expectHosts({
    listening: '127.0.0.1',
    allowed: ['logs.example.com', 'only.example.com:8443', 'fd00::7'],
    defaultPort: '80',
  });

  it.each([
    'localhost',
    'localhost:7730',
    'LocalHost:9999',
    'localhost.',
    '127.0.0.1:7730',
    '[::1]:7730',
    'logs.example.com',
    'LOGS.example.com:80',
    'only.example.com:8443',
    '[fd00::7]:7730',
  ])('%s is accepted', (header) => {
    expect(hosts.accepts(header)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:7730',
    'localhost.evil.example',
    'evil.example@localhost',
    'localhost@evil.example',
    'localhost/evil',
    'localhost:x',
    'localhost:123456',
    'localhost, evil.example',
    '127.0.0.1.nip.io',
    '127.0.0.2',
    '::1',
    '[::1',
    'only.example.com',
    'only.example.com:80',
    'sub.logs.example.com',
    'logs.example.com:1:2',
  ])('%j is refused', (header) => {
    expect(hosts.accepts(header)).toBe(false);
  });

  it('the address listened on is one of them', () => {
    const only = expectHosts({ listening: '127.0.0.2', allowed: [], defaultPort: '80' });
    expect(only.accepts('127.0.0.2:7730')).toBe(true);
  });

  it('without a port it is the one of the scheme', () => {
    const secure = expectHosts({ listening: '127.0.0.1', allowed: ['x.example:443'], defaultPort: '443' });
    expect([secure.accepts('x.example'), secure.accepts('x.example:80')]).toEqual([true, false]);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1'])(
    'listening on %s it is also what this machine is called, and nothing else',
    (listening) => {
      const all = expectHosts({ listening, allowed: [], defaultPort: '80' });
      const addresses = Object.values(networkInterfaces()).flatMap((entries = []) => entries);
      for (const { address } of addresses) expect(all.accepts(`${hostInUrl(address)}:7730`)).toBe(true);
      expect(all.accepts(`${hostname()}:7730`)).toBe(true);
      for (const header of ['192.0.2.7', 'evil.example', `${hostname()}.evil.example`]) {
        expect(all.accepts(header)).toBe(false);
      }
    },
  );

  it('on a loopback address the machine is not asked by its names', () => {
    expect(hosts.accepts(hostname())).toBe(false);
  });
});
