import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beginsTrailer,
  lastIdNamed,
  sealBatch,
  trailerAt,
  trailerBefore,
  trailerSign,
  verifies,
} from '../../../../../agent/journal/disk/segment/trailer.ts';
import { sealInFirstForm } from '../../../../support/first-form.ts';
import { batchOf } from '../../../../support/journal.ts';

describe('trailers', () => {
  test('a sealed batch ends with its length, its ids, its positions and the checksum', () => {
    const sealed = sealBatch(batchOf(41, ['a', 'b']), '{"all":[["ü",7]]}').toString();
    expect(sealed).toMatch(/data: b\n\n:64 42\/2 \{"all":\[\["ü",7\]\]\} [0-9a-f]{8}\n\n$/);
    expect(sealBatch(batchOf(1, ['a']), '').toString()).toMatch(/\n\n:47 1 [0-9a-f]{8}\n\n$/);
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
    expect(trailerAt(buffer, buffer.lastIndexOf(trailerSign) + 1, buffer.length)).toEqual(trailer);
    expect(buffer.toString('utf8', trailer?.noteStart, trailer?.noteEnd)).toBe('{"all":[]}');
    expect(trailer !== undefined && verifies(buffer, trailer)).toBe(true);
  });

  test('of the first form are read as well', () => {
    const sealed = sealInFirstForm(batchOf(7, ['a', 'b']), '{"all":[]}');
    const trailer = trailerBefore(sealed, sealed.length);
    expect(trailer).toMatchObject({ batchStart: 0, end: sealed.length, firstId: 7, lastId: 8 });
    expect(sealed.toString('utf8', trailer?.noteStart, trailer?.noteEnd)).toBe('{"all":[]}');
    expect(trailer !== undefined && verifies(sealed, trailer)).toBe(true);
  });

  test.each([sealBatch, sealInFirstForm])(
    'that are not complete may become one, and name their last id if they have it',
    (seal) => {
      const text = seal(batchOf(12, ['a', 'b']), '0.5yc+2s')
        .toString()
        .split('\n\n')
        .at(-2) as string;
      for (let end = 1; end <= text.length; end++)
        expect([text.slice(0, end), beginsTrailer(text.slice(0, end))]).toEqual([text.slice(0, end), true]);
      expect(lastIdNamed(text)).toBe(13);
      for (const other of ['', 'id: 1', ': comment', ': batc 1'])
        expect(beginsTrailer(other) && other !== '').toBe(false);
    },
  );

  test('an incomplete one is none', () => {
    const sealed = sealBatch(batchOf(1, ['a']), '{"all":[]}');
    const start = sealed.lastIndexOf(trailerSign) + 1;
    for (let end = start; end < sealed.length; end++) {
      expect(trailerAt(sealed, start, end)).toBeUndefined();
      expect(trailerBefore(sealed.subarray(0, end), end)).toBeUndefined();
    }
    expect(trailerBefore(Buffer.alloc(0), 0)).toBeUndefined();
  });

  test('every flipped bit of a batch and its trailer is found', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '{"all":[]}', '0.5yc+2s'),
        fc.constantFrom(sealBatch, sealInFirstForm),
        (texts, note, seal) => {
          const lines = texts.map((text) => text.replace(/[\r\n]/g, ''));
          const sealed = seal(batchOf(12, lines), note);
          for (let bit = 0; bit < sealed.length * 8; bit++) {
            const damaged = Buffer.from(sealed);
            damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
            const trailer = trailerBefore(damaged, damaged.length);
            const passes = trailer !== undefined && trailer.batchStart === 0 && verifies(damaged, trailer);
            if (passes) throw new Error(`bit ${bit} of ${JSON.stringify(sealed.toString())}`);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
