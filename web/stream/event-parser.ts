import { dataField, idField } from '../../agent/frame/fields.ts';

/** Called for every event, as an EventSource would dispatch it: its type, its data and the last event id in force. */
export type OnEvent = (type: string, data: string, lastEventId: string) => void;

export interface EventParser {
  /** Takes the next piece of the body's text, cut anywhere. */
  push(text: string): void;
}

/**
 * Reads `text/event-stream` bodies. An event that is not complete at the end of the body is not dispatched.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventParser(onEvent: OnEvent): EventParser {
  let rest = '';
  let atStart = true;
  let endedInCr = false;
  let type = '';
  let data: string | undefined;
  let lastEventId = '';

  function takeLine(line: string): void {
    if (line === '') {
      if (data !== undefined) onEvent(type || 'message', data, lastEventId);
      data = undefined;
      type = '';
    } else if (line.startsWith(dataField)) {
      addData(line.slice(dataField.length));
    } else if (line.startsWith(idField)) {
      takeId(line.slice(idField.length));
    } else {
      takeField(line);
    }
  }

  function takeField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') type = value;
    else if (name === 'data') addData(value);
    else if (name === 'id') takeId(value);
  }

  function addData(value: string): void {
    data = data === undefined ? value : `${data}\n${value}`;
  }

  function takeId(value: string): void {
    if (!value.includes('\0')) lastEventId = value;
  }

  /** The agent never sends CR, but a proxy or another server may; then all line ends become LF first. */
  function withLineFeeds(text: string): string {
    let unified = text;
    if (endedInCr && unified.startsWith('\n')) unified = unified.slice(1);
    if (text !== '') endedInCr = text.endsWith('\r');
    return unified.includes('\r') ? unified.replace(/\r\n?/g, '\n') : unified;
  }

  return {
    push(text) {
      let piece = withLineFeeds(text);
      if (atStart && piece !== '') {
        atStart = false;
        if (piece.startsWith('\uFEFF')) piece = piece.slice(1);
      }
      const firstEnd = piece.indexOf('\n');
      if (firstEnd === -1) {
        rest += piece;
        return;
      }
      takeLine(rest + piece.slice(0, firstEnd));
      let start = firstEnd + 1;
      for (let end = piece.indexOf('\n', start); end !== -1; end = piece.indexOf('\n', start)) {
        takeLine(piece.slice(start, end));
        start = end + 1;
      }
      rest = piece.slice(start);
    },
  };
}
