import { appendFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Segment } from '../../../../../agent/journal/disk/segment/segment.ts';
import { sealBatch } from '../../../../../agent/journal/disk/segment/trailer.ts';
import {
  type FileJournal,
  type FileJournalOptions,
  openFileJournal,
} from '../../../../../agent/journal/disk/write/file-journal.ts';
import type { Damage } from '../../../../../agent/journal/journal.ts';
import { copyJournal, cutAt, flip, newestSegment, overwrite, segmentsIn, zero } from '../../../../support/damage.ts';
import { append, appendNumbered, batchOf, type Given, idsOf, range, readAll } from '../../../../support/journal.ts';
import { amountOf } from '../../../../support/sweep.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

async function open(dir: string, options: Partial<FileJournalOptions> = {}): Promise<FileJournal> {
  const journal = await openFileJournal({ dir, ...options });
  onTestFinished(() => journal.close());
  return journal;
}

/** The damage that a journal tells of. */
function listen(journal: FileJournal): Damage[] {
  const damages: Damage[] = [];
  journal.subscribe({ onDamage: (damage) => damages.push(damage) });
  return damages;
}

/** Lines `line <id>` in batches of the given sizes, with where each batch ends in its segment. */
async function write(
  dir: string,
  sizes: readonly number[],
  options: Partial<FileJournalOptions> = {},
): Promise<number[]> {
  const journal = await openFileJournal({ dir, ...options });
  const ends: number[] = [];
  for (const size of sizes) {
    await appendNumbered(journal, size, size);
    ends.push(journal.segments.at(-1)?.size as number);
  }
  await journal.close();
  return ends;
}

/** Of the bytes of a journal each in `npm run soak`, and in the suite every third, from another one on each time. */
const step = amountOf(3, 1);
const start = Math.floor(Math.random() * step);
const isLookedAt = (byte: number) => byte % step === start;

function expectTrue(given: readonly Given[]): void {
  for (const one of given)
    if ('id' in one && one.text !== `line ${one.id}`) throw new Error(`line ${one.id}: ${one.text}`);
}

describe('a journal that was cut', () => {
  test('at any byte keeps its whole batches and goes on behind them, with the ids of what was torn', async () => {
    const root = await tempFolder();
    const sizes = [1, 3, 2, 1, 4];
    await mkdir(join(root, 'whole'));
    const ends = await write(join(root, 'whole'), sizes);
    const bytes = await readFile(await newestSegment(join(root, 'whole')));
    expect(ends.at(-1)).toBe(bytes.length);
    const dir = join(root, 'cut');
    const isAtEnd = (length: number) => ends.some((end) => Math.abs(end - length) <= 2);
    for (const length of range(0, bytes.length).filter((one) => isAtEnd(one) || isLookedAt(one))) {
      await copyJournal(join(root, 'whole'), dir);
      await cutAt(await newestSegment(dir), length);
      const whole = sizes.slice(0, ends.filter((end) => end <= length).length);
      const kept = whole.reduce((sum, size) => sum + size, 0);
      const journal = await openFileJournal({ dir });
      expect([length, journal.lastId, journal.size]).toEqual([length, kept, ends[whole.length - 1] ?? 0]);
      await appendNumbered(journal, 2, 2);
      const given = await readAll(journal);
      await journal.close();
      expect(idsOf(given)).toEqual(range(1, kept + 2));
      expectTrue(given);
    }
  });

  test('while it is written tells what is gone, and goes on', async () => {
    const dir = await tempFolder();
    const journal = await open(dir);
    const damages = listen(journal);
    await appendNumbered(journal, 10);
    const size = journal.size;
    await cutAt(await newestSegment(dir), Math.floor(size / 2));
    await appendNumbered(journal, 10);
    const given = await readAll(journal);
    expectTrue(given);
    const ids = idsOf(given);
    expect(ids.slice(-10)).toEqual(range(11, 20));
    const gaps = given.filter((one) => 'reason' in one);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ from: (ids.indexOf(11) || 0) + 1, to: 10, reason: 'damage' });
    expect(damages).toHaveLength(1);
  });
});

