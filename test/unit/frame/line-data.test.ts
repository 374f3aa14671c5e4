import { expect, it } from 'vitest';
import { createLineReader } from '../../../agent/frame/line-data.ts';
import { levelOf } from '../../../agent/text/level.ts';
import type { Origin } from '../../../agent/words/line.ts';
import { batchOf } from '../../support/journal.ts';

function eventsOf(firstId: number, lines: readonly [string, Origin][]): Buffer {
  const texts = lines.map(([text]) => text);
  const { bytes, length } = batchOf(
    firstId,
    texts,
    lines.map(([, origin]) => origin),
  );
  return bytes.subarray(0, length);
}

it('says of each line what its origin says, and its text as a reader sees it', () => {
  const read = createLineReader('app.log', levelOf);
  const lines = read(
    eventsOf(41, [
      ['\x1b[31merror\x1b[0m: no such file', { time: 1 }],
      ['the rest', { time: 1, source: 'other.log', stream: 'stderr', continued: true }],
      ['rotated', { time: 2, kind: 'notice' }],
      ['', { time: 3 }],
    ]),
  );
  expect(lines).toEqual([
    { id: 41, time: 1, source: 'app.log', stream: 'stdout', level: 'error', text: 'error: no such file' },
    { id: 42, time: 1, source: 'other.log', stream: 'stderr', continued: true, text: 'the rest' },
    { id: 43, time: 2, source: 'app.log', stream: 'stdout', kind: 'notice', text: 'rotated' },
    { id: 44, time: 3, source: 'app.log', stream: 'stdout', text: '' },
  ]);
});

it('keeps the origin for slices that follow, which have none of their own', () => {
  const read = createLineReader(undefined, levelOf);
  const events = eventsOf(1, [
    ['a', { time: 5, stream: 'stderr' }],
    ['b', { time: 5, stream: 'stderr' }],
  ]);
  const cut = events.indexOf('id: 2\n');
  expect(read(events.subarray(0, cut))).toEqual([{ id: 1, time: 5, stream: 'stderr', text: 'a' }]);
  expect(read(events.subarray(cut))).toEqual([{ id: 2, time: 5, stream: 'stderr', text: 'b' }]);
});
