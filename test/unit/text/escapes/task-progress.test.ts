import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTaskProgressReader } from '../../../../agent/text/escapes/task-progress.ts';

const said = (...chunks: string[]) => {
  const read = createTaskProgressReader();
  return chunks.map((chunk) => read(Buffer.from(chunk, 'latin1')));
};

it.each([
  ['\x1b]9;4;1;42\x07', { state: 'normal', percent: 42 }],
  ['\x1b]9;4;1;42\x1b\\', { state: 'normal', percent: 42 }],
  ['\x1b]9;4;1;0\x07', { state: 'normal', percent: 0 }],
  ['\x1b]9;4;2;80\x07', { state: 'error', percent: 80 }],
  ['\x1b]9;4;2\x07', { state: 'error' }],
  ['\x1b]9;4;3\x07', { state: 'indeterminate' }],
  ['\x1b]9;4;3;0\x07', { state: 'indeterminate' }],
  ['\x1b]9;4;4;50\x07', { state: 'paused', percent: 50 }],
  ['\x1b]9;4;1;250\x07', { state: 'normal', percent: 100 }],
  ['\x1b]9;4;0\x07', 'none'],
  ['\x1b]9;4;0;\x07', 'none'],
  ['\x1b]9;4;\x07', 'none'],
  ['a \x1b]9;4;1;10\x07 b\n\x1b]9;4;1;20\x07c', { state: 'normal', percent: 20 }],
  ['\x1b]9;4;1;10\x07 and \x1b]9;4;7;20\x07', { state: 'normal', percent: 10 }],
  // A notification (iTerm's OSC 9), one that is no progress, what only looks like it, what has no end.
  ['\x1b]9;4 files were built\x07', undefined],
  ['\x1b]9;4;1;x\x07', undefined],
  ['9;4;1;10', undefined],
  ['\x1b]9;4;1;10\n', undefined],
  ['plain', undefined],
])('%j', (text, expected) => {
  expect(said(text)).toEqual([expected]);
});

it('is found however the bytes are cut, and each one is told once', () => {
  const text = 'x\x1b[31m\x1b]9;4;1;7\x07\x1b]0;title\x07 y \x1b]9;4;1;9\x1b\\\x1b]9;4;2;10\x07z\x1b]9;';
  const whole = [7, 9, 10];
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 })), (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), text.length];
      const chunks = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
      const percents = said(...chunks)
        .filter((one) => typeof one === 'object')
        .map((one) => one.percent);
      // A chunk with several tells its last.
      expect(percents.at(-1)).toBe(10);
      expect(whole.filter((percent) => percents.includes(percent))).toEqual(percents);
    }),
  );
});

it('an end that never comes costs a few bytes', () => {
  const read = createTaskProgressReader();
  read(Buffer.from(`\x1b]9;4;1;${'1'.repeat(100)}`));
  expect(read(Buffer.from('\x07'))).toBeUndefined();
});
