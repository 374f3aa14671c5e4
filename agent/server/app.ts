import type { Express } from 'express';
import { createFinder } from '../finding/thread/finder.ts';
import { createPacker } from './encoding/packer.ts';
import { tokenAccess } from './guard/access.ts';
import type { EntryCodes } from './guard/entry-codes.ts';
import { createGuard } from './guard/guard.ts';
import { expectHosts } from './guard/host.ts';
import { createPatternChecks } from './limits/pattern-checks.ts';
import { createSearchLimits } from './limits/search-limits.ts';
import type { Connections } from './net/connections.ts';
import { firstEvents } from './resources/first-events.ts';
import { createPageFiles } from './resources/page-files.ts';
import type { LinesContext } from './resources/respond.ts';
import { createRoutes } from './routes.ts';
import type { ServerOptions } from './server-options.ts';
import { createBlockBudget } from './stream/block-budget.ts';
import { createFeeds } from './stream/feed.ts';
import { helloOf } from './stream/status.ts';
import type { Streams } from './stream/stream-registry.ts';
import type { Viewers } from './stream/viewers.ts';

/** What the server keeps for the app: it counts who is connected, whether or not anybody has asked yet. */
export interface AppContext {
  streams: Streams;
  viewers: Viewers;
  codes: EntryCodes;
  /** Counts them, and answers for those that are too many. */
  connections: Connections;
}

/** What answers requests. */
export interface App {
  handle: Express;
  close(): Promise<void>;
}

/** Everything behind the socket, in a module of its own: an agent that nobody asks does not load it. */
export function createApp(options: ServerOptions, { streams, viewers, codes, connections }: AppContext): App {
  const { store, viewerDir, version, tls, access, warn = () => {} } = options;
  const {
    current,
    holdsPages = false,
    retryMs = 2000,
    stallMs = 60_000,
    searchMs = 120_000,
    report = () => {},
  } = options;
  const finder = createFinder();
  const pageFiles = createPageFiles(viewerDir, {
    attributes: options.pageData ?? (() => ({})),
    // Pages are held by their streams, also by those of a finished log.
    firstEvents: async (log) => (holdsPages ? [] : firstEvents(log, helloOf(log, current()))),
  });
  const lines: LinesContext = {
    ...{ feeds: createFeeds(), blocks: createBlockBudget(), packer: createPacker(), streams, viewers, finder },
    ...{ searches: createSearchLimits(), patterns: createPatternChecks() },
    ...{ current, holdsPages, retryMs, stallMs, searchMs, report },
  };
  const guard = createGuard({
    connections,
    hosts: expectHosts({ allowed: options.allowHosts ?? [], defaultPort: tls === undefined ? '80' : '443' }),
    allowOrigins: options.allowOrigins ?? [],
    access: tokenAccess(access, tls !== undefined, codes, warn),
    isPublic: pageFiles.isPublic,
  });
  return {
    handle: createRoutes({ store, guard, pageFiles, viewerDir, version, lines }),
    close: finder.close,
  };
}
