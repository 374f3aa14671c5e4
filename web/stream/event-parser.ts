/** Called for every event as an EventSource would dispatch it: its type, its data and the last event id in force. */
export type OnEvent = (type: string, data: string, lastEventId: string) => void;

export interface EventParser {
  /** Takes the next piece of the body's text, cut anywhere. */
  push(text: string): void;
}

/**
 * Reads `text/event-stream` bodies (https://html.spec.whatwg.org/#event-stream-interpretation). An event that is
 * incomplete at the end of the body is not dispatched. Not a package's: four scripts have it, and it is a tenth of one.
 */
export function createEventParser(onEvent: OnEvent): EventParser {
  let rest = '';
  let lastEventId = '';
  let type = '';
  let data: string | undefined;

  function takeLine(line: string): void {
    if (line === '') {
      if (data !== undefined) onEvent(type || 'message', data, lastEventId);
      type = '';
      data = undefined;
      return;
    }
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (name === 'event') type = value;
    else if (name === 'id' && !value.includes('\0')) lastEventId = value;
  }

  return {
    push(text) {
      rest += text;
      let at = 0;
      let cr = rest.indexOf('\r');
      for (;;) {
        const lf = rest.indexOf('\n', at);
        const end = cr !== -1 && (lf === -1 || cr < lf) ? cr : lf;
        // A CR at the very end may be half of a CRLF.
        if (end === -1 || (end === cr && end + 1 === rest.length)) break;
        takeLine(rest.slice(at, end));
        at = end + (end === cr && lf === cr + 1 ? 2 : 1);
        if (end === cr) cr = rest.indexOf('\r', at);
      }
      rest = rest.slice(at);
    },
  };
}
