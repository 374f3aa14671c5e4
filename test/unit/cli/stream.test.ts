import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { troubleFor } from '../../../agent/cli/stream.ts';
import { segmentName } from '../../../agent/journal/disk/segment/segment.ts';
import { type FileJournal, openFileJournal } from '../../../agent/journal/disk/write/file-journal.ts';
import { createDeferred } from '../../../agent/system/deferred.ts';
import { append } from '../../support/journal.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const patienceMs = 2000;
/** The journal tries again after this long first, and then less and less often. */
const [firstRetryMs, lastRetryMs] = [100, 2000];

/** A journal that needs a new file for each batch. How long the disk takes is its own matter; all else is said here. */
async function open(): Promise<{ journal: FileJournal; block: () => Promise<Blocked> }> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const dir = await tempFolder();
  const journal = await openFileJournal({ dir, segmentBytes: 100 });
  onTestFinished(() => journal.close());

  /** Resolves once it is known that a line can't be written. */
  async function block(): Promise<Blocked> {
    const obstacle = join(dir, segmentName(journal.lastId + 1));
    await mkdir(obstacle);
    const noticed = createDeferred();
    const stop = journal.subscribe({ onTrouble: (trouble) => trouble !== undefined && noticed.resolve() });
    const appended = append(journal, ['x'.repeat(200)]);
    await noticed.promise;
    stop();
    return { unblock: () => rmdir(obstacle), appended };
  }
  return { journal, block };
}

interface Blocked {
  unblock(): Promise<void>;
  appended: Promise<void>;
}

function watch(journal: FileJournal) {
  const watched = { isGivenUp: false };
  void troubleFor(journal, patienceMs).then(() => {
    watched.isGivenUp = true;
  });
  return watched;
}

/** Is given up now, and no millisecond earlier; then the line is written all the same. */
async function expectGivenUp(watched: { isGivenUp: boolean }, { unblock, appended }: Blocked): Promise<void> {
  await vi.advanceTimersByTimeAsync(patienceMs - 1);
  expect(watched.isGivenUp).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(watched.isGivenUp).toBe(true);
  await unblock();
  let isWritten = false;
  void appended.then(() => {
    isWritten = true;
  });
  while (!isWritten) {
    await vi.advanceTimersByTimeAsync(lastRetryMs);
    await turn();
  }
}

it('a journal that was written in between gets the whole time again', async () => {
  const { journal, block } = await open();
  const watched = watch(journal);
  for (let troubledMs = 0; troubledMs < 2 * patienceMs; troubledMs += firstRetryMs) {
    const { unblock, appended } = await block();
    await unblock();
    await vi.advanceTimersByTimeAsync(firstRetryMs);
    await appended;
    expect(watched.isGivenUp).toBe(false);
  }
  await vi.advanceTimersByTimeAsync(2 * patienceMs);
  await expectGivenUp(watched, await block());
});

it('one that could not be written before gets it from now on', async () => {
  const { journal, block } = await open();
  const blocked = await block();
  await vi.advanceTimersByTimeAsync(2 * patienceMs);
  await expectGivenUp(watch(journal), blocked);
});
