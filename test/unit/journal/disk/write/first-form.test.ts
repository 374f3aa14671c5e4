import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFollowedJournal } from '../../../../../agent/journal/disk/read/followed-journal.ts';
import { segmentName } from '../../../../../agent/journal/disk/segment/segment.ts';
import { openFileJournal } from '../../../../../agent/journal/disk/write/file-journal.ts';
import type { FilePosition } from '../../../../../agent/words/position.ts';
import { sealInFirstForm } from '../../../../support/first-form.ts';
import { append, batchOf, idsOf, range, readAll } from '../../../../support/journal.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const head = { length: 1, crc: 2 };
const a: FilePosition = { source: 'a', path: '/a', file: '1:2', offset: 2, head, writtenAtUs: 5 };
const b: FilePosition = { source: 'b', path: '/b', file: '1:3', offset: 4, head };

/** A log of 0.1.0: ten lines, the last of which an agent was killed in. */
async function oldJournal(torn: boolean): Promise<string> {
  const dir = await tempFolder();
  const batches = [
    sealInFirstForm(batchOf(1, ['1', '2']), JSON.stringify({ all: [a] })),
    sealInFirstForm(batchOf(3, ['3', '4', '5']), JSON.stringify({ at: [['a', 9, 7], b] })),
    sealInFirstForm(batchOf(6, ['6'])),
    sealInFirstForm(batchOf(7, ['7', '8', '9', '10']), JSON.stringify({ at: [['b', 44]] })),
  ];
  const bytes = Buffer.concat(batches);
  await writeFile(join(dir, segmentName(1)), torn ? bytes.subarray(0, bytes.length - 12) : bytes);
  return dir;
}

async function open(dir: string) {
  const journal = await openFileJournal({ dir });
  onTestFinished(() => journal.close());
  return journal;
}

const moved = { ...a, offset: 9, writtenAtUs: 7 };

test('a journal whose trailers have their first form is read, continued, and read again', async () => {
  const dir = await oldJournal(false);
  const first = await open(dir);
  expect([first.firstId, first.lastId]).toEqual([1, 10]);
  expect(idsOf(await readAll(first))).toEqual(range(1, 10));
  expect([...first.positions.values()]).toEqual([moved, { ...b, offset: 44 }]);
  await append(first, ['11', '12'], { positions: [{ ...b, offset: 50 }] });
  await append(first, ['13'], { positions: [{ ...moved, offset: 10, writtenAtUs: 11 }] });
  await first.close();
  const second = await open(dir);
  expect(idsOf(await readAll(second))).toEqual(range(1, 13));
  expect(idsOf(await readAll(second, 4, 12), 4)).toEqual(range(4, 12));
  expect([...second.positions.values()]).toEqual([
    { ...moved, offset: 10, writtenAtUs: 11 },
    { ...b, offset: 50 },
  ]);
  const followed = await openFollowedJournal(dir);
  expect(idsOf(await readAll(followed))).toEqual(range(1, 13));
  await followed.close();
});

test('of its last batch what an interrupted write left is cut off', async () => {
  const dir = await oldJournal(true);
  const journal = await open(dir);
  expect(journal.lastId).toBe(6);
  expect([...journal.positions.values()]).toEqual([moved, b]);
  await append(journal, ['7 again']);
  expect((await readAll(journal, 7)).map((one) => 'text' in one && one.text)).toEqual(['7 again']);
});
