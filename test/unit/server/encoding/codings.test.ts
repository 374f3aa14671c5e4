import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Coding } from '../../../../agent/server/encoding/coding.ts';
import { gzip } from '../../../../agent/server/encoding/gzip.ts';
import { zstd } from '../../../../agent/server/encoding/zstd.ts';
import { unzstd } from '../../../support/unzstd.ts';

const codings: [Coding, (bytes: Buffer) => Buffer][] = [[gzip, zlib.gunzipSync]];
if (zstd !== undefined) codings.push([zstd, unzstd]);

const ways = ['compress', 'compressNow', 'store'] as const;
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 2000 }),
  fc.integer({ min: 1, max: 60_000 }).map((length) => 'a line of a log '.repeat(1 + length / 16).slice(0, length)),
);
const pieces = fc.array(fc.tuple(text, fc.constantFrom(...ways)), { maxLength: 8 });

describe.each(codings)('$name', (coding, unpack) => {
  test('pieces made each for itself are one body, checksum and length included', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const body = [coding.head];
        let crc = 0;
        for (const [part, way] of parts) {
          const bytes = Buffer.from(part).subarray(0, 65_535);
          crc = zlib.crc32(bytes, crc);
          body.push(await coding[way](bytes));
        }
        const whole = Buffer.concat(parts.map(([part]) => Buffer.from(part).subarray(0, 65_535)));
        body.push(coding.end({ crc, length: whole.length }));
        expect(unpack(Buffer.concat(body)).equals(whole)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('the longest that can be stored is', () => {
    for (const length of [0, 1, 255, 256, 65_535]) {
      const bytes = Buffer.alloc(length, 'x');
      const end = coding.end({ crc: zlib.crc32(bytes), length });
      expect(unpack(Buffer.concat([coding.head, coding.store(bytes), end])).equals(bytes)).toBe(true);
    }
  });
});

test('every piece of gzip ends with a flush, which some decoders wait for', async () => {
  const said = Buffer.from('said at once, and said again: said at once');
  for (const way of ways) expect((await gzip[way](said)).subarray(-4).toString('hex')).toBe('0000ffff');
});

test('a piece can be read before the next one comes', async () => {
  const unpacked: Buffer[] = [];
  const stream = zlib.createGunzip().on('data', (bytes) => unpacked.push(bytes));
  const said = Buffer.from('said at once, and said again: said at once');
  for (const way of ways) {
    const before = unpacked.length;
    stream.write(way === 'compress' ? Buffer.concat([gzip.head, await gzip.compress(said)]) : await gzip[way](said));
    await expect.poll(() => Buffer.concat(unpacked.slice(before)).toString()).toBe(said.toString());
  }
});
