import { copyFile, readFile, rename, stat, writeFile } from 'node:fs/promises';

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type FollowedJournal, openFollowedJournal } from '../../../../../agent/journal/disk/read/followed-journal.ts';
import { openFileJournal } from '../../../../../agent/journal/disk/write/file-journal.ts';
import { newestSegment, overwrite } from '../../../../support/damage.ts';
import { append, drain, idsOf, range } from '../../../../support/journal.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const lines = 20_000;

/** A log of one segment, in batches of so many lines. */
async function write(perBatch: number, text: string): Promise<{ dir: string; segment: string }> {
  const dir = await tempFolder();
  const journal = await openFileJournal({ dir });
  for (let line = 0; line < lines; line += perBatch) await append(journal, Array(perBatch).fill(text));
  await journal.close();
  return { dir, segment: await newestSegment(dir) };
}

async function follow(dir: string): Promise<FollowedJournal> {
  const journal = await openFollowedJournal(dir);
  onTestFinished(() => journal.close());
  return journal;
}

const ways: Record<string, (from: string, to: string) => Promise<void>> = {
  // As rsync --inplace and the restore of a backup do.
  'in place': async (from, to) => writeFile(to, await readFile(from)),
  'under another inode': async (from, to) => {
    await copyFile(from, `${to}.new`);
    await rename(`${to}.new`, to);
  },
};

describe.each(Object.entries(ways))('a segment that is written anew %s, after it was read', (_, writeAnew) => {
  // Where batches began before, others don't.
  it.each([
    ['larger', 10, 5000],
    ['smaller', 5000, 10],
  ])('is read by its new batches: %s ones', async (_size, before, after) => {
    const { dir, segment } = await write(before, 'x'.repeat(90));
    const other = await write(after, 'y'.repeat(90));
    const journal = await follow(dir);
    const reading = journal.read(1);
    await reading.next();
    expect(idsOf(await drain(journal.read(1)))).toEqual(range(1, lines));
    await writeAnew(other.segment, segment);
    await journal.refresh();
    // Its end was taken in before, and is where no batch ends now: the one there can't be read, and is named.
    const given = await drain(journal.read(1));
    const ids = idsOf(given);
    expect(ids).toEqual(range(1, ids.length));
    expect(ids.length).toBeGreaterThanOrEqual(lines - Math.max(before, after));
    const texts = given.flatMap((one) => ('text' in one ? [one.text[0]] : []));
    expect(new Set(texts)).toEqual(new Set(['y']));
    if (ids.length < lines) expect(given.at(-1)).toMatchObject({ from: ids.length + 1, to: lines, reason: 'damage' });
    // So does whoever was amid it come to an end.
    await drain(reading);
    reading.close();
  });
});

it('damage to the only segment is told to whoever reads on in it, though another has verified it since', async () => {
  const { dir, segment } = await write(10, 'x'.repeat(500));
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() + 10_000 });
  onTestFinished(() => void vi.useRealTimers());
  const journal = await follow(dir);
  const slow = journal.read(1);
  const first = await slow.next();
  if (first?.type === 'block') first.release();
  await drain(journal.read(1));
  const { size } = await stat(segment);
  await overwrite(segment, size - 20_000, Buffer.from('DAMAGE'));
  vi.advanceTimersByTime(1001);
  const rest = await drain(slow);
  slow.close();
  expect(rest.filter((one) => 'reason' in one)).toMatchObject([{ reason: 'damage' }]);
  expect(JSON.stringify(rest)).not.toContain('DAMAGE');
});
