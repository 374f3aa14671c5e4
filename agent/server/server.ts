import type { Server as HttpServer, RequestListener } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createFinder, type Finder } from '../finding/thread/finder.ts';
import type { Log, LogStore } from '../journal/store.ts';
import { createPacker } from './encoding/packer.ts';
import { type Access, isToken, refuseUnsafe, tokenAccess } from './guard/access.ts';
import { createGuard } from './guard/guard.ts';
import { expectHosts } from './guard/host.ts';
import { tokenInUrl } from './guard/token.ts';
import { hostInUrl, isWildcard } from './net/address.ts';
import { answerClientErrors } from './net/client-errors.ts';
import { type ConnectionLimits, defaultLimits, limitConnections } from './net/connections.ts';
import { createMessages } from './net/express-messages.ts';
import { closeGracefully, createNodeServer } from './net/http-server.ts';
import { listenOnPort, listenOnSocket } from './net/listen.ts';
import { reachableAddress } from './net/own-addresses.ts';
import { followTls, type TlsFiles } from './net/tls.ts';
import { createPageFiles } from './resources/page-files.ts';
import type { LinesContext } from './resources/respond.ts';
import { createSearchLimits } from './resources/search-limits.ts';
import { createRoutes } from './routes.ts';
import { createBlockBudget } from './stream/block-budget.ts';
import { createFeeds } from './stream/feed.ts';
import { createStreams, type Streams } from './stream/stream-registry.ts';
import { createViewers, type Viewers } from './stream/viewers.ts';

export interface ServerOptions {
  store: LogStore;
  /** The log that the resources outside `/logs/` are about; may change. */
  current: () => Log | undefined;
  /** Directory of the built page. */
  viewerDir: string;
  version: string;
  /**
   * Where to listen: an address and a port (0 picks a free one), or a Unix socket that its owner alone can connect
   * to.
   */
  host: string;
  port: number;
  socketPath?: string;
  /** The socket's permissions (default 0o600; 0o660 with a group), and its group's name or number. */
  socketMode?: number;
  socketGroup?: string;
  /** Take the next free port where the given one is taken. */
  portFallback?: boolean;
  /** Serve over TLS; the files are read again when they change. */
  tls?: TlsFiles;
  /**
   * What clients have to know (default: nothing, where only this machine can connect). A token has at least 16
   * characters.
   */
  access?: Access;
  /** Further names (with a port where only that one is meant) under which the agent may be asked. */
  allowHosts?: readonly string[];
  /** Other origins whose pages may read, as browsers write them: `https://ci.example.com`. */
  allowOrigins?: readonly string[];
  /**
   * Event streams of pages (`Accept: text/event-stream`) stay open when their log is finished, so that `deserted`
   * sees when they are closed. Otherwise a finished log ends its streams: a browser has six connections for one
   * server.
   */
  holdsPages?: boolean;
  /** How often a `ping` event goes out (default 15,000). */
  pingMs?: number;
  /** After what time clients come back, before jitter (default 2,000). */
  retryMs?: number;
  /** How long a client may take nothing of what it is sent before it is disconnected (default 60,000). */
  stallMs?: number;
  /** How long a search may look through a log's history before it is cut off (default 120,000); a client resumes it. */
  searchMs?: number;
  /** How long `close` waits for responses that are under way (default 1,000). */
  graceMs?: number;
  limits?: Partial<ConnectionLimits>;
  /** How long the head of a request may take to arrive (default 10,000). */
  headersMs?: number;
  /** How often the TLS files are looked at (default 5,000). */
  tlsLookMs?: number;
  /** What the page of a log is told in attributes of its document: `data-link-template` for `linkTemplate`. */
  pageData?: (log: Log | undefined) => Readonly<Record<string, string>>;
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
  /**
   * Resolves once there was a viewer and for `graceMs` there has been none. A viewer follows a log, live or to its
   * end.
   */
  deserted(graceMs: number): Promise<void>;
  /** Stops listening and ends all responses; takes little more than `graceMs` whatever clients do. */
  close(): Promise<void>;
}

