import { describe, expect, it } from 'vitest';
import {
  addIdsOf,
  type Chunk,
  chunkLines,
  codesOf,
  levelCodeAt,
  pack,
} from '../../../../agent/finding/chunks/chunk.ts';
import { createChunkBuilder } from '../../../../agent/finding/chunks/chunk-builder.ts';
import { thinTimes } from '../../../../agent/finding/chunks/times.ts';
import { levelCodes } from '../../../../agent/finding/lines/levels.ts';
import { histogramOf } from '../../../../agent/finding/survey/histogram.ts';

/** Of a server with an error now and then, and the trace after it. */
function lineOf(id: number): string {
  const time = new Date(Date.UTC(2026, 10, 28) + id * 3).toISOString();
  if (id % 500 === 1) return '    at f (a.js:1:2)';
  return `${time} ${id % 500 === 0 ? 'ERROR' : id % 77 === 0 ? 'WARN' : 'INFO'} request ${id}`;
}

function fullChunk(): Chunk {
  const builder = createChunkBuilder(1);
  for (let first = 1; first <= chunkLines; first += 1024) {
    const frames = Array.from({ length: 1024 }, (_, i) => `id: ${first + i}\ndata: ${lineOf(first + i)}\n\n`);
    const bytes = Buffer.from(`event: origin\ndata: {"time":1764316801123}\n\n${frames.join('')}`);
    builder.take({ bytes, firstId: first, lastId: first + 1023 });
  }
  return builder.chunk;
}

function idsOf(chunk: Chunk): number[] {
  const ids: number[] = [];
  addIdsOf(chunk, codesOf(['error', 'warn']), { from: 1, to: chunkLines }, { add: (id) => void ids.push(id) });
  return ids;
}

describe('what is remembered of lines', () => {
  it('says the same where it is packed', () => {
    const chunk = fullChunk();
    const codes = Array.from({ length: chunkLines }, (_, i) => levelCodeAt(chunk, i + 1));
    const ids = idsOf(chunk);
    expect([codes[499], codes[500], codes[76], codes[0]]).toEqual([
      levelCodes.error,
      levelCodes.error,
      levelCodes.warn,
      levelCodes.none,
    ]);
    pack(chunk);
    expect(Array.from({ length: chunkLines }, (_, i) => levelCodeAt(chunk, i + 1))).toEqual(codes);
    expect(idsOf(chunk)).toEqual(ids);
  });

  it('counts the same lines with fewer times', () => {
    const chunk = fullChunk();
    pack(chunk);
    const before = histogramOf([chunk], { buckets: 10, firstId: 1 });
    thinTimes(chunk, 512);
    expect(chunk.times.times.length).toBeLessThanOrEqual(512);
    expect(chunk.times.times.length).toBeGreaterThan(100);
    const after = histogramOf([chunk], { buckets: 10, firstId: 1 });
    expect({ ...after, buckets: [] }).toEqual({ ...before, buckets: [] });
    for (const [i, bucket] of after.buckets.entries())
      expect(Math.abs(bucket.lines - (before.buckets[i]?.lines ?? 0))).toBeLessThan(chunkLines / 100);
  });
});
