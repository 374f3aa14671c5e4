import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { BlockOrGap, Cursor } from '../../../../../agent/journal/journal.ts';
import { createOutgoing, type OutgoingMessage } from '../../../../../agent/journal/nats/publish/outgoing.ts';
import { batchOf } from '../../../../support/journal.ts';

/** Blocks of ten lines of 100 bytes each, and which of them were given back. */
function cursorOf(blocks: number, line: () => string) {
  const released: number[] = [];
  let given = 0;
  const cursor = {
    async next(): Promise<BlockOrGap | undefined> {
      if (given === blocks) return undefined;
      const at = given++;
      const { bytes, length, firstId, lastId } = batchOf(at * 10 + 1, Array.from({ length: 10 }, line));
      const block = { bytes: bytes.subarray(0, length), firstId, lastId };
      return { type: 'block', ...block, release: () => released.push(at) };
    },
  } as unknown as Cursor;
  return { cursor, released };
}

/** What is sent of each block, one after the other. */
async function sent(cursor: Cursor, mostBytes: number, released: number[]) {
  const outgoing = createOutgoing(cursor, mostBytes);
  const blocks: OutgoingMessage[][] = [];
  for (let next = await outgoing.next(); next !== undefined; next = await outgoing.next()) {
    blocks.push(await next.messages);
    expect(released.length).toBe(blocks.length - 1);
    next.release();
  }
  return blocks;
}

test('a block that is small enough once it is compressed is one message, and given back when it is stored', async () => {
  const { cursor, released } = cursorOf(3, () => 'x'.repeat(100));
  const blocks = await sent(cursor, 600, released);
  expect(blocks.map((messages) => messages.map(({ part }) => [part.firstId, part.lastId]))).toEqual([
    [[1, 10]],
    [[11, 20]],
    [[21, 30]],
  ]);
  expect(released).toEqual([0, 1, 2]);
});

test('one that is not is cut', async () => {
  const { cursor, released } = cursorOf(2, () => randomBytes(75).toString('base64'));
  const blocks = await sent(cursor, 600, released);
  for (const [at, messages] of blocks.entries()) {
    expect(messages.length).toBeGreaterThan(1);
    expect(messages[0]?.part.firstId).toBe(at * 10 + 1);
    expect(messages.at(-1)?.part.lastId).toBe(at * 10 + 10);
    for (const [i, { part, payload }] of messages.entries()) {
      expect(payload.bytes.length).toBeLessThanOrEqual(600);
      if (i > 0) expect(part.firstId).toBe((messages[i - 1]?.part.lastId ?? 0) + 1);
    }
  }
});
