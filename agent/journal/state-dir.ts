import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { errorCode, SseTailError } from '../errors.ts';
import { isLogId } from '../log.ts';

/**
 * Where logs are kept unless said otherwise: `$XDG_STATE_HOME/sse-tail`, else `~/.local/state/sse-tail`. A relative XDG_STATE_HOME
 * is ignored, as the XDG Base Directory Specification asks.
 */
export function stateDir(env: NodeJS.ProcessEnv, home: string = homedir()): string {
  const base = env.XDG_STATE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(home, '.local', 'state'), 'sse-tail');
}

/**
 * Makes the state dir where it is missing.
 *
 * @throws SseTailError kind `journal` when it can't be made or belongs to somebody else, who could then read or replace logs
 */
export async function prepareStateDir(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new SseTailError('journal', `The state dir ${dir} can't be made: ${reason(error)}.`, { dir }, error);
  }
  const { uid } = await stat(dir);
  const me = process.getuid?.();
  if (me === undefined || uid === me) return;
  const message = `The state dir ${dir} belongs to user ${uid}, not to user ${me}, who runs sse-tail: give one of your own with --dir.`;
  throw new SseTailError('journal', message, { dir, uid });
}

/** Ids of the logs in a state dir. Folders that are symbolic links are none: they would lead out of it. */
export async function logIdsIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory() && isLogId(entry.name)).map((entry) => entry.name);
}

/** The folder of a log, or undefined where there is none of that id. */
export async function logFolder(dir: string, id: string): Promise<string | undefined> {
  if (!isLogId(id)) return undefined;
  const folder = join(dir, id);
  try {
    return (await lstat(folder)).isDirectory() ? folder : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
