import type { Request, RequestHandler, Response } from 'express';
import { SseTailError } from '../../words/errors.ts';

/** Lets the pages of an allowed origin read the answer; returns whether one asks. */
export function letRead(allowed: readonly string[], request: Request, response: Response): boolean {
  const { origin } = request.headers;
  if (allowed.length > 0) response.vary('Origin');
  if (origin === undefined || !allowed.includes(origin)) return false;
  response.setHeader('Access-Control-Allow-Origin', origin);
  // Else a page could read the answer, but not use it: helmet's default keeps it to this origin.
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  return true;
}

/** `https://ci.example.com:8443` as browsers send it, or undefined where it is no such thing. */
export function parseOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@\s]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}

/**
 * Refuses what a page of another origin asks for, unless that one is allowed. Such a page could read no answer anyway;
 * but it would learn from times, sizes and errors, and could hold connections that others need.
 *
 * @param allowed origins, as browsers write them
 * @param isPublic paths of what carries no secret, such as the page's script
 */
export function refuseForeignPages(allowed: readonly string[], isPublic: (path: string) => boolean): RequestHandler {
  return (request, response, next) => {
    if (letRead(allowed, request, response)) {
      if (request.method !== 'OPTIONS') return next();
      response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD');
      response.setHeader('Access-Control-Allow-Headers', 'Authorization, Last-Event-ID, Cache-Control');
      response.setHeader('Access-Control-Max-Age', '600');
      response.status(204).end();
      return;
    }
    if (isOwnPage(request) || isPublic(request.path)) return next();
    const remedy = 'To allow one, start sse-tail with --allow-origin and its origin.';
    const message = `Pages of other origins (${request.headers.origin ?? 'unnamed'}) may not read this log. ${remedy}`;
    next(new SseTailError('request', message, { status: 403, origin: request.headers.origin }));
  };
}

/**
 * Whether nobody else's page asks: one of this server's, somebody who comes here, or no browser at all.
 *
 * A browser that sends fetch metadata (https://www.w3.org/TR/fetch-metadata/) has compared the page's address with the
 * one that it sees, and no page can set the header. Host is no such address: a reverse proxy may have replaced it, its
 * port or the scheme. It has to do where there is no metadata, as from browsers to plain HTTP beyond loopback.
 */
export function isOwnPage({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return true;
  if (origin !== undefined && !isSameHost(origin, host ?? '')) return false;
  if (site === undefined || site === 'none') return true;
  const isRead = method === 'GET' || method === 'HEAD';
  // A tab that goes to this page, as opposed to a frame or an image in another.
  return isRead && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

/** The schemes may differ: a proxy may speak TLS in our place. */
function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: ofOrigin } = new URL(origin);
  // Without the port that goes without saying.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === ofOrigin;
}
