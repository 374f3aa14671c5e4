import type { RequestHandler } from 'express';
import { SseTailError } from '../../words/errors.ts';

/** `https://ci.example.com:8443` as browsers send it, or undefined where it is no such thing. */
export function parseOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@\s]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}

/**
 * Refuses what a page of another origin asks for, unless that one is allowed. Such a page could read no answer
 * anyway; but it would learn from times, sizes and errors, and could hold connections that others need. Somebody who
 * follows a link from there is let through.
 */
export function refuseForeignPages(allowed: readonly string[]): RequestHandler {
  const origins = new Set(allowed);
  return (request, response, next) => {
    const { origin, host } = request.headers;
    if (origins.size > 0) response.vary('Origin');
    if (origin !== undefined && origins.has(origin)) {
      response.setHeader('Access-Control-Allow-Origin', origin);
      // Else a page could read the answer, but not use it: helmet's default keeps it to this origin.
      response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
      if (request.method !== 'OPTIONS') return next();
      response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD');
      response.setHeader('Access-Control-Allow-Headers', 'Authorization, Last-Event-ID, Cache-Control');
      response.setHeader('Access-Control-Max-Age', '600');
      response.status(204).end();
      return;
    }
    if (isOwn(origin, host) && (isFromHere(request.headers) || isVisit(request.method, request.headers))) return next();
    const remedy = 'To allow one, start sse-tail with --allow-origin and its origin.';
    const message = `Pages of other origins (${origin ?? 'unnamed'}) may not read this log. ${remedy}`;
    next(new SseTailError('request', message, { status: 403, origin }));
  };
}

/** Whether the page that asks, where it is named at all, is one of this server's. */
function isOwn(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  // A proxy may speak TLS in our place, so the scheme may differ.
  return URL.canParse(origin) && new URL(origin).host === hostOf(new URL(origin).protocol, host ?? '');
}

/** A Host header without the port that goes without saying. */
function hostOf(protocol: string, host: string): string {
  return URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : '';
}

type Headers = Record<string, string | string[] | undefined>;

/**
 * Fetch metadata (https://www.w3.org/TR/fetch-metadata/); other clients than browsers send none. Another port is
 * `same-site`.
 */
function isFromHere(headers: Headers): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** A tab that goes to this page, as opposed to a frame or an image in another. */
function isVisit(method: string, headers: Headers): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}
