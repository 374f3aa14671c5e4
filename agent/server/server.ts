import type { Server as HttpServer, RequestListener } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { inQuietMoment, type Moment } from '../system/quiet-moment.ts';
import type { App } from './app.ts';
import { isToken, refuseUnsafe } from './guard/access.ts';
import { createEntryCodes, entry } from './guard/entry-codes.ts';
import { tokenInUrl } from './guard/token.ts';
import { hostInUrl, isWildcard } from './net/address.ts';
import { answerClientErrors } from './net/client-errors.ts';
import { defaultLimits, limitConnections } from './net/connections.ts';
import { createMessages } from './net/express-messages.ts';
import { closeGracefully, createNodeServer } from './net/http-server.ts';
import { listenOnPort, listenOnSocket } from './net/listen.ts';
import { reachableAddress } from './net/own-addresses.ts';
import { followTls } from './net/tls.ts';
import type { ServerOptions } from './server-options.ts';
import { createStreams } from './stream/stream-registry.ts';
import { createViewers } from './stream/viewers.ts';

/** Serves logs over HTTP: docs/http-api.md. */
export interface Server {
  /** Where it answers, e.g. `http://127.0.0.1:7730/`; `unix:/run/me/build.sock` for a socket. */
  readonly url: string;
  /** The URL with the token, where there is one: what a person has to open. */
  readonly entryUrl: string;
  /** The URL to start a browser with: in place of the token it has a code that lets in once. */
  openingUrl(): string;
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
 * When Express and what answers requests is loaded, if no request comes before. It takes 50 ms: amid a burst of lines,
 * which often comes first, it would be a quarter of the burst's time. And not only when somebody asks: until then an
 * update may have replaced the program's files.
 */
const appLoads: Moment = { afterMs: 500, atLatestMs: 5000 };

/** Loads what answers requests before any comes: for who does nothing else. */
export async function prepareAnswers(): Promise<void> {
  await import('./app.ts');
}

/**
 * @throws SseTailError kind `usage` for a host that others can reach without `access`, a short token or bad TLS files;
 * `address` when it can't be listened on
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { pingMs = 15_000, graceMs = 1000, socketPath, tls, access, warn = () => {}, report = () => {} } = options;
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  refuseUnsafe(host, access, socketPath);

  const streams = createStreams();
  const viewers = createViewers();
  const codes = createEntryCodes();
  const messages = createMessages();
  let loaded: Promise<App> | undefined;
  let answer: RequestListener = (request, response) => {
    void loadApp().then(
      ({ handle }) => handle(request, response),
      (error) => {
        report(error);
        response.writeHead(500).end();
      },
    );
  };
  const node = await createNodeServer({ tls, headersMs: options.headersMs ?? 10_000 }, messages, (request, response) =>
    answer(request, response),
  );
  const connections = limitConnections(node, { ...defaultLimits, ...options.limits });
  answerClientErrors(node);
  const { port, url } = await listen(node, host, options);
  // Nobody has asked yet: who does gets to know of what can't be loaded.
  const dontLoad = inQuietMoment(appLoads, () => void loadApp().catch(() => undefined));
  const certificates = tls && followTls(node as HttpsServer, tls, warn, options.tlsLookMs);
  const pings = setInterval(streams.ping, pingMs);
  const hasEntry = isToken(access) && socketPath === undefined;
  let closing: Promise<void> | undefined;

  function loadApp(): Promise<App> {
    loaded ??= import('./app.ts').then(({ createApp }) => {
      const app = createApp(options, { streams, viewers, codes, connections });
      messages.belongTo(app.handle);
      answer = app.handle;
      return app;
    });
    return loaded;
  }

  async function close(): Promise<void> {
    dontLoad();
    clearInterval(pings);
    certificates?.close();
    const closed = closeGracefully(node, graceMs);
    streams.stop();
    await closed;
    await (await loaded?.catch(() => undefined))?.close();
  }

  return {
    url,
    entryUrl: hasEntry ? `${url}?token=${tokenInUrl(access.token)}` : url,
    openingUrl: () => (hasEntry ? `${url}?${entry}=${codes.make()}` : url),
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

/** What can stand in a URL for where it listens. */
function nameableHost(host: string): string {
  if (!isWildcard(host)) return host;
  return reachableAddress() ?? (host === '0.0.0.0' ? '127.0.0.1' : '::1');
}
