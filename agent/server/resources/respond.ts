import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import { recordLines, recordReach } from '../../finding/line-query.ts';
import type { Finder } from '../../finding/thread/finder.ts';
import type { Log } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import { isFinished } from '../../words/log.ts';
import { isRefusal } from '../answers/failure.ts';
import type { Coding } from '../encoding/coding.ts';
import { negotiateCoding } from '../encoding/negotiate.ts';
import type { Packer } from '../encoding/packer.ts';
import type { PatternChecks } from '../limits/pattern-checks.ts';
import type { SearchLimits } from '../limits/search-limits.ts';
import { createCountingOutlet, holdToLength } from '../socket/counting-outlet.ts';
import type { Outlet } from '../socket/outlet.ts';
import { openOutlet } from '../socket/socket-outlet.ts';
import type { BlockBudget } from '../stream/block-budget.ts';
import type { Feeds } from '../stream/feed.ts';
import { createFiltered } from '../stream/filtered.ts';
import type { Format } from '../stream/format.ts';
import { type Extent, type LinesQuery, type Range, rangeAfter, rangeOf } from '../stream/range.ts';
import { createSkim } from '../stream/skim.ts';
import { helloOf } from '../stream/status.ts';
import { createStream, type Stream } from '../stream/stream.ts';
import type { Streams } from '../stream/stream-registry.ts';
import type { Viewers } from '../stream/viewers.ts';
import { eventsBegin, eventsFormat, setEventsHeaders, wantsEvents } from './formats/events.ts';
import { createDataFormat, dataTypeOf, setDataHeaders } from './formats/lines.ts';
import { answerKnownPast } from './formats/past-range.ts';
import { createRawFormat, setRawHeaders } from './formats/raw.ts';
import type { EventsQuery, FoundLinesQuery, RawQuery } from './query/query.ts';
import { createSearchStream } from './search/search-stream.ts';

/** What all responses with lines share. */
export interface LinesContext {
  feeds: Feeds;
  blocks: BlockBudget;
  packer: Packer;
  finder: Finder;
  searches: SearchLimits;
  patterns: PatternChecks;
  streams: Streams;
  viewers: Viewers;
  current: () => Log | undefined;
  /** Pages stay connected to a finished log, so that it can be seen when they are closed. */
  holdsPages: boolean;
  /** Milliseconds after which a client comes back, before jitter. */
  retryMs: number;
  /** Milliseconds without progress after which a client is disconnected. */
  stallMs: number;
  /** Milliseconds that one look through a log's history may take. */
  searchMs: number;
  /** Gets errors that come when it is too late for a status. */
  report: (error: unknown) => void;
}

/**
 * Answers `events`. Nobody waits for the end: a router that did would hold on to all that it made on the way, 2 KB a
 * client.
 */
export function sendEvents(response: Response, log: Log, asked: EventsQuery, context: LinesContext): void {
  const dataType = dataTypeOf(response.req, asked);
  const query = dataType === undefined ? asked : withLevels(asked);
  const lastEventId = idInThis(log, query);
  const stays = context.holdsPages && wantsEvents(response.req) && isOpenEnded(query);
  const extent = stays ? { ...extentOf(log), isFinished: false } : extentOf(log);
  const range =
    lastEventId === undefined
      ? { ...rangeOf(counted(query), extent), isReset: isOfAnother(log, query) }
      : rangeAfter(lastEventId, query, extent);
  if (range === 'complete') {
    response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
    return;
  }
  const leaveSearch = admitSearch(response, query, context);
  response.vary('Accept');
  if (dataType === undefined) setEventsHeaders(response);
  else setDataHeaders(response, dataType, query, log);
  const kind = dataType === undefined ? 'events' : 'raw';
  const coding = codingFor(response, kind);
  if (answerKnownPast(response, log, query, { form: dataType ?? 'events', settledTo: settledTo(log, query) })) return;
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const needsBefore = dataType !== undefined && query.find === undefined;
  const reset = range.isReset ? { first: extent.first, last: extent.last } : undefined;
  const format = (before: readonly Buffer[]) =>
    dataType === undefined
      ? eventsFormat
      : createDataFormat(dataType, log, query, needsBefore ? before : undefined, reset);
  void sendLines({ response, log, query, range, needsBefore, format, kind, coding, stays, leaveSearch, context });
}

