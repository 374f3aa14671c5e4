import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { presenceNow } from '../../../../../agent/sources/file/find/presence.ts';
import { readPipe } from '../../../../../agent/sources/file/follow/fifo.ts';
import { within } from '../../../../support/deadline.ts';

test('a file that takes the place of a device as soon as that is open is not read in its stead', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-fifo-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'a.log');
  symlinkSync('/dev/null', path);
  const there = presenceNow(path);
  if (there.type !== 'pipe') throw new Error(`${path} is ${there.type}`);
  const read: string[] = [];
  const reader = { write: async (bytes: Buffer) => void read.push(String(bytes)), writersLeft: () => undefined };
  const pipe = await readPipe(path, reader, there);
  rmSync(path);
  writeFileSync(path, 'whoever follows the path reads this\n');
  await within('the end of the device', pipe?.ended ?? Promise.reject(new Error('it is not read')));
  expect(read).toEqual([]);
});
