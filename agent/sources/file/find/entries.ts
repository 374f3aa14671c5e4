import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isOutOfDescriptors } from '../../../words/errors.ts';
import { fsPath, rawText } from '../../../words/raw-text.ts';

/** What stands in a directory; its name as raw text. */
export type Entry = Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isFIFO' | 'isSymbolicLink'>;

/** The entries of a directory; none of one that can't be read. Rejects where there is no descriptor to read it with. */
export async function entriesOf(directory: string): Promise<Entry[]> {
  try {
    const entries = await readdir(fsPath(directory), { withFileTypes: true });
    // Asking for bytes costs twice as much, and hardly any name needs it.
    return entries.some(({ name }) => name.includes('\ufffd')) ? await rawEntriesOf(directory) : entries;
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error;
    return [];
  }
}

async function rawEntriesOf(directory: string): Promise<Entry[]> {
  const entries = await readdir(fsPath(directory), { withFileTypes: true, encoding: 'buffer' });
  return entries.map((entry) => ({
    name: rawText(entry.name),
    isFile: () => entry.isFile(),
    isDirectory: () => entry.isDirectory(),
    isFIFO: () => entry.isFIFO(),
    isSymbolicLink: () => entry.isSymbolicLink(),
  }));
}
