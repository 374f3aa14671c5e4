import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../journal/store.ts';
import { isFinished } from '../../words/log.ts';
import { openOutlet } from '../socket/outlet.ts';
import type { Feeds } from '../stream/feed.ts';
import type { Form } from '../stream/format.ts';
import { type Extent, type Range, rangeAfter, rangeOf } from '../stream/range.ts';
import { createSieve } from '../stream/sieve.ts';
import { createSkim } from '../stream/skim.ts';
import { createStream, type Stream } from '../stream/stream.ts';
import type { Streams } from '../stream/stream-registry.ts';
import type { Attendance } from '../stream/viewers.ts';
import { eventsBegin, eventsForm, helloOf, setEventsHeaders } from './events.ts';
import type { EventsQuery, LinesQuery, RawQuery } from './query.ts';
import { createRawForm, setRawHeaders } from './raw.ts';

/** What all responses that give lines share. */
export interface LinesContext {
  feeds: Feeds;
  streams: Streams;
  attendance: Attendance;
  current: () => Log | undefined;
  /** Pages stay connected to a finished log, so that it can be seen when they are closed. */
  holdsPages: boolean;
  /** Milliseconds after which a client comes back, before jitter. */
  retryMs: number;
  /** Milliseconds without progress after which a client is disconnected. */
  stallMs: number;
  /** Gets errors that come when it is too late for a status. */
  report: (error: unknown) => void;
}

/** Answers `events`. Nobody waits for the end: a router that did would hold on to all that it made on the way, 2 KB a client. */
export function giveEvents(response: ServerResponse, log: Log, query: EventsQuery, context: LinesContext): void {
  const { lastEventId } = query;
  const stays = context.holdsPages && isPage(response.req) && isOpenEnded(query);
  const extent = stays ? { ...extentOf(log), isFinished: false } : extentOf(log);
  const range = lastEventId === undefined ? rangeOf(query, extent) : rangeAfter(lastEventId, query, extent);
  if (range === 'complete') {
    response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
    return;
  }
  setEventsHeaders(response);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  void giveLines({ response, log, query, range, form: eventsForm, kind: 'events', stays, context });
}

/** Answers `raw`, in the same way. */
export function giveRaw(response: ServerResponse, log: Log, query: RawQuery, context: LinesContext): void {
  setRawHeaders(response, query, log);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const range = rangeOf(query, extentOf(log));
  void giveLines({ response, log, query, range, form: createRawForm(query), kind: 'raw', stays: false, context });
}

interface Giving {
  response: ServerResponse;
  log: Log;
  query: EventsQuery;
  range: Range;
  form: Form;
  kind: 'events' | 'raw';
  /** Goes on after the end of the log until the client leaves. */
  stays: boolean;
  context: LinesContext;
}

/** Never rejects. */
async function giveLines({ response, log, query, range, form, kind, stays, context }: Giving): Promise<void> {
  const { streams, feeds, attendance, current, retryMs, stallMs, report } = context;
  forgetWay(response.req);
  let remove: (() => void) | undefined;
  let leave: (() => void) | undefined;
  let stream: Stream | undefined;
  try {
    const outlet = await openOutlet(response, {
      stallMs,
      onClose() {
        stream?.stop();
        remove?.();
        leave?.();
      },
    });
    if (outlet === undefined) return;
    const skim = skimOf(query, range, log);
    const { selection, tail } = query;
    const sieve = selection && createSieve(selection, log, range.nextId - 1);
    const { caughtUp: onCaughtUp, keepBlock } = streams;
    stream = createStream({
      ...{ log, feeds, range, form, outlet, stays, keepBlock, onCaughtUp },
      ...(skim && { skim }),
      ...(sieve && { sieve }),
      ...(tail !== undefined && query.lastEventId === undefined && { tail }),
    });
    remove = streams.add(stream, log, kind);
    if (isOpenEnded(query)) leave = attendance.enter();
    if (kind === 'events') outlet.write(eventsBegin(helloOf(log, current()), range, retryMs));
    await stream.run();
  } catch (error) {
    // Too late for a status: the response must not look complete.
    response.destroy();
    report(error);
  }
}

/** Express leaves it with the request: closures of every router that it came through. */
function forgetWay(request: IncomingMessage & { next?: unknown }): void {
  request.next = undefined;
}

/** An EventSource asks for event streams; curl takes anything and waits for the end of what it gets. */
function isPage({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/event-stream') ?? false;
}

/** Whoever asks for a part of a log looks something up; who asks for all that will come is a viewer. */
function isOpenEnded({ follow, to, limit }: LinesQuery): boolean {
  return follow && to === undefined && limit === undefined;
}

function skimOf({ skim, tail, lastEventId, selection }: EventsQuery, { nextId }: Range, { journal }: Log) {
  if (skim === undefined) return undefined;
  const isTailGiven = tail !== undefined && lastEventId === undefined;
  const tailLines = selection === undefined ? Math.max(0, journal.lastId - nextId + 1) : tail;
  return createSkim(skim, isTailGiven ? tailLines : 0);
}

function extentOf({ journal, status }: Log): Extent {
  return { first: journal.firstId, last: journal.lastId, isFinished: isFinished(status) };
}
