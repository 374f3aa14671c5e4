import type { Response } from 'express';
import type { LineQuery } from '../../finding/line-query.ts';
import type { SearchControl } from '../../finding/search.ts';
import type { Finder } from '../../finding/thread/finder.ts';
import { idAt, visitEvents } from '../../frame/scan.ts';
import type { LogStore } from '../../journal/store.ts';
import { visibleText } from '../../text/escapes/strip.ts';
import { defined } from '../../words/defined.ts';
import { SseTailError } from '../../words/errors.ts';
import type { FoundLine, FoundLog } from '../../words/finding.ts';
import type { Origin } from '../../words/line.ts';
import { isFinished, type LogSummary } from '../../words/log.ts';
import { inTime } from '../answers/in-time.ts';
import { sendJson } from './json.ts';
import type { LinesContext } from './respond.ts';

const ndjson = 'application/x-ndjson';
const linesShown = 3;
/** A search that takes longer is given up. */
const mostMs = 60_000;

/**
 * Answers `logs` where lines are looked for: all of them, newest first, with what is found in each. As JSON
 * lines, where a request prefers them, each log comes when it was looked through.
 *
 * @throws SseTailError kind `request`, status 503, where it takes too long
 */
export async function sendFoundLogs(
  response: Response,
  store: LogStore,
  query: LineQuery,
  { finder, searches, packer }: LinesContext,
): Promise<void> {
  const found: FoundLog[] = [];
  const preferred = response.req.accepts(['application/json', ndjson]);
  const isStream = preferred === ndjson;
  response.vary('Accept');
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.type(isStream ? `${ndjson}; charset=utf-8` : 'json');
  if (isStream) response.setHeader('X-Accel-Buffering', 'no');
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  searches.admit(response);
  if (isStream) response.flushHeaders();
  const isDone = await inTime(response, mostMs, async (signal) => {
    for (const summary of await store.list()) {
      const inLog = signal.aborted ? undefined : await findIn(summary, store, query, finder, signal);
      if (signal.aborted) return false;
      if (inLog === undefined) continue;
      if (isStream) response.write(`${JSON.stringify(inLog)}\n`);
      else found.push(inLog);
    }
    return true;
  });
  if (response.closed) return;
  const message = `The search took longer than ${mostMs / 1000} s and was stopped. Search less (since, or one log).`;
  if (!isDone && !isStream) throw new SseTailError('request', message, { status: 503, retryAfter: 10 });
  if (!isDone) response.end(`${JSON.stringify({ error: message })}\n`);
  else if (isStream) response.end();
  else await sendJson(response, JSON.stringify(found), packer);
}

/** Undefined where the log was just removed. */
async function findIn(
  summary: LogSummary,
  store: LogStore,
  query: LineQuery,
  finder: Finder,
  signal: AbortSignal,
): Promise<FoundLog | undefined> {
  const log = await store.get(summary.id);
  if (log === undefined) return undefined;
  const { journal, sources } = log;
  const lines: FoundLine[] = [];
  // A reader goes from here to a row of the page, which is a piece of a line; and the whole lines may be megabytes.
  const request = {
    ...{
      query: { ...query, hasLevels: true, isByPiece: true },
      from: journal.firstId,
      to: journal.lastId,
      show: linesShown,
    },
    isComplete: isFinished(log.status),
  };
  const control: SearchControl = {
    send(news) {
      if (news.type === 'lines') lines.push(...linesIn(news.bytes, linesShown - lines.length));
    },
    get isCancelled() {
      return signal.aborted;
    },
  };
  try {
    const whole = { ...request, ...defined({ firstSource: sources[0] }) };
    const { matches } = await finder.search(journal, whole, control, signal);
    return { ...summary, hits: matches, lines, ...defined({ error: journal.unread }) };
  } catch (error) {
    if (!(error instanceof SseTailError && error.kind === 'journal')) throw error;
    // The others can be searched all the same.
    const isGone = (await store.get(summary.id).catch(() => log)) === undefined;
    // Its own sentence names paths of this machine.
    return isGone ? undefined : { ...summary, hits: 0, lines: [], error: "The log can't be read right now." };
  }
}

function linesIn(events: Buffer, most: number): FoundLine[] {
  const lines: FoundLine[] = [];
  let origin: Origin = { time: 0 };
  visitEvents(events, {
    origin(next) {
      origin = next;
    },
    line(start, end, frame) {
      if (lines.length >= most || origin.context) return;
      const text = visibleText(events.toString('utf8', start, end));
      const { time, source, stream, level } = origin;
      lines.push({ id: idAt(events, frame) ?? 0, time, ...defined({ source, stream, level }), text });
    },
  });
  return lines;
}
