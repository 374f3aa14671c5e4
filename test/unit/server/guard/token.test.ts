import { describe, expect, it } from 'vitest';
import { readCookie, sessionCookie } from '../../../../agent/server/guard/cookie.ts';
import { createCredentials, makeToken } from '../../../../agent/server/guard/token.ts';

describe('a token that is made up', () => {
  it('has at least 128 bits, fits into a URL as it is, and is another one each time', () => {
    const tokens = Array.from({ length: 100 }, makeToken);
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) {
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(Buffer.from(token, 'base64url').length * 8).toBeGreaterThanOrEqual(128);
    }
  });
});

describe('credentials', () => {
  const token = 'correct-horse-battery';
  const { cookie, acceptsCookie, acceptsToken } = createCredentials(token, 'sse-tail-7730');

  it('are the token, or the cookie, and neither in place of the other', () => {
    expect([acceptsToken(token), acceptsCookie(cookie.value)]).toEqual([true, true]);
    expect([acceptsToken(cookie.value), acceptsCookie(token)]).toEqual([false, false]);
    for (const wrong of ['', 'correct-horse-batter', `${token} `, token.toUpperCase(), '\0']) {
      expect([acceptsToken(wrong), acceptsCookie(wrong)]).toEqual([false, false]);
    }
  });

  it('have a cookie that does not tell the token and is good for one agent', () => {
    expect(cookie.value).not.toContain(token);
    expect(cookie.value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const other = createCredentials(token, 'sse-tail-7731');
    expect(other.acceptsCookie(cookie.value)).toBe(false);
    const again = createCredentials(token, 'sse-tail-7730');
    expect(again.acceptsCookie(cookie.value)).toBe(true);
  });
});

describe('cookies', () => {
  it.each([
    ['a=1', '1'],
    ['b=2; a=1; c=3', '1'],
    ['xa=2;a=1', '1'],
    ['a=x=y', 'x=y'],
    ['b=a=1', undefined],
    ['a', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('in %j a is %j', (header, value) => {
    expect(readCookie(header, 'a')).toBe(value);
  });

  it('are set for no script, for no other site, and only under TLS where there is TLS', () => {
    const cookie = { name: 'n', value: 'v' };
    expect(sessionCookie(cookie, false)).toBe('n=v; Path=/; HttpOnly; SameSite=Strict');
    expect(sessionCookie(cookie, true)).toBe('n=v; Path=/; HttpOnly; Secure; SameSite=Strict');
  });
});
