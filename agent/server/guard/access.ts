import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { SseTailError } from '../../words/errors.ts';
import { isLoopback } from '../net/address.ts';
import { createCredentials, shortestToken } from './token.ts';
import type { AccessOptions } from './token-gate.ts';

/**
 * What clients have to know. `open`: nothing, although others than this machine can connect. Undefined: nothing, as
 * none can.
 */
export type Access = { token: string } | 'open' | undefined;

export function isToken(access: Access): access is { token: string } {
  return typeof access === 'object';
}

/**
 * The log may be read by whoever can connect: that must be this machine alone, unless there is a token or nobody minds.
 *
 * @throws SseTailError kind `usage`
 */
export function refuseUnsafe(host: string, access: Access, socketPath: string | undefined): void {
  if (isToken(access) && (access.token.length < shortestToken || !/^[\x21-\x7e]+$/.test(access.token))) {
    const expected = `A token of at least ${shortestToken} characters without spaces is required`;
    const message = `${expected}, but got ${access.token.length}. A shorter one could be guessed.`;
    throw new SseTailError('usage', message, { option: 'token' });
  }
  if (access !== undefined || socketPath !== undefined || isLoopback(host)) return;
  const expected = 'Without a token, sse-tail only listens on loopback addresses (127.0.0.1, ::1, localhost)';
  const message = `${expected}, but got ${JSON.stringify(host)}. Anyone who can reach it could read the log.`;
  throw new SseTailError('usage', message, { option: 'host', given: host });
}

/** @param place the port, or the path of the Unix socket: cookies know hosts, not ports (RFC 6265, 8.5) */
export function tokenAccess(
  access: Access,
  place: { port: number } | { socketPath: string },
  isSecure: boolean,
  warn: (sentence: string) => void,
): AccessOptions | undefined {
  if (!isToken(access)) return undefined;
  const suffix =
    'port' in place
      ? String(place.port)
      : createHash('sha256').update(resolve(place.socketPath)).digest('hex').slice(0, 8);
  // A name that begins so can't be set by a server on a neighboring name, nor by one without TLS (RFC 6265bis,
  // 4.1.3.2).
  const cookieName = `${isSecure ? '__Host-' : ''}sse-tail-${suffix}`;
  return { credentials: createCredentials(access.token, cookieName), isSecure, warn };
}
