import type { ServerResponse } from 'node:http';
import type { Request } from 'express';
import { eventText } from '../../../frame/events.ts';
import type { Hello } from '../../../words/wire.ts';
import type { Format } from '../../stream/format.ts';
import type { Range } from '../../stream/range.ts';

/** Whether a request prefers events: an EventSource asks for nothing else, curl takes anything. */
export function wantsEvents(request: Request): boolean {
  return request.accepts(['json', eventStream]) === eventStream;
}

const eventStream = 'text/event-stream';

/** The headers of a log as server-sent events. */
export function setEventsHeaders(response: ServerResponse): void {
  response.setHeader('Content-Type', eventStream);
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
}

/** What every stream begins with. */
export function eventsBegin(hello: Hello, { isReset }: Range, retryMs: number): Buffer {
  const { first, last } = hello;
  const reset = isReset ? eventText('reset', { first, last }) : '';
  return Buffer.from(`${retryText(retryMs)}${eventText('hello', hello)}${reset}`);
}

/** After how long clients come back: those that lost their agent in the same instant must not do it in the same one. */
export function retryText(retryMs: number): string {
  return `retry: ${Math.round(retryMs * (0.75 + Math.random() / 2))}\n`;
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
