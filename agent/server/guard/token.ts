import { createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/**
 * A token that can't be guessed: 190 random bits. Letters and digits only: what makes links of addresses in chats and
 * mails leaves a `-` or `_` at the end out, or takes a pair of them for emphasis.
 */
export function makeToken(): string {
  return Array.from({ length: 32 }, () => signs[randomInt(signs.length)]).join('');
}

const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A token as it stands in a printed URL: with nothing that would be left out of a link. */
export function tokenInUrl(token: string): string {
  return token.replace(/[^A-Za-z0-9]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A given token is at least this long: a right one is let in however many wrong ones came before (see throttle.ts). */
const shortestToken = 16;

/** What is wrong with a given token, as the end of a sentence about it; undefined where it will do. */
export function tokenFault(token: string): string | undefined {
  const { length } = token;
  if (length < shortestToken) {
    return `has ${length === 1 ? '1 character' : `${length} characters`}; it needs at least ${shortestToken}, without spaces`;
  }
  return /^[\x21-\x7e]+$/.test(token) ? undefined : 'has spaces, or characters that are not ASCII; leave them out';
}

/** What lets a request in. */
export interface Credentials {
  acceptsToken(given: string): boolean;
  /** For browsers: what stands in for the token, in a cookie that is this agent's alone. */
  readonly cookie: { name: string; value: string };
  acceptsCookie(given: string): boolean;
}

/**
 * @param isSecure whether the cookie is for TLS only: then no server on a neighboring name can set it, nor one without
 * TLS (RFC 6265bis, 4.1.3.2)
 */
export function createCredentials(token: string, isSecure: boolean): Credentials {
  const key = randomBytes(32);
  const derived = (purpose: string) => createHmac('sha256', token).update(purpose).digest('base64url');
  // Cookies know hosts, not ports (RFC 6265, 8.5), and under which of those the browser comes only the browser knows.
  // Each
  // token has a name of its own: two agents behind one host don't take each other's.
  const name = `${isSecure ? '__Host-' : ''}sse-tail-${derived('name').replace(/[-_]/g, '').slice(0, 8)}`;
  // Not the token itself: what leaks from a browser's profile opens this agent's pages only.
  const value = derived(name);
  return {
    acceptsToken: (given) => equal(key, given, token),
    cookie: { name, value },
    acceptsCookie: (given) => equal(key, given, value),
  };
}

/** In a time that tells nothing about where they differ, nor how long the right one is. */
function equal(key: Buffer, given: string, right: string): boolean {
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}
