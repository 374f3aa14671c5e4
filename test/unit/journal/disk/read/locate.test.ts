import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
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

function countingReads(handle: FileHandle) {
  const counts = { reads: 0, bytes: 0 };
  const counting = new Proxy(handle, {
    get(target, name) {
      if (name !== 'read') return Reflect.get(target, name);
      return async (bytes: Buffer, offset: number, length: number, position: number) => {
        counts.reads++;
        const result = await target.read(bytes, offset, length, position);
        counts.bytes += result.bytesRead;
        return result;
      };
    },
  });
  return { counting, counts };
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
    const { counting, counts } = countingReads(handle);
    const middle = Math.floor(lastId / 2);
    await locate(segment, counting, middle, lastId + 1);
    expect(counts.reads).toBeGreaterThan(0);
    expect(counts.reads).toBeLessThanOrEqual(4);
    counts.reads = 0;
    await locate(segment, counting, middle, lastId + 1);
    expect(counts.reads).toBeLessThanOrEqual(2);
    counts.reads = 0;
    await locate(segment, counting, 1, lastId + 1);
    expect(counts.reads).toBe(0);
    await handle.close();
  });

  test('among batches as a burst leaves them reads little more than the batch that it is in', async () => {
    const lines = 8000;
    const { lastId, size, segment } = await segmentOf(Array.from({ length: 6 }, () => ({ lines, bytes: 100 })));
    const handle = await open(segment.path);
    for (const id of [lastId, lastId - 1000, lastId - lines + 1, 3 * lines + 2, 3 * lines, lines + 1, 2]) {
      const { counting, counts } = countingReads(handle);
      const found = await locate(createSegment(dirname(segment.path), 1, size), counting, id, lastId + 1);
      expect(found.id).toBe(Math.floor((id - 1) / lines) * lines + 1);
      expect(counts.reads).toBeLessThanOrEqual(12);
      expect(counts.bytes).toBeLessThan(3.5 * (size / 6));
    }
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
