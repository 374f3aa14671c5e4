import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Compression, unpackAll } from '../../../../../agent/sources/file/find/compression.ts';
import { createRandom } from '../../../../support/random.ts';
import { amountOf } from '../../../../support/sweep.ts';
import { spawnSync } from '../../../../support/sync-child.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-unpack-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** All that comes to a reader that takes its time, and the error that it comes to. */
async function unpacked(path: string, compression: Compression): Promise<{ text: Buffer; error: unknown }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of unpackAll(path, compression)) {
      chunks.push(chunk);
      await setImmediate();
    }
  } catch (error) {
    return { text: Buffer.concat(chunks), error };
  }
  return { text: Buffer.concat(chunks), error: undefined };
}

function textOf(lines: number, seed: number): Buffer {
  const random = createRandom(seed);
  return Buffer.from(Array.from({ length: lines }, (_, at) => `line ${at} ${random()}\n`).join(''));
}

/** How many bytes at the beginning of two texts are the same. */
function sameBytes(one: Buffer, other: Buffer): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

/** What is wrong with a packed file of so many bytes. */
type Damage = (packed: Buffer) => Buffer;

const flipped =
  (at: number): Damage =>
  (packed) => {
    const damaged = Buffer.from(packed);
    const index = at < 0 ? damaged.length + at : Math.floor(at * damaged.length);
    damaged[index] = (damaged[index] as number) ^ 0xff;
    return damaged;
  };
const cut =
  (part: number): Damage =>
  (packed) =>
    packed.subarray(0, Math.ceil(part * packed.length));
const followedBy =
  (more: Buffer): Damage =>
  (packed) =>
    Buffer.concat([packed, more]);

const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const damage = fc.oneof(
  fc.constantFrom<Damage>(flipped(-1), flipped(-5), cut(1 - 1e-9), followedBy(Buffer.from('more'))),
  fc.constant<Damage>(followedBy(gzipSync('one\n').subarray(0, 12))),
  part.map(cut),
  part.map(flipped),
);

test('of a damaged .gz comes all that zcat prints, and then the error', async () => {
  const path = join(directory, 'app.log.gz');
  const property = fc.asyncProperty(
    fc.constantFrom(1, 3, 2000, 40_000),
    fc.integer({ min: 1, max: 1000 }),
    damage,
    async (lines, seed, damaged) => {
      const whole = textOf(lines, seed);
      writeFileSync(path, damaged(gzipSync(whole)));
      const { stdout, status } = spawnSync('gzip', ['-dc', path], { maxBuffer: 1e9 });
      const { text, error } = await unpacked(path, 'gzip');
      // What zlib refuses as no code of its own, gzip takes for some bytes or other.
      const isRefused = error instanceof Error && error.message.startsWith('invalid');
      const printed = isRefused ? stdout.subarray(0, sameBytes(stdout, whole)) : stdout;
      expect(text.subarray(0, printed.length).equals(printed)).toBe(true);
      expect(error === undefined).toBe(status === 0);
    },
  );
  await fc.assert(property, { numRuns: amountOf(40, 1000) });
});

test.runIf('zstdCompressSync' in zlib)('of a damaged .zst comes what can be unpacked, and then the error', async () => {
  const path = join(directory, 'app.log.zst');
  const { zstdCompressSync: pack, zstdDecompressSync: unpack } = zlib as unknown as ZstdOfNode22;
  const text = textOf(40_000, 1);
  const packed = pack(text);
  const cutOff = packed.subarray(0, packed.length - 1);
  writeFileSync(path, cutOff);
  const result = await unpacked(path, 'zstd');
  // Its blocks have 128 KiB.
  expect(text.length - result.text.length).toBeLessThan(128 * 1024);
  // Node 22 takes what is cut off for whole.
  let isTold = false;
  try {
    unpack(cutOff);
  } catch {
    isTold = true;
  }
  expect(result.error !== undefined).toBe(isTold);
  if (!process.version.startsWith('v22.')) expect(isTold).toBe(true);
});

interface ZstdOfNode22 {
  zstdCompressSync(bytes: Buffer): Buffer;
  zstdDecompressSync(bytes: Buffer): Buffer;
}
