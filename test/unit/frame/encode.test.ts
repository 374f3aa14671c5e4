import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../agent/frame/block.ts';
import { createBatchBuilder } from '../../../agent/frame/encode.ts';
import type { Origin } from '../../../agent/words/line.ts';

/** The bytes through a parser of the HTML standard's event stream that is not ours, cut into chunks anywhere. */
function parse(bytes: Buffer, cuts: readonly number[] = []): EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onError: (error) => {
      throw error;
    },
  });
  const decoder = new TextDecoder();
  let at = 0;
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    parser.feed(decoder.decode(bytes.subarray(at, cut), { stream: true }));
    at = cut;
  }
  return events;
}

function bytesOf(batch: Batch | undefined): Buffer {
  return batch === undefined ? Buffer.alloc(0) : batch.bytes.subarray(0, batch.length);
}

/** Anything that can be a line: valid UTF-8 without LF and CR, what looks like SSE included. */
const line = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replace(/[\r\n]/g, '')),
  fc.constantFrom(
    '',
    ' ',
    '  two spaces',
    'data: x',
    'id: 7',
    'id',
    ':',
    ': comment',
    'event: origin',
    '\uFEFFbom',
    '\0',
  ),
  fc.string({ unit: 'grapheme', maxLength: 3000 }).map((text) => text.replace(/[\r\n]/g, '')),
);

const origin: fc.Arbitrary<Origin> = fc.record(
  {
    time: fc.nat(),
    source: fc.string({ unit: 'binary', maxLength: 20 }),
    stream: fc.constant('stderr' as const),
    kind: fc.constant('notice' as const),
    continued: fc.constant(true as const),
  },
  { requiredKeys: ['time'] },
);

