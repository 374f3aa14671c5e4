import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../../../agent/cli/options/parse.ts';
import { parseStoreAddress, secretsInAddress } from '../../../../../agent/journal/nats/cluster/store-address.ts';

/** What a person is told who gives an address by its variable, empty where it is taken. */
function refusalOf(address: string): string {
  try {
    parseCommandLine(['serve'], { SSE_TAIL_STORE: address }, true);
    return '';
  } catch (error) {
    return String(error);
  }
}

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
    expect(secretsInAddress('nats://al:p@s/s@host')).toContain('p@s/s');
    expect(secretsInAddress('nats://host')).toEqual([]);
  });

  it.each([
    'http://host',
    'nats://',
    'nats://secret@ho st',
    'nats://al:secret?1@host',
    'nats://secret@host?replicas=2',
    'nats://secret@host?shards=0',
    'nats://secret@host?name=a.b',
    'nats://secret@host?name=ci-fresh',
    'nats://secret@host:0',
    'nats://secret@host,other:65536',
    'nats://secret@host?max-bytes=much',
    'nats://secret@host?sync-interval=never',
    'nats://secret@host?what=1',
  ])('is refused, without what is secret in it: %s', (address) => {
    expect(() => parseStoreAddress(address)).toThrow(
      /^--store (takes|expects) .*What was given is not shown: it may contain a secret\.$/,
    );
  });

  it('shows no part of user, password or token, however it is mangled', () => {
    const userInfo = 'Zq7Xw9:Kv3Jm5Ty';
    const secrets = ['Zq7Xw9', 'Kv3Jm5Ty'].flatMap((word) =>
      Array.from({ length: word.length - 2 }, (_, at) => word.slice(at, at + 3)),
    );
    const edit = fc.record({
      at: fc.nat(80),
      removed: fc.integer({ min: 0, max: 1 }),
      added: fc.constantFrom(
        '',
        '@',
        '/',
        '?',
        '#',
        ':',
        ',',
        '%',
        '&',
        '=',
        ' ',
        '[',
        '\n',
        '?name=',
        '?shards=',
        '?max-age=',
        '&what=',
      ),
    });
    const address = fc
      .tuple(
        fc.constantFrom('nats://', 'tls://', 'http://', 'nats:', ''),
        fc.constantFrom('one', 'one:4222,two', 'ho st', `one,nats://${userInfo}@two`),
        fc.constantFrom('', '/', '?replicas=3', '?replicas=2&name=a', '?max-age=old'),
        fc.array(edit, { maxLength: 4 }),
        fc.constantFrom('@', '@', ''),
      )
      .map(([scheme, hosts, query, edits, at]) =>
        edits.reduce(
          (text, { at, removed, added }) => text.slice(0, at) + added + text.slice(at + removed),
          `${scheme}${userInfo}${at}${hosts}${query}`,
        ),
      );
    fc.assert(
      fc.property(address, (text) => {
        const refusal = refusalOf(text);
        for (const part of secrets) expect(refusal).not.toContain(part);
      }),
      { numRuns: 2000 },
    );
  });
});
