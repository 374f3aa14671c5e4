import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partsOf } from '../../../agent/frame/parts.ts';
import type { Origin } from '../../../agent/words/line.ts';
import { parseLines } from '../../support/event-text.ts';
import { batchOf } from '../../support/journal.ts';

it('a block is the same in parts, each no larger than asked for and under its origin', () => {
  const lines = fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(2)), { minLength: 1 });
  fc.assert(
    fc.property(
      lines,
      fc.integer({ min: 1, max: 99_990 }),
      fc.integer({ min: 60, max: 900 }),
      (given, firstId, most) => {
        const texts = given.map(([text]) => text.replaceAll(/[\r\n]/g, ''));
        const origins = given.map(([, time]): Origin => ({ time }));
        const batch = batchOf(firstId, texts, origins);
        const block = { bytes: batch.bytes.subarray(0, batch.length), firstId, lastId: batch.lastId };
        const whole = parseLines(block.bytes.toString());
        const parts = [...partsOf(block, most)];
        expect(parts.flatMap(({ bytes }) => parseLines(bytes.toString()))).toEqual(whole);
        let nextId = firstId;
        for (const part of parts) {
          const ids = parseLines(part.bytes.toString()).map(({ id }) => id);
          expect([part.firstId, ids[0], part.lastId]).toEqual([nextId, nextId, ids.at(-1)]);
          expect(part.bytes.length <= most || ids.length === 1).toBe(true);
          nextId = part.lastId + 1;
        }
      },
    ),
  );
});
