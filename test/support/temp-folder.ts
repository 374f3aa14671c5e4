import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './at-end.ts';

/** An empty folder that is removed when the test is over. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sse-tail-test-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Until the test is over, where it runs as root, who may read and write anything: somebody else has the folder, and
 * acts.
 */
export async function actAsOwnerOf(dir: string): Promise<void> {
  const nobody = 65_534;
  if (process.geteuid?.() !== 0) return;
  await chown(dir, nobody, nobody);
  process.seteuid?.(nobody);
  atEnd(() => process.seteuid?.(0));
}
