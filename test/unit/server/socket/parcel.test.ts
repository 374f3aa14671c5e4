import { expect, test } from 'vitest';
import { createParcel } from '../../../../agent/server/socket/parcel.ts';
import { createScratch } from '../../../../agent/server/socket/scratch.ts';

const large = (text: string) => Buffer.alloc(40_000, text);
const framed = (bytes: Buffer) => `${bytes.length.toString(16)}\r\n${bytes.toString('latin1')}\r\n`;

test('a parcel is one chunk, made once', () => {
  for (const bytes of [Buffer.from('id: 1\n\n'), large('x'), Buffer.alloc(100_000, 'y')]) {
    const parcel = createParcel(bytes, createScratch());
    expect(parcel.chunk.toString('latin1')).toBe(framed(bytes));
    expect(parcel.chunk).toBe(parcel.chunk);
  }
});

test('a large one leaves its memory to the next one, unless it is kept', () => {
  const scratch = createScratch();
  const first = createParcel(large('a'), scratch);
  const taken = first.chunk;
  const second = createParcel(large('b'), scratch);
  expect(second.chunk.buffer).toBe(taken.buffer);
  second.keep();
  const third = createParcel(large('c'), scratch);
  expect(third.chunk.toString('latin1')).toBe(framed(large('c')));
  expect(second.chunk.toString('latin1')).toBe(framed(large('b')));
});

test('one that nobody has asked for can be kept as well', () => {
  createParcel(large('a'), createScratch()).keep();
});
