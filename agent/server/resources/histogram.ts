import type { Response } from 'express';
import type { Log } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import { SseTailError } from '../../words/errors.ts';
import { isFinished } from '../../words/log.ts';
import { inTime } from '../answers/in-time.ts';
import { sendJson } from './json.ts';
import { parseBuckets, parseSearchQuery } from './query/query.ts';
import type { LinesContext } from './respond.ts';

/** A log of a gigabyte is known by then; of a longer one the newest part. */
const waitMs = 1500;
/** A search that takes longer is given up. */
const mostMs = 30_000;

/**
 * Answers `histogram`.
 *
 * @param search the URL's query
 * @throws SseTailError kind `request`: status 400 that names a parameter, 503 where it takes too long
 */
export async function sendHistogram(
  response: Response,
  log: Log,
  search: string,
  { finder, searches, patterns, packer }: LinesContext,
): Promise<void> {
  const buckets = parseBuckets(search);
  const { from = 1, to = Number.POSITIVE_INFINITY, find } = parseSearchQuery(search, patterns.of(response.req.socket));
  const { journal, sources } = log;
  response.setHeader('Cache-Control', 'no-cache');
  if (response.req.method === 'HEAD') {
    response.type('json').end();
    return;
  }
  searches.admit(response);
  const request = {
    ...{ buckets, from, to: Math.min(to, journal.lastId), waitMs },
    ...defined({ query: find, firstSource: sources[0] }),
    isComplete: Number.isFinite(to) || isFinished(log.status),
  };
  const histogram = await inTime(response, mostMs, async (signal) => {
    const found = await finder.histogram(journal, request, signal);
    return signal.aborted ? undefined : found;
  });
  if (response.closed) return;
  if (histogram === undefined) {
    const message = `The search took longer than ${mostMs / 1000} s and was stopped. Search less of the log (since, from).`;
    throw new SseTailError('request', message, { status: 503, retryAfter: 10 });
  }
  await sendJson(response, JSON.stringify(histogram), packer);
}
