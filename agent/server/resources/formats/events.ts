import type { ServerResponse } from 'node:http';
import { eventText } from '../../../frame/events.ts';
import type { Hello } from '../../../words/wire.ts';
import type { Format } from '../../stream/format.ts';
import type { Range } from '../../stream/range.ts';

/** The headers of a log as server-sent events. */
export function setEventsHeaders(response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/event-stream');
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
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
export const eventsFormat: Format = {
  hasEvents: true,
  isJournal: true,
  block: ({ bytes }) => bytes,
  gap: ({ from, to, reason }) => Buffer.from(eventText('gap', { from, to, reason })),
  skip: (skip) => Buffer.from(eventText('skip', skip)),
  end: () => Buffer.alloc(0),
};
