import type { ServerResponse } from 'node:http';
import type { Log } from '../../journal/store.ts';
import { eventText, type Hello, type Status } from '../../words/wire.ts';
import type { Form } from '../stream/format.ts';
import type { Range } from '../stream/range.ts';

/** The headers of a log as server-sent events. */
export function setEventsHeaders(response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/event-stream');
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
}

/** What a log is and how it stands. */
export function helloOf(log: Log, current: Log | undefined): Hello {
  const { info, journal, sources } = log;
  const { firstId, lastId } = journal;
  const older = current !== undefined && current.info.id !== info.id ? { current: current.info.id } : {};
  return {
    log: info.id,
    name: info.title ?? info.name,
    first: firstId,
    last: lastId,
    sources: [...sources],
    status: statusOf(log),
    ...older,
  };
}

/** How a log stands, and what keeps its lines from coming. */
export function statusOf({ status, journal: { trouble } }: Log): Status {
  return trouble === undefined ? status : { ...status, trouble };
}

/** What every stream begins with. */
export function eventsBegin(hello: Hello, { isReset }: Range, retryMs: number): Buffer {
  const { first, last } = hello;
  // Pages that lost their agent in the same instant must not come back in the same instant.
  const jittered = Math.round(retryMs * (0.75 + Math.random() / 2));
  const reset = isReset ? eventText('reset', { first, last }) : '';
  return Buffer.from(`retry: ${jittered}\n${eventText('hello', hello)}${reset}`);
}

/** A log as server-sent events: the journal's own bytes. */
export const eventsForm: Form = {
  hasEvents: true,
  block: ({ bytes }) => bytes,
  shared: (_, parcel) => parcel,
  gap: ({ from, to, reason }) => Buffer.from(eventText('gap', { from, to, reason })),
  skip: (skip) => Buffer.from(eventText('skip', skip)),
  end: () => Buffer.alloc(0),
};
