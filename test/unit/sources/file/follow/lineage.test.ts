import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAbsenceReporter } from '../../../../../agent/sources/file/find/absence.ts';
import { fileId } from '../../../../../agent/sources/file/find/fingerprint.ts';
import { createGenerationQueue } from '../../../../../agent/sources/file/follow/generation-queue.ts';
import type { GenerationReader } from '../../../../../agent/sources/file/follow/generation-reader.ts';
import { createLineage } from '../../../../../agent/sources/file/follow/lineage.ts';
import { createDescriptors } from '../../../../../agent/sources/file/open/descriptor-pool.ts';
import { createFileOpener } from '../../../../../agent/sources/file/open/file-opener.ts';
import type { Generation } from '../../../../../agent/sources/file/open/generation.ts';
import { createFileMemory } from '../../../../../agent/sources/file/open/known-files.ts';

const name = 'app.log';
let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-lineage-'));
  path = join(directory, name);
});

afterEach(() => rmSync(directory, { recursive: true }));

const idNow = () => fileId(statSync(path, { bigint: true }));

/** As Python's handlers do it that compress. */
function rotate(number: number): void {
  for (let last = number - 1; last > 0; last--) renameSync(`${path}.${last}.gz`, `${path}.${last + 1}.gz`);
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(path)));
  unlinkSync(path);
}

async function textOf({ file }: Generation): Promise<string> {
  const result = await file.read(Buffer.alloc(100));
  return result.type === 'bytes' ? result.bytes.toString() : result.type;
}

/** File systems give a freed inode to the next file that is made (ext4). */
test('a file with the inode of the one before it is not taken for that one', async () => {
  const notices: string[] = [];
  const notice = async (text: string) => void notices.push(text);
  const queue = createGenerationQueue();
  const real = createFileOpener({
    name,
    path,
    descriptors: createDescriptors(),
    memory: createFileMemory(),
    claimant: { group: path, recheck() {} },
    absence: createAbsenceReporter(name, notice),
    notice,
  });
  let meanwhile: (() => void) | undefined = () => {
    rotate(2);
    writeFileSync(path, 'three\n');
  };
  const opener: typeof real = {
    ...real,
    openAll(neighbors) {
      meanwhile?.();
      meanwhile = undefined;
      return real.openAll(neighbors);
    },
  };
  const reader = { notice } as Partial<GenerationReader> as GenerationReader;
  const lineage = createLineage({ name, path, queue, opener, reader, start: 'all' });
  writeFileSync(path, 'one\n');
  let newest = (await opener.open(path, idNow(), 'all')) as Generation;
  queue.append(newest);
  rotate(1);
  writeFileSync(path, 'two\n');
  for (let looks = 0; looks < 3; looks++) {
    await lineage.takeIn(newest, idNow());
    newest = queue.newest as Generation;
  }
  const generations = queue.takeAll();
  const texts: string[] = [];
  for (const one of generations) texts.push(await textOf(one));
  for (const { file } of generations) await file.close();
  expect(texts).toEqual(['one\n', 'two\n', 'three\n']);
  expect(notices).toEqual([]);
});
