import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../../agent/frame/block.ts';
import { createOriginFilter, partOf } from '../../../agent/frame/filter.ts';
import { slicesOf } from '../../../agent/frame/slices.ts';
import { sealBatch } from '../../../agent/journal/disk/segment/trailer.ts';
import type { Origin } from '../../../agent/words/line.ts';
import { parseLines } from '../../support/event-text.ts';
import { batchOf } from '../../support/journal.ts';

const errors = createOriginFilter(({ stream }) => stream === 'stderr');
const all = Number.POSITIVE_INFINITY;

/** A journal's bytes: batches, each with its trailer. */
function blockOf(firstId: number, batches: readonly { text: string; origin: Origin }[][]): Block {
  let nextId = firstId;
  const pieces = batches.map((lines) => {
    const texts = lines.map(({ text }) => text);
    const batch = batchOf(
      nextId,
      texts,
      lines.map(({ origin }) => origin),
    );
    nextId += lines.length;
    return sealBatch(batch, '');
  });
  return { bytes: Buffer.concat(pieces), firstId, lastId: nextId - 1 };
}

const out = (text: string, time = 1) => ({ text, origin: { time } });
const err = (text: string, time = 1) => ({ text, origin: { time, stream: 'stderr' as const } });
const idsIn = (bytes: Buffer) => parseLines(bytes.toString()).map(({ id }) => id);

describe('a filter by origin', () => {
  it('lets nothing through, something, or the very bytes', () => {
    const quiet = blockOf(1, [[out('a'), out('b')]]);
    expect(partOf(quiet, errors, all)).toMatchObject({ lines: 0, lastLine: 0, lastId: 2, bytes: Buffer.alloc(0) });
    const mixed = blockOf(7, [[out('a'), err('b'), err('c'), out('d')], [err('e')], [out('f')]]);
    const part = partOf(mixed, errors, all);
    expect(part).toMatchObject({ lines: 3, lastLine: 11, lastId: 12 });
    expect(parseLines(part.bytes.toString())).toEqual(
      [8, 9, 11].map((id) => ({ id, text: 'abcdef'.charAt(id - 7), origin: { time: 1, stream: 'stderr' } })),
    );
    const loud = blockOf(1, [[err('a', 1), err('b', 2)], [err('c')]]);
    expect(partOf(loud, errors, all).bytes).toBe(loud.bytes);
  });

  it('stops after so many lines, in the middle of a stretch as well', () => {
    const block = blockOf(1, [[out('a'), err('b'), err('c'), err('d'), out('e'), err('f')]]);
    for (const most of [1, 2, 3, 4]) {
      const part = partOf(block, errors, most);
      const expected = [2, 3, 4, 6].slice(0, most);
      expect(idsIn(part.bytes)).toEqual(expected);
      expect(part).toMatchObject({ lines: most, lastLine: expected.at(-1), lastId: expected.at(-1) });
    }
  });

  it('is not taken in by lines that look like origins', () => {
    const text = 'event: origin data: {"time":1,"stream":"stderr"}';
    expect(partOf(blockOf(1, [[out(text), out('id: 7'), err(text)]]), errors, all)).toMatchObject({ lines: 1 });
  });

  it('gives of any block what a look at every line gives', () => {
    const line = fc.record({
      text: fc.string(),
      origin: fc.record({ time: fc.nat(2), stream: fc.constantFrom('stderr' as const) }, { requiredKeys: ['time'] }),
    });
    const batches = fc.array(fc.array(line, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
    const property = fc.property(fc.nat(1200), batches, fc.integer({ min: 1, max: 30 }), (before, given, most) => {
      const block = blockOf(before + 1, given as { text: string; origin: Origin }[][]);
      const lines = parseLines(block.bytes.toString());
      const wanted = lines.filter(({ origin }) => origin.stream === 'stderr').slice(0, most);
      const part = partOf(block, errors, most);
      expect(parseLines(part.bytes.toString())).toEqual(wanted);
      expect(part.lines).toBe(wanted.length);
      expect(part.lastId).toBe(wanted.length === most ? wanted.at(-1)?.id : block.lastId);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('goes on from slice to slice under the origin that is in force', () => {
    const long = 'x'.repeat(20_000);
    const lines = Array.from({ length: 60 }, (_, at) => (at % 7 < 4 ? err : out)(`${at + 1} ${long}`, at % 3));
    const block = blockOf(1, [lines.slice(0, 25), lines.slice(25)]);
    const slices = [...slicesOf(block)];
    expect(slices.length).toBeGreaterThan(10);
    const parts = slices.map((slice) => partOf(slice, errors, all));
    const whole = partOf(block, errors, all);
    expect(parseLines(Buffer.concat(parts.map(({ bytes }) => bytes)).toString())).toEqual(
      parseLines(whole.bytes.toString()),
    );
    expect(parts.reduce((sum, part) => sum + part.lines, 0)).toBe(whole.lines);
    expect(parts.at(-1)?.lastId).toBe(60);
  });
});
