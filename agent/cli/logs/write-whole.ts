import { type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode } from '../../words/errors.ts';
import { mistakes } from '../sentences.ts';

/** Exit statuses that a shell shows for a program that a signal ended. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Writes a file as a whole or not at all: nobody finds half of it under its name. What is no regular file (a pipe,
 * `/dev/null`) is written to as it is.
 *
 * @throws SseTailError kind `journal` that names the path
 */
export async function writeWhole(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const found = await existing(path);
  if (found === 'special') return write(path, path, 'w', pieces);
  const { target, mode } = found;
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const stopListening = onSignals(async (code) => {
    await rm(temporary, { force: true });
    process.exit(code);
  });
  try {
    await write(path, temporary, 'wx', pieces, mode);
    await naming(path, () => rename(temporary, target));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    stopListening();
  }
}

/**
 * The path to replace, and who may read what is there: the log is not for others either. A link stays, and what it
 * leads to is replaced.
 */
async function existing(path: string): Promise<{ target: string; mode?: number } | 'special'> {
  return naming(path, async () => {
    try {
      const target = await realpath(path);
      const found = await stat(target);
      if (found.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
      return found.isFile() ? { target, mode: found.mode & 0o777 } : 'special';
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return { target: await missingTarget(path) };
      throw error;
    }
  });
}

/** What a link leads to, though it is not there. A circle of links is no ENOENT. */
async function missingTarget(path: string): Promise<string> {
  const next = await readlink(path).catch(() => undefined);
  return next === undefined ? path : missingTarget(resolve(await realpath(dirname(path)), next));
}

async function write(
  path: string,
  file: string,
  flags: 'w' | 'wx',
  pieces: AsyncIterable<string>,
  mode?: number,
): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await naming(path, () => open(file, flags, mode));
    // The umask has been taken from it.
    if (mode !== undefined) await naming(path, () => (handle as FileHandle).chmod(mode));
    for await (const piece of pieces) await naming(path, () => (handle as FileHandle).writeFile(piece));
  } finally {
    await handle?.close();
  }
}

/** Says which file it was about; errors of the log itself say so themselves. */
async function naming<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw mistakes.exportFile(path, error);
  }
}

function onSignals(act: (code: number) => Promise<void>): () => void {
  const listeners = Object.entries(signals).map(([name, code]) => [name, () => void act(code)] as const);
  for (const [name, listener] of listeners) process.once(name, listener);
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener);
  };
}