/** An id of another log, which the client has reconnected from, is past the end of this one. */
function idInThis(log: Log, query: EventsQuery): number | undefined {
  const { lastEventId } = query;
  return lastEventId !== undefined && isOfAnother(log, query) ? Number.POSITIVE_INFINITY : lastEventId;
}

/** Whether it asks for another log than this one. */
function isOfAnother({ info }: Log, { log }: EventsQuery): boolean {
  return log !== undefined && log !== info.id;
}

/** Before it is said that a client's last line was never one of the log's, its writer has a say. */
export async function reachResumed(log: Log, query: EventsQuery): Promise<void> {
  const lastEventId = idInThis(log, query);
  if (lastEventId !== undefined && lastEventId > log.journal.lastId && Number.isFinite(lastEventId))
    await log.reach?.(lastEventId);
}

/** Answers `raw`, in the same way. */
export function sendRaw(response: Response, log: Log, query: RawQuery, context: LinesContext): void {
  const leaveSearch = admitSearch(response, query, context);
  setRawHeaders(response, query, log);
  const coding = codingFor(response, 'raw');
  if (
    answerKnownPast(response, log, query, { form: query.strip ? 'stripped' : 'raw', settledTo: settledTo(log, query) })
  )
    return;
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const range = rangeOf(counted(query), extentOf(log));
  const format = () => createRawFormat(query);
  const common = { needsBefore: false, kind: 'raw', stays: false } as const;
  void sendLines({ ...common, response, log, query, range, format, coding, leaveSearch, context });
}

/** Records that the last lines belong to may go on, and change what those are. */
function settledTo({ journal, status }: Log, { find }: FoundLinesQuery): number {
  return journal.lastId - (find === undefined || isFinished(status) ? 0 : recordReach(find));
}

/** Where an answer has to say how long it is, the lines are counted as they are. */
function codingFor(response: Response, kind: 'events' | 'raw'): Coding | undefined {
  if (kind === 'raw' && response.req.httpVersion === '1.0') return undefined;
  return negotiateCoding(response);
}

/** Before the headers: a refusal has headers of its own. */
function admitSearch(response: ServerResponse, { find }: FoundLinesQuery, { searches }: LinesContext) {
  return find === undefined || response.req.method === 'HEAD' ? undefined : searches.admit(response);
}

interface LinesResponse {
  response: ServerResponse;
  log: Log;
  query: EventsQuery;
  range: Range;
  /** Anew for each time that the lines are gone through: a format knows what it has begun. */
  format: (before: readonly Buffer[]) => Format;
  /** What the first lines are part of is said by those before them. */
  needsBefore: boolean;
  kind: 'events' | 'raw';
  /** How it is compressed, where it is. */
  coding: Coding | undefined;
  /** Continues after the end of the log until the client leaves. */
  stays: boolean;
  /** Of a search: gives its place to others before the response ends. */
  leaveSearch: (() => void) | undefined;
  context: LinesContext;
}

/** Never rejects. */
async function sendLines(lines: LinesResponse): Promise<void> {
  const { response, log, query, range, kind, coding, context } = lines;
  const { packer, streams, viewers, current, retryMs, stallMs, report } = context;
  forgetWay(response.req);
  let remove: (() => void) | undefined;
  let leave: (() => void) | undefined;
  let stream: Stream | undefined;
  try {
    const before = lines.needsBefore ? await linesBefore(log, range) : [];
    const length = needsLength(lines) ? await lengthOf(lines, before) : undefined;
    if (length === 'cut') {
      response.destroy();
      return;
    }
    if (length !== undefined) {
      response.setHeader('Content-Length', length);
      response.shouldKeepAlive = false;
    }
    const opened = openOutlet(response, {
      stallMs,
      ...(coding !== undefined && { packing: { coding, packer } }),
      onClose() {
        stream?.stop();
        remove?.();
        leave?.();
      },
    });
    if (opened === undefined) return;
    const outlet = length === undefined ? opened : holdToLength(opened, length);
    stream = streamOf(lines, before, outlet);
    // Its format has read them, and may live for days.
    before.length = 0;
    remove = streams.add(stream, log, kind);
    if (isOpenEnded(query)) leave = viewers.enter();
    if (kind === 'events') outlet.write(eventsBegin(helloOf(log, current()), range, retryMs));
    await stream.run();
  } catch (error) {
    // Too late for a status: the response must not look complete.
    response.destroy();
    if (!isRefusal(error)) report(error);
  }
}

