import { createParser } from 'eventsource-parser';

/** Called for every event as an EventSource would dispatch it: its type, its data and the last event id in force. */
export type OnEvent = (type: string, data: string, lastEventId: string) => void;

export interface EventParser {
  /** Takes the next piece of the body's text, cut anywhere. */
  push(text: string): void;
}

/**
 * Reads `text/event-stream` bodies. An event that is incomplete at the end of the body is not dispatched.
 * The package reports an event's own id; an id holds until the next one, and that is added here.
 */
export function createEventParser(onEvent: OnEvent): EventParser {
  let lastEventId = '';
  const parser = createParser({
    onEvent({ event, data, id }) {
      if (id !== undefined) lastEventId = id;
      onEvent(event || 'message', data, lastEventId);
    },
  });
  return { push: (text) => parser.feed(text) };
}
