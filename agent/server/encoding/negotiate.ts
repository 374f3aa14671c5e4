import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import { clientAddress, isLoopback } from '../net/address.ts';
import { preferredCoding } from './accept-encoding.ts';
import type { Coding } from './coding.ts';
import { gzip } from './gzip.ts';
import { zstd } from './zstd.ts';

const codings: readonly Coding[] = zstd === undefined ? [gzip] : [zstd, gzip];
const codingNames = codings.map(({ name }) => name);

/**
 * How an answer is to be compressed; undefined where it is not. Sets the headers that say so.
 *
 * @param isWorth whether there is enough of it
 */
export function negotiateCoding(response: Response, isWorth = true): Coding | undefined {
  const name = negotiateCodingName(response, isWorth ? codingNames : []);
  return codings.find((coding) => coding.name === name);
}

/**
 * The same for what is there in several codings.
 *
 * @param offered their names, best first
 */
export function negotiateCodingName<Name extends string>(
  response: Response,
  offered: readonly Name[],
): Name | undefined {
  const { req } = response;
  response.vary('Accept-Encoding');
  const name = isFarAway(req) ? preferredCoding(req.headers['accept-encoding'], offered) : undefined;
  if (name !== undefined) response.setHeader('Content-Encoding', name);
  return name;
}

/** What proxies add to a request that they pass on. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * Whether bytes have a way to go: compressing costs more time than it takes to pass them on within a machine. Who sends
 * one of the headers without a proxy gains nothing by it.
 */
function isFarAway({ socket, headers }: IncomingMessage): boolean {
  const address = clientAddress(socket);
  const isNear = address === '' || isLoopback(address);
  return !isNear || proxyHeaders.some((name) => headers[name] !== undefined);
}
