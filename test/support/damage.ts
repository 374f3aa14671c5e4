import { copyFile, mkdir, open, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** What goes wrong with a journal's files. */

export async function segmentsIn(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sse'));
  return names.sort().map((name) => join(dir, name));
}

export async function newestSegment(dir: string): Promise<string> {
  return (await segmentsIn(dir)).at(-1) as string;
}

export async function copyJournal(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await filesIn(from)) await copyFile(join(from, name), join(to, name));
}

async function filesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

export function cutAt(path: string, length: number): Promise<void> {
  return truncate(path, length);
}

export async function overwrite(path: string, offset: number, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, offset).finally(() => file.close());
}

export function zero(path: string, offset: number, length: number): Promise<void> {
  return overwrite(path, offset, Buffer.alloc(length));
}

/** Flips the bits of `mask` in one byte. */
export async function flip(path: string, offset: number, mask: number): Promise<void> {
  const bytes = await readFile(path);
  await overwrite(path, offset, Buffer.of((bytes[offset] as number) ^ mask));
}
