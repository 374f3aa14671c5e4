import type { Socket } from 'node:net';
import { usersOfPeer } from '../net/peer-users.ts';
import { makeToken } from './token.ts';

/** In the address that a browser is started with: a code in place of the token. */
export const entry = 'entry';

/** A browser may take its time to start, but nobody needs the link of yesterday. */
const validMs = 2 * 60_000;

/**
 * Codes that let one browser in, once. A browser is started with a URL among its arguments, which every user of this
 * machine can read: a token would be no secret any more. A file that only its owner can read would be one, but browsers
 * in snaps and flatpaks can't open it, nor can those that are started on another machine (VS Code, WSL).
 */
export interface EntryCodes {
  make(): string;
  /**
   * Whether the code lets this client in, which it then never does again. Another user of this machine who has read it
   * is not let in, where the system tells whose a connection is.
   */
  redeem(code: string, client: Socket): Promise<'accepted' | 'unknown' | 'foreign'>;
}

/** @param now milliseconds of a clock that never goes back */
export function createEntryCodes(now: () => number = () => performance.now()): EntryCodes {
  const validUntil = new Map<string, number>();
  const isValid = (code: string) => (validUntil.get(code) ?? Number.NEGATIVE_INFINITY) > now();
  return {
    make() {
      for (const code of validUntil.keys()) if (!isValid(code)) validUntil.delete(code);
      const code = makeToken();
      validUntil.set(code, now() + validMs);
      return code;
    },
    async redeem(code, client) {
      if (!isValid(code)) return 'unknown';
      const users = await usersOfPeer(client);
      if (!users.every(isTrusted)) return 'foreign';
      // Another request may have come with it meanwhile.
      if (!isValid(code)) return 'unknown';
      validUntil.delete(code);
      return 'accepted';
    },
  };
}

/** Root can read everything in any case, and forwards connections (WSL, sshd). */
function isTrusted(user: number): boolean {
  return user === 0 || user === process.getuid?.();
}
