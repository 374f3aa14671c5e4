import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../../../agent/frame/block.ts';
import {
  createPositionTracker,
  type FoundNote,
  type PositionsNote,
  parseNote,
  recoverPositions,
} from '../../../../../agent/journal/disk/write/positions.ts';
import type { FilePosition } from '../../../../../agent/words/position.ts';
import { batchOf } from '../../../../support/journal.ts';

const position: fc.Arbitrary<FilePosition> = fc
  .record({
    source: fc.constantFrom('a.log', 'b.log', 'ü"\n.log'),
    path: fc.constantFrom('/a', '/b\n'),
    file: fc.constantFrom('1:2', '1:3'),
    offset: fc.nat(1000),
    head: fc.record({ length: fc.nat(2), crc: fc.nat(2) }),
  })
  .chain((one) => fc.option(fc.nat(3)).map((writtenAtUs) => (writtenAtUs === null ? one : { ...one, writtenAtUs })));

/** A batch of so many bytes, as far as a note goes by it. */
function batch(positions: FilePosition[], length: number, time = 7): Batch {
  return { ...batchOf(1, ['x'], { time }), length, positions };
}

const time = 7;
const timeUs = time * 1000;
const step = fc.record({
  positions: fc.uniqueArray(position, { maxLength: 3, selector: (one) => one.source }),
  bytes: fc.integer({ min: 1, max: 400_000 }),
  beginsSegment: fc.boolean(),
});

describe('positions', () => {
  test('the notes back to the newest checkpoint give exactly the current positions', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.array(position, { maxLength: 2 }),
        (steps, known) => {
          const tracker = createPositionTracker(known);
          let notes: PositionsNote[] = [];
          for (const { positions, bytes, beginsSegment } of steps) {
            const text = tracker.note(batch(positions, bytes), beginsSegment);
            expect(text).not.toMatch(/[\r\n]/);
            tracker.written(positions);
            if (text === '') continue;
            const note = parseNote(text, timeUs);
            notes = 'all' in note ? [note] : [note, ...notes];
          }
          expect(new Map(recoverPositions(notes).map((one) => [one.source, one]))).toEqual(tracker.current);
        },
      ),
    );
  });

  test('behind damage are what they were at some time, or known to be unsure', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 30 }), fc.nat(), fc.nat(), (steps, from, length) => {
        const tracker = createPositionTracker([]);
        const notes: PositionsNote[] = [];
        const history: Map<string, FilePosition>[] = [];
        for (const { positions, bytes } of steps) {
          const text = tracker.note(batch(positions, bytes), false);
          tracker.written(positions);
          history.push(new Map(tracker.current));
          notes.push(text === '' ? { new: [], moved: [] } : parseNote(text, timeUs));
        }
        const start = from % notes.length;
        const found: FoundNote[] = [...notes];
        found.splice(start, 1 + (length % (notes.length - start)), 'damage');
        for (const { isUnsure, ...position } of recoverPositions(found.reverse())) {
          const { source } = position;
          if (isUnsure) expect(position.offset).toBe(tracker.current.get(source)?.offset);
          else expect(history.map((then) => then.get(source))).toContainEqual(position);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of a file that may have been another one behind damage are named in full again', () => {
    const one: FilePosition = { source: 'a', path: '/a', file: '1:2', offset: 1, head: { length: 1, crc: 2 } };
    const recovered = recoverPositions([{ new: [], moved: [[0, 9]] }, 'damage', { all: [one] }]);
    expect(recovered).toEqual([{ ...one, offset: 9, isUnsure: true }]);
    const tracker = createPositionTracker(recovered);
    tracker.note(batch([], 10), true);
    expect(tracker.note(batch([{ ...one, offset: 12 }], 10), false)).toBe(
      JSON.stringify({ new: [[0, { ...one, offset: 12 }]], moved: '' }),
    );
    expect(recoverPositions([{ new: [[0, { ...one, offset: 12 }]], moved: [] }, 'damage', { all: [one] }])).toEqual([
      { ...one, offset: 12 },
    ]);
    expect(recoverPositions(['damage', { all: [one] }])).toEqual([one]);
  });

  test('a checkpoint comes with the first batch, with each segment, and about every MiB', () => {
    const tracker = createPositionTracker([]);
    const notes = Array.from({ length: 9 }, (_, index) => tracker.note(batch([], 300_000), index === 6));
    expect(notes.map((note) => note !== '')).toEqual([true, false, false, false, true, false, true, false, false]);
  });

  test('a file that stayed the same is named by its place in the table and its offset', () => {
    const tracker = createPositionTracker([]);
    const one: FilePosition = { source: 'a', path: '/a', file: '1:2', offset: 1, head: { length: 1, crc: 2 } };
    tracker.note(batch([one], 10), true);
    tracker.written([one]);
    expect(tracker.note(batch([{ ...one, offset: 46_655 }], 10), false)).toBe('0.zzz');
    const text = tracker.note(batch([{ ...one, file: '1:3' }], 10), false);
    expect(parseNote(text, timeUs)).toEqual({ new: [[0, { ...one, file: '1:3' }]], moved: [] });
  });

  test('when a file was last written is said when that has changed', () => {
    const tracker = createPositionTracker([]);
    const head = { length: 1, crc: 2 };
    const one: FilePosition = { source: 'a', path: '/a', file: '1:2', offset: 1, head, writtenAtUs: 5 };
    tracker.note(batch([one], 10), true);
    tracker.written([one]);
    expect(tracker.note(batch([{ ...one, offset: 9 }], 10), false)).toBe('0.9');
    for (const [writtenAtUs, text] of [
      [timeUs - 36, '0.9-10'],
      [timeUs, '0.9+0'],
      [timeUs + 36, '0.9+10'],
    ] as const) {
      expect(tracker.note(batch([{ ...one, offset: 9, writtenAtUs }], 10), false)).toBe(text);
      expect(parseNote(text, timeUs)).toEqual({ new: [], moved: [[0, 9, writtenAtUs]] });
    }
  });

  test('a source whose file was named only in lost notes has no position', () => {
    expect(recoverPositions([{ new: [], moved: [[0, 9]] }])).toEqual([]);
    expect(recoverPositions([{ at: [['a', 9]] }])).toEqual([]);
  });
});
