import { describe, expect, it } from 'vitest';
import { readCookie, sessionCookie } from '../../../../agent/server/guard/cookie.ts';
import { createCredentials, makeToken, tokenInUrl } from '../../../../agent/server/guard/token.ts';

describe('a token that is made up', () => {
  it('has at least 128 bits, and is another one each time', () => {
    const tokens = Array.from({ length: 100 }, makeToken);
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) expect(Math.log2(62) * token.length).toBeGreaterThanOrEqual(128);
  });

  it('stays whole in a URL that is pasted into a chat or a mail, as does one that was given', () => {
    expect(Array.from({ length: 100 }, makeToken).filter((token) => !/^[A-Za-z0-9]+$/.test(token))).toEqual([]);
    const given = `_a-b.c~d!e*f'g(h)i&j=k%l"m<n>o_`;
    expect(tokenInUrl(given)).toMatch(/^(?:[A-Za-z0-9]|%[0-9A-F]{2})+$/);
    expect(new URLSearchParams(`token=${tokenInUrl(given)}`).get('token')).toBe(given);
  });
});

describe('credentials', () => {
  const token = 'correct-horse-battery';
  const { cookie, acceptsCookie, acceptsToken } = createCredentials(token, false);

  it('are the token, or the cookie, and neither in place of the other', () => {
    expect([acceptsToken(token), acceptsCookie(cookie.value)]).toEqual([true, true]);
    expect([acceptsToken(cookie.value), acceptsCookie(token)]).toEqual([false, false]);
    for (const wrong of ['', 'correct-horse-batter', `${token} `, token.toUpperCase(), '\0']) {
      expect([acceptsToken(wrong), acceptsCookie(wrong)]).toEqual([false, false]);
    }
  });

  it('have a cookie that does not tell the token, and is another one for each token', () => {
    expect(cookie.value).not.toContain(token);
    expect(cookie.value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const other = createCredentials('another-horse-battery', false);
    expect(other.acceptsCookie(cookie.value)).toBe(false);
    expect(other.cookie.name).not.toBe(cookie.name);
    const again = createCredentials(token, false);
    expect(again.cookie).toEqual(cookie);
  });

  it('have a cookie name that only this host can set, where there is TLS', () => {
    expect(createCredentials(token, true).cookie.name).toMatch(/^__Host-sse-tail-[A-Za-z0-9]{8}$/);
    expect(cookie.name).toMatch(/^sse-tail-[A-Za-z0-9]{8}$/);
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
