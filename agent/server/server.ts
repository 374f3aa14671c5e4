import { createHash } from 'node:crypto';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Log, LogStore } from '../journal/store.ts';
import { SseTailError } from '../words/errors.ts';
import { createGuard } from './guard/guard.ts';
import { expectHosts, hostInUrl, isLoopback, isWildcard } from './guard/host.ts';
import { createCredentials, shortestToken } from './guard/token.ts';
import type { AccessOptions } from './guard/token-gate.ts';
import { type ConnectionLimits, defaultLimits, limitConnections } from './net/connections.ts';
import { createMessages, type Messages } from './net/express-messages.ts';
import { listenOnPort, listenOnSocket } from './net/listen.ts';
import { reachableAddress } from './net/own-addresses.ts';
import { followTls, readTls, type TlsFiles } from './net/tls.ts';
import { watchHealth } from './resources/health.ts';
import { createRoutes } from './routes.ts';
import { createFeeds } from './stream/feed.ts';
import { createStreams } from './stream/stream-registry.ts';
import { createAttendance } from './stream/viewers.ts';

export interface ServerOptions {
  store: LogStore;
  /** The log that the resources outside `/logs/` are about; may change. */
  current: () => Log | undefined;
  /** Folder of the built page. */
  viewerDir: string;
  version: string;
  /** Where to listen: an address and a port (0 picks a free one), or a Unix socket that its owner alone can connect to. */
  host: string;
  port: number;
  socketPath?: string;
  /** Take the next free port where the given one is taken. */
  portFallback?: boolean;
  /** Serve over TLS; the files are read again when they change. */
  tls?: TlsFiles;
  /** What clients have to know, at least 16 characters. `open`: nothing; that is also what holds where only this machine can connect. */
  access?: { token: string } | 'open';
  /** Further names (with a port where only that one is meant) under which the agent may be asked. */
  allowHosts?: readonly string[];
  /** Other origins whose pages may read, as browsers write them: `https://ci.example.com`. */
  allowOrigins?: readonly string[];
  /**
   * Event streams of pages (`Accept: text/event-stream`) stay open when their log is finished, so that `deserted` sees when
   * they are closed. Otherwise a finished log ends its streams: a browser has six connections for one server.
   */
  holdsPages?: boolean;
  /** How often a `ping` event goes out (default 15,000). */
  pingMs?: number;
  /** After what time clients come back, before jitter (default 2,000). */
  retryMs?: number;
  /** How long a client may take nothing of what it is sent before it is disconnected (default 60,000). */
  stallMs?: number;
  /** How long `close` waits for responses that are under way (default 1,000). */
  graceMs?: number;
  limits?: Partial<ConnectionLimits>;
  /** How long the head of a request may take to arrive (default 10,000). */
  headersMs?: number;
  /** How often the TLS files are looked at (default 5,000). */
  tlsLookMs?: number;
  /** Gets errors that nobody expected. */
  report?: (error: unknown) => void;
  /** Gets sentences for the person who runs the agent. */
  warn?: (sentence: string) => void;
}

/** Serves logs over HTTP: docs/http-api.md. */
export interface Server {
  /** Where it answers, e.g. `http://127.0.0.1:7730/`; `unix:/run/me/build.sock` for a socket. */
  readonly url: string;
  /** The URL with the token, where there is one: what a browser has to open. */
  readonly entryUrl: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Event streams connected. */
  readonly subscribers: number;
  /** Resolves with true once all connected clients have every line and the status, with false after `deadlineMs`. */
  drained(deadlineMs: number): Promise<boolean>;
  /** Resolves once there was a viewer and for `graceMs` there has been none. A viewer follows a log, live or to its end. */
  deserted(graceMs: number): Promise<void>;
  /** Stops listening and ends all responses; takes little more than `graceMs` whatever clients do. */
  close(): Promise<void>;
}

