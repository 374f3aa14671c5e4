import { expect, test } from 'vitest';
import { preferredCoding } from '../../../../agent/server/encoding/accept-encoding.ts';

const offered = ['zstd', 'gzip'] as const;

test.each([
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['GZIP;Q=1.0', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip;q=1.0, zstd;q=0.5', 'gzip'],
  ['gzip ; q=0.001', 'gzip'],
  ['gzip;q=0', undefined],
  ['*', 'zstd'],
  ['*, zstd;q=0', 'gzip'],
  ['gzip;q=0.5, *;q=0', 'gzip'],
  ['*;q=0', undefined],
  ['identity', undefined],
  ['identity, gzip', 'gzip'],
  ['identity;q=0.5, gzip;q=0.4', undefined],
  ['identity;q=0', undefined],
  ['gzip, identity;q=0', 'gzip'],
  ['br', undefined],
  // What can't be read is as if it were not there.
  ['gzip;q=2', undefined],
  ['gzip;q=0.1234', undefined],
  ['gzip;level=9', undefined],
  [',,gzip,', 'gzip'],
  ['gz ip, zstd;q=0.2', 'zstd'],
])('of %j, %j', (header, coding) => {
  expect(preferredCoding(header, offered)).toBe(coding);
});
