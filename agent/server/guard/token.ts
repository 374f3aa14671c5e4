import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A token that can't be guessed: 192 random bits, base64url. */
export function makeToken(): string {
  return randomBytes(24).toString('base64url');
}

/** A given token is at least this long: a right one is let in however many wrong ones came before (see throttle.ts). */
export const shortestToken = 16;

/** What lets a request in. */
export interface Credentials {
  acceptsToken(given: string): boolean;
  /** For browsers: what stands in for the token, in a cookie that is this agent's alone. */
  readonly cookie: { name: string; value: string };
  acceptsCookie(given: string): boolean;
}

/** @param cookieName another one for each agent on a host: cookies know hosts, not ports (RFC 6265, 8.5) */
export function createCredentials(token: string, cookieName: string): Credentials {
  const key = randomBytes(32);
  // Not the token itself: what leaks from a browser's profile is good for this agent's pages only.
  const cookieValue = createHmac('sha256', token).update(cookieName).digest('base64url');
  return {
    acceptsToken: (given) => equal(key, given, token),
    cookie: { name: cookieName, value: cookieValue },
    acceptsCookie: (given) => equal(key, given, cookieValue),
  };
}

/** In a time that tells nothing about where they differ, nor how long the right one is. */
function equal(key: Buffer, given: string, right: string): boolean {
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}
