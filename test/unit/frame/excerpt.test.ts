import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Block } from '../../../agent/frame/block.ts';
import { createBatchBuilder } from '../../../agent/frame/encode.ts';
import { excerptOf } from '../../../agent/frame/excerpt.ts';
import { idAt, visitEvents } from '../../../agent/frame/scan.ts';

interface Line {
  id: number;
  text: string;
  time: number | undefined;
}

/** As a block, and as what a reader is to find in it. */
function blockOf(firstId: number, given: readonly { text: string; time: number }[]): { block: Block; lines: Line[] } {
  const builder = createBatchBuilder(firstId);
  for (const { text, time } of given) {
    builder.origin({ time });
    const bytes = Buffer.from(text);
    builder.line(bytes, 0, bytes.length);
  }
  const { bytes, length, lastId } = builder.take() ?? { bytes: Buffer.alloc(0), length: 0, lastId: 0 };
  const lines = given.map((line, index) => ({ ...line, id: firstId + index }));
  return { block: { bytes: Buffer.from(bytes.subarray(0, length)), firstId, lastId }, lines };
}

function linesOf(bytes: Buffer): Line[] {
  const lines: Line[] = [];
  let time: number | undefined;
  visitEvents(bytes, {
    origin: (origin) => {
      time = origin.time;
    },
    line: (start, end, frame) =>
      void lines.push({ id: idAt(bytes, frame) ?? 0, text: bytes.toString('utf8', start, end), time }),
  });
  return lines;
}

/** Among them those that look like what stands around them. */
const text = fc.oneof(fc.constantFrom('', 'id: 2', 'event: origin', 'data: {"time":9}'), fc.string({ maxLength: 40 }));
const line = fc.record({ text: text.map((of) => of.replace(/[\r\n]/g, ' ')), time: fc.nat(3) });

it('has the lines that are wanted, each under its origin, and tells which they are', () => {
  fc.assert(
    fc.property(
      fc.nat(1200),
      fc.array(line, { minLength: 1, maxLength: 20 }),
      fc.nat(),
      fc.option(fc.nat(25)),
      (first, given, skipped, length) => {
        const { block, lines } = blockOf(1 + first, given);
        const fromId = block.firstId + (skipped % lines.length);
        const toId = length === null ? undefined : fromId + length;
        const wanted = lines.filter(({ id }) => id >= fromId && id <= (toId ?? id));
        const excerpt = excerptOf(block, fromId, toId);
        expect(linesOf(excerpt.bytes)).toEqual(wanted);
        expect([excerpt.firstId, excerpt.lastId]).toEqual([fromId, wanted.at(-1)?.id]);
      },
    ),
  );
});
