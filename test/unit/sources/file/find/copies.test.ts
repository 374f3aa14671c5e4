import { copyFileSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copiesAt } from '../../../../../agent/sources/file/find/copies.ts';
import { haveSameBeginning } from '../../../../../agent/sources/file/find/directory-files.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-copies-'));
  path = join(directory, 'app.log');
});

afterEach(() => rmSync(directory, { recursive: true }));

/** Writes a log, removes it once `before` is done, and returns the names of its copies. */
async function copiesOf(text: string, before: () => void, onLook = (_at: FileHandle): void => {}): Promise<string[]> {
  writeFileSync(path, text);
  await using handle = await open(path);
  before();
  unlinkSync(path);
  const stats = await handle.stat({ bigint: true });
  const copies = await copiesAt(path, {
    stats,
    beginsLike(other, size) {
      onLook(other);
      return haveSameBeginning(handle, other, size);
    },
  });
  return copies.map((one) => basename(one.path));
}

test('a copy that is renamed while it is looked for is found under its new name', async () => {
  let isRotated = false;
  const before = () => {
    writeFileSync(`${path}.1`, 'other\n');
    copyFileSync(path, `${path}.2`);
  };
  const rotate = () => {
    if (isRotated) return;
    isRotated = true;
    renameSync(`${path}.2`, `${path}.3`);
    renameSync(`${path}.1`, `${path}.2`);
  };
  expect(await copiesOf('lines\n', before, rotate)).toEqual(['app.log.3']);
});

test('only a file with the text of the one that was removed is its copy, whatever both begin with', async () => {
  const text = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 8 }).map((all) => all.join(''));
  const banner = fc.constantFrom('', 'banner '.repeat(20), 'banner '.repeat(600));
  await fc.assert(
    fc.asyncProperty(banner, text, text, async (begin, ours, theirs) => {
      const other = begin + theirs;
      const isCopy = ours === theirs || (ours.startsWith(theirs) && other.length >= 4096);
      const found = await copiesOf(begin + ours, () => writeFileSync(`${path}.1`, other));
      expect(found).toEqual(isCopy ? ['app.log.1'] : []);
    }),
    { numRuns: 60 },
  );
});
