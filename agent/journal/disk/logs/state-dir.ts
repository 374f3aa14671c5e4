import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { causeOf, errorCode, SseTailError } from '../../../words/errors.ts';
import { isLogId } from '../../../words/log.ts';

/**
 * Where logs are kept unless said otherwise: `$XDG_STATE_HOME/sse-tail`, else `~/.local/state/sse-tail`. A relative
 * XDG_STATE_HOME is ignored, as the XDG Base Directory Specification asks.
 *
 * @throws SseTailError kind `usage` where it needs a home directory and none is known
 */
export function stateDir(env: NodeJS.ProcessEnv, home?: string): string {
  const base = env.XDG_STATE_HOME;
  const isGiven = base !== undefined && isAbsolute(base);
  return join(isGiven ? base : join(home ?? homeDir(), '.local', 'state'), 'sse-tail');
}

function homeDir(): string {
  try {
    return homedir();
  } catch (error) {
    // Neither HOME nor the list of users knows one: a user id made up by a container.
    throw new SseTailError(
      'usage',
      'No home directory is known to keep logs in. Set HOME, or choose a directory with --dir.',
      {},
      error,
    );
  }
}

/**
 * Makes the state dir where it is missing.
 *
 * @throws SseTailError kind `journal` when it can't be made or belongs to somebody else, who could then read or replace
 * logs
 */
export async function prepareStateDir(dir: string): Promise<void> {
  try {
    await makeDirectory(dir);
  } catch (error) {
    // What is missing was created, so it is the one above that takes none.
    const cause = errorCode(error) === 'ENOENT' ? 'its file system does not allow it' : causeOf(error);
    throw new SseTailError(
      'journal',
      `The directory for logs, ${dir}, can't be created: ${cause}. Choose another one with --dir.`,
      { dir },
      error,
    );
  }
  await refuseForeignDir(dir);
}

/**
 * Takes a state dir that is there or not, and makes none.
 *
 * @throws SseTailError kind `journal` when it belongs to somebody else, or can't be looked at
 */
export async function checkStateDir(dir: string): Promise<void> {
  try {
    await refuseForeignDir(dir);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error instanceof SseTailError ? error : unreadable(dir, error);
  }
}

async function refuseForeignDir(dir: string): Promise<void> {
  const found = await stat(dir);
  if (!found.isDirectory()) throw unreadable(dir, Object.assign(new Error(), { code: 'ENOTDIR' }));
  if (isMine(found)) return;
  const { uid } = found;
  const message = `The directory for logs, ${dir}, belongs to user ${uid}, but sse-tail runs as user ${process.getuid?.()}. Choose one of your own with --dir.`;
  throw new SseTailError('journal', message, { dir, uid });
}

/**
 * With what is missing above it. `mkdir` with `recursive` tries for ever where a directory is there and takes no other:
 * /proc then says ENOENT as well.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
}

/** Ids of the logs in a state dir. @throws SseTailError kind `journal` when it can't be read */
export async function logIdsIn(dir: string): Promise<string[]> {
  const names = await namesInStateDir(dir);
  const directories = await Promise.all(names.map((name) => logDirectory(dir, name)));
  return names.filter((_, index) => directories[index] !== undefined);
}

/** The ids of its logs, and whatever else is in there. @throws SseTailError kind `journal` when it can't be read */
export async function namesInStateDir(dir: string): Promise<string[]> {
  return await readdir(dir).catch((error) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw unreadable(dir, error);
  });
}

function unreadable(dir: string, error: unknown): SseTailError {
  return new SseTailError(
    'journal',
    `The directory for logs, ${dir}, can't be read: ${causeOf(error)}.`,
    { dir },
    error,
  );
}

/**
 * The directory of a log, or undefined where there is none of that id. A symbolic link is none, since it would lead out
 * of the state dir, nor is a directory that somebody else could put there.
 */
export async function logDirectory(dir: string, id: string): Promise<string | undefined> {
  if (!isLogId(id)) return undefined;
  const directory = join(dir, id);
  try {
    const found = await lstat(directory);
    return found.isDirectory() && isMine(found) ? directory : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isMine({ uid }: { uid: number }): boolean {
  return process.getuid === undefined || uid === process.getuid();
}
