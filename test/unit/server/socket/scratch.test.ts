import { expect, test } from 'vitest';
import { createScratch } from '../../../../agent/server/socket/scratch.ts';

test('bytes become one chunk of a chunked response', () => {
  const scratch = createScratch();
  expect(scratch.chunk(Buffer.from('hello')).toString()).toBe('5\r\nhello\r\n');
  expect(scratch.chunk(Buffer.alloc(300, 'x')).toString()).toBe(`12c\r\n${'x'.repeat(300)}\r\n`);
  expect(scratch.copy(Buffer.from('text')).toString()).toBe('text');
});

test('room that is kept is not written to again', () => {
  const scratch = createScratch();
  const first = scratch.chunk(Buffer.from('first'));
  scratch.keep(first);
  const second = scratch.chunk(Buffer.from('second'));
  scratch.keep(second);
  scratch.copy(Buffer.from('third'));
  expect([first, second].map(String)).toEqual(['5\r\nfirst\r\n', '6\r\nsecond\r\n']);
});

test('room that is not kept is used again', () => {
  const scratch = createScratch();
  const { buffer } = scratch.chunk(Buffer.from('first'));
  expect(scratch.copy(Buffer.from('second')).buffer).toBe(buffer);
});

test('what is larger than the room gets its own', () => {
  const scratch = createScratch();
  const large = Buffer.alloc(300_000, 'x');
  const made = scratch.chunk(large);
  expect(made.toString()).toBe(`493e0\r\n${large}\r\n`);
  scratch.keep(made);
  expect(scratch.copy(Buffer.from('small')).toString()).toBe('small');
});
