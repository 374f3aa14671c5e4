import { expect, test } from 'vitest';
import { createCopy } from '../../../../web/input/copied-text.ts';

test('a copy holds the selected part of each line, and pieces of a line as one', () => {
  const copy = createCopy({ from: { id: 1, offset: 2 }, to: { id: 4, offset: 3 } });
  const origin = { time: 0 };
  copy.add('\x1b[31mabcdef\x1b[0m', origin, 1);
  copy.add('piece one, ', { time: 0, continued: true }, 2);
  copy.add('piece two', origin, 3);
  copy.add('xyz!', origin, 4);
  expect(copy.done()).toBe('cdef\npiece one, piece two\nxyz');
});

test('a line of which nothing is selected does not count, unless it is the only one', () => {
  const origin = { time: 0 };
  const tripleClick = createCopy({ from: { id: 1, offset: 0 }, to: { id: 2, offset: 0 } });
  tripleClick.add('abc', origin, 1);
  tripleClick.add('def', origin, 2);
  expect([tripleClick.done(), tripleClick.lines]).toEqual(['abc\n', 1]);
  const empty = createCopy({ from: { id: 1, offset: 0 }, to: { id: 1, offset: 0 } });
  empty.add('', origin, 1);
  expect(empty.lines).toBe(1);
});
