import { expect, test } from 'vitest';
import { createChunkBuffer } from '../../../../agent/server/socket/chunk-buffer.ts';

test('bytes become one chunk of a chunked response', () => {
  const chunkBuffer = createChunkBuffer();
  expect(chunkBuffer.chunk(Buffer.from('hello')).toString()).toBe('5\r\nhello\r\n');
  expect(chunkBuffer.chunk(Buffer.alloc(300, 'x')).toString()).toBe(`12c\r\n${'x'.repeat(300)}\r\n`);
  expect(chunkBuffer.copy(Buffer.from('text')).toString()).toBe('text');
});

test('room that is kept is not written to again', () => {
  const chunkBuffer = createChunkBuffer();
  const first = chunkBuffer.chunk(Buffer.from('first'));
  chunkBuffer.keep(first);
  const second = chunkBuffer.chunk(Buffer.from('second'));
  chunkBuffer.keep(second);
  chunkBuffer.copy(Buffer.from('third'));
  expect([first, second].map(String)).toEqual(['5\r\nfirst\r\n', '6\r\nsecond\r\n']);
});

test('room that is not kept is used again', () => {
  const chunkBuffer = createChunkBuffer();
  const { buffer } = chunkBuffer.chunk(Buffer.from('first'));
  expect(chunkBuffer.copy(Buffer.from('second')).buffer).toBe(buffer);
});

test('what is larger than the room gets its own', () => {
  const chunkBuffer = createChunkBuffer();
  const large = Buffer.alloc(300_000, 'x');
  const made = chunkBuffer.chunk(large);
  expect(made.toString()).toBe(`493e0\r\n${large}\r\n`);
  chunkBuffer.keep(made);
  expect(chunkBuffer.copy(Buffer.from('small')).toString()).toBe('small');
});
