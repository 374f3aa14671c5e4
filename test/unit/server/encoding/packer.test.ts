import { inflateRawSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import type { Coding } from '../../../../agent/server/encoding/coding.ts';
import { gzip } from '../../../../agent/server/encoding/gzip.ts';
import { createPacker } from '../../../../agent/server/encoding/packer.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** gzip that counts. */
function counted(): Coding & { calls: number; atOnce: number } {
  let running = 0;
  const coding = {
    ...gzip,
    calls: 0,
    atOnce: 0,
    async compress(bytes: Buffer) {
      coding.calls++;
      coding.atOnce = Math.max(coding.atOnce, ++running);
      const piece = await gzip.compress(bytes);
      running--;
      return piece;
    },
  };
  return coding;
}

const text = (name: string) => Buffer.from(`${name}: ${'some line of a log\n'.repeat(200)}`);
const unpack = (piece: Buffer) => inflateRawSync(Buffer.concat([piece, Buffer.from([3, 0])])).toString();

test('what several clients get is compressed once, also while it is under way', async () => {
  const coding = counted();
  const packer = createPacker();
  const [one, other] = await Promise.all([packer.pack(coding, text('a')), packer.pack(coding, text('a'))]);
  expect(one).toBe(other);
  expect(packer.pack(coding, text('a'))).toBe(one);
  expect(coding.calls).toBe(1);
  expect(unpack(one)).toBe(text('a').toString());
});

test('what is changed after the call stays as it was', async () => {
  const packer = createPacker();
  const bytes = text('a');
  const packed = packer.pack(gzip, bytes);
  bytes.fill('x');
  expect(unpack(await packed)).toBe(text('a').toString());
});

test('files and journals keep threads of their own', async () => {
  const coding = counted();
  const packer = createPacker();
  const names = Array.from({ length: 20 }, (_, i) => `piece ${i}`);
  const packed = await Promise.all(names.map((name) => packer.pack(coding, text(name))));
  expect(packed.map(unpack)).toEqual(names.map((name) => text(name).toString()));
  expect(coding.atOnce).toBe(2);
});

test('what was not wanted for longest is forgotten first', async () => {
  const coding = counted();
  const { length } = await gzip.compress(text('a'));
  const packer = createPacker({ mostBytes: 2.5 * (500 + length) });
  await packer.pack(coding, text('a'));
  await packer.pack(coding, text('b'));
  await packer.pack(coding, text('a'));
  await packer.pack(coding, text('c'));
  expect(packer.pack(coding, text('a'))).toBeInstanceOf(Buffer);
  expect(packer.pack(coding, text('b'))).toBeInstanceOf(Promise);
  expect(coding.calls).toBe(4);
});

test('what nobody has wanted for minutes is forgotten, also when nobody comes any more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const packer = createPacker();
  await packer.pack(gzip, text('wanted'));
  await packer.pack(gzip, text('not wanted'));
  for (let time = 0; time < 3; time++) {
    vi.advanceTimersByTime(50_000);
    expect(packer.pack(gzip, text('wanted'))).toBeInstanceOf(Buffer);
  }
  const made = packer.pack(gzip, text('not wanted'));
  expect(made).toBeInstanceOf(Promise);
  await made;
  vi.advanceTimersByTime(150_000);
  // Nothing is left that would have to be forgotten later.
  expect(vi.getTimerCount()).toBe(0);
  expect(packer.pack(gzip, text('wanted'))).toBeInstanceOf(Promise);
});

test('what is remembered takes no more memory than its own bytes', async () => {
  const piece = await createPacker().pack(gzip, text('a'));
  expect(piece.buffer.byteLength).toBe(piece.length);
});

test('a piece that could not be made is tried again', async () => {
  const packer = createPacker();
  const broken = { ...gzip, compress: () => Promise.reject(new Error('no memory')) };
  for (let time = 0; time < 5; time++) await expect(packer.pack(broken, text('a'))).rejects.toThrow('no memory');
  expect(unpack(await packer.pack(gzip, text('b')))).toBe(text('b').toString());
});
