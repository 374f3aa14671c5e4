import { randomBytes } from 'node:crypto';
import { chmod, chown, link, lstat, readFile, rename, unlink } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { causeOf, errorCode, SseTailError } from '../../words/errors.ts';
import { hostInUrl } from './address.ts';

/** How many ports are tried, from the given one on. */
const portsTried = 100;

/**
 * Connections that may wait to be accepted; the system allows 4096 of them (net.core.somaxconn). Node's 511 are too few
 * where thousands of clients come back at once: the system drops the others', and tries again after 1, 3, 7 seconds.
 */
const backlog = 4096;

/** unix(7): 108 bytes with the NUL, 104 on macOS. Node 20 cuts off what is longer. */
const longestSocketPath = process.platform === 'linux' ? 107 : 103;

/**
 * @param fallback take the next free port where the given one is taken
 * @throws SseTailError kind `address`
 */
export async function listenOnPort(server: HttpServer, host: string, port: number, fallback: boolean): Promise<void> {
  const lastPort = fallback && port !== 0 ? Math.min(port + portsTried - 1, 65_535) : port;
  for (let tried = port; ; tried++) {
    try {
      await listenOnce(server, { host, port: tried });
      return;
    } catch (error) {
      const isTaken = errorCode(error) === 'EADDRINUSE';
      if (isTaken && tried < lastPort) continue;
      const address = `${hostInUrl(host)}:${tried === port ? port : `${port} to ${tried}`}`;
      throw notListening(address, `${causeOf(error)}${isTaken ? anotherPort : ''}`, { host, port: tried }, error);
    }
  }
}

const anotherPort = '. Choose another --port, or --port 0';

/** Who besides its owner may connect to a Unix socket. */
export interface SocketSharing {
  /** Default: 0o600, or 0o660 where a group is given. */
  mode: number | undefined;
  /** Name or number of a group. */
  group: string | undefined;
}

/**
 * Listens on a Unix socket. The socket that a dead process left is taken over.
 *
 * @throws SseTailError kind `address` where a living process listens on it, or where the path is something else;
 * `usage` where there is no such group or it can't be given the socket
 */
export async function listenOnSocket(server: HttpServer, path: string, sharing: SocketSharing): Promise<void> {
  const gid = sharing.group === undefined ? undefined : await groupId(sharing.group);
  await takeSocket(server, path);
  try {
    await shareSocket(path, sharing, gid);
  } catch (error) {
    server.close();
    throw error;
  }
}

/** Opens up what was made private: at no moment can anybody connect who is not meant to. */
async function shareSocket(path: string, { mode, group }: SocketSharing, gid: number | undefined): Promise<void> {
  if (gid !== undefined) {
    await chown(path, -1 >>> 0, gid).catch((error) => {
      const message = `--socket-group expects a group that you belong to, but got "${group}": ${causeOf(error)}.`;
      throw new SseTailError('usage', message, { option: 'socketGroup' }, error);
    });
  }
  if (mode !== undefined || gid !== undefined) await chmod(path, mode ?? 0o660);
}

/** Node has no getgrnam(3). `getent` also knows groups of a directory service; without it there is /etc/group. */
async function groupId(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const entries = await readFile('/etc/group', 'utf8').catch(() => '');
  const entry = entries.split('\n').find((line) => line.startsWith(`${group}:`)) ?? (await askForGroup(group));
  const id = entry?.split(':')[2];
  if (id !== undefined && /^\d+$/.test(id)) return Number(id);
  throw new SseTailError('usage', `--socket-group expects a group of this machine, but got "${group}".`, {
    option: 'socketGroup',
  });
}

async function askForGroup(group: string): Promise<string | undefined> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    execFile('getent', ['group', '--', group], (error, stdout) => resolve(error === null ? stdout : undefined));
  });
}

async function takeSocket(server: HttpServer, path: string): Promise<void> {
  if (Buffer.byteLength(path) > longestSocketPath) {
    const message = `${path} is too long for a Unix socket: expected at most ${longestSocketPath} bytes.`;
    throw new SseTailError('address', message, { path });
  }
  for (;;) {
    try {
      await listenPrivately(server, path);
      return;
    } catch (error) {
      if (errorCode(error) !== 'EADDRINUSE') throw notListening(path, await causeAt(path, error), { path }, error);
    }
    await removeStale(path);
  }
}

function notListening(where: string, cause: string, facts: Record<string, unknown>, error: unknown): SseTailError {
  return new SseTailError('address', `Can't listen on ${where}: ${cause}.`, facts, error);
}

/** libuv says EACCES also of a directory that is not there. */
async function causeAt(path: string, error: unknown): Promise<string> {
  const folder = dirname(path);
  const isMissing = await lstat(folder).then(() => false, isGone);
  return isMissing ? `the directory ${folder} does not exist` : causeOf(error);
}

function listenPrivately(server: HttpServer, path: string): Promise<void> {
  // The socket is bound before `listen` returns, so nothing else is made under this umask, and no moment passes
  // before it is 0600.
  const umask = process.umask(0o177);
  try {
    return listenOnce(server, { path });
  } finally {
    process.umask(umask);
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket())
    throw new SseTailError('address', `${path} exists and is not a socket. Choose another path, or remove it.`, {
      path,
    });
  if (await isAlive(path))
    throw new SseTailError('address', `Another process is already listening on ${path}.`, { path });
  // Another agent may have taken it over just now: only what has been moved aside can be looked at without a race.
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  await rename(path, aside).catch(ifGone);
  if (await isAlive(aside)) {
    await giveBack(aside, path);
    throw new SseTailError('address', `Another process is already listening on ${path}.`, { path });
  }
  await unlink(aside).catch(ifGone);
}

/** A link and no renaming: that would push out whoever came in the meantime. */
async function giveBack(aside: string, path: string): Promise<void> {
  await link(aside, path).catch(() => undefined);
  await unlink(aside).catch(ifGone);
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // EAGAIN: it lives, and its backlog is full.
    socket.once('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(errorCode(error) ?? '')));
  });
}

function ifGone(error: unknown): void {
  if (!isGone(error)) throw error;
}

function isGone(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

function listenOnce(server: HttpServer, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const onListening = () => end(resolve);
    const onError = (error: Error) => end(() => reject(error));
    // Neither may stay behind: a hundred ports may be tried, one after the other.
    function end(settle: () => void): void {
      server.off('listening', onListening).off('error', onError);
      settle();
    }
    server
      .once('listening', onListening)
      .once('error', onError)
      .listen({ ...where, backlog });
  });
}
