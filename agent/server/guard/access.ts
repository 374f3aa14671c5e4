import { SseTailError } from '../../words/errors.ts';
import { isLoopback } from '../net/address.ts';
import type { EntryCodes } from './entry-codes.ts';
import { createCredentials, tokenFault } from './token.ts';
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
  const fault = isToken(access) ? tokenFault(access.token) : undefined;
  if (fault !== undefined) throw new SseTailError('usage', `The token ${fault}.`, { option: 'token' });
  if (access !== undefined || socketPath !== undefined || isLoopback(host)) return;
  const expected = 'Without a token, sse-tail only listens on loopback addresses (127.0.0.1, ::1, localhost)';
  const message = `${expected}, but got ${JSON.stringify(host)}. Anyone who can reach it could read the log.`;
  throw new SseTailError('usage', message, { option: 'host', given: host });
}

export function tokenAccess(
  access: Access,
  isSecure: boolean,
  codes: EntryCodes,
  warn: (sentence: string) => void,
): AccessOptions | undefined {
  return isToken(access)
    ? { credentials: createCredentials(access.token, isSecure), codes, isSecure, warn }
    : undefined;
}
