import { parse, serialize } from 'cookie';

/** The value of a cookie in a request's Cookie header, or undefined. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  return parse(header ?? '')[name];
}

/** A Set-Cookie header: until the browser is closed, for no script, and never sent along by another site's page. */
export function sessionCookie({ name, value }: { name: string; value: string }, isSecure: boolean): string {
  return serialize(name, value, { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure });
}
