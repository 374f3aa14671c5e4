import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCode, SseTailError } from '../errors.ts';
import type { Log, LogStore } from '../journal/store.ts';
import { createAttendance } from './attendance.ts';
import { createFeeds } from './feed.ts';
import { createGuard } from './guard.ts';
import { watchHealth } from './health.ts';
import { expectHosts, hostInUrl, isLoopback } from './host.ts';
import { createRoutes } from './routes.ts';
import { createStreams } from './streams.ts';

export interface ServerOptions {
  store: LogStore;
  /** The log that the resources outside `/logs/` are about; may change. */
  current: () => Log | undefined;
  /** Folder of the built page. */
  viewerDir: string;
  version: string;
  /** A loopback address or `localhost`. */
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Take the next free port where the given one is taken. */
  portFallback?: boolean;
  /** Further names (with a port where only that one is meant) under which the agent may be asked. */
  allowHosts?: readonly string[];
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
  /** Gets errors that nobody expected. */
  report?: (error: unknown) => void;
}

/** Serves logs over HTTP: docs/http-api.md. */
export interface Server {
  /** Where it answers, e.g. `http://127.0.0.1:7730/`. */
  readonly url: string;
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

/** How many ports are tried, from the given one on. */
const portsTried = 100;
const maxConnections = 10_000;

/** @throws SseTailError kind `usage` for a host that others can reach, `address` when it can't be listened on */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { store, current, viewerDir, version, pingMs = 15_000, graceMs = 1000, report = () => {} } = options;
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  if (!isLoopback(host)) {
    const message = `Host: expected a loopback address (127.0.0.1, ::1 or localhost), given ${JSON.stringify(host)}. Anyone who reached it could read the log.`;
    throw new SseTailError('usage', message, { option: 'host', given: host });
  }

  const streams = createStreams();
  const attendance = createAttendance();
  const health = watchHealth(current);
  const app = createRoutes({
    store,
    guard: createGuard({ hosts: expectHosts(host, options.allowHosts ?? []) }),
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
  const server = createHttpServer(
    {
      // A half-open connection is noticed by TCP's own probes: a stream that has nothing to say would never find out.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      // How long a request may take to arrive; there are no bodies. Responses are not limited by them.
      headersTimeout: 10_000,
      requestTimeout: 20_000,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 16 * 1024,
    },
    app,
  );
  server.maxConnections = maxConnections;

  try {
    await listen(server, host, options.port, options.portFallback ?? false);
  } catch (error) {
    health.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const pings = setInterval(streams.ping, pingMs);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    clearInterval(pings);
    health.close();
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
    url: `http://${hostInUrl(host)}:${port}/`,
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

async function listen(server: HttpServer, host: string, port: number, fallback: boolean): Promise<void> {
  const lastPort = fallback && port !== 0 ? Math.min(port + portsTried - 1, 65_535) : port;
  for (let tried = port; ; tried++) {
    try {
      await listenOnce(server, host, tried);
      return;
    } catch (error) {
      const isTaken = errorCode(error) === 'EADDRINUSE';
      if (isTaken && tried < lastPort) continue;
      const address = `${hostInUrl(host)}:${tried === port ? port : `${port} to ${tried}`}`;
      const reason = isTaken ? 'taken' : (errorCode(error) ?? String(error));
      throw new SseTailError('address', `${address} can't be listened on: ${reason}.`, { host, port: tried }, error);
    }
  }
}

function listenOnce(server: HttpServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
