import { describe, expect, it } from 'vitest';
import { hostInUrl, isLoopback, networkOf } from '../../../../agent/server/net/address.ts';

describe('addresses that only this machine reaches', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', 'LOCALHOST', '::1', '[::1]'])('%s is one', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '192.168.1.2', '', 'localhost.example.com', '127.0.0.1.example.com', '::ffff:10.0.0.1'])(
    '%j is none',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  it('an IPv6 address stands in brackets in a URL', () => {
    expect(hostInUrl('::1')).toBe('[::1]');
    expect(hostInUrl('127.0.0.1')).toBe('127.0.0.1');
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['', ''],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:0db8:0001:0002:0003:0004:0005:0006', '2001:db8:1:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['1:2:3:4:5::', '1:2:3:4::/64'],
    ['::2:3:4:5:6:7', '0:0:2:3::/64'],
  ])('of %j is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
