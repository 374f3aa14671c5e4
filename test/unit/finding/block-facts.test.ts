import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharedFactsOf } from '../../../agent/finding/block-facts.ts';
import { createLineFinder } from '../../../agent/finding/find-lines.ts';
import type { LineFinder } from '../../../agent/finding/line-finder.ts';
import type { LineQuery } from '../../../agent/finding/line-query.ts';
import type { TextPattern } from '../../../agent/finding/pattern/text-pattern.ts';
import type { Block } from '../../../agent/frame/block.ts';
import { slicesOf } from '../../../agent/frame/slices.ts';
import { batchOf } from '../../support/journal.ts';

const text = (pattern: string, isRegex = false): TextPattern => ({
  text: pattern,
  isRegex,
  case: 'smart',
  isWord: false,
});

const queryOf = (query: Partial<LineQuery>): LineQuery => ({ not: [], before: 0, after: 0, ...query });

const finderOf = (query: LineQuery, firstId = 1): LineFinder =>
  createLineFinder(query, { firstId, firstSource: undefined });

function blockOf(firstId: number, lines: readonly string[], time = 1): Block {
  const { bytes, length, lastId } = batchOf(firstId, lines, { time });
  return { bytes: bytes.subarray(0, length), firstId, lastId };
}

const queries: LineQuery[] = [
  queryOf({ pattern: text('ab') }),
  queryOf({ pattern: text('ab'), not: [text('B')] }),
  queryOf({ pattern: text('Ab') }),
  queryOf({ pattern: text('a.?b', true) }),
  queryOf({ pattern: text('é') }),
  queryOf({ pattern: text('ab'), before: 1, after: 1 }),
  queryOf({ pattern: text('ab'), hasRecords: true }),
  queryOf({ not: [text('ab')] }),
  queryOf({ level: ['error'], pattern: text('a') }),
  queryOf({ pattern: text('a'), selection: { stream: ['stderr'] } }),
];

const pieces = fc.constantFrom('a', 'b', 'A', 'B', ' ', '\x1b[31m', '\x1b[m', 'e\u0301', 'é', 'ERROR ', '日');
const blocks = fc.array(
  fc.array(
    fc.array(pieces, { maxLength: 8 }).map((line) => line.join('')),
    { minLength: 1 },
  ),
  {
    maxLength: 4,
  },
);

test('searches that share what is known of a block find what each would find by itself', () => {
  fc.assert(
    fc.property(blocks, fc.integer({ min: 1, max: 5 }), (texts, most) => {
      const together = queries.map((query) => finderOf(query));
      const alone = queries.map((query) => finderOf(query));
      let firstId = 1;
      for (const lines of texts) {
        const block = blockOf(firstId, lines);
        firstId += lines.length;
        for (const [i, finder] of together.entries()) {
          const found = finder.take(block, most, sharedFactsOf(block));
          expect(found).toEqual((alone[i] as LineFinder).take(block, most));
        }
      }
    }),
  );
});

test('slices of a large batch are looked through under the origin that the first of them has', () => {
  const block = blockOf(
    1,
    Array.from({ length: 2000 }, (_, i) => `${i} ${'x'.repeat(60)} ${i % 10 === 0 ? 'hit' : ''}`),
    77,
  );
  const slices = [...slicesOf(block)];
  expect(slices.length).toBeGreaterThan(1);
  for (const query of [queryOf({ pattern: text('hit') }), queryOf({ pattern: text('hit'), not: [text('nobody')] })]) {
    const finder = finderOf(query);
    const found = slices.map((slice) => finder.take(slice, Number.POSITIVE_INFINITY, sharedFactsOf(slice)));
    expect(found.reduce((sum, { matches }) => sum + matches, 0)).toBe(200);
    for (const { bytes } of found) expect(bytes.toString()).toMatch(/^event: origin\ndata: \{"time":77\}\n\nid: /);
  }
});

test('what many searches find alike is put together once', () => {
  const block = blockOf(1, ['one hit', 'nothing', 'another hit', 'a miss']);
  const found = Array.from({ length: 100 }, (_, i) => {
    const finder = finderOf(queryOf({ pattern: text('hit'), not: [text(`nobody-${i}`)] }));
    return finder.take(block, Number.POSITIVE_INFINITY, sharedFactsOf(block));
  });
  for (const { bytes, matches } of found) {
    expect(matches).toBe(2);
    expect(bytes).toBe(found[0]?.bytes);
  }
  const other = finderOf(queryOf({ pattern: text('hit'), not: [text('another')] }));
  expect(other.take(block, 9, sharedFactsOf(block)).bytes.toString()).toContain('one hit');
});
