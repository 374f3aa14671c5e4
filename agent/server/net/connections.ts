import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import { SseTailError } from '../../words/errors.ts';
import { clientAddress, networkOf } from './address.ts';
import { connectionsWithin, openFileLimit } from './open-files.ts';

export interface ConnectionLimits {
  /** Connections at one time; fewer where the process may not open so many files. */
  total: number;
  /**
   * Of these, from one address (an IPv6 network of 2^64). This machine's own are not counted: a proxy's are all from
   * here.
   */
  perAddress: number;
}

export const defaultLimits: ConnectionLimits = { total: 10_000, perAddress: 512 };

/** Connections past the limit that are kept for as long as it takes to say so; more are closed without a word. */
const toldRefusals = 200;

/**
 * Limits a server's connections.
 *
 * @param connectionEvent where its connections are ready to be spoken to
 * @returns what answers the requests of those that are too many: 429 or 503, and the connection is closed
 */
export function limitConnections(
  server: HttpServer,
  connectionEvent: 'connection' | 'secureConnection',
  limits: ConnectionLimits,
): RequestHandler {
  const { perAddress } = limits;
  const room = connectionsWithin(openFileLimit());
  const total = Math.min(limits.total, room);
  const open = new Map<string, number>();
  const refusals = new WeakMap<Socket, SseTailError>();
  let all = 0;
  server.maxConnections = total + Math.min(toldRefusals, Math.ceil(room / 8));
  // One that can't be accepted (EMFILE, where libuv has no descriptor in reserve either) must not end the agent. The
  // client comes back.
  server.on('error', () => {});

  server.on(connectionEvent, (socket: Socket) => {
    const address = networkOf(clientAddress(socket));
    const count = (open.get(address) ?? 0) + 1;
    all++;
    open.set(address, count);
    socket.once('close', () => {
      all--;
      const left = (open.get(address) ?? 0) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (all > total) refusals.set(socket, tooManyInAll(total));
    else if (count > perAddress && !isHere(address)) refusals.set(socket, tooManyOfOne(perAddress));
  });

  return (request, response, next) => {
    const refusal = refusals.get(request.socket);
    if (refusal === undefined) return next();
    response.setHeader('Connection', 'close');
    response.setHeader('Retry-After', '10');
    next(refusal);
  };
}

function isHere(address: string): boolean {
  return address === '' || address === '127.0.0.1' || address === '0:0:0:0::/64';
}

function tooManyInAll(limit: number): SseTailError {
  return new SseTailError('request', `sse-tail has reached its limit of ${limit} connections.`, { status: 503 });
}

function tooManyOfOne(limit: number): SseTailError {
  const message = `This address has reached its limit of ${limit} connections.`;
  return new SseTailError('request', message, { status: 429 });
}
