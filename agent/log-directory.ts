import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeDirectory, stateDir } from './journal/disk/logs/state-dir.ts';
import { causeOf, SseTailError } from './words/errors.ts';

/** Where the log of one agent is kept. */
export interface LogDirectory {
  path: string;
  /** Deletes it where the log is not to be kept. */
  dispose(): Promise<void>;
}

/** @throws SseTailError kind `usage` where no home directory is known, `journal` where a temporary one can't be made */
export async function logDirectory(dir: string | undefined, keep: boolean): Promise<LogDirectory> {
  if (keep) return { path: dir === undefined ? stateDir(process.env) : resolve(dir), dispose: async () => {} };
  const path = await makeTemporary(dir === undefined ? tmpdir() : resolve(dir), dir !== undefined);
  return { path, dispose: () => rm(path, { recursive: true, force: true }) };
}

async function makeTemporary(parent: string, isGiven: boolean): Promise<string> {
  try {
    if (isGiven) await makeDirectory(parent);
    return await mkdtemp(join(parent, 'sse-tail-'));
  } catch (error) {
    const advice = isGiven ? 'Choose another directory with --dir' : 'Set TMPDIR, or choose a directory with --dir';
    const message = `No directory for the log can be created in ${parent}: ${causeOf(error)}. ${advice}.`;
    throw new SseTailError('journal', message, { dir: parent }, error);
  }
}
