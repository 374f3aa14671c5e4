import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openFollowedJournal } from '../../../../../agent/journal/disk/read/followed-journal.ts';
import { listSegments } from '../../../../../agent/journal/disk/segment/segment.ts';
import { openFileJournal } from '../../../../../agent/journal/disk/write/file-journal.ts';
import { append, drain, givenBy } from '../../../../support/journal.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const perSegment = 10;
const text = 'x'.repeat(1000);

async function writeSegments(count: number): Promise<string> {
  const dir = await tempFolder();
  const journal = await openFileJournal({ dir, segmentBytes: perSegment * text.length });
  for (let line = 0; line < count * perSegment; line++) await append(journal, [text]);
  await journal.close();
  return dir;
}

describe('lines of which the files are gone', () => {
  it('are said to be no longer kept, where the whole log is', async () => {
    const dir = await writeSegments(5);
    const journal = await openFollowedJournal(dir);
    // Whoever is slow holds what it reads open.
    const slow = journal.read(1);
    await slow.next();
    const cursor = journal.read(1);
    const first = await cursor.next();
    if (first === undefined) throw new Error('nothing came');
    const given = givenBy(first);
    await rm(dir, { recursive: true });
    given.push(...(await drain(cursor)));
    const gaps = given.filter((one) => 'reason' in one);
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps.map(({ reason }) => reason)).toEqual(gaps.map(() => 'retention'));
    slow.close();
    expect(gaps.at(-1)).toMatchObject({ to: journal.lastId });
  });

  it('are said to be damaged, where others before them are still there', async () => {
    const dir = await writeSegments(5);
    const journal = await openFollowedJournal(dir);
    const [, , third] = await listSegments(dir);
    if (third === undefined) throw new Error('fewer segments than expected');
    await rm(third.path);
    const given = await drain(journal.read(1));
    const gaps = given.filter((one) => 'reason' in one);
    expect(gaps).toMatchObject([{ from: third.firstId, reason: 'damage' }]);
    expect(given[0]).toMatchObject({ id: 1 });
  });
});
