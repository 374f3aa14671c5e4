import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import wabt from 'wabt';
import { createBatchBuilder } from '../../../agent/frame/encode.ts';
import { assembled, lineFramer } from '../../../agent/frame/line-framer.ts';

const source = new URL('../../../agent/frame/frame-lines.wat', import.meta.url);

test('what runs is what its source is assembled to', async () => {
  const { parseWat } = await wabt();
  const { buffer } = parseWat('frame-lines.wat', readFileSync(source, 'utf8'), { simd: true }).toBinary({});
  expect(assembled).toBe(Buffer.from(buffer).toString('base64'));
});

describe('many lines at once', () => {
  /** As they come from a source: each with an LF after it. */
  const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));

  /** What is encoded line by line, in JavaScript. */
  function expected(firstId: number, lines: readonly string[]): string {
    return lines.map((line, i) => `id: ${firstId + i}\ndata: ${line}\n\n`).join('');
  }

  function framed(firstId: number, lines: readonly string[], before = 'xyz'): string {
    const builder = createBatchBuilder(firstId);
    const bytes = Buffer.concat([Buffer.from(before), bytesOf(lines), Buffer.from('what comes after\n')]);
    builder.origin({ time: 7 });
    builder.lines(bytes, before.length, bytes.length - 'what comes after\n'.length);
    expect(builder.lineCount).toBe(lines.length);
    const batch = builder.take();
    expect(batch).toMatchObject({ firstId, lastId: firstId + lines.length - 1 });
    const text = batch?.bytes.toString('utf8', 0, batch.length) ?? '';
    return text.slice(text.indexOf('\n\n') + 2);
  }

  test('are framed in WebAssembly here', () => {
    expect(lineFramer()).toBeDefined();
  });

  const line = fc.oneof(
    fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, '')),
    fc.nat({ max: 70 }).map((length) => 'x'.repeat(length)),
    fc.constantFrom('', 'id: 7', 'data: x', '日本語', 'é'.repeat(500)),
  );
  const firstIds = fc.oneof(
    fc.integer({ min: 1, max: 2000 }),
    fc.constantFrom(9, 10, 99, 9_990, 99_999_990, 9_007_199_254_000_000),
  );

  test('are framed as one by one, whatever their lengths and ids', () => {
    fc.assert(
      fc.property(firstIds, fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat({ max: 40 }), (id, some, times) => {
        const lines = Array.from({ length: 5 * times + 1 }, () => some).flat();
        expect(framed(id, lines)).toBe(expected(id, lines));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['empty ones, of which the frames take 20 times as much', Array.from({ length: 300_000 }, () => '')],
    ['more than there is room for', Array.from({ length: 30_000 }, (_, i) => `${i} ${'y'.repeat(90)}`)],
    ['the longest that there are', ['a', 'z'.repeat(262_144), 'b', 'z'.repeat(262_143), '']],
    [
      'longer ones than there are',
      ['a'.repeat(5000), 'z'.repeat(400_000), 'b', 'c'.repeat(327_679), 'd'.repeat(327_680)],
    ],
  ])('are framed: %s', (_, lines) => {
    expect(framed(5, lines) === expected(5, lines)).toBe(true);
  });

  test('are framed after single ones, and before', () => {
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i} ${'-'.repeat(i)}`);
    const bytes = bytesOf(lines);
    const builder = createBatchBuilder(95);
    const one = Buffer.from('one');
    builder.origin({ time: 7 });
    builder.line(one, 0, one.length);
    builder.lines(bytes, 0, bytes.length);
    builder.line(one, 0, one.length);
    const batch = builder.take();
    const text = batch?.bytes.toString('utf8', 0, batch.length) ?? '';
    expect(text.slice(text.indexOf('\n\n') + 2)).toBe(expected(95, ['one', ...lines, 'one']));
    builder.origin({ time: 8 });
    builder.lines(bytes, 0, bytes.length);
    expect(builder.take()).toMatchObject({ firstId: 297, lastId: 496 });
  });

  test('of large batches are framed where they stand, in rooms that are used again', async () => {
    // Builders that were dropped here have kept rooms.
    vi.resetModules();
    const { createBatchBuilder } = await import('../../../agent/frame/encode.ts');
    const { lineFramer } = await import('../../../agent/frame/line-framer.ts');
    const bytes = bytesOf(Array.from({ length: 3000 }, (_, i) => `${i} ${'y'.repeat(90)}`));
    const builder = createBatchBuilder(1);
    const buffers = new Set<Buffer>();
    for (let i = 0; i < 20; i++) {
      builder.origin({ time: i });
      builder.lines(bytes, 0, bytes.length);
      const batch = builder.take();
      if (batch === undefined) throw new Error('a batch has lines');
      buffers.add(batch.bytes);
      batch.release();
    }
    expect(buffers.size).toBeLessThan(4);
    expect(new Set([...buffers].map(({ buffer }) => buffer)).size).toBe(1);
    const framer = lineFramer();
    const rooms: Buffer[] = [];
    for (let room = framer?.takeRoom(1); room !== undefined; room = framer?.takeRoom(1)) rooms.push(room);
    // One is where the builder's next lines come.
    expect(rooms).toHaveLength(4);
    expect(framer?.takeRoom(1)).toBeUndefined();
    for (const room of rooms) expect(framer?.giveRoom(room)).toBe(true);
    expect(framer?.giveRoom(Buffer.alloc(10))).toBe(false);
  });
});
