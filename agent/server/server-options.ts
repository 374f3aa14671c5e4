import type { Log, LogStore } from '../journal/store.ts';
import type { Access } from './guard/access.ts';
import type { ConnectionLimits } from './net/connections.ts';
import type { TlsFiles } from './net/tls.ts';

/** What is served, to whom, and where. */
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
