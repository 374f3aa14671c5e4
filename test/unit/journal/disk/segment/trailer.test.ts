import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  sealBatch,
  trailerAt,
  trailerBefore,
  trailerMark,
  verifies,
} from '../../../../../agent/journal/disk/segment/trailer.ts';
import { batchOf } from '../../../../support/journal.ts';

describe('trailers', () => {
  test('a sealed batch ends with its length, its ids, its positions and the checksum', () => {
    const sealed = sealBatch(batchOf(41, ['a', 'b']), '{"at":[["ü",7]]}').toString();
    expect(sealed).toMatch(/data: b\n\n: batch 64 41-42 \{"at":\[\["ü",7\]\]\} [0-9a-f]{8}\n\n$/);
    expect(sealBatch(batchOf(1, ['a']), '').toString()).toMatch(/\n\n: batch 47 1-1 [0-9a-f]{8}\n\n$/);
  });

  test('it is written into the room behind the batch, or into a larger buffer where that is too small', () => {
    const batch = batchOf(1, ['a']);
    expect(sealBatch(batch, '').buffer).toBe(batch.bytes.buffer);
    const long = JSON.stringify({ all: Array.from({ length: 100 }, () => 'x'.repeat(100)) });
    const sealed = sealBatch(batch, long);
    expect(sealed.buffer).not.toBe(batch.bytes.buffer);
    const trailer = trailerBefore(sealed, sealed.length);
    expect(trailer !== undefined && verifies(sealed, trailer)).toBe(true);
  });

  test('it is found from its end and from its start, wherever the batch stands in a buffer', () => {
    const sealed = sealBatch(batchOf(7, ['a', ': batch 1 1-1 00000000']), '{"all":[]}');
    const buffer = Buffer.concat([Buffer.from('xyz\n\n'), sealed, Buffer.from('event: or')]);
    const end = 5 + sealed.length;
    const trailer = trailerBefore(buffer, end);
    expect(trailer).toMatchObject({ batchStart: 5, end, firstId: 7, lastId: 8 });
    expect(trailerAt(buffer, buffer.lastIndexOf(trailerMark) + 1, buffer.length)).toEqual(trailer);
    expect(buffer.toString('utf8', trailer?.positionsStart, trailer?.positionsEnd)).toBe('{"all":[]}');
    expect(trailer !== undefined && verifies(buffer, trailer)).toBe(true);
  });

  test('an incomplete one is none', () => {
    const sealed = sealBatch(batchOf(1, ['a']), '{"all":[]}');
    const start = sealed.lastIndexOf(trailerMark) + 1;
    for (let end = start; end < sealed.length; end++) {
      expect(trailerAt(sealed, start, end)).toBeUndefined();
      expect(trailerBefore(sealed.subarray(0, end), end)).toBeUndefined();
    }
    expect(trailerBefore(Buffer.alloc(0), 0)).toBeUndefined();
  });

  test('every flipped bit of a batch and its trailer is found', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), fc.boolean(), (texts, withPositions) => {
        const lines = texts.map((text) => text.replace(/[\r\n]/g, ''));
        const sealed = sealBatch(batchOf(12, lines), withPositions ? '{"at":[["a.log",12]]}' : '');
        for (let bit = 0; bit < sealed.length * 8; bit++) {
          const damaged = Buffer.from(sealed);
          damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
          const trailer = trailerBefore(damaged, damaged.length);
          const passes = trailer !== undefined && trailer.batchStart === 0 && verifies(damaged, trailer);
          if (passes) throw new Error(`bit ${bit} of ${JSON.stringify(sealed.toString())}`);
        }
      }),
      { numRuns: 30 },
    );
  });
});
