import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { Messages } from './express-messages.ts';
import { readTls, type TlsFiles } from './tls.ts';

export interface HttpServerOptions {
  /** Serve over TLS; the files are read again when they change. */
  tls: TlsFiles | undefined;
  /** How long the head of a request may take to arrive. */
  headersMs: number;
}

/**
 * An idle connection is closed after so long. It has to be a proxy that closes it first: where the agent does, a
 * request may be on its way, and the proxy answers 502. nginx and Apache keep one for 60 s, Traefik for 90 s, Caddy
 * for 2 minutes, load balancers of clouds for up to 10.
 */
const idleMs = 620_000;

/** Bytes of a request's head. */
export const largestHead = 16 * 1024;

/** @throws SseTailError kind `usage` for TLS files that can't be used */
export async function createNodeServer(
  { tls, headersMs }: HttpServerOptions,
  { IncomingMessage, ServerResponse }: Messages,
  listener: RequestListener,
): Promise<HttpServer> {
  const limits = {
    IncomingMessage,
    ServerResponse,
    // A half-open connection is noticed by TCP's own probes: a stream that has nothing to say would never find out.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    keepAliveTimeout: idleMs,
    // How long a request may take to arrive; there are no bodies. Responses are not limited by them.
    headersTimeout: headersMs,
    requestTimeout: headersMs * 2,
    connectionsCheckingInterval: headersMs / 2,
    maxHeaderSize: largestHead,
  };
  const answer: RequestListener = (request, response) => {
    // Node answers it as any other, but drops what the client sent behind it: the next request would never be answered.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    inTurn(response, () => listener(request, response));
  };
  if (tls === undefined) return createHttpServer(limits, answer);
  // Node takes 10 ms to load it.
  const { createServer: createHttpsServer } = await import('node:https');
  return createHttpsServer({ ...limits, ...(await readTls(tls)), handshakeTimeout: headersMs }, answer);
}

/**
 * The response to a pipelined request has no socket until the one before it has ended, and hears nothing of a
 * connection that dies before: what was taken for it (a search's place, a timer) would never be given back.
 */
function inTurn(response: ServerResponse, answer: () => void): void {
  if (response.socket === null) response.once('socket', answer);
  else answer();
}

/** Stops listening, ends what is idle, and after `graceMs` everything else. */
export async function closeGracefully(server: HttpServer, graceMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // A connection whose response ends from now on is idle, and nobody would close it.
  const idle = setInterval(() => server.closeIdleConnections(), 10);
  const grace = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
}
