import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import { SseTailError } from '../../words/errors.ts';
import { sendNotice, wantsPage } from '../answers/notice-page.ts';
import { clientAddress } from '../net/address.ts';
import { readCookie, sessionCookie } from './cookie.ts';
import { type EntryCodes, entry } from './entry-codes.ts';
import { createThrottle, forgetMs } from './throttle.ts';
import type { Credentials } from './token.ts';

export interface AccessOptions {
  credentials: Credentials;
  codes: EntryCodes;
  /** Whether it is served over TLS. */
  isSecure: boolean;
  /** Takes what the owner should know about attempts to get in. */
  warn: (sentence: string) => void;
}

/** Lets requests pass that come with the token or with the cookie that a browser got for it. */
export interface TokenGate {
  handler: RequestHandler;
  /** Whether a request comes with a token at all, or with the right cookie. */
  isAskedByName(request: Request): boolean;
  /**
   * Whether a request would pass. For a wrong token it resolves as late as `handler` answers.
   *
   * @throws SseTailError kind `request`, status 429, for one wrong token too many
   */
  knows(request: Request): Promise<boolean>;
}

/** In the address after a token was accepted: the request that comes back to it must bring the cookie. */
const signedIn = 'signed-in';

const linkOfAnother =
  'Another user of this machine tried the link that --open started the browser with, and was refused.';

export function createTokenGate({ credentials, codes, isSecure, warn }: AccessOptions): TokenGate {
  const { cookie } = credentials;
  const throttle = createThrottle((address) => warn(`Someone at ${address} keeps sending wrong tokens.`));
  const hasCookie = ({ headers }: Request) => credentials.acceptsCookie(readCookie(headers.cookie, cookie.name) ?? '');

  async function handler(request: Request, response: Response, next: (error?: unknown) => void): Promise<void> {
    const inUrl = parameterIn(request.url, 'token');
    const bearer = bearerIn(request);
    const code = parameterIn(request.url, entry);
    const isLetIn = inUrl === undefined ? await enters(code, request) : credentials.acceptsToken(inUrl);
    if (isLetIn) {
      response.setHeader('Set-Cookie', sessionCookie(cookie, isSecure));
      return leaveToken(request, response);
    }
    if (bearer !== undefined && credentials.acceptsToken(bearer)) return next();
    if (inUrl === undefined && hasCookie(request)) {
      const isLanding = code !== undefined || parameterIn(request.url, signedIn) !== undefined;
      if (!isLanding || !wantsPage(request)) return next();
      return response.redirect(302, addressWithout(request.url, [signedIn, entry]));
    }
    // An old cookie is no guess, and how fast it is refused says nothing.
    if (inUrl === undefined && bearer === undefined) {
      return refuse(request, response, next, code === undefined ? 'none' : 'used');
    }
    await slowDown(request);
    refuse(request, response, next, 'wrong');
  }

  /** After a wrong token. @throws SseTailError kind `request`, status 429, for one too many */
  async function slowDown(request: Request): Promise<void> {
    const { delayMs, isTooMany } = throttle.failed(clientAddress(request.socket));
    await sleep(delayMs);
    if (isTooMany) throw tooMany();
  }

  async function enters(code: string | undefined, request: Request): Promise<boolean> {
    if (code === undefined) return false;
    const answer = await codes.redeem(code, request.socket);
    if (answer === 'foreign') warn(linkOfAnother);
    return answer === 'accepted';
  }

  return {
    handler: (request, response, next) => void handler(request, response, next).catch(next),
    isAskedByName: (request) =>
      parameterIn(request.url, 'token') !== undefined ||
      parameterIn(request.url, entry) !== undefined ||
      bearerIn(request) !== undefined ||
      hasCookie(request),
    async knows(request) {
      const given = parameterIn(request.url, 'token') ?? bearerIn(request);
      if (given === undefined) return hasCookie(request);
      if (credentials.acceptsToken(given)) return true;
      await slowDown(request);
      return false;
    },
  };
}

function refuse(
  request: Request,
  response: Response,
  next: (error: unknown) => void,
  given: 'none' | 'wrong' | 'used',
): void {
  const isWrong = given === 'wrong';
  response.setHeader('WWW-Authenticate', `Bearer realm="sse-tail"${isWrong ? ', error="invalid_token"' : ''}`);
  if (!wantsPage(request)) {
    next(unauthorized(isWrong));
    return;
  }
  if (!isWrong && parameterIn(request.url, signedIn) !== undefined) {
    sendNotice(response, 401, { title: 'Cookies are blocked', sentences: cookiesBlocked, form: 'token' });
    return;
  }
  // The cookie may be there and only not have been sent along.
  const goesOn = !isWrong && isForeign(request) ? { goesOn: 'again' as const } : {};
  const problem = problems[given];
  sendNotice(response, 401, { title: 'Token required', sentences: [problem, hint], form: 'token', ...goesOn });
}

const problems = {
  none: 'This log is protected by a token.',
  wrong: 'The token is wrong.',
  used: 'This link has been used already, or is too old: it opens the log once.',
};

const hint = 'Open the URL that sse-tail printed when it started (it has ?token=… in it), or enter the token here:';

const cookiesBlocked = [
  'The token was correct, but the browser did not send back the cookie that replaces it.',
  'Allow cookies for this address, in this window, then enter the token again:',
];

function unauthorized(isWrong: boolean): SseTailError {
  const problem = isWrong ? 'The token is wrong.' : 'A token is required.';
  const remedy = 'Send it as "Authorization: Bearer <token>"; it is part of the URL that sse-tail printed.';
  return new SseTailError('request', `${problem} ${remedy}`, { status: 401 });
}

function tooMany(): SseTailError {
  const message = 'Too many wrong tokens came from this address. Try again later.';
  return new SseTailError('request', message, { status: 429, retryAfter: forgetMs / 1000 });
}

/** Whether another site's page led here. */
function isForeign({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

function bearerIn({ headers }: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}

function parameterIn(url: string, name: string): string | undefined {
  const at = url.indexOf('?');
  return at === -1 ? undefined : (new URLSearchParams(url.slice(at)).get(name) ?? undefined);
}

/**
 * To the same address without the token: it would stay in history, in screenshots, and in what is copied from there.
 */
function leaveToken(request: Request, response: Response): void {
  response.setHeader('Cache-Control', 'no-store');
  const isPage = wantsPage(request);
  const target = addressWithout(request.url, ['token', entry, signedIn], isPage ? [`${signedIn}=1`] : []);
  // From another site's link a redirect counts as that site's doing: without the cookie just set.
  if (isForeign(request) && isPage) {
    sendNotice(response, 200, { title: 'Welcome', sentences: [], goesOn: { to: target } });
  } else {
    response.redirect(302, target);
  }
}

/**
 * The same address, relative, so that it holds under a reverse proxy's prefix. Of the query nothing is decoded and
 * encoded again: a comma and a `%2C` are not the same there.
 */
function addressWithout(url: string, parameters: readonly string[], added: readonly string[] = []): string {
  const [path = '', ...search] = url.split('?');
  const pairs = search
    .join('?')
    .split('&')
    .filter((pair) => pair !== '');
  const kept = pairs.filter((pair) => !parameters.some((name) => new URLSearchParams(pair).has(name)));
  const all = [...kept, ...added];
  return `./${path.slice(path.lastIndexOf('/') + 1)}${all.length === 0 ? '' : `?${all.join('&')}`}`;
}