describe('a journal with a flipped byte', () => {
  test('never gives a wrong line, tells exactly what it can not give, serves the rest, and reuses no id', async () => {
    const root = await tempFolder();
    const whole = join(root, 'whole');
    await mkdir(whole);
    await write(whole, [2, 1, 3, 2, 2], { segmentBytes: 300 });
    const paths = await segmentsIn(whole);
    expect(paths.length).toBeGreaterThan(1);
    const places = [];
    for (const [segment, path] of paths.entries()) {
      for (const offset of range(0, (await stat(path)).size - 1).filter(isLookedAt)) places.push({ segment, offset });
    }
    const dir = join(root, 'flipped');
    const flips = fc.sample(fc.integer({ min: 1, max: 255 }), places.length);
    for (const [index, { segment, offset }] of places.entries()) {
      await copyJournal(whole, dir);
      await flip((await segmentsIn(dir))[segment] as string, offset, flips[index] as number);
      const at = `segment ${segment}, byte ${offset}, mask ${flips[index]}`;
      const journal = await openFileJournal({ dir, segmentBytes: 300 });
      const damages = listen(journal);
      const kept = journal.lastId;
      await append(journal, ['new']);
      const given = await readAll(journal);
      const newest = given.pop();
      expect(newest, at).toMatchObject({ text: 'new' });
      expectTrue(given);
      const ids = idsOf(given);
      expect(kept, at).toBeGreaterThanOrEqual(10);
      expect(kept, at).toBeLessThan(20);
      expect(ids.length, at).toBeGreaterThanOrEqual(7);
      expect(ids.length, at).toBeLessThan(10);
      expect(damages, at).toHaveLength(1);
      const [damage] = damages;
      const covers = damage !== undefined && damage.offset <= offset && offset < damage.offset + damage.length;
      expect(covers, at).toBe(true);
      await journal.close();
      await rm(dir, { recursive: true });
    }
  }, 60_000);
});

describe('a journal garbled in the middle', () => {
  test.each(['zeros', 'noise', 'text'])('by %s loses what stood there and nothing else', async (what) => {
    const dir = await tempFolder();
    const journal = await open(dir);
    const damages = listen(journal);
    await appendNumbered(journal, 30_000, 10);
    const path = await newestSegment(dir);
    const garbage = {
      zeros: Buffer.alloc(5000),
      noise: Buffer.from(range(1, 5000).map((n) => (n * n * 31) >> 3)),
      text: Buffer.alloc(5000, 'x\n\n: batch 5 1-2 '),
    };
    await overwrite(path, 700_001, garbage[what as keyof typeof garbage]);
    const given = await readAll(journal);
    expectTrue(given);
    const gaps = given.filter((one) => 'reason' in one);
    expect(gaps).toHaveLength(1);
    const [gap] = gaps as { from: number; to: number }[];
    const lost = (gap?.to ?? 0) - (gap?.from ?? 0) + 1;
    expect(idsOf(given)).toHaveLength(30_000 - lost);
    expect(lost).toBeLessThan(200);
    expect(damages).toHaveLength(1);
    expect(damages[0]).toMatchObject({ segment: path, from: gap?.from, to: gap?.to });
    expect(damages[0]?.offset).toBeLessThanOrEqual(700_001);
    expect((damages[0]?.offset ?? 0) + (damages[0]?.length ?? 0)).toBeGreaterThanOrEqual(705_001);

    // Again: told once. And from any id beside the damage, as if nothing were the matter.
    await readAll(journal);
    expect(damages).toHaveLength(1);
    for (const from of [1, (gap?.from ?? 0) - 1, (gap?.to ?? 0) + 1, 29_999]) {
      expect(idsOf(await readAll(journal, from, from), from)).toEqual([from]);
    }
    const middle = Math.floor(((gap?.from ?? 0) + (gap?.to ?? 0)) / 2);
    expect(await readAll(journal, middle, middle + 1)).toEqual([{ from: middle, to: middle + 1, reason: 'damage' }]);
  });

  test('is told of in what was read a moment ago, whole or in part, and of nothing else', async () => {
    const dir = await tempFolder();
    const journal = await open(dir, { segmentBytes: 4000 });
    await appendNumbered(journal, 600, 5);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
    onTestFinished(() => void vi.useRealTimers());
    const { size, handle, path } = journal.segments[0] as Segment;
    for (const from of [1, 1, 20, 400]) expect(idsOf(await readAll(journal, from), from)).toEqual(range(from, 600));
    expect(handle.verified.has(0, size, handle.verified.change)).toBe(true);
    await flip(path, 70, 4);
    for (const [from, lostFrom] of [
      [1, 1],
      [3, 3],
      [6, 6],
    ] as const) {
      const given = await readAll(journal, from);
      const gaps = from <= 5 ? [{ from: lostFrom, to: 5, reason: 'damage' }] : [];
      expect(given.slice(0, 1).filter((one) => !('id' in one))).toEqual(gaps);
      expectTrue(given);
      expect(given.at(-1)).toMatchObject({ id: 600 });
    }
  });

  test('a segment removed by hand is a gap with its exact range', async () => {
    const dir = await tempFolder();
    const journal = await open(dir, { segmentBytes: 1000 });
    await appendNumbered(journal, 60);
    const [first, second, third] = journal.segments.map((segment) => segment.firstId);
    await rm((await segmentsIn(dir))[1] as string);
    const given = await readAll(journal);
    expect(given).toContainEqual({ from: second, to: (third as number) - 1, reason: 'damage' });
    expect(idsOf(given)).toEqual([...range(first as number, (second as number) - 1), ...range(third as number, 60)]);
  });
});

