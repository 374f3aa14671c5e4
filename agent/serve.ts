import { resolve } from 'node:path';
import { createFileStore } from './journal/file-store.ts';
import { stateDir } from './journal/state-dir.ts';
import type { Log, LogStore } from './journal/store.ts';
import { version, viewerDir } from './package.ts';
import { createServer, type Server } from './server/server.ts';

/** Where and how logs are served. */
export interface ServingOptions {
  /** Address to listen on (default 127.0.0.1). */
  host?: string;
  /** Port to listen on; 0 picks a free one. Without it: 7730, or the next free one after that. */
  port?: number;
  /** Pages stay connected when a log has ended, so that it shows when they are closed. */
  once?: boolean;
  /** Takes what the person who runs the agent should know: one sentence at a time. */
  report?: (sentence: string) => void;
}

const defaultPort = 7730;

/** Serves the logs of a store. @param current the log that is shown where none is asked for; may change */
export function serveStore(
  store: LogStore,
  current: () => Log | undefined,
  { host = '127.0.0.1', port, once = false, report = () => {} }: ServingOptions,
): Promise<Server> {
  return createServer({
    store,
    current,
    viewerDir,
    version,
    host,
    port: port ?? defaultPort,
    portFallback: port === undefined,
    holdsPages: once,
    report: (error) => report(`A request could not be answered: ${error instanceof Error ? error.message : error}`),
  });
}

/** The page of all kept logs. */
export interface LogServer {
  /** Where the list of logs is. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves every log that is kept in `dir` (default `$XDG_STATE_HOME/sse-tail`), live where an agent on this machine is
 * writing it. Writes nothing.
 *
 * @throws SseTailError kind `usage` (host), `address` (port taken), `journal`
 */
export async function serveLogs({ dir, ...serving }: ServingOptions & { dir?: string } = {}): Promise<LogServer> {
  const store = await createFileStore({
    dir: dir === undefined ? stateDir(process.env) : resolve(dir),
    retainAllBytes: Number.POSITIVE_INFINITY,
  });
  try {
    const server = await serveStore(store, () => undefined, serving);
    return {
      url: server.url,
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
