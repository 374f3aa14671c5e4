import express, { type Express, type Response, Router } from 'express';
import type { Log, LogStore } from '../journal/store.ts';
import { SseTailError } from '../words/errors.ts';
import { isLogId } from '../words/log.ts';
import { createFailureHandler } from './answers/failure.ts';
import type { Guard } from './guard/guard.ts';
import { sendExport } from './resources/export.ts';
import { sendFoundLogs } from './resources/found-logs.ts';
import { sendHealth } from './resources/health.ts';
import { sendHistogram } from './resources/histogram.ts';
import { sendLogList } from './resources/log-list.ts';
import { createMetrics } from './resources/metrics.ts';
import { sendOutline } from './resources/outline.ts';
import type { PageFiles } from './resources/page-files.ts';
import { parseEventsQuery, parseRawQuery, parseSearchQuery } from './resources/query/query.ts';
import { type LinesContext, reachResumed, sendEvents, sendRaw } from './resources/respond.ts';
import { helloOf } from './stream/status.ts';

export interface RoutesOptions {
  store: LogStore;
  guard: Guard;
  pageFiles: PageFiles;
  /** Directory of the built page. */
  viewerDir: string;
  version: string;
  lines: LinesContext;
}

/** The page that lists the logs, among the page's files. */
const logsPage = '/logs.html';

/** All paths: the resources of the current log, and the same under `/logs/<log id>/`. */
export function createRoutes({ store, guard, pageFiles, viewerDir, version, lines }: RoutesOptions): Express {
  const { current, streams, patterns, report } = lines;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', false);
  app.set('strict routing', true);
  app.set('etag', 'strong');
  app.use(guard.first);
  app.use((request, _response, next) => {
    // What a proxy puts between its prefix and the path (`location /tail { proxy_pass http://agent/; }`).
    request.url = request.url.replace(/^\/{2,}/, '/');
    next();
  });
  const health = {
    current,
    admits: guard.admits,
    facts: () => ({ version, subscribers: streams.subscribers, uptimeSeconds: Math.round(process.uptime()) }),
  };
  app.get('/healthz', (request, response) => sendHealth(request, response, health));
  app.use(guard.readers);

  const resources = Router({ strict: true });
  resources.get('/events', async (request, response) => {
    const header = singleHeader(request.headers['last-event-id']);
    const query = parseEventsQuery(searchOf(request.url), header, patterns.of(request.socket));
    const log = logOf(response);
    await reachResumed(log, query);
    if (!response.closed) sendEvents(response, log, query, lines);
  });
  resources.get('/raw', (request, response) => {
    const query = parseRawQuery(searchOf(request.url), patterns.of(request.socket));
    sendRaw(response, logOf(response), query, lines);
  });
  resources.get('/outline', async (request, response) => {
    await sendOutline(response, logOf(response), searchOf(request.url), lines);
  });
  resources.get('/histogram', async (request, response) => {
    await sendHistogram(response, logOf(response), searchOf(request.url), lines);
  });
  resources.get('/export', async (request, response) => {
    const sent = streams.hold();
    await sendExport(response, logOf(response), searchOf(request.url), viewerDir, lines).finally(sent);
  });
  resources.get('/status', (_request, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.json(helloOf(logOf(response), current()));
  });
  resources.get('/logs', async (request, response) => {
    const { find } = parseSearchQuery(searchOf(request.url), patterns.of(request.socket));
    if (find !== undefined) {
      await sendFoundLogs(response, store, find, lines);
      return;
    }
    await sendLogList(response, store, lines.packer);
  });
  const sendMetrics = createMetrics({ current, streams, finder: lines.finder, version });
  resources.get('/metrics', (_request, response) => sendMetrics(response));
  resources.get('/healthz', (request, response) => sendHealth(request, response, health));
  resources.use(pageFiles.serve);

  app.get('/', (request, response, next) => {
    if (current() === undefined) request.url = logsPage;
    response.locals.isRoot = current() === undefined;
    next();
  });
  app.get('/logs', (request, response, next) => {
    response.vary('Accept');
    // `*/*` (curl, fetch) gets the list itself; only a browser that goes there prefers HTML.
    if (request.accepts(['json', 'html']) === 'html') request.url = logsPage;
    next();
  });
  app.get('/logs/:log', (request, response, next) => {
    const { log: id } = request.params;
    if (!isLogId(id)) return next();
    // Relative, so that it holds under a reverse proxy's prefix.
    response.redirect(302, `${id}/${searchOf(request.url)}`);
  });
  app.use('/logs/:log/', async (request, response, next) => {
    const { log: id } = request.params;
    const log = id !== undefined && isLogId(id) ? await store.get(id) : undefined;
    if (log === undefined) throw new SseTailError('request', `There is no log ${JSON.stringify(id)}.`, { status: 404 });
    response.locals.log = log;
    resources(request, response, next);
  });
  app.use((_request, response, next) => {
    response.locals.log = current();
    next();
  }, resources);
  app.use(() => {
    throw new SseTailError('request', 'There is nothing at this path.', { status: 404 });
  });
  app.use(createFailureHandler(report));
  return app;
}

function logOf(response: Response): Log {
  const log = response.locals.log as Log | undefined;
  if (log === undefined) {
    throw new SseTailError('request', 'This agent has no log of its own. See /logs.', { status: 404 });
  }
  return log;
}

/** From the question mark on. */
function searchOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at);
}

function singleHeader(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
