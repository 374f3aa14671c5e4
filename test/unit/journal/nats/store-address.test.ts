import { describe, expect, it } from 'vitest';
import { parseStoreAddress, secretsInAddress } from '../../../../agent/journal/nats/store-address.ts';

describe('the address of a store', () => {
  it('names servers, and how the store is laid out', () => {
    expect(parseStoreAddress('nats://one,two:4333/?replicas=3&max-bytes=1GiB&max-age=2h&name=ci')).toEqual({
      servers: ['one:4222', 'two:4333'],
      isTls: false,
      name: 'ci',
      replicas: 3,
      shards: 16,
      maxBytes: 1024 ** 3,
      maxAgeMs: 7_200_000,
      syncMs: 120_000,
      shown: 'nats://one:4222,two:4333',
    });
    expect(parseStoreAddress('nats://one?sync-interval=10s').syncMs).toBe(10_000);
    expect(parseStoreAddress('nats://one?sync-interval=always').syncMs).toBe(0);
    expect(parseStoreAddress('tls://[::1]')).toMatchObject({ servers: ['[::1]:4222'], isTls: true });
  });

  it('may hold user and password, or a token, and never shows them', () => {
    expect(parseStoreAddress('nats://al%40x:s3%2Fcret@host')).toMatchObject({
      user: 'al@x',
      password: 's3/cret',
      shown: 'nats://host:4222',
    });
    expect(parseStoreAddress('nats://t0ken@host')).toMatchObject({ token: 't0ken', shown: 'nats://host:4222' });
    expect(secretsInAddress('nats://al:s3%2Fcret@host')).toEqual(['al:s3%2Fcret', 's3%2Fcret', 's3/cret']);
    expect(secretsInAddress('nats://t0ken@host')).toEqual(['t0ken']);
    expect(secretsInAddress('nats://host')).toEqual([]);
  });

  it.each([
    'http://host',
    'nats://',
    'nats://secret@ho st',
    'nats://secret@host?replicas=2',
    'nats://secret@host?shards=0',
    'nats://secret@host?name=a.b',
    'nats://secret@host?max-bytes=much',
    'nats://secret@host?sync-interval=never',
    'nats://secret@host?what=1',
  ])('is refused, without what is secret in it: %s', (address) => {
    expect(() => parseStoreAddress(address)).toThrow(/^--store (?!.*secret).*, but got "/);
  });
});
