import { link, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { defined } from '../../../words/defined.ts';
import { errorCode, SseTailError } from '../../../words/errors.ts';
import { randomHex } from './random-hex.ts';

/** Who writes a log. */
export interface LockOwner {
  /** Made up for this one taking of the lock. */
  nonce: string;
  pid: number;
  /** When the process was started, in the kernel's words; null where they can't be had. Tells a recycled pid. */
  startTime: string | null;
  /** Where the owner serves. */
  url?: string;
}

/** A lock that this process holds. */
export interface Lock {
  setUrl(url: string): Promise<void>;
  /** Writes the lock file again, after the directory was removed and made again. */
  restore(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock at `path`, from a dead owner too. Between two takers of a dead owner's lock one wins, whenever either
 * is interrupted or killed: only who holds the lock `<path>.<nonce of the dead one>` may replace it, and only after
 * having looked that it is still there. A dead one is replaced by nobody else, and never comes back.
 *
 * @throws SseTailError kind `locked` with `facts.pid` and, where known, `facts.url`
 */
export async function takeLock(path: string): Promise<Lock> {
  const owner: LockOwner = {
    nonce: randomHex(8),
    pid: process.pid,
    startTime: (await processStart(process.pid)) ?? null,
  };
  while (!(await createExclusively(path, owner))) {
    const other = await readOwner(path);
    if (other === undefined) continue;
    if (await isAlive(other)) throw lockedError(path, other);
    const right = await takeLock(`${path}.${other.nonce}`);
    try {
      if ((await readOwner(path))?.nonce !== other.nonce) continue;
      await replace(path, owner);
    } finally {
      await right.release();
    }
    await removeLeftovers(path);
    break;
  }
  return heldLock(path, owner);
}

/** The living process that holds the lock at `path`, or undefined. */
export async function liveOwner(path: string): Promise<LockOwner | undefined> {
  const owner = await readOwner(path);
  return owner !== undefined && (await isAlive(owner)) ? owner : undefined;
}

function heldLock(path: string, owner: LockOwner): Lock {
  return {
    async setUrl(url) {
      owner.url = url;
      if ((await readOwner(path))?.nonce === owner.nonce) await replace(path, owner);
    },
    async restore() {
      if ((await readOwner(path)) === undefined) await createExclusively(path, owner);
    },
    async release() {
      if ((await readOwner(path))?.nonce === owner.nonce) await unlinkIfThere(path);
    },
  };
}

/** The lock appears with its content or not at all: nobody ever reads a half-written one. */
async function createExclusively(path: string, owner: LockOwner): Promise<boolean> {
  const draft = await writeDraft(path, owner);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (!linkless.has(errorCode(error) ?? '')) throw error;
    return await createInPlace(path, owner);
  } finally {
    await unlinkIfThere(draft);
  }
}

/** What file systems without hard links answer. */
const linkless = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

async function createInPlace(path: string, owner: LockOwner): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(JSON.stringify(owner)).finally(() => handle.close());
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function replace(path: string, owner: LockOwner): Promise<void> {
  await rename(await writeDraft(path, owner), path);
}

async function writeDraft(path: string, owner: LockOwner): Promise<string> {
  const draft = `${path}.draft-${owner.nonce}`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(owner)).finally(() => handle.close());
  } catch (error) {
    // On a full disk.
    await unlinkIfThere(draft);
    throw error;
  }
  return draft;
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  return parseOwner(text);
}

/** What can't be understood (a power loss may leave such a file) is a dead owner's. */
function parseOwner(text: string): LockOwner {
  const unreadable = { nonce: crc32(text).toString(16).padStart(16, '0'), pid: 0, startTime: null };
  try {
    const { nonce, pid, startTime, url } = JSON.parse(text) as Partial<LockOwner>;
    if (typeof nonce !== 'string' || !/^[0-9a-f]{16}$/.test(nonce) || !Number.isSafeInteger(pid)) return unreadable;
    const known = { nonce, pid: pid as number, startTime: typeof startTime === 'string' ? startTime : null };
    return typeof url === 'string' ? { ...known, url } : known;
  } catch {
    return unreadable;
  }
}

async function isAlive({ pid, startTime }: LockOwner): Promise<boolean> {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  const start = await processStart(pid);
  return start !== 'ended' && (start === undefined || startTime === null || start === startTime);
}

/**
 * Field 22 of /proc/<pid>/stat (proc_pid_stat(5)), undefined where there is no such file. `ended` for a zombie: killed,
 * but its parent has not taken note yet, which in a container without an init is never.
 */
async function processStart(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (text === undefined) return undefined;
  // The command's name stands in parentheses and may hold anything; the fields after it are numbers but for the state.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19];
}

/** Rights to replace a lock that is gone: left by takers that were killed. */
async function removeLeftovers(path: string): Promise<void> {
  const pattern = new RegExp(`^${basename(path)}\\.[0-9a-f]{16}$`);
  for (const name of await readdir(dirname(path))) {
    const leftover = join(dirname(path), name);
    if (pattern.test(name) && (await liveOwner(leftover)) === undefined) await unlinkIfThere(leftover);
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

function lockedError(path: string, { pid, url }: LockOwner): SseTailError {
  const where = url === undefined ? '' : `, ${url}`;
  const log = basename(dirname(path));
  return new SseTailError('locked', `The log ${log} is being written by another sse-tail (process ${pid}${where}).`, {
    ...defined({ log, pid, url }),
  });
}