/** @throws SseTailError kind `usage` for a host that others can reach without `access`, a short token or bad TLS files, `address` when it can't be listened on */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { store, current, viewerDir, version, pingMs = 15_000, graceMs = 1000 } = options;
  const { report = () => {}, warn = () => {}, socketPath, tls } = options;
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  refuseUnsafe(host, options);

  const streams = createStreams();
  const attendance = createAttendance();
  const health = watchHealth(current);
  const scheme = tls === undefined ? 'http' : 'https';
  const handle: { request: RequestListener } = { request: (_, response) => response.writeHead(503).end() };
  const messages = createMessages();
  const server = await makeServer(options, messages, (request, response) => handle.request(request, response));
  const connections = limitConnections(server, tls === undefined ? 'connection' : 'secureConnection', {
    ...defaultLimits,
    ...options.limits,
  });

  try {
    if (socketPath !== undefined) await listenOnSocket(server, resolve(socketPath));
    else await listenOnPort(server, host, options.port, options.portFallback ?? false);
  } catch (error) {
    health.close();
    throw error;
  }
  const port = socketPath === undefined ? (server.address() as AddressInfo).port : 0;
  const access = accessOf(options, port, warn);
  const app = createRoutes({
    store,
    guard: createGuard({
      connections,
      hosts: expectHosts({
        listening: socketPath === undefined ? host : undefined,
        allowed: options.allowHosts ?? [],
        defaultPort: tls === undefined ? '80' : '443',
      }),
      allowOrigins: options.allowOrigins ?? [],
      access,
    }),
    viewerDir,
    version,
    health,
    lines: {
      feeds: createFeeds(),
      streams,
      attendance,
      current,
      holdsPages: options.holdsPages ?? false,
      retryMs: options.retryMs ?? 2000,
      stallMs: options.stallMs ?? 60_000,
      report,
    },
  });
  messages.belongTo(app);
  handle.request = app;
  const certificates = tls && followTls(server as HttpsServer, tls, warn, options.tlsLookMs);
  const url =
    socketPath === undefined ? `${scheme}://${hostInUrl(nameableHost(host))}:${port}/` : `unix:${resolve(socketPath)}`;
  const pings = setInterval(streams.ping, pingMs);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    clearInterval(pings);
    health.close();
    certificates?.close();
    const closed = new Promise((resolve) => server.close(resolve));
    // A connection whose response ends from now on is idle, and nobody would close it.
    const idle = setInterval(() => server.closeIdleConnections(), 10);
    const grace = setTimeout(() => server.closeAllConnections(), graceMs);
    streams.stop();
    await closed;
    clearInterval(idle);
    clearTimeout(grace);
  }

  return {
    url,
    entryUrl:
      isGiven(options.access) && socketPath === undefined
        ? `${url}?token=${encodeURIComponent(options.access.token)}`
        : url,
    port,
    get subscribers() {
      return streams.subscribers;
    },
    drained: streams.drained,
    deserted: attendance.deserted,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** The log may be read by whoever can connect: that must be this machine alone, unless there is a token or nobody minds. */
function refuseUnsafe(host: string, { access, socketPath }: ServerOptions): void {
  if (isGiven(access) && (access.token.length < shortestToken || !/^[\x21-\x7e]+$/.test(access.token))) {
    const message = `A token of at least ${shortestToken} characters without spaces was expected, but one of ${access.token.length} was given. A shorter one could be guessed.`;
    throw new SseTailError('usage', message, { option: 'token' });
  }
  if (access !== undefined || socketPath !== undefined || isLoopback(host)) return;
  const message = `Host: expected a loopback address (127.0.0.1, ::1 or localhost), given ${JSON.stringify(host)} and no token. Anyone who reached it could read the log.`;
  throw new SseTailError('usage', message, { option: 'host', given: host });
}

function isGiven(access: ServerOptions['access']): access is { token: string } {
  return typeof access === 'object';
}

async function makeServer(
  { tls, headersMs = 10_000 }: ServerOptions,
  { IncomingMessage, ServerResponse }: Messages,
  listener: RequestListener,
): Promise<HttpServer> {
  const limits = {
    IncomingMessage,
    ServerResponse,
    // A half-open connection is noticed by TCP's own probes: a stream that has nothing to say would never find out.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    // How long a request may take to arrive; there are no bodies. Responses are not limited by them.
    headersTimeout: headersMs,
    requestTimeout: headersMs * 2,
    connectionsCheckingInterval: headersMs / 2,
    maxHeaderSize: 16 * 1024,
  };
  if (tls === undefined) return createHttpServer(limits, listener);
  return createHttpsServer({ ...limits, ...(await readTls(tls)), handshakeTimeout: headersMs }, listener);
}

function accessOf(
  { access, tls, socketPath }: ServerOptions,
  port: number,
  warn: (sentence: string) => void,
): AccessOptions | undefined {
  if (!isGiven(access)) return undefined;
  const isSecure = tls !== undefined;
  const place =
    socketPath === undefined
      ? String(port)
      : createHash('sha256').update(resolve(socketPath)).digest('hex').slice(0, 8);
  // A name that begins so can't be set by a server on a neighbouring name, nor by one without TLS (RFC 6265bis, 4.1.3.2).
  const cookieName = `${isSecure ? '__Host-' : ''}sse-tail-${place}`;
  return { credentials: createCredentials(access.token, cookieName), isSecure, warn };
}

/** What can stand in a URL for where it listens. */
function nameableHost(host: string): string {
  if (!isWildcard(host)) return host;
  return reachableAddress() ?? (host === '0.0.0.0' ? '127.0.0.1' : '::1');
}
