import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Block } from '../../agent/frame/block.ts';
import type { Journal } from '../../agent/journal/journal.ts';
import { SseTailError } from '../../agent/words/errors.ts';
import type { Origin } from '../../agent/words/line.ts';
import { until } from '../support/deadline.ts';
import { parseLines } from '../support/event-text.ts';
import {
  append,
  appendNumbered,
  batchOf,
  drain,
  expectEvents,
  type Given,
  givenBy,
  idsOf,
  range,
  readAll,
} from '../support/journal.ts';

/** A place for one journal. */
export interface JournalPlace {
  /** Opens the journal there, again after it was closed. It keeps about `retainBytes`, if given. */
  open(retainBytes?: number): Promise<Journal>;
}

/** What every journal must do, whatever it is kept on. */
export function journalSuite(name: string, place: () => Promise<JournalPlace>): void {
  async function openNew(retainBytes?: number): Promise<Journal> {
    const journal = await (await place()).open(retainBytes);
    onTestFinished(() => journal.close());
    return journal;
  }

  describe(name, () => {
    test('an empty journal has no line, and the next is line 1', async () => {
      const journal = await openNew();
      expect([journal.firstId, journal.lastId]).toEqual([1, 0]);
      expect(await readAll(journal)).toEqual([]);
    });

    test('lines come back as they were appended, under their origins', async () => {
      const journal = await openNew();
      await append(journal, ['one', ''], { origin: { time: 5 } });
      await append(journal, ['\u001b[31mdrei\u001b[0m ✓'], { origin: { time: 7, stream: 'stderr', source: 'a b' } });
      expect(await readAll(journal)).toEqual([
        { id: 1, text: 'one', origin: { time: 5 } },
        { id: 2, text: '', origin: { time: 5 } },
        { id: 3, text: '\u001b[31mdrei\u001b[0m ✓', origin: { time: 7, stream: 'stderr', source: 'a b' } },
      ]);
    });

    test('lines that look like frames, origins and trailers are lines', async () => {
      const journal = await openNew();
      const hostile = ['id: 2', 'data: x', 'event: origin', ': batch 10 1-2 00000000', 'event: origin data: ', '', ':'];
      await append(journal, hostile);
      await append(journal, hostile);
      const given = (await readAll(journal, 3, 13)) as { text: string }[];
      expect(given.map((line) => line.text)).toEqual([...hostile, ...hostile].slice(2, 13));
    });

    test('a batch is announced once it can be read, with exactly its bytes', async () => {
      const journal = await openNew();
      const blocks: Block[] = [];
      const readable: Promise<Given[]>[] = [];
      journal.subscribe({
        onBlock(block) {
          expect(journal.lastId).toBe(block.lastId);
          expectEvents(block.bytes);
          blocks.push(block);
          readable.push(readAll(journal, block.firstId, block.lastId));
        },
      });
      await append(journal, ['a', 'b']);
      await append(journal, ['c']);
      expect(blocks.map(({ firstId, lastId }) => [firstId, lastId])).toEqual([
        [1, 2],
        [3, 3],
      ]);
      const announced = blocks.map((block) => parseLines(block.bytes.toString()));
      expect(await Promise.all(readable)).toEqual(announced);
      const cursor = journal.read(1);
      const copied = await cursor.next();
      cursor.close();
      expect(copied).toMatchObject({ type: 'block', bytes: Buffer.concat(blocks.map((block) => block.bytes)) });
    });

    test('what was unsubscribed hears nothing more; the same listener may subscribe twice', async () => {
      const journal = await openNew();
      const heard: number[] = [];
      const listener = { onBlock: (block: Block) => heard.push(block.lastId) };
      const first = journal.subscribe(listener);
      const second = journal.subscribe(listener);
      await append(journal, ['a']);
      first();
      first();
      await append(journal, ['b']);
      second();
      await append(journal, ['c']);
      expect(heard).toEqual([1, 1, 2]);
    });

    test('a cursor that has everything gives undefined, and goes on when there is more', async () => {
      const journal = await openNew();
      await append(journal, ['a']);
      const cursor = journal.read(1);
      expect(idsOf(await drain(cursor))).toEqual([1]);
      expect(await cursor.next()).toBeUndefined();
      await append(journal, ['b', 'c']);
      expect(cursor.nextId).toBe(2);
      expect(idsOf(await drain(cursor), 2)).toEqual([2, 3]);
      cursor.close();
      expect(await cursor.next()).toBeUndefined();
    });

    test('a cursor past the end gives nothing until the journal has come there', async () => {
      const journal = await openNew();
      await append(journal, ['a']);
      const cursor = journal.read(3);
      expect(await cursor.next()).toBeUndefined();
      await append(journal, ['b', 'c']);
      expect(idsOf(await drain(cursor), 3)).toEqual([3]);
      cursor.close();
    });

    test('a cursor can be moved on and back, while it reads, too', async () => {
      const journal = await openNew();
      await appendNumbered(journal, 300, 7);
      const cursor = journal.read(1);
      cursor.seek(250);
      expect(idsOf(await drain(cursor), 250)).toEqual(range(250, 300));
      cursor.seek(299);
      expect(idsOf(await drain(cursor), 299)).toEqual([299, 300]);
      cursor.seek(1);
      const first = await cursor.next();
      expect(first).toMatchObject({ type: 'block', firstId: 1 });
      // Back into what was just read, and as far as it goes.
      for (const id of [2, 7, cursor.nextId - 1, 5]) {
        cursor.seek(id);
        expect(idsOf(await drain(cursor), id)).toEqual(range(id, 300));
        cursor.seek(1);
        await cursor.next();
      }
      cursor.seek(1);
      const pending = cursor.next();
      cursor.seek(290);
      const next = await pending;
      expect(idsOf([...(next === undefined ? [] : givenBy(next)), ...(await drain(cursor))], 290)).toEqual(
        range(290, 300),
      );
      cursor.close();
    });

    test('a cursor that rests, goes back or is closed between large blocks gives what it would give otherwise', async () => {
      const journal = await openNew();
      const text = 'x'.repeat(1000);
      // Batches of many sizes, a large one among them, so that some end in a block and some don't.
      for (const lines of [1, 400, 90, 90, 90, 700, 3, 1500, 90, 300, 300, 300]) {
        const firstId = journal.lastId + 1;
        await append(
          journal,
          range(firstId, firstId + lines - 1).map((id) => `${id} ${text}`),
        );
      }
      const { lastId } = journal;
      const what = fc.constantFrom('rest', 'back', 'close', 'go on');
      await fc.assert(
        fc.asyncProperty(
          fc.array(what, { maxLength: 12 }),
          fc.option(fc.integer({ min: 1, max: lastId })),
          async (whats, to) => {
            let cursor = journal.read(1, to ?? undefined);
            const given: Given[] = [];
            for (let step = 0; ; step++) {
              const next = await cursor.next();
              if (next === undefined) break;
              const lines = givenBy(next);
              const isBack = whats[step] === 'back' && lines.length > 1;
              given.push(...(isBack ? lines.slice(0, -1) : lines));
              if (next.type === 'block') next.release();
              if (isBack) cursor.seek(cursor.nextId - 1);
              if (whats[step] === 'rest') cursor.rest();
              if (whats[step] !== 'close') continue;
              cursor.close();
              cursor = journal.read(cursor.nextId, to ?? undefined);
            }
            cursor.close();
            expect(idsOf(given)).toEqual(range(1, to ?? lastId));
            expect(given.find((one) => 'id' in one && one.text !== `${one.id} ${text}`)).toBeUndefined();
          },
        ),
        { numRuns: 8 },
      );
    });

    test('any part of any journal is given exactly, each block under its origin', async () => {
      const text = fc.string({ unit: fc.constantFrom('a', ' ', ':', 'é', '😀', '\u001b[1m'), maxLength: 12 });
      const batches = fc.array(fc.array(text, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(batches, fc.nat(), fc.nat(), async (batchTexts, a, b) => {
          const journal = await (await place()).open();
          try {
            const expected: Given[] = [];
            for (const [time, texts] of batchTexts.entries()) {
              const firstId = journal.lastId + 1;
              // The origin changes in the middle of a batch, too.
              const origins = texts.map((_, index): Origin => (index % 4 < 2 ? { time } : { time, stream: 'stderr' }));
              await journal.append(batchOf(firstId, texts, origins));
              for (const [index, line] of texts.entries()) {
                expected.push({ id: firstId + index, text: line, origin: origins[index] as Origin });
              }
            }
            const from = 1 + (a % journal.lastId);
            const to = from + (b % (journal.lastId - from + 1));
            expect(await readAll(journal, from, to)).toEqual(expected.slice(from - 1, to));
            expect(await readAll(journal, from)).toEqual(expected.slice(from - 1));
          } finally {
            await journal.close();
          }
        }),
        { numRuns: 20 },
      );
    });

    test('a batch larger than any block is given whole', async () => {
      const journal = await openNew();
      const long = 'x'.repeat(250_000);
      await append(
        journal,
        Array.from({ length: 12 }, () => long),
      );
      await append(journal, ['end']);
      expect(idsOf(await readAll(journal))).toEqual(range(1, 13));
      expect(idsOf(await readAll(journal, 7, 9), 7)).toEqual([7, 8, 9]);
    });

    test('memory that was given back is never used again while somebody looks at it', async () => {
      const journal = await openNew();
      const ids = range(1, 30_000);
      await appendNumbered(journal, ids.length, 1000);
      const readers = range(1, 12).map(async (reader) => {
        const cursor = journal.read(1);
        const given: Given[] = [];
        for (let next = await cursor.next(); next !== undefined; next = await cursor.next()) {
          if (next.type === 'gap') throw new Error('nothing is missing');
          // As a client that takes its time.
          await new Promise((resolve) => setTimeout(resolve, reader % 3));
          for (const one of givenBy(next)) given.push(one);
          next.release();
          next.release();
        }
        cursor.close();
        return idsOf(given);
      });
      // To compare long arrays takes longer than to read them.
      for (const read of await Promise.all(readers)) expect(read.join() === ids.join()).toBe(true);
    });

    test('cursors that read while lines are appended see every line once', async () => {
      const journal = await openNew();
      let appending = true;
      const readers = range(1, 5).map(async (fromId) => {
        const cursor = journal.read(fromId);
        const given: Given[] = [];
        while (appending || cursor.nextId <= journal.lastId) {
          const next = await cursor.next();
          if (next === undefined) await new Promise((resolve) => setImmediate(resolve));
          else given.push(...givenBy(next));
        }
        cursor.close();
        return idsOf(given, fromId);
      });
      await appendNumbered(journal, 3000, 3);
      appending = false;
      for (const [index, ids] of (await Promise.all(readers)).entries()) expect(ids).toEqual(range(index + 1, 3000));
    });

    test('a journal that was closed goes on where it ended', async () => {
      const there = await place();
      const before = await there.open();
      const position = { source: 'a.log', path: '/a.log', file: '1:2', offset: 10, head: { length: 3, crc: 9 } };
      await append(before, ['a', 'b'], { positions: [position] });
      await before.close();
      const after = await there.open();
      onTestFinished(() => after.close());
      expect([after.firstId, after.lastId]).toEqual([1, 2]);
      expect([...after.positions.values()]).toEqual([position]);
      await append(after, ['c'], { positions: [{ ...position, offset: 12 }] });
      expect(after.positions.get('a.log')?.offset).toBe(12);
      expect(idsOf(await readAll(after))).toEqual([1, 2, 3]);
    });

    test('a batch that does not go on where the journal ends is refused', async () => {
      const journal = await openNew();
      await append(journal, ['a']);
      await expect(journal.append(batchOf(3, ['c']))).rejects.toThrow(RangeError);
      await expect(journal.append(batchOf(1, ['a']))).rejects.toThrow(RangeError);
      await append(journal, ['b']);
      expect(idsOf(await readAll(journal))).toEqual([1, 2]);
    });

    test('after close nothing is appended, and cursors have nothing more', async () => {
      const journal = await openNew();
      await append(journal, ['a']);
      const cursor = journal.read(1);
      await journal.close();
      expect(await cursor.next()).toBeUndefined();
      await expect(journal.append(batchOf(2, ['b']))).rejects.toThrow(SseTailError);
    });

    test('lines that retention took are told as one gap with its exact range', async () => {
      const journal = await openNew(64 * 1024);
      await appendNumbered(journal, 5000, 20);
      await appendNumbered(journal, 1);
      await until('retention has come round', () => journal.size <= 64 * 1024);
      expect(journal.firstId).toBeGreaterThan(1);
      const given = await readAll(journal);
      expect(given[0]).toEqual({ from: 1, to: journal.firstId - 1, reason: 'retention' });
      expect(idsOf(given)).toEqual(range(journal.firstId, 5001));
      expect(await readAll(journal, 2, 4)).toEqual([{ from: 2, to: 4, reason: 'retention' }]);
    });

    test('retention that overtakes a cursor is told as a gap, and not one kept line is missed', async () => {
      const journal = await openNew(64 * 1024);
      const cursor = journal.read(1);
      const given: Given[] = [];
      for (let round = 0; round < 6; round++) {
        await appendNumbered(journal, 1500, 20);
        const next = await cursor.next();
        if (next !== undefined) given.push(...givenBy(next));
      }
      given.push(...(await drain(cursor)));
      cursor.close();
      expect(given.some((one) => 'reason' in one && one.reason === 'retention')).toBe(true);
      expect(idsOf(given).at(-1)).toBe(9000);
    });
  });
}