describe('the end of a journal', () => {
  test('zeros behind the last batch, as a power loss leaves them, are passed over and reuse no id', async () => {
    const dir = await tempFolder();
    await write(dir, [3, 3]);
    await appendFile(await newestSegment(dir), Buffer.alloc(4096));
    const journal = await open(dir);
    await append(journal, ['line 7']);
    const given = await readAll(journal);
    expectTrue(given);
    expect(idsOf(given)).toEqual(range(1, 7));
  });

  test('a last batch with a wrong checksum keeps its ids to itself', async () => {
    const dir = await tempFolder();
    const ends = await write(dir, [3, 3]);
    await zero(await newestSegment(dir), (ends[0] as number) + 60, 3);
    const journal = await open(dir);
    expect(journal.lastId).toBe(6);
    await append(journal, ['line 7']);
    await journal.close();
    const again = await open(dir);
    expect(await readAll(again, 3)).toMatchObject([{ id: 3 }, { from: 4, to: 6, reason: 'damage' }, { id: 7 }]);
  });

  test('an empty newest segment keeps the last id in its name', async () => {
    const dir = await tempFolder();
    await write(dir, [3, 3], { segmentBytes: 100 });
    const [first, second] = await segmentsIn(dir);
    await cutAt(second as string, 0);
    await rm(first as string);
    const journal = await open(dir);
    expect([journal.firstId, journal.lastId]).toEqual([4, 3]);
    await append(journal, ['line 4']);
    expect(await readAll(journal)).toMatchObject([{ from: 1, to: 3, reason: 'retention' }, { id: 4 }]);
  });

  test('positions come from the last whole batches, over segments and torn ends', async () => {
    const dir = await tempFolder();
    const at = (source: string, offset: number) => {
      return { source, path: `/${source}`, file: '1:2', offset, head: { length: 1, crc: 1 } };
    };
    const journal = await openFileJournal({ dir, segmentBytes: 2000 });
    for (const n of range(1, 50)) await append(journal, ['x'], { positions: [at(n % 7 === 0 ? 'b' : 'a', n)] });
    await journal.close();
    const torn = sealBatch(batchOf(51, ['torn']), JSON.stringify({ at: [['a', 99]] }));
    await appendFile(await newestSegment(dir), torn.subarray(0, torn.length - 4));
    const again = await open(dir);
    expect(new Map(again.positions)).toEqual(
      new Map([
        ['a', at('a', 50)],
        ['b', at('b', 49)],
      ]),
    );
  });

  test.each([1, 300_000])('positions are found behind damage of lines of %d bytes', async (bytes) => {
    const dir = await tempFolder();
    const at = (offset: number) => ({ source: 'a', path: '/a', file: '1:2', offset, head: { length: 1, crc: 1 } });
    const journal = await openFileJournal({ dir });
    const ends: number[] = [];
    for (const n of range(1, 9)) {
      await append(journal, [n < 6 ? 'x'.repeat(bytes) : 'x'], { positions: [at(n)] });
      ends.push(journal.segments[0]?.size as number);
    }
    await journal.close();
    const segment = await newestSegment(dir);
    await flip(segment, (ends[4] as number) - 30, 1);
    const again = await open(dir);
    expect([...again.positions.values()]).toEqual([{ ...at(9), isUnsure: true }]);
    await append(again, ['x'], { positions: [at(10)] });
    await again.close();
    expect([...(await open(dir)).positions.values()]).toEqual([at(10)]);
    // The last batch: what it told of is read once more.
    await flip(await newestSegment(dir), ((await stat(segment)).size as number) - 30, 1);
    expect([...(await open(dir)).positions.values()]).toEqual([{ ...at(9), isUnsure: true }]);
  });
});