/**
 * @throws SseTailError kind `usage` for a host that others can reach without `access`, a short token or bad TLS files;
 * `address` when it can't be listened on
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { store, viewerDir, version, pingMs = 15_000, graceMs = 1000, socketPath, tls, access } = options;
  const { warn = () => {} } = options;
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  refuseUnsafe(host, access, socketPath);

  const streams = createStreams();
  const viewers = createViewers();
  const finder = createFinder();
  const messages = createMessages();
  // The routes need the port, which is known when it listens.
  let answer: RequestListener = (_, response) => response.writeHead(503).end();
  const node = await createNodeServer({ tls, headersMs: options.headersMs ?? 10_000 }, messages, (request, response) =>
    answer(request, response),
  );
  const connections = limitConnections(node, tls === undefined ? 'connection' : 'secureConnection', {
    ...defaultLimits,
    ...options.limits,
  });
  answerClientErrors(node);
  const { port, url } = await listen(node, host, options);

  const pageFiles = createPageFiles(viewerDir, options.pageData);
  const app = createRoutes({
    store,
    guard: createGuard({
      connections,
      hosts: expectHosts({ allowed: options.allowHosts ?? [], defaultPort: tls === undefined ? '80' : '443' }),
      allowOrigins: options.allowOrigins ?? [],
      access: tokenAccess(access, tls !== undefined, warn),
      isPublic: pageFiles.isPublic,
    }),
    pageFiles,
    viewerDir,
    version,
    lines: linesContext(options, streams, viewers, finder),
  });
  messages.belongTo(app);
  answer = app;
  const certificates = tls && followTls(node as HttpsServer, tls, warn, options.tlsLookMs);
  const pings = setInterval(streams.ping, pingMs);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    clearInterval(pings);
    certificates?.close();
    const closed = closeGracefully(node, graceMs);
    streams.stop();
    await closed;
    await finder.close();
  }

  return {
    url,
    entryUrl: isToken(access) && socketPath === undefined ? `${url}?token=${tokenInUrl(access.token)}` : url,
    port,
    get subscribers() {
      return streams.subscribers;
    },
    drained: streams.drained,
    deserted: viewers.deserted,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Listens where the options say. Returns what it has become; the port is 0 for a Unix socket. */
async function listen(
  server: HttpServer,
  host: string,
  { port, socketPath, socketMode, socketGroup, portFallback = false, tls }: ServerOptions,
): Promise<{ port: number; url: string }> {
  if (socketPath !== undefined) {
    await listenOnSocket(server, resolve(socketPath), { mode: socketMode, group: socketGroup });
    return { port: 0, url: `unix:${resolve(socketPath)}` };
  }
  await listenOnPort(server, host, port, portFallback);
  const { port: actual } = server.address() as AddressInfo;
  const scheme = tls === undefined ? 'http' : 'https';
  return { port: actual, url: `${scheme}://${hostInUrl(nameableHost(host))}:${actual}/` };
}

function linesContext(options: ServerOptions, streams: Streams, viewers: Viewers, finder: Finder): LinesContext {
  const {
    current,
    holdsPages = false,
    retryMs = 2000,
    stallMs = 60_000,
    searchMs = 120_000,
    report = () => {},
  } = options;
  const shared = {
    feeds: createFeeds(),
    blocks: createBlockBudget(),
    packer: createPacker(),
    streams,
    viewers,
    finder,
  };
  return { ...shared, searches: createSearchLimits(), current, holdsPages, retryMs, stallMs, searchMs, report };
}

/** What can stand in a URL for where it listens. */
function nameableHost(host: string): string {
  if (!isWildcard(host)) return host;
  return reachableAddress() ?? (host === '0.0.0.0' ? '127.0.0.1' : '::1');
}
