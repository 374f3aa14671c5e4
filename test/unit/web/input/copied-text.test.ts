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
