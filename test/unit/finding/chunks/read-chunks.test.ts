import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunkLines } from '../../../../agent/finding/chunks/chunk.ts';
import { createChunkBuilder } from '../../../../agent/finding/chunks/chunk-builder.ts';
import { readChunks } from '../../../../agent/finding/chunks/read-chunks.ts';
import { lineScanner } from '../../../../agent/finding/lines/line-scanner.ts';
import type { Journal } from '../../../../agent/journal/journal.ts';
import { syntheticJournal } from '../../../support/synthetic-journal.ts';

async function read(journal: Journal, indexes: readonly number[]) {
  const builders = indexes.map((index) => createChunkBuilder(index * chunkLines + 1, { scanner: lineScanner() }));
  await readChunks(journal, builders, async () => {});
  return builders.map(({ chunk: { levels, ...chunk } }) => ({
    ...chunk,
    levels: Buffer.from((levels as Uint8Array).subarray(0, chunkLines)).toString('base64'),
  }));
}

const noon = Date.UTC(2026, 10, 28, 12);
const origins = [{}, { stream: 'stderr' as const }, { source: 'web' }, { kind: 'notice' as const }];
const texts = [
  'ordinary',
  'WARN slow',
  'Error: no route',
  '    at main (/srv/main.js:1:1)',
  '{',
  '  "level": "error",',
];

it('is the same for chunks that are read in one go and for each by itself, whoever speaks at their edges', async () => {
  await fc.assert(
    fc.asyncProperty(
      // Around the lines that a chunk looks at before its own.
      fc.array(fc.record({ at: fc.integer({ min: -260, max: 40 }), length: fc.integer({ min: 1, max: 90 }) }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.nat(),
      async (some, seed) => {
        // One goes on where the lines before a chunk's own begin.
        const runs = [{ at: -230, length: 60 }, ...some];
        const journal = syntheticJournal(3 * chunkLines, (id) => {
          const place = ((id + chunkLines / 2) % chunkLines) - chunkLines / 2;
          const run = runs.findIndex(({ at, length }) => place >= at && place < at + length);
          const speaker = origins[run === -1 ? 0 : (run + seed) % origins.length];
          const origin = { time: noon + Math.floor(id / 700), ...speaker };
          const text = texts[(id * 31 + seed) % (run === -1 ? 1 : texts.length)] as string;
          return { text, origin };
        });
        const alone = [await read(journal, [0]), await read(journal, [1]), await read(journal, [2])].flat();
        expect(await read(journal, [0, 1, 2])).toEqual(alone);
      },
    ),
    { numRuns: 14 },
  );
});