describe('an expected chunk', () => {
  const aLine = fc.oneof(
    fc.string({ maxLength: 200 }).map((text) => text.replace(/[\r\n]/g, '')),
    fc.integer({ min: 0, max: 3000 }).map((length) => 'x'.repeat(length)),
  );
  /** Lines of chunks, and lines that stand elsewhere (carried over, folded) between them. */
  const step = fc.record({
    chunk: fc.array(aLine, { maxLength: 40 }),
    strays: fc.array(fc.nat(40), { maxLength: 5 }),
    stray: aLine,
    isTogether: fc.boolean(),
    isTaken: fc.boolean(),
  });

  test('gives the same frames as line by line, also when buffers are used again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const builder = createBatchBuilder(9_990);
        const plain = createBatchBuilder(9_990);
        // The source reads into one buffer again and again.
        const readBuffer = Buffer.alloc(200_000);
        let time = 0;
        for (const { chunk, strays, stray, isTogether, isTaken } of steps) {
          const length = readBuffer.write(chunk.map((text) => `${text}\n`).join(''));
          const bytes = readBuffer.subarray(0, length);
          const strayBytes = Buffer.from(stray);
          builder.expect(bytes);
          for (const each of [builder, plain]) each.origin({ time });
          time++;
          let start = 0;
          for (let i = 0; start < bytes.length; i++) {
            const end = bytes.indexOf(10, start);
            if (strays.includes(i) && !isTogether)
              for (const each of [builder, plain]) each.line(strayBytes, 0, strayBytes.length);
            if (!isTogether) builder.line(bytes, start, end);
            else if (start === 0) builder.lines(bytes, 0, bytes.length);
            plain.line(Buffer.from(bytes.subarray(start, end)), 0, end - start);
            start = end + 1;
          }
          builder.expect(undefined);
          if (!isTaken) continue;
          const batch = builder.take();
          expect(bytesOf(batch).equals(bytesOf(plain.take()))).toBe(true);
          batch?.bytes.fill('?');
          batch?.release();
        }
        expect(bytesOf(builder.take()).equals(bytesOf(plain.take()))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('of empty and short lines, whose frames are many times as long', () => {
    const builder = createBatchBuilder(1);
    const bytes = Buffer.from(`${'\n'.repeat(100_000)}${'a line of more than 24 bytes\n'.repeat(1000)}`);
    builder.expect(bytes);
    builder.origin({ time: 1 });
    for (let start = 0; start < bytes.length; ) {
      const end = bytes.indexOf(10, start);
      builder.line(bytes, start, end);
      start = end + 1;
    }
    builder.lines(bytes, 0, bytes.length);
    const events = parse(bytesOf(builder.take())).slice(1);
    expect(events.length).toBe(202_000);
    for (const half of [events.slice(0, 101_000), events.slice(101_000)]) {
      expect(half.slice(-1000).every(({ data }) => data === 'a line of more than 24 bytes')).toBe(true);
      expect(half.slice(0, 100_000).every(({ data }) => data === '')).toBe(true);
    }
  });
});

describe('frames', () => {
  test('any lines under any origins come back the same through a real SSE parser', () => {
    const lines = fc.array(fc.tuple(origin, line), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 10 ** 12 }), fc.array(fc.nat()), (given, firstId, cuts) => {
        const builder = createBatchBuilder(firstId);
        for (const [where, text] of given) {
          builder.origin(where);
          const bytes = Buffer.from(text);
          builder.line(bytes, 0, bytes.length);
        }
        const back: [Origin, string, string | undefined][] = [];
        let inForce: Origin | undefined;
        for (const event of parse(bytesOf(builder.take()), cuts)) {
          if (event.event === 'origin') inForce = JSON.parse(event.data);
          else back.push([inForce as Origin, event.data, event.id]);
        }
        const expected = given.map(([where, text], index) => {
          return [JSON.parse(JSON.stringify(where)), Buffer.from(text).toString(), String(firstId + index)];
        });
        expect(back).toEqual(expected);
      }),
    );
  });

  test('a batch is the origin and the frames, byte for byte', () => {
    const builder = createBatchBuilder(9);
    builder.origin({ time: 5, stream: 'stderr' });
    const bytes = Buffer.from('xx one two');
    builder.line(bytes, 3, 6);
    builder.line(bytes, 7, 10);
    expect([builder.lineCount, builder.length]).toEqual([2, 85]);
    const batch = builder.take();
    expect(batch).toMatchObject({ firstId: 9, lastId: 10, length: 85 });
    expect(bytesOf(batch).toString()).toBe(
      'event: origin\ndata: {"time":5,"stream":"stderr"}\n\nid: 9\ndata: one\n\nid: 10\ndata: two\n\n',
    );
  });

  test('an origin is written where it changes and at the start of each batch, not again for the same one', () => {
    const builder = createBatchBuilder(1);
    const x = Buffer.from('x');
    builder.origin({ time: 1 });
    builder.line(x, 0, 1);
    builder.origin({ time: 1 });
    builder.line(x, 0, 1);
    builder.origin({ time: 2 });
    builder.line(x, 0, 1);
    expect(
      bytesOf(builder.take())
        .toString()
        .match(/event: origin/g),
    ).toHaveLength(2);
    builder.origin({ time: 2 });
    builder.line(x, 0, 1);
    expect(bytesOf(builder.take()).toString()).toMatch(/^event: origin\ndata: \{"time":2\}\n\nid: 4\n/);
  });

  test('ids are counted on over every number of digits', () => {
    for (const start of [1, 8, 98, 998, 99_998, 999_999_998]) {
      const builder = createBatchBuilder(start);
      builder.origin({ time: 1 });
      for (let i = 0; i < 15; i++) builder.line(Buffer.alloc(0), 0, 0);
      const ids = parse(bytesOf(builder.take())).flatMap((event) => (event.id === undefined ? [] : [Number(event.id)]));
      expect(ids).toEqual(Array.from({ length: 15 }, (_, index) => start + index));
    }
  });

  test('a batch without a line is none, and the next one goes on with the ids', () => {
    const builder = createBatchBuilder(3);
    expect(builder.take()).toBeUndefined();
    builder.origin({ time: 1 });
    builder.line(Buffer.from('a'), 0, 1);
    expect(builder.take()).toMatchObject({ firstId: 3, lastId: 3 });
    expect(builder.take()).toBeUndefined();
    expect([builder.lineCount, builder.length]).toEqual([0, 0]);
  });

  test('a batch taken is not changed by the next one', () => {
    const builder = createBatchBuilder(1);
    const text = Buffer.from('first line of the first batch');
    builder.origin({ time: 1 });
    builder.line(text, 0, text.length);
    const batch = builder.take();
    const before = Buffer.from(bytesOf(batch));
    text.fill('y');
    builder.origin({ time: 2 });
    for (let i = 0; i < 1000; i++) builder.line(text, 0, text.length);
    builder.take();
    expect(bytesOf(batch).equals(before)).toBe(true);
  });

  test('behind a batch there is room for a trailer', () => {
    const builder = createBatchBuilder(1);
    for (const size of [0, 8000, 8100, 300_000, 10]) {
      builder.origin({ time: 1 });
      builder.line(Buffer.alloc(size, 'a'), 0, size);
      const batch = builder.take() as Batch;
      expect(batch.bytes.length - batch.length).toBeGreaterThanOrEqual(1024);
    }
  });
});

test('lines of every length end, whatever room is left for them', () => {
  // As after quiet: the buffer is made to fit, and the last line may be as long as what a frame adds to it.
  for (const firstId of [1, 995, 1000, 9990, 10_000, 100_000, 1_000_000]) {
    for (let length = 0; length <= 40; length++) {
      const builder = createBatchBuilder(firstId);
      const chunk = Buffer.from(`${'x'.repeat(length)}\n`.repeat(3000));
      for (const lines of [1, 3000, 2999]) {
        const part = chunk.subarray(0, lines * (length + 1));
        builder.origin({ time: 1 });
        builder.lines(part, 0, part.length);
        const batch = builder.take() as Batch;
        expect(batch.lastId - batch.firstId + 1).toBe(lines);
      }
    }
  }
});
