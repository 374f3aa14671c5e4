import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Chunk, chunkLines, levelCodeAt, noStamps, pack } from '../../../../agent/finding/chunks/chunk.ts';
import { timeAt } from '../../../../agent/finding/chunks/times.ts';
import { levelCodes } from '../../../../agent/finding/lines/levels.ts';
import { histogramOf } from '../../../../agent/finding/survey/histogram.ts';

/**
 * Lines of a chunk by its number: `starts` are lines at which other times begin, `notable` are errors and the like, and
 * `lost` says how many of its first lines can't be read.
 */
interface Plan {
  lost: number;
  starts: readonly number[];
  steps: readonly number[];
  notable: readonly { at: number; code: number }[];
  lines: number;
}

function chunkOf(number: number, { lost, starts, steps, notable, lines }: Plan, begun: number): Chunk {
  const firstId = number * chunkLines + 1;
  const levels = new Uint8Array(chunkLines);
  for (const { at, code } of notable) levels[at % lines] = code;
  const first = lost % lines;
  levels.fill(levelCodes.unread, 0, first);
  const later = starts.map((start) => start % lines).filter((start) => start > first);
  const sorted = [...new Set([first, ...later])].sort((a, b) => a - b);
  let time = begun;
  const times = sorted.map((_, i) => {
    time += steps[i % steps.length] as number;
    return time;
  });
  const span = { earliest: Math.min(...times), latest: Math.max(...times) };
  const chunk: Chunk = {
    span,
    ...{ firstId, lastId: firstId + lines - 1, levels, times: { starts: sorted, times } },
    ...{
      markers: [],
      problems: [],
      mentions: [],
      errors: 0,
      warnings: 0,
      lost: first,
      isVisibleAsIs: true,
      isWhole: true,
      carried: [],
    },
    stamps: noStamps(),
  };
  if (lines === chunkLines) pack(chunk);
  return chunk;
}

/** Line by line. */
function counted(chunks: readonly Chunk[], firstId: number, width: number, first: number) {
  const buckets = new Map<number, { first: number; lines: number; errors: number; warnings: number }>();
  for (const chunk of chunks) {
    for (let id = Math.max(firstId, chunk.firstId); id <= chunk.lastId; id++) {
      const code = levelCodeAt(chunk, id);
      const at = Math.floor((timeAt(chunk, id) - first) / width);
      const bucket = buckets.get(at) ?? { first: id, lines: 0, errors: 0, warnings: 0 };
      if (code !== levelCodes.unread) bucket.lines++;
      if (code === levelCodes.error) bucket.errors++;
      if (code === levelCodes.warn) bucket.warnings++;
      buckets.set(at, bucket);
    }
  }
  return buckets;
}

const codes = fc.constantFrom(levelCodes.error, levelCodes.warn, levelCodes.info, levelCodes.unread);
const plan = (lines: fc.Arbitrary<number>) =>
  fc.record({
    lost: fc.oneof(fc.constant(0), fc.nat({ max: chunkLines - 1 })),
    starts: fc.array(fc.nat({ max: chunkLines - 1 }), { maxLength: 60 }),
    steps: fc.array(fc.integer({ min: -3000, max: 9000 }), { minLength: 1, maxLength: 60 }),
    notable: fc.array(fc.record({ at: fc.nat({ max: chunkLines - 1 }), code: codes }), { maxLength: 30 }),
    lines,
  });

it('counts what a look at each line counts, wherever the first line is', () => {
  fc.assert(
    fc.property(
      plan(fc.constant(chunkLines)),
      plan(fc.integer({ min: 1, max: 5000 })),
      fc.integer({ min: 1, max: 60 }),
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: chunkLines })),
      (full, begun, most, firstId) => {
        const chunks = [chunkOf(0, full, 1e12), chunkOf(1, begun, 1e12 + 20_000)];
        const { buckets, lines, errors, warnings } = histogramOf(chunks, { buckets: most, firstId });
        const [start] = buckets;
        const width = (start?.to ?? 1) - (start?.from ?? 0);
        const expected = counted(chunks, firstId, width, start?.from ?? 0);
        const found = buckets.flatMap(({ first, ...counts }, at) =>
          first === null ? [] : [[at, counts.lines, counts.errors, counts.warnings]],
        );
        const all = [...expected].sort(([a], [b]) => a - b).map(([at, b]) => [at, b.lines, b.errors, b.warnings]);
        expect(found).toEqual(all.filter(([, count]) => count !== 0));
        for (const [, counts] of expected) expect(counts.first).toBeGreaterThanOrEqual(firstId);
        expect([lines, errors, warnings]).toEqual(
          [1, 2, 3].map((i) => all.reduce((sum, one) => sum + (one[i] as number), 0)),
        );
      },
    ),
    { numRuns: 40 },
  );
});
