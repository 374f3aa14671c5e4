import { type FileHandle, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createVerifiedRanges, type VerifiedRanges } from '../../../agent/journal/verified-ranges.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const size = 100;

/** A file, and what is known of it. What is written now was written long ago. */
async function given(): Promise<{ path: string; handle: FileHandle; verified: VerifiedRanges }> {
  const path = join(await tempFolder(), 'segment');
  await writeFile(path, 'a'.repeat(size));
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() + 10_000 });
  onTestFinished(() => void vi.useRealTimers());
  const handle = await open(path, 'r');
  onTestFinished(() => handle.close());
  return { path, handle, verified: createVerifiedRanges() };
}

/** Whether it is known that a part was verified, to one who reads it now. */
function has(verified: VerifiedRanges, from = 0, to = size): boolean {
  return verified.has(from, to, verified.change);
}

async function verify({ handle, verified }: { handle: FileHandle; verified: VerifiedRanges }): Promise<void> {
  await verified.look(handle, true);
  verified.add(0, size, verified.change);
}

test('what was verified is known, in whatever parts and order that was', async () => {
  const { handle } = await given();
  const part = fc.tuple(fc.nat(size), fc.nat(size)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  await fc.assert(
    fc.asyncProperty(fc.array(part), part, async (parts, { from, to }) => {
      const verified = createVerifiedRanges();
      await verified.look(handle);
      const bytes = new Set<number>();
      for (const each of parts) {
        verified.add(each.from, each.to, verified.change);
        for (let at = each.from; at < each.to; at++) bytes.add(at);
      }
      const isKnown = Array.from({ length: to - from }, (_, at) => from + at).every((at) => bytes.has(at));
      if (to > from) expect(has(verified, from, to)).toBe(isKnown);
    }),
  );
});

test('of a file that was not looked at nothing is known', async () => {
  const { verified } = await given();
  verified.add(0, size, verified.change);
  expect(has(verified)).toBe(false);
});

test.each<[string, (path: string) => Promise<void>]>([
  ['was written to', (path) => writeFile(path, 'b', { flag: 'r+' })],
  ['grew', (path) => writeFile(path, 'b', { flag: 'a' })],
])('of a file that %s nothing is known, not even to one who read it before', async (_, change) => {
  const known = await given();
  await verify(known);
  expect(has(known.verified)).toBe(true);
  const before = known.verified.change;
  await change(known.path);
  vi.advanceTimersByTime(1001);
  await known.verified.look(known.handle);
  expect(has(known.verified)).toBe(false);
  known.verified.add(0, size, before);
  expect(has(known.verified)).toBe(false);
  known.verified.add(0, size, known.verified.change);
  vi.advanceTimersByTime(10_000);
  await verify(known);
  expect(has(known.verified)).toBe(true);
  expect(known.verified.has(0, size, before)).toBe(false);
});

test('of another file under the same name nothing is known', async () => {
  const known = await given();
  await verify(known);
  const other = `${known.path}.new`;
  await writeFile(other, 'b'.repeat(size));
  await rename(other, known.path);
  const handle = await open(known.path, 'r');
  onTestFinished(() => handle.close());
  await known.verified.look(handle, true);
  expect(has(known.verified)).toBe(false);
});

test('nothing is known of a file that was written to a moment ago: another write may leave the same time', async () => {
  const known = await given();
  vi.setSystemTime(Date.now() - 9000);
  await verify(known);
  expect(has(known.verified)).toBe(false);
});

test('it is looked at once a second, and whenever it is opened', async () => {
  const { handle, verified } = await given();
  await verified.look(handle);
  expect(verified.look(handle)).toBeUndefined();
  await verified.look(handle, true);
  vi.advanceTimersByTime(1001);
  const looking = verified.look(handle);
  expect(looking).toBeInstanceOf(Promise);
  // Who comes meanwhile waits for it, as a disk may take seconds.
  expect(verified.look(handle)).toBe(looking);
  await looking;
  expect(verified.look(handle)).toBeUndefined();
});

test('after a minute nothing is known any more, though some of it was verified later', async () => {
  const known = await given();
  await verify(known);
  vi.advanceTimersByTime(40_000);
  await verify(known);
  expect(has(known.verified)).toBe(true);
  vi.advanceTimersByTime(20_001);
  expect(has(known.verified)).toBe(false);
});

test('a file that can no longer be looked at is not known', async () => {
  const known = await given();
  await verify(known);
  const closed = await open(known.path, 'r');
  await closed.close();
  await known.verified.look(closed, true);
  expect(has(known.verified)).toBe(false);
});
