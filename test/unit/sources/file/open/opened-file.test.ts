import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileId } from '../../../../../agent/sources/file/find/fingerprint.ts';
import { createDescriptors } from '../../../../../agent/sources/file/open/descriptor-pool.ts';
import { createOpenedFile, type OpenedFile } from '../../../../../agent/sources/file/open/opened-file.ts';
import { createPace, type Pace } from '../../../../../agent/system/pace.ts';

const buffer = Buffer.alloc(64 * 1024);
let directory: string;
let path: string;
let opened: OpenedFile[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-opened-'));
  path = join(directory, 'file');
  opened = [];
});

afterEach(async () => {
  for (const file of opened) await file.close();
  rmSync(directory, { recursive: true });
});

async function openAt(offset: number, at = path): Promise<OpenedFile> {
  const handle = await open(at);
  const file = await createOpenedFile(handle, fileId(await handle.stat({ bigint: true })), offset);
  opened.push(file);
  return file;
}

const pace = createPace();
const slow: Pace = { isQuick: false, run: (operation) => operation() };

/** Both ways of reading find the same. */
async function readText(file: OpenedFile): Promise<string> {
  const result = await file.read(buffer);
  expect(file.readNow(Buffer.alloc(buffer.length), pace)).toEqual(result);
  expect(file.readNow(buffer, slow)).toBeUndefined();
  if (result.type !== 'bytes') return result.type;
  const text = result.bytes.toString();
  file.consume(result.bytes);
  return text;
}

test('gives what was appended, and nothing when nothing was', async () => {
  writeFileSync(path, 'one\n');
  const file = await openAt(0);
  expect(await readText(file)).toBe('one\n');
  expect(await readText(file)).toBe('nothing');
  appendFileSync(path, 'two\n');
  expect(await readText(file)).toBe('two\n');
  expect(file.offset).toBe(8);
});

test.each([
  ['shorter', 'x'],
  ['of the same length', 'two\n'],
  ['longer', 'two and more\n'],
])('a content that is %s and not what it was is a cut', async (_how, content) => {
  writeFileSync(path, 'one\n');
  const file = await openAt(4);
  writeFileSync(path, content);
  expect(await readText(file)).toBe('cut');
  file.restart();
  expect(await readText(file)).toBe(content);
});

test('a file cut and written longer between two reads is noticed deep inside, too', async () => {
  writeFileSync(path, 'a'.repeat(100_000));
  const file = await openAt(100_000);
  truncateSync(path, 99_999);
  appendFileSync(path, `b${'c'.repeat(1000)}`);
  expect(await readText(file)).toBe('cut');
});

test('the head is that of the bytes that were read', async () => {
  writeFileSync(path, 'x'.repeat(5000));
  const all = await openAt(5000);
  const stepwise = await openAt(0);
  for (const step of [10, 1000, 3000]) {
    const result = await stepwise.read(buffer.subarray(0, 256 + step));
    if (result.type === 'bytes') stepwise.consume(result.bytes.subarray(0, step));
  }
  expect(stepwise.head).toEqual(all.head);
  expect((await openAt(10)).head.length).toBe(10);
});

test('an offset past the end begins anew', async () => {
  writeFileSync(path, 'short');
  expect((await openAt(1000)).offset).toBe(0);
});

test('a parked file goes on where it was, unless another one is there', async () => {
  writeFileSync(path, 'one\n');
  const file = await openAt(4);
  await file.park();
  expect(file.isParked).toBe(true);
  appendFileSync(path, 'two\n');
  expect(await file.reopen(path, createDescriptors().open)).toBe(true);
  expect(await readText(file)).toBe('two\n');
  await file.park();
  rmSync(path);
  writeFileSync(path, 'another\n');
  expect(await file.reopen(path, createDescriptors().open)).toBe(false);
});

test('past the limit of descriptors the files idle longest are parked', async () => {
  const descriptors = createDescriptors(3);
  const files: OpenedFile[] = [];
  for (let n = 0; n < 5; n++) {
    writeFileSync(join(directory, `${n}`), `${n}`);
    const handle = await descriptors.open(join(directory, `${n}`));
    const file = await createOpenedFile(handle, fileId(await handle.stat({ bigint: true })), 0);
    opened.push(file);
    files.push(file);
    descriptors.idle(file);
    if (n === 0) descriptors.busy(file);
  }
  expect(files.map((file) => file.isParked)).toEqual([false, true, false, false, false]);
});

test('a file that comes into use while others are parked is not parked', async () => {
  const descriptors = createDescriptors(1);
  const parked: string[] = [];
  const idle = (name: string) =>
    ({
      async park() {
        parked.push(name);
        descriptors.busy(second);
      },
    }) as OpenedFile;
  const [first, second] = [idle('first'), idle('second')];
  for (const file of [first, second]) descriptors.idle(file);
  writeFileSync(path, '');
  await (await descriptors.open(path)).close();
  expect(parked).toEqual(['first']);
});
