import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import { BoundedMap } from '../../system/bounded-map.ts';
import { openFileLimit } from '../../system/inherited.ts';
import { SseTailError } from '../../words/errors.ts';
import { clientAddress, networkOf } from './address.ts';
import { connectionsWithin } from './open-files.ts';

export interface ConnectionLimits {
  /** Connections at one time; fewer where the process may not open so many files. */
  total: number;
  /**
   * Of these, from one address (an IPv6 network of 2^64). This machine's own are not counted, nor those of one from
   * which somebody has come with the token: all that pass through a proxy are from its address.
   */
  perAddress: number;
}

export interface Connections {
  /** Answers the requests of those that are too many: 429 or 503, and the connection is closed. */
  refuse: RequestHandler;
  /** Somebody at the other end has the token: connections from there are not counted from now on. */
  trust(socket: Socket): void;
}

export const defaultLimits: ConnectionLimits = { total: 10_000, perAddress: 512 };

/** Connections past the limit that are kept for as long as it takes to say so; more are closed without a word. */
const toldRefusals = 200;
/** Of these, from one address: else it could keep others out with them. */
const toldToOne = 16;

/** Of more addresses with the token the ones longest ago are counted again until somebody comes. */
const mostTrusted = 1000;

/** Limits a server's connections, also while they are not yet ready to be spoken to (TLS). */
export function limitConnections(server: HttpServer, limits: ConnectionLimits): Connections {
  const { perAddress } = limits;
  const room = connectionsWithin(openFileLimit());
  const total = Math.min(limits.total, room);
  const mostTold = Math.min(toldRefusals, Math.ceil(room / 8));
  const admitted = createCounts();
  const told = createCounts();
  /** By `peerOf`: over TLS a request has another socket than its connection. */
  const refusals = new Map<string | Socket, Refusal>();
  const trusted = new BoundedMap<string, true>(mostTrusted);
  server.maxConnections = total + mostTold;
  // One that can't be accepted (EMFILE, where libuv has no descriptor in reserve either) must not end the agent. The
  // client comes back.
  server.on('error', () => {});

  server.on('connection', (socket: Socket) => {
    const address = networkOf(clientAddress(socket));
    const refusal = refusalFor(address);
    if (refusal === undefined) {
      admitted.enter(address, socket);
      return;
    }
    if (told.all >= mostTold || told.of(address) >= toldToOne) {
      socket.destroy();
      return;
    }
    const leaveTold = told.enter(address, socket);
    const peer = peerOf(socket);
    refusals.set(peer, {
      error: refusal,
      admitIfTrusted() {
        if (!trusted.has(address) || refusalFor(address) !== undefined) return false;
        refusals.delete(peer);
        leaveTold();
        admitted.enter(address, socket);
        return true;
      },
    });
    socket.once('close', () => refusals.delete(peer));
  });

  function refusalFor(address: string): SseTailError | undefined {
    if (admitted.all >= total) return tooManyInAll(total);
    if (admitted.of(address) < perAddress || isHere(address) || trusted.has(address)) return undefined;
    return tooManyOfOne(perAddress);
  }

  return {
    refuse(request, response, next) {
      const refusal = refusals.size === 0 ? undefined : refusals.get(peerOf(request.socket));
      if (refusal === undefined || refusal.admitIfTrusted()) return next();
      response.setHeader('Connection', 'close');
      response.setHeader('Retry-After', '10');
      next(refusal.error);
    },
    trust(socket) {
      const address = networkOf(clientAddress(socket));
      if (!isHere(address)) trusted.set(address, true);
    },
  };
}

interface Refusal {
  error: SseTailError;
  /**
   * A proxy that comes back to an agent just started opens connections for all of its clients before the first of them
   * has brought the token.
   */
  admitIfTrusted(): boolean;
}

interface Counts {
  readonly all: number;
  of(address: string): number;
  /** Counts a connection until it closes, or what this returns is called. */
  enter(address: string, socket: Socket): () => void;
}

function createCounts(): Counts {
  const open = new Map<string, number>();
  let all = 0;
  return {
    get all() {
      return all;
    },
    of: (address) => open.get(address) ?? 0,
    enter(address, socket) {
      all++;
      open.set(address, (open.get(address) ?? 0) + 1);
      const leave = () => {
        socket.off('close', leave);
        all--;
        const left = (open.get(address) ?? 0) - 1;
        if (left > 0) open.set(address, left);
        else open.delete(address);
      };
      socket.once('close', leave);
      return leave;
    },
  };
}

/** What two sockets of one connection have in common. On a Unix socket nobody has an address. */
function peerOf(socket: Socket): string | Socket {
  const { remoteAddress, remotePort } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`;
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
