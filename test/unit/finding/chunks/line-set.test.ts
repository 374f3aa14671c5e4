import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunkLines } from '../../../../agent/finding/chunks/chunk.ts';
import { createLineSet } from '../../../../agent/finding/chunks/line-set.ts';

it('gives back the lines of a chunk that were added, in order', () => {
  const id = fc.oneof(
    fc.integer({ min: 1, max: 3 * chunkLines }),
    fc.integer({ min: chunkLines - 70, max: chunkLines + 70 }),
    fc.integer({ min: 1, max: chunkLines }).map((at) => at + 2 ** 32),
  );
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), id, fc.nat(chunkLines), (ids, from, length) => {
      const set = createLineSet();
      for (const each of ids) set.add(each);
      const to = Math.min(from + length, Math.ceil(from / chunkLines) * chunkLines);
      const found: number[] = [];
      set.visit(from, to, (each) => found.push(each));
      const expected = [...new Set(ids)].filter((each) => each >= from && each <= to).sort((a, b) => a - b);
      expect(found).toEqual(expected);
    }),
  );
});