/**
 * HTTP/1.0 has no chunks, and nginx speaks it to agents unless told otherwise: without a length the end of a
 * connection that broke is taken for the end of the answer. Events have an end of their own.
 */
function needsLength({ response: { req }, log, range, kind }: LinesResponse): boolean {
  return req.httpVersion === '1.0' && kind === 'raw' && range.endId <= log.journal.lastId;
}

/** Costs reading the lines twice; they can't be kept until their length is known. `cut`: there is no whole answer. */
async function lengthOf(lines: LinesResponse, before: readonly Buffer[]): Promise<number | 'cut'> {
  const { response } = lines;
  const outlet = createCountingOutlet(() => !response.closed);
  const stream = streamOf({ ...lines, leaveSearch: undefined }, before, outlet);
  const stop = () => stream.stop();
  response.once('close', stop);
  await stream.run().finally(() => response.off('close', stop));
  return outlet.isCut ? 'cut' : outlet.bytes;
}

function streamOf(
  { log, query, range, format, stays, leaveSearch, context }: LinesResponse,
  before: readonly Buffer[],
  outlet: Outlet,
): Stream {
  const { streams, feeds, blocks, finder, searchMs } = context;
  const { selection, find, lastEventId } = query;
  const optional = defined({
    skim: skimOf(query, range, log),
    tail: lastEventId === undefined ? query.tail : undefined,
    filtered: selection && createFiltered(selection, log, range.nextId - 1),
  });
  const common = { log, feeds, range, format: format(before), outlet, stays, ...optional };
  if (find === undefined) return createStream({ ...common, blocks, onCaughtUp: streams.caughtUp });
  return createSearchStream({
    ...common,
    finder,
    searchMs,
    query: find,
    isClosed: query.to !== undefined,
    isResumed: lastEventId !== undefined && !range.isReset,
    ...defined({ from: query.from }),
    onCaughtUp() {
      leaveSearch?.();
      streams.caughtUp();
    },
  });
}

/** Lines for programs say the level of their records, of which a search may find only a part. */
function withLevels(query: EventsQuery): EventsQuery {
  const { find, selection, tail } = query;
  if (find !== undefined) return { ...query, find: { ...find, hasLevels: true } };
  // Where the last ones of these begin is found out later.
  if (selection === undefined || tail === undefined) return query;
  return { ...query, find: { selection, not: [], before: 0, after: 0, hasLevels: true } };
}

/** Of lines that are longer than those of records are, the newest are enough. */
const mostBytesBefore = 1024 * 1024;

/** As many as may have a say in what the first line of a range is part of. */
async function linesBefore({ journal }: Log, { nextId }: Range): Promise<Buffer[]> {
  const from = Math.max(journal.firstId, nextId - recordLines);
  const to = Math.min(nextId - 1, journal.lastId);
  const blocks: Buffer[] = [];
  let bytes = 0;
  if (to < nextId - 1 || from > to) return blocks;
  const cursor = journal.read(from, to);
  try {
    for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
      if (reading.type === 'gap') continue;
      blocks.push(Buffer.from(reading.bytes));
      bytes += reading.bytes.length;
      reading.release();
      while (bytes > mostBytesBefore && blocks.length > 1) bytes -= (blocks.shift() as Buffer).length;
    }
  } finally {
    cursor.close();
  }
  return blocks;
}

/** Express leaves it with the request: closures of every router that it came through. */
function forgetWay(request: IncomingMessage & { next?: unknown }): void {
  request.next = undefined;
}

/** Whoever asks for a part of a log looks something up; who asks for all that will come is a viewer. */
function isOpenEnded({ follow, to, limit }: LinesQuery): boolean {
  return follow && to === undefined && limit === undefined;
}

/** Of what is found the last so many are asked for, not what is found in the last so many. */
function counted(query: FoundLinesQuery): FoundLinesQuery {
  return query.find === undefined ? query : { ...query, selection: query.selection ?? {} };
}

function skimOf({ skim, tail, lastEventId, selection, find }: EventsQuery, { nextId }: Range, { journal }: Log) {
  if (skim === undefined) return undefined;
  const isTailGiven = tail !== undefined && lastEventId === undefined;
  const tailLines = selection === undefined && find === undefined ? Math.max(0, journal.lastId - nextId + 1) : tail;
  return createSkim(skim, isTailGiven ? tailLines : 0);
}

function extentOf({ journal, status }: Log): Extent {
  return { first: journal.firstId, last: journal.lastId, isFinished: isFinished(status) };
}
