import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAutomaton } from '../../../../agent/text/redact/automaton.ts';
import { createNeedles } from '../../../../agent/text/redact/needles.ts';
import { mergeSpans, type Span } from '../../../../agent/text/redact/spans.ts';

/** By looking at each place for each text. */
function naiveSpans(text: string, values: readonly string[]): Span[] {
  const spans: Span[] = [];
  for (const value of values) {
    for (let from = text.indexOf(value); from !== -1; from = text.indexOf(value, from + 1)) {
      spans.push({ from, to: from + value.length });
    }
  }
  return mergeSpans(spans);
}

function naiveBeginning(text: string, values: readonly string[]): number {
  const beginnings = values.flatMap((value) => Array.from(value, (_, at) => value.slice(0, at)));
  return Math.max(0, ...beginnings.filter((beginning) => text.endsWith(beginning)).map(({ length }) => length));
}

/** Few letters, so that texts begin, end and overlap in all ways. */
const word = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'a', 'b', 'ü', '字'), minLength: 1, maxLength });
const values = fc.uniqueArray(word(9), { minLength: 1, maxLength: 60 });
const text = fc.oneof(word(200), fc.string({ unit: 'binary', maxLength: 40 }));

describe('an automaton', () => {
  it('finds what looking at each place finds', () => {
    fc.assert(
      fc.property(values, text, (given, within) => {
        const automaton = createAutomaton(given);
        expect(mergeSpans(automaton.spansIn(within))).toEqual(naiveSpans(within, given));
        expect(automaton.beginningAtEnd(within)).toBe(naiveBeginning(within, given));
      }),
      { numRuns: 1000 },
    );
  });

  it('passes over no place in bytes where one begins', () => {
    fc.assert(
      fc.property(values, text, fc.nat(100), (given, within, from) => {
        const automaton = createAutomaton(given.map((value) => Buffer.from(value).toString('latin1')));
        const bytes = Buffer.from(within);
        const next = automaton.next(bytes, from);
        const places = given.map((value) => bytes.indexOf(value, from)).filter((at) => at !== -1 && at >= from);
        if (places.length === 0) expect(next).toBe(Number.POSITIVE_INFINITY);
        else expect(next).toBeLessThanOrEqual(Math.min(...places));
        expect(next).toBeGreaterThanOrEqual(from);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('needles', () => {
  it('are found as one by one, however many there are and whenever each was added', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word(9), { minLength: 1, maxLength: 120 }),
        text,
        fc.nat(120),
        (given, within, first) => {
          const needles = createNeedles(given.slice(0, first));
          needles.spansIn(within);
          for (const value of given.slice(first)) needles.add(value);
          expect(needles.count).toBe(given.length);
          expect(mergeSpans(needles.spansIn(within))).toEqual(naiveSpans(within, given));
          expect(needles.beginningAtEnd(within)).toBe(naiveBeginning(within, given));
        },
      ),
      { numRuns: 300 },
    );
  });
});
