import { closeSync, existsSync, openSync } from 'node:fs';
import {
  chmod,
  type FileHandle,
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { segmentName } from '../../../../../agent/journal/disk/segment/segment.ts';
import {
  type FileJournal,
  type FileJournalOptions,
  openFileJournal,
} from '../../../../../agent/journal/disk/write/file-journal.ts';
import { until, within } from '../../../../support/deadline.ts';
import { mountSmallDisk } from '../../../../support/disk.ts';
import { append, appendNumbered, batchOf, drain, idsOf, range, readAll } from '../../../../support/journal.ts';
import { execFileSync } from '../../../../support/sync-child.ts';
import { actAsOwnerOf, tempFolder } from '../../../../support/temp-folder.ts';
import { exited, lastSeen, outputOf, spawnTypescript } from '../../../../support/typescript-process.ts';

async function open(dir: string, options: Partial<FileJournalOptions> = {}): Promise<FileJournal> {
  const journal = await openFileJournal({ dir, ...options });
  onTestFinished(() => journal.close());
  return journal;
}

function listen(journal: FileJournal): (string | undefined)[] {
  const troubles: (string | undefined)[] = [];
  journal.subscribe({ onTrouble: (trouble) => troubles.push(trouble) });
  return troubles;
}

/** A file system of so many bytes, or undefined where we may not mount one. */
function smallDisk(bytes: number): string | undefined {
  const disk = mountSmallDisk(bytes);
  if (disk !== undefined) onTestFinished(() => disk[Symbol.dispose]());
  return disk?.path;
}

describe('a journal that can not be written', () => {
  test('before what else belongs to its folder is there gives no line', async () => {
    let tries = 0;
    const refusal = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const journal = await open(await tempFolder(), {
      beforeSegment: () => (++tries < 3 ? Promise.reject(refusal) : Promise.resolve()),
    });
    const troubles = listen(journal);
    const appended = append(journal, ['one']);
    await until('the trouble', () => troubles.length > 0);
    expect([journal.lastId, await readAll(journal)]).toEqual([0, []]);
    await within('the line', appended);
    expect(troubles).toEqual([expect.stringContaining('the disk is full (ENOSPC)'), undefined]);
    expect(await readAll(journal)).toMatchObject([{ id: 1, text: 'one' }]);
  });

  test('for a full disk says so once, waits, and goes on with nothing lost', async (context) => {
    const disk = smallDisk(512 * 1024);
    if (disk === undefined) return context.skip('needs the right to mount');
    await writeFile(join(disk, 'filler'), Buffer.alloc(300 * 1024));
    const dir = join(disk, 'log');
    await mkdir(dir);
    const journal = await open(dir, { segmentBytes: 64 * 1024 });
    const troubles = listen(journal);
    const reader = journal.read(1);
    const appended = appendNumbered(journal, 20_000, 100);
    await until('trouble is told', () => troubles.length > 0);
    expect(troubles).toEqual([expect.stringMatching(/the disk is full \(ENOSPC\)/)]);
    const lastId = journal.lastId;
    // What is there can be read meanwhile, and nothing else is.
    expect(idsOf(await drain(reader))).toEqual(range(1, lastId));
    await rm(join(disk, 'filler'));
    // The rest does not fit either: retention makes room.
    while (journal.lastId < 20_000) {
      if (troubles.at(-1) !== undefined) await journal.dropOldest();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await within('all lines are written', appended);
    expect(troubles.at(-1)).toBeUndefined();
    const given = await readAll(journal, journal.firstId);
    expect(idsOf(given, journal.firstId)).toEqual(range(journal.firstId, 20_000));
    reader.close();
  });

  test('for something in the way of the next segment goes on once that is gone', async () => {
    const dir = await tempFolder();
    const journal = await open(dir, { segmentBytes: 100 });
    await appendNumbered(journal, 2);
    await mkdir(join(dir, segmentName(3)));
    const troubles = listen(journal);
    const appended = append(journal, ['line 3']);
    await until('trouble is told', () => troubles.length > 0);
    expect(troubles[0]).toMatch(/can't be written.*EISDIR/);
    const late = listen(journal);
    expect(late).toEqual([troubles[0]]);
    await rmdir(join(dir, segmentName(3)));
    await within('the line is written', appended);
    expect(troubles).toEqual([troubles[0], undefined]);
    expect(idsOf(await readAll(journal))).toEqual([1, 2, 3]);
  });

  test('whose folder is removed while it is read and written has every line in the end', {
    timeout: 60_000,
  }, async () => {
    // Who notices it first, and when, depends on how long ago the folder was looked at.
    for (let sinceLookMs = 0; sinceLookMs < 200; sinceLookMs += 25) {
      const dir = join(await tempFolder(), 'log');
      await mkdir(dir);
      const journal = await open(dir);
      await appendNumbered(journal, 20);
      // Large enough for some lines to be written while the file is brought back.
      await append(journal, Array(3000).fill('x'.repeat(1000)));
      await sleep(sinceLookMs);
      await rm(dir, { recursive: true });
      const cursor = journal.read(1);
      let isRead = false;
      const reading = cursor.next().finally(() => {
        isRead = true;
      });
      while (!isRead) {
        await appendNumbered(journal, 1);
        await setImmediate();
      }
      await reading;
      cursor.close();
      await until('the folder', async () => {
        await appendNumbered(journal, 1);
        return existsSync(journal.segments.at(-1)?.path ?? '');
      });
      await journal.close();
      expect(idsOf(await readAll(await open(dir)))).toEqual(range(1, journal.lastId));
    }
  });

  test('for a folder made read-only is written on as far as its open file goes, waits, and loses nothing', async () => {
    const dir = await tempFolder();
    await actAsOwnerOf(dir);
    const journal = await open(dir, { segmentBytes: 1000 });
    await appendNumbered(journal, 1);
    await chmod(dir, 0o500);
    const troubles = listen(journal);
    await within('the open segment is written', appendNumbered(journal, 10));
    expect(troubles).toEqual([]);
    const appended = appendNumbered(journal, 100);
    await until('trouble is told', () => troubles.length > 0);
    expect(troubles).toEqual([expect.stringMatching(/permission is denied \(EACCES\).*nothing is lost/)]);
    expect(journal.trouble).toBe(troubles[0]);
    expect(idsOf(await readAll(journal))).toEqual(range(1, journal.lastId));
    await chmod(dir, 0o700);
    await within('the lines are written', appended);
    expect(troubles.slice(1)).toEqual([undefined]);
    expect(idsOf(await readAll(journal))).toEqual(range(1, 111));
  });

  test('gives up when it is closed', async () => {
    const dir = await tempFolder();
    const journal = await open(dir, { segmentBytes: 100 });
    await appendNumbered(journal, 2);
    await mkdir(join(dir, segmentName(3)));
    const troubles = listen(journal);
    const appended = journal.append(batchOf(3, ['line 3']));
    const refused = expect(appended).rejects.toMatchObject({ kind: 'journal' });
    await until('trouble is told', () => troubles.length > 0);
    await within('it is closed', journal.close());
    await refused;
    await rmdir(join(dir, segmentName(3)));
    const again = await open(dir);
    expect(idsOf(await readAll(again))).toEqual([1, 2]);
  });

  test('past a file size limit begins a new segment', { timeout: 30_000 }, async () => {
    const dir = await tempFolder();
    // In blocks of 512 or 1024 bytes, by the shell: less than a segment in any case.
    const child = await spawnTypescript('./journal-writer.ts', [64 * 1024, 10], 'ulimit -f 32');
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const output = outputOf(child);
    child.stdin.write(`${dir}\n`);
    await until('lines were announced', () => lastSeen(output.text) > 3000);
    child.kill('SIGKILL');
    await exited(child);
    expect(output.text).not.toContain('trouble');
    const sizes = await Promise.all((await readdir(dir)).map(async (name) => (await stat(join(dir, name))).size));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 1024);
    const journal = await open(dir);
    expect(idsOf(await readAll(journal))).toEqual(range(1, journal.lastId));
  });
});

describe('a process that may open no more files', () => {
  test('waits for one, to write and to read, and loses nothing', async (context) => {
    const dir = await tempFolder();
    const journal = await open(dir, { segmentBytes: 1000 });
    const troubles = listen(journal);
    await appendNumbered(journal, 40);
    const fillers: number[] = [];
    const freeAll = () => fillers.splice(0).forEach(closeSync);
    const limit = (files: string) => {
      execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${files}:`], { stdio: 'ignore' });
    };
    const before = /^Max open files +(\d+)/m.exec(await readFile('/proc/self/limits', 'utf8').catch(() => ''))?.[1];
    if (before === undefined) return context.skip('needs /proc');
    try {
      limit('200');
    } catch {
      return context.skip('needs prlimit');
    }
    try {
      expect(() => {
        for (;;) fillers.push(openSync('/dev/null', 'r'));
      }).toThrow(/EMFILE/);
      const appended = appendNumbered(journal, 40);
      const read = readAll(journal, 1, 40);
      await until('trouble is told', () => troubles.length > 0);
      freeAll();
      await within('the lines are written', appended);
      expect(idsOf(await within('the lines are read', read))).toEqual(range(1, 40));
      expect(troubles).toEqual([expect.stringMatching(/too many files are open in this process/), undefined]);
      expect(idsOf(await readAll(journal))).toEqual(range(1, 80));
    } finally {
      freeAll();
      limit(before);
    }
  });
});

describe('a journal whose folder is removed while it is written', () => {
  test('brings back the segment in work and goes on; what else was there is a gap', async () => {
    const root = await tempFolder();
    const dir = join(root, 'log');
    await mkdir(dir);
    let lost = 0;
    const journal = await open(dir, { segmentBytes: 4000, onDirectoryLost: () => lost++ });
    await appendNumbered(journal, 100);
    const newestId = journal.segments.at(-1)?.firstId as number;
    const reader = journal.read(newestId);
    await reader.next();
    await rm(dir, { recursive: true });
    await until('the folder is back', async () => {
      await appendNumbered(journal, 1);
      return (await readdir(root)).includes('log');
    });
    await appendNumbered(journal, 100);
    expect(lost).toBeGreaterThan(0);
    const given = await readAll(journal);
    expect(given[0]).toEqual({ from: 1, to: newestId - 1, reason: 'retention' });
    expect(idsOf(given)).toEqual(range(newestId, journal.lastId));
    expect(idsOf(await drain(reader), 101)).toEqual(range(101, journal.lastId));
    reader.close();
    const { lastId } = journal;
    await journal.close();
    const again = await open(dir);
    expect([again.firstId, again.lastId]).toEqual([newestId, lastId]);
  });

  test('is read as a gap when nothing of it was open', async () => {
    const dir = join(await tempFolder(), 'log');
    await mkdir(dir);
    const before = await openFileJournal({ dir });
    await appendNumbered(before, 10);
    await before.close();
    const journal = await open(dir);
    await rm(dir, { recursive: true });
    expect(await readAll(journal)).toEqual([{ from: 1, to: 10, reason: 'retention' }]);
    await append(journal, ['line 11']);
    expect(idsOf(await readAll(journal))).toEqual([11]);
  });
});

describe('retention', () => {
  test('a reader inside a removed segment finishes it, and is then told the exact gap', async () => {
    const dir = await tempFolder();
    const journal = await open(dir, { segmentBytes: 300_000 });
    await appendNumbered(journal, 40_000, 50);
    const ends = journal.segments.map((segment) => segment.firstId - 1);
    expect(ends.length).toBeGreaterThan(3);
    const cursor = journal.read(1);
    const first = await cursor.next();
    expect(first).toMatchObject({ type: 'block', firstId: 1 });
    expect(cursor.nextId).toBeLessThan(ends[1] as number);
    await journal.dropOldest();
    await journal.dropOldest();
    const given = await drain(cursor);
    cursor.close();
    const from = first?.type === 'block' ? first.lastId + 1 : 0;
    expect(idsOf(given, from)).toEqual([...range(from, ends[1] as number), ...range((ends[2] as number) + 1, 40_000)]);
    expect(given).toContainEqual({ from: (ends[1] as number) + 1, to: ends[2], reason: 'retention' });
  });

  test('takes no more than it has to while segments are begun faster than old ones can be removed', async () => {
    const segmentBytes = 2000;
    const retainBytes = 40_000;
    const dir = await tempFolder();
    for (let round = 0; round < 10; round++) {
      const journal = await openFileJournal({ dir, segmentBytes, retainBytes });
      // Each batch begins a segment.
      await appendNumbered(journal, 60 * 60, 60);
      await journal.close();
      expect(journal.size).toBeLessThanOrEqual(retainBytes);
      expect(journal.size).toBeGreaterThan(retainBytes - 2 * segmentBytes);
    }
  });

  test('makes room for batches that are larger than a segment', async () => {
    const retainBytes = 20_000;
    const journal = await openFileJournal({ dir: await tempFolder(), segmentBytes: 2000, retainBytes });
    const sizes: number[] = [];
    for (let batch = 0; batch < 8; batch++) {
      await appendNumbered(journal, 150, 150);
      await until('retention has come round', () => journal.size <= retainBytes);
      sizes.push(journal.size);
    }
    expect(sizes.at(-1)).toBeGreaterThan(retainBytes / 2);
    expect(journal.firstId).toBeGreaterThan(1);
    await journal.close();
  });

  test('never removes the segment being written', async () => {
    const dir = await tempFolder();
    const journal = await open(dir, { segmentBytes: 2000, retainBytes: 1 });
    await appendNumbered(journal, 200);
    await until('retention has come round', () => journal.segments.length === 1);
    expect(await journal.dropOldest()).toBeUndefined();
    expect(idsOf(await readAll(journal, journal.firstId), journal.firstId)).toEqual(range(journal.firstId, 200));
  });
});

test('opening a large journal and reading its newest lines reads only its end', async (context) => {
  const dir = await tempFolder();
  const journal = await openFileJournal({ dir, segmentBytes: 4 * 1024 * 1024 });
  await appendNumbered(journal, 200_000, 200);
  const { size } = journal;
  await journal.close();
  expect(size).toBeGreaterThan(5 * 1024 * 1024);
  const readSoFar = async () => Number(/rchar: (\d+)/.exec(await readFile('/proc/self/io', 'utf8'))?.[1]);
  const before = await readSoFar().catch(() => undefined);
  if (before === undefined) return context.skip('needs /proc');
  const again = await open(dir);
  expect(idsOf(await readAll(again, again.lastId - 9), again.lastId - 9)).toHaveLength(10);
  const middle = Math.floor(again.lastId / 2);
  expect(idsOf(await readAll(again, middle, middle + 9), middle)).toHaveLength(10);
  expect((await readSoFar()) - before).toBeLessThan(3 * 1024 * 1024);
});

test('with fsync, each batch is on the disk before it is announced, and a new segment in its folders', async () => {
  const dir = await tempFolder();
  const syncs = await watchSyncs();
  const journal = await open(dir, { fsync: true, segmentBytes: 300 });
  journal.subscribe({ onBlock: ({ firstId }) => syncs.push(`line ${firstId}`) });
  await appendNumbered(journal, 20);
  expect(syncs.filter((what) => what !== 'sync')).toEqual(range(1, 20).flatMap((id) => ['datasync', `line ${id}`]));
  expect(syncs.filter((what) => what === 'sync')).toHaveLength(2 * journal.segments.length);
  expect(idsOf(await readAll(journal))).toEqual(range(1, 20));
});

test('without fsync, nothing waits for the disk', async () => {
  const syncs = await watchSyncs();
  const journal = await open(await tempFolder(), { segmentBytes: 300 });
  await appendNumbered(journal, 20);
  expect(syncs).toEqual([]);
});

/** Notes each sync of a file when it is done. */
async function watchSyncs(): Promise<string[]> {
  const done: string[] = [];
  const handle = await openFile('/dev/null');
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  for (const name of ['sync', 'datasync'] as const) {
    const original = prototype[name];
    vi.spyOn(prototype, name).mockImplementation(async function (this: FileHandle) {
      await original.call(this);
      done.push(name);
    });
  }
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  return done;
}
