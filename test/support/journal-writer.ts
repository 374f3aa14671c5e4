// A process that writes a journal, to be killed. Told a folder on stdin, it appends numbered lines there for as long as
// it lives and prints `seen <last id>` for what was announced. Arguments: bytes of a segment, lines of a batch.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openFileJournal } from '../../agent/journal/disk/write/file-journal.ts';
import { errorCode } from '../../agent/words/errors.ts';
import { appendNumbered } from './journal.ts';

const [segmentBytes, perBatch] = process.argv.slice(2).map(Number);
const [dir = ''] = await new Promise<string[]>((resolve) =>
  createInterface(process.stdin).on('line', (line) => resolve([line])),
);
const journal = await openFileJournal({ dir, segmentBytes: segmentBytes ?? 20_000 });
journal.subscribe({
  onBlock: ({ lastId }) => say(`seen ${lastId}`),
  onTrouble: (trouble) => say(`trouble ${trouble ?? 'over'}`),
});
for (;;) await appendNumbered(journal, perBatch ?? 3, perBatch ?? 3);

/** At once, as there may be no later. A full pipe costs the sentence. */
function say(sentence: string): void {
  try {
    writeSync(1, `${sentence}\n`);
  } catch (error) {
    if (errorCode(error) !== 'EAGAIN') throw error;
  }
}
