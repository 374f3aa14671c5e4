import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFile } from '../../../../../agent/sources/file/find/directory-files.ts';
import { emptyHead, extendHead } from '../../../../../agent/sources/file/find/fingerprint.ts';
import { createFamilyMemories, createFileMemory } from '../../../../../agent/sources/file/open/known-files.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const headOf = (text: string) => extendHead(emptyHead, Buffer.from(text));

test('a file belongs to one name at a time', () => {
  const memory = createFileMemory();
  const [one, other] = [{}, {}];
  expect(memory.claim('1:2', one)).toBe(true);
  expect(memory.claim('1:2', one)).toBe(true);
  expect(memory.claim('1:2', other)).toBe(false);
  memory.unclaim('1:2', other);
  expect(memory.isFree('1:2', other)).toBe(false);
  memory.unclaim('1:2', one);
  expect(memory.claim('1:2', other)).toBe(true);
});

test('a file that was let go goes on where it was, and one that has its inode begins anew', async () => {
  const path = join(await tempFolder(), 'app.log');
  const memory = createFileMemory();
  const offset = () => withFile(path, (handle) => memory.offsetOf('1:2', handle));
  const isKnown = () => memory.isKnown({ id: '1:2', path });
  writeFileSync(path, 'one\ntwo\n');
  memory.claim('1:2', memory);
  expect(await isKnown()).toBe(true);

  memory.release({ id: '1:2', offset: 4, head: headOf('one\n') }, memory);
  expect(await offset()).toBe(4);
  expect(await isKnown()).toBe(true);

  writeFileSync(path, 'another\n');
  expect(await offset()).toBe(0);
  expect(await isKnown()).toBe(false);
});

test('a file of which nothing was read is not known', async () => {
  const path = join(await tempFolder(), 'app.log');
  const memory = createFileMemory();
  writeFileSync(path, 'one\n');
  memory.release({ id: '1:2', offset: 0, head: emptyHead }, memory);
  expect(await memory.isKnown({ id: '1:2', path })).toBe(false);
});

test('a log and its rotated files share a memory, other files do not', () => {
  const memoryFor = createFamilyMemories(['/a/app.log', '/a/app.log.1', '/a/other.log', '/b/app.log.2']);
  expect(memoryFor('/a/app.log.1')).toBe(memoryFor('/a/app.log'));
  expect(memoryFor('/a/other.log')).not.toBe(memoryFor('/a/app.log'));
  expect(memoryFor('/b/app.log.2')).not.toBe(memoryFor('/a/app.log'));
});
