import { expect, test } from 'vitest';
import { createBlockMemory } from '../../../agent/journal/block-memory.ts';

test('what was given back is used again, for blocks that fit', async () => {
  const memory = createBlockMemory(1000);
  const first = await memory.take(100);
  expect(first.length).toBe(1000);
  memory.giveBack(first);
  const second = await memory.take(1001);
  expect(second).not.toBe(first);
  expect(await memory.take(1000)).toBe(first);
});

test('blocks that are larger than usual by different amounts share their buffers', async () => {
  const memory = createBlockMemory(1000);
  const first = await memory.take(1100);
  memory.giveBack(first);
  expect(await memory.take(1900)).toBe(first);
});

test('where batches are of 2 MiB, as bursts leave them, their buffers are used again beside those of the usual size', async () => {
  const usual = 960 * 1024;
  const large = 2 * 1024 * 1024 + 4096;
  const memory = createBlockMemory(usual);
  const small = await Promise.all(Array.from({ length: 4 }, () => memory.take(usual)));
  for (const buffer of small) memory.giveBack(buffer);
  const made = new Set<Buffer>();
  // One is filled while the one before it is looked at.
  let before: Buffer | undefined;
  for (let reads = 0; reads < 50; reads++) {
    const next = await memory.take(large);
    made.add(next);
    if (before !== undefined) memory.giveBack(before);
    before = next;
  }
  expect(made.size).toBe(2);
  // The usual ones lay there all the while; the large ones are given up when nobody asks for them any more.
  for (let reads = 0; reads < 100; reads++) {
    const buffer = await memory.take(usual);
    // A matcher would print a megabyte in case it fails.
    expect(small.includes(buffer)).toBe(true);
    memory.giveBack(buffer);
  }
  expect(made.has(await memory.take(large))).toBe(false);
});

test('what is lent is not used again before it is given back, and then once', async () => {
  const memory = createBlockMemory(1000);
  const first = await memory.take(1000);
  const release = memory.lend(first);
  const second = await memory.take(1000);
  expect(second).not.toBe(first);
  release();
  release();
  expect(await memory.take(1000)).toBe(first);
  expect(await memory.take(1000)).not.toBe(first);
});

test('those that begin in the same moment take turns', async () => {
  const memory = createBlockMemory(1000);
  const taken: Buffer[] = [];
  const takers = Array.from({ length: 100 }, async () => {
    taken.push(await memory.take(1000));
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken.length).toBe(8);
  for (let given = 0; given < 100; given++) {
    memory.giveBack(taken[given] as Buffer);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(takers);
  expect(new Set(taken).size).toBe(8);
});

test('what is not needed yet takes no place that others need', async () => {
  const memory = createBlockMemory(1000);
  const spare = Array.from({ length: 8 }, () => memory.takeSpare(1000));
  expect(spare.filter((buffer) => buffer === undefined).length).toBe(4);
  const needed = await Promise.all(Array.from({ length: 4 }, () => memory.take(1000)));
  expect(new Set([...spare, ...needed]).size).toBe(9);
  for (const buffer of needed) memory.giveBack(buffer);
  expect(memory.takeSpare(1000)).toBeUndefined();
  memory.giveBack(spare[0] as Buffer);
  expect(needed.includes(memory.takeSpare(1000) as Buffer)).toBe(true);
});

test('only a few lie ready when nobody reads, and none of exceptional size', async () => {
  const memory = createBlockMemory(1000);
  const lent = [];
  for (let i = 0; i < 100; i++) {
    const buffer = await memory.take(1000);
    lent.push({ buffer, release: memory.lend(buffer) });
  }
  const huge = await memory.take(5 * 1024 * 1024);
  memory.giveBack(huge);
  for (const { release } of lent) release();
  const before = new Set<Buffer>([huge, ...lent.map(({ buffer }) => buffer)]);
  let reused = 0;
  for (let i = 0; i < 100; i++) {
    const buffer = await memory.take(1000);
    memory.lend(buffer);
    if (before.has(buffer)) reused++;
  }
  expect(reused).toBe(4);
});
