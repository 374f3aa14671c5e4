import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  codeIn,
  packCodes,
  unpackCodes,
  visitWanted,
  wantedCodes,
} from '../../../../agent/finding/lines/packed-codes.ts';

const code = fc.nat({ max: 15 });
/** Long runs of the same, short ones, and ones that end at a step's edges. */
const run = fc.tuple(code, fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(255, 256, 257, 512, 1000)));

it('packed codes are those that were packed, and what is wanted of them is found', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 30 }), fc.array(code), fc.nat(), fc.nat(), (runs, wanted, a, b) => {
      const all = runs.flatMap(([of, length]) => Array<number>(length).fill(of));
      const codes = Uint8Array.from({ length: 2048 }, (_, i) => all[i] ?? 0);
      const packed = packCodes(codes);
      expect(unpackCodes(packed)).toEqual(codes);
      expect(Array.from(codes, (_, i) => codeIn(packed, i))).toEqual([...codes]);
      const [from, to] = [a % 2048, b % 2048].sort((x, y) => x - y) as [number, number];
      const found: [number, number][] = [];
      visitWanted(packed, wantedCodes(wanted), from, to, (...each) => found.push(each));
      const expected = [...codes.entries()].filter(([i, of]) => i >= from && i <= to && wanted.includes(of));
      expect(found).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

it('lines that are all the same take next to nothing', () => {
  const { steps, mixed } = packCodes(new Uint8Array(32_768).fill(2));
  expect(steps.length + mixed.length).toBe(128);
});
