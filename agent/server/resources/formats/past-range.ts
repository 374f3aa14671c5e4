import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { Log } from '../../../journal/store.ts';
import { version } from '../../../system/package.ts';
import type { EventsQuery } from '../query/query.ts';

/** How long a browser may take its own copy without asking: longer than a log is looked at, a day. */
const maxAgeSeconds = 24 * 60 * 60;

/**
 * Marks the answer to `from` and `to` in the past as one that never changes. After the other headers: it replaces their
 * Cache-Control.
 *
 * @param form tells apart what the same lines can be sent as; `events` have more than the lines
 * @param settledTo up to this line nothing that comes later has a say in what is found
 * @returns whether the client has it already: then it is answered, with 304
 */
export function answerKnownPast(
  response: Response,
  log: Log,
  query: EventsQuery,
  { form, settledTo }: { form: string; settledTo: number },
): boolean {
  if (!isPast(log, query, settledTo)) return false;
  const { req } = response;
  const { id, createdAt } = log.info;
  const coding = response.getHeader('Content-Encoding');
  const parts = [
    id,
    createdAt,
    // Others find other levels.
    version,
    query.from,
    query.to,
    form,
    ...whichOf(query),
    ...(coding === undefined ? [] : [coding]),
  ];
  const tag = `"${parts.join('/')}"`;
  // Compressed it holds the same lines, but not the same bytes each time; events begin with how the log is now.
  response.setHeader('ETag', coding === undefined && form !== 'events' ? tag : `W/${tag}`);
  // Without the log's id the same address may lead to another log tomorrow: there a copy has to be asked about.
  const isOfOneLog = req.baseUrl.endsWith(`/logs/${id}`);
  const lifetime = isOfOneLog ? `max-age=${maxAgeSeconds}, immutable` : 'no-cache';
  response.setHeader('Cache-Control', `private, ${lifetime}, no-transform`);
  if (!req.fresh) return false;
  response.status(304).end();
  return true;
}

/** Whether all of its lines are there; which of them are sent depends on nothing but them. */
function isPast({ journal }: Log, { from, to, ...rest }: EventsQuery, settledTo: number): boolean {
  const { tail, limit, find, lastEventId, skim } = rest;
  // An age is counted from now.
  if ([tail, limit, find?.since, find?.until, lastEventId, skim].some((given) => given !== undefined)) return false;
  return from !== undefined && to !== undefined && from >= journal.firstId && to <= settledTo;
}

/** What tells apart the lines that may be selected or found in a range: any text may be part of it. */
function whichOf({ selection, find }: EventsQuery): string[] {
  if (selection === undefined && find === undefined) return [];
  const text = JSON.stringify([selection ?? null, find ?? null]);
  return [createHash('sha256').update(text).digest('base64url').slice(0, 22)];
}
