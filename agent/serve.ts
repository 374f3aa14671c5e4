import { resolve } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { createFileStore } from './journal/disk/logs/file-store.ts';
import { stateDir } from './journal/disk/logs/state-dir.ts';
import { parseStoreAddress } from './journal/nats/cluster/store-address.ts';
import type { Log, LogStore } from './journal/store.ts';
import { damageNotice } from './journal/trouble.ts';
import { makeToken } from './server/guard/token.ts';
import { isLoopback } from './server/net/address.ts';
import { withoutPaths } from './server/resources/log-list.ts';
import { createServer, prepareAnswers, type Server } from './server/server.ts';
import type { ServerOptions } from './server/server-options.ts';
import { createPace } from './system/pace.ts';
import { version, viewerDir } from './system/package.ts';
import { parseLinkTemplate } from './text/link-template.ts';
import { defined } from './words/defined.ts';
import { causeWithin, SseTailError } from './words/errors.ts';

/** Where and how logs are served. */
export interface ServingOptions {
  /** Address to listen on (default 127.0.0.1). */
  host?: string;
  /** Port to listen on; 0 picks a free one. Without it: 7730, or the next free one after that. */
  port?: number;
  /**
   * Path of a Unix socket to listen on instead of an address; unless `socketMode` allows more, only its owner can
   * connect.
   */
  socket?: string;
  /** Permissions of the socket (default 0o600; 0o660 with a group), and the group's name or number. */
  socketMode?: number;
  socketGroup?: string;
  /** Serve over TLS: paths of the certificate and its key, in PEM format. */
  tls?: { cert: string; key: string };
  /**
   * Required of clients; at least 16 characters. Without it one is generated where others can connect: see `entryUrl`.
   */
  token?: string;
  /** False: whoever can connect is let in. */
  auth?: boolean;
  /** Further host names to answer to, such as that of a reverse proxy; with a port, only on that port. */
  allowHosts?: string[];
  /** Other origins whose pages may read: `https://ci.example.com`. */
  allowOrigins?: string[];
  /** Viewers may see where followed files and working directories are on this machine. */
  showPaths?: boolean;
  /**
   * Where paths with a line number lead that lines name: `vscode://file/{path}:{line}:{column}`. Viewers get to see it.
   * Relative paths are taken from the working directory only with `showPaths`, as viewers would see that.
   */
  linkTemplate?: string;
  /** Pages stay connected when a log has ended, so that it shows when they are closed. */
  once?: boolean;
  /** Takes what the person who runs the agent should know: one sentence at a time. */
  report?: (sentence: string) => void;
}

const defaultHost = '127.0.0.1';
const defaultPort = 7730;

/**
 * Serves the logs of a store.
 *
 * @param current the log that is shown where none is asked for; may change
 * @param options see `withToken`
 */
export function serveStore(store: LogStore, current: () => Log | undefined, options: ServingOptions): Promise<Server> {
  const { host = defaultHost, port, socket, socketMode, socketGroup, tls, once = false, report = () => {} } = options;
  const access = accessOf(options);
  const linkTemplate = checkedTemplate(options.linkTemplate);
  if (access === 'open') report(`--no-auth: anyone who can reach ${host} can read everything served here.`);
  return createServer({
    store: options.showPaths ? store : withoutPaths(store),
    current,
    viewerDir,
    version,
    host,
    port: port ?? defaultPort,
    portFallback: port === undefined,
    ...defined({ socketPath: socket, socketMode, socketGroup, access }),
    ...defined({ tls: tls && { certPath: tls.cert, keyPath: tls.key } }),
    allowHosts: options.allowHosts ?? [],
    allowOrigins: options.allowOrigins ?? [],
    holdsPages: once,
    pageData: (log) => defined({ linkTemplate, linkBase: options.showPaths ? log?.info.cwd : undefined }),
    report: (error) => report(`A request could not be answered: ${causeWithin(error).replace(/\.$/, '')}.`),
    warn: report,
  });
}

function checkedTemplate(template: string | undefined): string | undefined {
  if (template === undefined || parseLinkTemplate(template) !== undefined) return template;
  const expected = 'a URL with {path} that runs no script, such as vscode://file/{path}:{line}';
  throw new SseTailError('usage', `linkTemplate expects ${expected}, but got ${JSON.stringify(template)}.`);
}

/** With the token that is required: where others can connect one is generated unless `auth` is false. */
export function withToken<Options extends ServingOptions>(options: Options): Options {
  const { auth = true, token } = options;
  return auth && token === undefined && !isPrivate(options) ? { ...options, token: makeToken() } : options;
}

function accessOf(options: ServingOptions): ServerOptions['access'] {
  const { token, auth = true } = options;
  if (!auth) return isPrivate(options) ? undefined : 'open';
  return token === undefined ? undefined : { token };
}

function isPrivate({ host = defaultHost, socket }: ServingOptions): boolean {
  return socket !== undefined || isLoopback(host);
}

/**
 * Reading drops nothing, however much is kept: how much may be kept in all is the writers' affair.
 *
 * @throws SseTailError kind `usage` (store), `journal`
 */
export async function openKeptLogs(
  { dir, store, natsCreds }: KeptLogs,
  report: (sentence: string) => void,
  isGateway = false,
): Promise<LogStore> {
  if (store !== undefined) {
    // Its packages take time and memory, and need not be installed.
    const { openNatsStore } = await import('./journal/nats/logs/nats-store.ts');
    return openNatsStore({
      address: parseStoreAddress(store),
      ...defined({ credentials: natsCreds }),
      ...(isGateway ? defined({ cacheDir: cacheDirectory('gateways'), report }) : {}),
    });
  }
  return createFileStore({
    dir: dir === undefined ? stateDir(process.env) : resolve(dir),
    onlyReads: true,
    retainAllBytes: Number.POSITIVE_INFINITY,
    // Whoever prints lines has nothing else to do while they are read.
    ...(isGateway ? {} : { pace: createPace() }),
    onDamage: (damage) => report(damageNotice(damage)),
  });
}

/** The page of all kept logs. */
export interface LogServer {
  /** Where the list of logs is. */
  readonly url: string;
  /** The same with the token, where one is needed: what a person has to open. */
  readonly entryUrl: string;
  /** The URL to start a browser with: arguments are no secret, so it has a code that lets in once. */
  openingUrl(): string;
  close(): Promise<void>;
}

/** Which logs: those in a directory, or those of many machines. */
export interface KeptLogs {
  /** Where logs are kept (default `$XDG_STATE_HOME/sse-tail`). */
  dir?: string;
  /** The NATS cluster to which agents publish (`nats://host:4222`), instead of a directory. */
  store?: string;
  /** Path of a NATS credentials file. */
  natsCreds?: string;
}

/**
 * Serves every log that is kept in `dir`, live where an agent on this machine is writing it, or every log in a `store`,
 * live whatever machine its agent runs on. Writes nothing.
 *
 * @throws SseTailError kind `usage` (host, store), `address` (port taken), `journal`
 */
export async function serveLogs({
  dir,
  store: url,
  natsCreds,
  ...serving
}: ServingOptions & KeptLogs = {}): Promise<LogServer> {
  const report = serving.report ?? (() => {});
  // While the store is awaited; the first request tells of what can't be loaded.
  const prepared = prepareAnswers().catch(() => undefined);
  const store = await openKeptLogs(defined({ dir, store: url, natsCreds }), report, true);
  await prepared;
  try {
    const server = await serveStore(store, () => undefined, withToken(serving));
    return {
      url: server.url,
      entryUrl: server.entryUrl,
      openingUrl: server.openingUrl,
      async close() {
        await server.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
