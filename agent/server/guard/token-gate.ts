import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import { SseTailError } from '../../words/errors.ts';
import { sendNotice, wantsPage } from '../answers/notice-page.ts';
import { clientAddress } from '../net/address.ts';
import { readCookie, sessionCookie } from './cookie.ts';
import { createThrottle, forgetMs } from './throttle.ts';
import type { Credentials } from './token.ts';

export interface AccessOptions {
  credentials: Credentials;
  /** Whether it is served over TLS. */
  isSecure: boolean;
  /** Takes what the owner should know about attempts to get in. */
  warn: (sentence: string) => void;
}

/** Lets requests pass that come with the token or with the cookie that a browser got for it. */
export function requireToken({ credentials, isSecure, warn }: AccessOptions): RequestHandler {
  const { cookie } = credentials;
  const throttle = createThrottle((address) => warn(`Someone at ${address} keeps sending wrong tokens.`));

  return async (request, response, next) => {
    const inUrl = tokenInUrl(request.url);
    if (inUrl !== undefined && credentials.acceptsToken(inUrl.token)) {
      response.setHeader('Set-Cookie', sessionCookie(cookie, isSecure));
      leaveToken(request, response, inUrl.rest);
      return;
    }
    const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined && credentials.acceptsToken(bearer)) return next();
    if (inUrl === undefined && credentials.acceptsCookie(readCookie(request.headers.cookie, cookie.name) ?? '')) {
      return next();
    }
    if (inUrl === undefined && bearer === undefined) return refuse(request, response, false);
    // An old cookie is no guess, and nothing is told by how fast it is refused.
    const { delayMs, isTooMany } = throttle.failed(clientAddress(request.socket));
    await sleep(delayMs);
    if (isTooMany) response.setHeader('Retry-After', String(forgetMs / 1000));
    return isTooMany ? next(tooMany()) : refuse(request, response, true);

    function refuse(asked: Request, answer: Response, isWrong: boolean): void {
      answer.setHeader('WWW-Authenticate', `Bearer realm="sse-tail"${isWrong ? ', error="invalid_token"' : ''}`);
      if (!wantsPage(asked)) {
        next(unauthorised(isWrong));
        return;
      }
      // The cookie may be there and only not have been sent along.
      const goingOn = !isWrong && isForeign(asked) ? { goesOn: 'again' as const } : {};
      const sentences = [isWrong ? 'That is not the right token.' : 'This log is protected by a token.', hint];
      sendNotice(answer, 401, { title: 'Token required', sentences, hasTokenForm: true, ...goingOn });
    }
  };
}

const hint = 'Open the URL that sse-tail printed when it started (it ends in ?token=…), or enter the token here:';

function unauthorised(isWrong: boolean): SseTailError {
  const problem = isWrong ? 'That is not the right token.' : 'A token is required.';
  const remedy = 'Send it as "Authorization: Bearer <token>"; it is part of the URL that sse-tail printed.';
  return new SseTailError('request', `${problem} ${remedy}`, { status: 401 });
}

function tooMany(): SseTailError {
  return new SseTailError('request', 'Too many wrong tokens came from this address. Try again later.', { status: 429 });
}

/** Whether another site's page led here. */
function isForeign({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** The token in a URL, and the URL's parameters without it. */
function tokenInUrl(url: string): { token: string; rest: string } | undefined {
  const at = url.indexOf('?');
  if (at === -1) return undefined;
  const parameters = new URLSearchParams(url.slice(at));
  const token = parameters.get('token');
  if (token === null) return undefined;
  parameters.delete('token');
  return { token, rest: parameters.size === 0 ? '' : `?${parameters}` };
}

/**
 * To the same address without the token: it would stay in history, in screenshots, and in what is copied from there.
 */
function leaveToken(request: Request, response: Response, rest: string): void {
  response.setHeader('Cache-Control', 'no-store');
  // Relative, so that it holds under a reverse proxy's prefix.
  const target = `./${lastSegment(request.url)}${rest}`;
  // From another site's link a redirect goes on as that site's doing: without the cookie just set.
  if (isForeign(request) && wantsPage(request)) {
    sendNotice(response, 200, { title: 'Welcome', sentences: [], goesOn: { to: target } });
  } else {
    response.redirect(302, target);
  }
}

function lastSegment(url: string): string {
  const [path = ''] = url.split('?');
  return path.slice(path.lastIndexOf('/') + 1);
}
