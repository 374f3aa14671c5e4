import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createFileStore } from '../../../../../agent/journal/disk/logs/file-store.ts';
import type { BlockOrGap, Cursor, Journal } from '../../../../../agent/journal/journal.ts';
import { unpacked } from '../../../../../agent/journal/nats/message/batch-message.ts';
import {
  createOutgoing,
  type Outgoing,
  type OutgoingMessage,
} from '../../../../../agent/journal/nats/publish/outgoing.ts';
import { until } from '../../../../support/deadline.ts';
import { parseLines } from '../../../../support/event-text.ts';
import { append, batchOf, range } from '../../../../support/journal.ts';
import { createRandom } from '../../../../support/random.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** Blocks of ten lines each, and which of them were given back; the ids of a block are `skip` after the one before. */
function cursorOf(blocks: number, line: () => string, skip = (_block: number) => 0) {
  const released: number[] = [];
  let given = 0;
  let nextId = 1;
  const cursor = {
    async next(): Promise<BlockOrGap | undefined> {
      if (given === blocks) return undefined;
      const at = given++;
      const batch = batchOf(nextId + skip(at), Array.from({ length: 10 }, line));
      const { bytes, length, firstId, lastId } = batch;
      nextId = lastId + 1;
      const block = { bytes: bytes.subarray(0, length), firstId, lastId };
      return { type: 'block', ...block, release: () => released.push(at) };
    },
  } as unknown as Cursor;
  return { cursor, released, given: () => given };
}

/** What is sent at once, one after the other, and how many blocks were given back after each. */
async function sent(cursor: Cursor, mostBytes: number, released: number[] = []) {
  const outgoing = createOutgoing(cursor, mostBytes);
  const all: OutgoingMessage[][] = [];
  const releases: number[] = [];
  for (let next = await outgoing.next(); next !== undefined; next = await outgoing.next()) {
    all.push(await next.messages);
    next.release();
    releases.push(released.length);
  }
  const ids = all.map((messages) => messages.map(({ firstId, lastId }) => [firstId, lastId]));
  return { all, ids, releases };
}

test('small blocks that follow each other are one message, and given back when it is stored', async () => {
  const { cursor, released } = cursorOf(3, () => 'x'.repeat(100));
  const { ids, releases } = await sent(cursor, 600, released);
  expect(ids).toEqual([[[1, 30]]]);
  expect(releases).toEqual([3]);
});

test('large ones are a few at a time', async () => {
  const { cursor, released } = cursorOf(5, () => 'x'.repeat(120_000));
  const { ids, releases } = await sent(cursor, 512 * 1024, released);
  expect(ids).toEqual([[[1, 20]], [[21, 40]], [[41, 50]]]);
  expect(releases).toEqual([2, 4, 5]);
});

test('all of them are given back when no more are sent', async () => {
  const { cursor, released, given } = cursorOf(9, () => 'x'.repeat(120_000));
  const outgoing = createOutgoing(cursor, 512 * 1024);
  const lines = await outgoing.next();
  await lines?.messages;
  // Others are read and compressed by then, or being read.
  outgoing.close();
  lines?.release();
  await until('what was read is given back', () => released.length === given());
  expect(given()).toBeGreaterThan(2);
});

test('those with a gap between them are not one message', async () => {
  const { cursor } = cursorOf(
    4,
    () => 'x'.repeat(100),
    (block) => (block === 2 ? 5 : 0),
  );
  expect((await sent(cursor, 600)).ids).toEqual([[[1, 20]], [[26, 45]]]);
});

test('what is too large for a message once it is compressed is cut, and less is compressed at once after that', async () => {
  const { cursor } = cursorOf(8, () => randomBytes(90_000).toString('base64'));
  const { all } = await sent(cursor, 300_000);
  expect(all[0]?.at(-1)?.lastId).toBe(20);
  expect(all.at(-1)?.[0]?.firstId).toBe(71);
  const messages = all.flat();
  expect(messages[0]?.firstId).toBe(1);
  expect(messages.at(-1)?.lastId).toBe(80);
  for (const [i, { firstId, payload }] of messages.entries()) {
    expect(payload.bytes.length).toBeLessThanOrEqual(300_000);
    if (i > 0) expect(firstId).toBe((messages[i - 1]?.lastId ?? 0) + 1);
  }
});

/** A journal on disk whose blocks are announced, and how often it was read. */
async function published() {
  const files = await createFileStore({ dir: await tempFolder() });
  const { journal } = await files.create({ kind: 'stdin', name: 'log', cwd: '/' });
  const cursor = journal.read(1);
  const reads = { count: 0 };
  const counting: Cursor = Object.create(cursor, {
    next: {
      value() {
        reads.count++;
        return cursor.next();
      },
    },
    nextId: { get: () => cursor.nextId },
  });
  const outgoing = createOutgoing(counting, 100_000);
  const leave = journal.subscribe({ onBlock: outgoing.came });
  onTestFinished(async () => {
    leave();
    cursor.close();
    await files.close();
  });
  return { journal, outgoing, reads };
}

/** The ids of the lines of what comes next, each of which is to be `line <id>...`. */
async function nextIds(outgoing: Outgoing): Promise<number[]> {
  const next = await outgoing.next();
  const ids: number[] = [];
  for (const { firstId, lastId, length, payload } of (await next?.messages) ?? []) {
    const events = await unpacked(payload.bytes, payload.isCompressed ? 'br' : '', length);
    const lines = parseLines(events.toString());
    expect([lines[0]?.id, lines.at(-1)?.id]).toEqual([firstId, lastId]);
    for (const { id, text } of lines) expect(text.split(' ', 2)).toEqual(['line', String(id)]);
    ids.push(...lines.map(({ id }) => id));
  }
  next?.release();
  return ids;
}

function appendLines(journal: Journal, count: number, bytes: number): Promise<void> {
  const first = journal.lastId + 1;
  return append(
    journal,
    range(first, first + count - 1).map((id) => `line ${id} `.padEnd(bytes, 'x')),
  );
}

test('what is announced while there is nothing else to send is not read from disk', async () => {
  const { journal, outgoing, reads } = await published();
  expect(await nextIds(outgoing)).toEqual([]);
  const { count } = reads;
  for (const id of range(1, 20)) {
    await appendLines(journal, 1, 100);
    expect(await nextIds(outgoing)).toEqual([id]);
  }
  await appendLines(journal, 2, 100);
  await appendLines(journal, 3, 100);
  expect(await nextIds(outgoing)).toEqual([21, 22, 23, 24, 25]);
  expect(reads.count).toBe(count);
});

test('each line is sent once and in its order, however lines and messages come between each other', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const next = createRandom(seed);
    const random = (below: number) => Math.floor(next() * below);
    const { journal, outgoing } = await published();
    const ids: number[] = [];
    for (let step = 0; step < 60; step++) {
      const lines = random(3) > 0 ? appendLines(journal, 1 + random(40), random(8) === 0 ? 20_000 : 200) : undefined;
      if (random(2) === 0) await lines;
      if (random(3) === 0) ids.push(...(await nextIds(outgoing)));
      await lines;
    }
    for (let more = await nextIds(outgoing); more.length > 0; more = await nextIds(outgoing)) ids.push(...more);
    expect(ids, `seed ${seed}`).toEqual(range(1, journal.lastId));
  }
});
