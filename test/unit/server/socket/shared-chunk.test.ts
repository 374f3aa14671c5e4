import { expect, test } from 'vitest';
import { createChunkBuffer } from '../../../../agent/server/socket/chunk-buffer.ts';
import { createSharedChunk } from '../../../../agent/server/socket/shared-chunk.ts';

const large = (text: string) => Buffer.alloc(40_000, text);
const framed = (bytes: Buffer) => `${bytes.length.toString(16)}\r\n${bytes.toString('latin1')}\r\n`;

test('a chunk is one chunk, made once', () => {
  for (const bytes of [Buffer.from('id: 1\n\n'), large('x'), Buffer.alloc(100_000, 'y')]) {
    const chunk = createSharedChunk(bytes, createChunkBuffer());
    expect(chunk.framed.toString('latin1')).toBe(framed(bytes));
    expect(chunk.framed).toBe(chunk.framed);
  }
});

test('a large one leaves its memory to the next one, unless it is kept', () => {
  const chunkBuffer = createChunkBuffer();
  const first = createSharedChunk(large('a'), chunkBuffer);
  const taken = first.framed;
  const second = createSharedChunk(large('b'), chunkBuffer);
  expect(second.framed.buffer).toBe(taken.buffer);
  second.keep();
  const third = createSharedChunk(large('c'), chunkBuffer);
  expect(third.framed.toString('latin1')).toBe(framed(large('c')));
  expect(second.framed.toString('latin1')).toBe(framed(large('b')));
});

test('one that nobody has asked for can be kept as well', () => {
  createSharedChunk(large('a'), createChunkBuffer()).keep();
});
