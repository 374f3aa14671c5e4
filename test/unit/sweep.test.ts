import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pairsOf, productOf } from '../support/sweep.ts';

const parameters = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .map((sizes) => Object.fromEntries(sizes.map((size, at) => [`p${at}`, Array.from({ length: size }, (_, n) => n)])));

it('a sweep has each two values of different parameters together, all of them in cases of the product', () => {
  fc.assert(
    fc.property(parameters, (given) => {
      const cases = pairsOf(given);
      const whole = productOf(given);
      expect(whole).toEqual(expect.arrayContaining(cases));
      for (const [name, values] of Object.entries(given)) {
        for (const [other, others] of Object.entries(given)) {
          for (const value of values) {
            for (const another of name === other ? [value] : others)
              expect(cases.some((one) => one[name] === value && one[other] === another)).toBe(true);
          }
        }
      }
    }),
  );
});

it('and few of these', () => {
  const three = ['a', 'b', 'c'] as const;
  expect(productOf({ one: three, two: three, three })).toHaveLength(27);
  expect(pairsOf({ one: three, two: three, three }).length).toBeLessThanOrEqual(11);
});
