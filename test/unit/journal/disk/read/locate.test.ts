import { open } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locate } from '../../../../../agent/journal/disk/read/locate.ts';
import { createSegment } from '../../../../../agent/journal/disk/segment/segment.ts';
import { openFileJournal } from '../../../../../agent/journal/disk/write/file-journal.ts';
import { overwrite } from '../../../../support/damage.ts';
import { append, idsOf, readAll } from '../../../../support/journal.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** A segment of batches of the given numbers of lines and bytes a line, of which nothing is known yet. */
async function segmentOf(batches: readonly { lines: number; bytes: number }[]) {
  const dir = await tempFolder();
  const journal = await openFileJournal({ dir });
  for (const { lines, bytes } of batches)
    await append(
      journal,
      Array.from({ length: lines }, () => 'x'.repeat(bytes)),
    );
  const { lastId, size } = journal;
  await journal.close();
  return { dir, lastId, size, segment: createSegment(dir, 1, size) };
}

describe('finding a line in a segment', () => {
  test('leads to a boundary before it, from which it is near, however lines and batches vary', async () => {
    const batch = fc.record({ lines: fc.integer({ min: 1, max: 300 }), bytes: fc.constantFrom(0, 10, 100, 1000) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(), { minLength: 1 }),
        async (batches, wanted) => {
          const { lastId, segment } = await segmentOf(batches);
          const handle = await open(segment.path);
          try {
            for (const one of wanted) {
              const id = 1 + (one % lastId);
              const found = await locate(segment, handle, id, lastId + 1);
              expect(found.id).toBeLessThanOrEqual(id);
              const window = Buffer.alloc(700_000);
              const { bytesRead } = await handle.read(window, 0, window.length, found.offset);
              expect(window.subarray(0, bytesRead).toString()).toMatch(
                new RegExp(`^event: origin\\n[^]*\\nid: ${id}\\n`),
              );
            }
          } finally {
            await handle.close();
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test('takes few reads, and none again for what is known', async () => {
    const { lastId, segment } = await segmentOf(Array.from({ length: 4000 }, () => ({ lines: 20, bytes: 100 })));
    const handle = await open(segment.path);
    let reads = 0;
    const counting = new Proxy(handle, {
      get(target, name) {
        if (name !== 'read') return Reflect.get(target, name);
        return (...args: Parameters<typeof handle.read>) => {
          reads++;
          return target.read(...args);
        };
      },
    });
    const middle = Math.floor(lastId / 2);
    await locate(segment, counting, middle, lastId + 1);
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThanOrEqual(4);
    reads = 0;
    await locate(segment, counting, middle, lastId + 1);
    expect(reads).toBeLessThanOrEqual(2);
    reads = 0;
    await locate(segment, counting, 1, lastId + 1);
    expect(reads).toBe(0);
    await handle.close();
  });

  test('gets past damage', async () => {
    const { dir, lastId, size, segment } = await segmentOf(
      Array.from({ length: 4000 }, () => ({ lines: 10, bytes: 20 })),
    );
    await overwrite(segment.path, Math.floor(size / 2) - 300_000, Buffer.alloc(600_000, '\n: batch 7 1-2 '));
    const journal = await openFileJournal({ dir });
    for (const id of [2, Math.floor(lastId / 4), Math.floor((lastId * 3) / 4), lastId - 1]) {
      expect(idsOf(await readAll(journal, id, id), id)).toEqual([id]);
    }
    const half = Math.floor(lastId / 2);
    expect(await readAll(journal, half, half)).toEqual([{ from: half, to: half, reason: 'damage' }]);
    await journal.close();
  });
});
