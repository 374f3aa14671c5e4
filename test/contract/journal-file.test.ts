import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileJournal } from '../../agent/journal/disk/write/file-journal.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { journalSuite } from './journal-suite.ts';

journalSuite('a journal on disk', async () => {
  const dir = await mkdtemp(join(await tempFolder(), 'log-'));
  return {
    open: (retainBytes) =>
      openFileJournal(retainBytes === undefined ? { dir } : { dir, retainBytes, segmentBytes: retainBytes / 8 }),
  };
});

journalSuite('a journal on disk of many small segments', async () => {
  const dir = await mkdtemp(join(await tempFolder(), 'log-'));
  return {
    open: (retainBytes) =>
      openFileJournal(
        retainBytes === undefined ? { dir, segmentBytes: 300 } : { dir, retainBytes, segmentBytes: 4096 },
      ),
  };
});
