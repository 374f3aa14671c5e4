import type { Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { SseTailError } from '../../words/errors.ts';
import type { Connections } from '../net/connections.ts';
import type { ExpectedHosts } from './host.ts';
import { isOwnPage, letRead, refuseForeignPages } from './origin.ts';
import { type AccessOptions, createTokenGate, type TokenGate } from './token-gate.ts';

export interface GuardOptions {
  /** Counts them, and answers for those that are too many. */
  connections: Connections;
  hosts: ExpectedHosts;
  /** Origins whose pages may ask. */
  allowOrigins: readonly string[];
  /** Undefined: whoever can connect may read. */
  access: AccessOptions | undefined;
  /** Paths of what carries no secret. */
  isPublic: (path: string) => boolean;
}

/** Decides which requests are answered. */
export interface Guard {
  /** What holds for every answer. */
  first: RequestHandler[];
  /** Refuses who may not read, in the order in which it is asked. */
  readers: RequestHandler[];
  /**
   * Whether a request for what anybody may have in part would pass `readers`.
   *
   * @throws SseTailError kind `request`, status 429, as `TokenGate.knows` does
   */
  admits(request: Request, response: Response): Promise<boolean>;
}

export function createGuard({ connections, hosts, allowOrigins, access, isPublic }: GuardOptions): Guard {
  const gate = access && createTokenGate(access);
  return {
    first: [secureHeaders, letShareProcess, connections.refuse],
    readers: [
      ...[expectedHost(hosts, gate), refuseForeignPages(allowOrigins, isPublic), readOnly, boundedUrl, bodyless],
      ...(gate === undefined ? [] : [gate.handler, trustSender(connections)]),
    ],
    async admits(request, response) {
      const isAllowed = letRead(allowOrigins, request, response) || isOwnPage(request);
      if (!isAllowed || !isExpected(request, hosts, gate)) return false;
      return gate === undefined || gate.knows(request);
    },
  };
}

/** After the gate: whoever comes so far has the token. */
function trustSender({ trust }: Connections): RequestHandler {
  return ({ socket }, _response, next) => {
    trust(socket);
    next();
  };
}

const longestUrl = 8 * 1024;

/**
 * Log text is written by strangers: even if some of it got into the page as markup, it could run no script, load
 * nothing and send nothing. `style-src-attr` is for the colors of lines. No HSTS: it would hold for every port of the
 * host, also for those that speak plain HTTP.
 */
const secureHeaders: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'"],
      'style-src-attr': ["'unsafe-inline'"],
      'connect-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'"],
      'worker-src': ["'self'"],
      'frame-src': ["'self'"],
      'manifest-src': ["'self'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
      'require-trusted-types-for': ["'script'"],
    },
  },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
});

/**
 * `Cross-Origin-Opener-Policy` keeps the page from whoever has opened it, and makes a browser start a process for it
 * in a tab that shows nothing yet: 110 ms of 450 until the first line shows. A page whose address was typed, or given
 * by a program (Fetch Metadata, section 2.4: `none`), does without (decision 37).
 */
const letShareProcess: RequestHandler = (request, response, next) => {
  const site = request.headers['sec-fetch-site'];
  if (site === 'none' || site === 'same-origin') response.removeHeader('Cross-Origin-Opener-Policy');
  next();
};

/**
 * DNS rebinding: a page on evil.example lets its name resolve to 127.0.0.1 and then reads this server as its own
 * origin. Such a request can't help but carry that name as its Host. It can't carry the token, nor a cookie, which
 * belongs to a name: who brings one may come by any name, such as that of a container's host.
 */
function expectedHost(hosts: ExpectedHosts, gate: TokenGate | undefined): RequestHandler {
  return (request, _response, next) => {
    if (isExpected(request, hosts, gate)) return next();
    const given = request.headers.host;
    const name = (given ?? '').replace(/:[0-9]*$/, '');
    const start = `If the name is yours, start sse-tail with --allow-host ${name || '<name>'}`;
    const remedy = gate === undefined ? `${start}.` : `${start}, or open the URL with the token (?token=…).`;
    const message = `The request's Host ${JSON.stringify(given ?? '')} is not one that sse-tail answers to. ${remedy}`;
    next(new SseTailError('request', message, { status: 403, given }));
  };
}

function isExpected(request: Request, hosts: ExpectedHosts, gate: TokenGate | undefined): boolean {
  return hosts.accepts(request.headers.host) || gate?.isAskedByName(request) === true;
}

const readOnly: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next();
  response.setHeader('Allow', 'GET, HEAD');
  response.setHeader('Connection', 'close');
  next(new SseTailError('request', `Expected GET or HEAD, but got ${request.method}.`, { status: 405 }));
};

const boundedUrl: RequestHandler = (request, _response, next) => {
  if (request.url.length <= longestUrl) return next();
  const message = `Expected a URL of at most ${longestUrl} characters, but got ${request.url.length}.`;
  next(new SseTailError('request', message, { status: 414 }));
};

/** A body would have to be read to its end before the next request on the connection. */
const bodyless: RequestHandler = ({ headers }, response, next) => {
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return next();
  response.setHeader('Connection', 'close');
  next(new SseTailError('request', 'Expected a request without a body.', { status: 413 }));
};
