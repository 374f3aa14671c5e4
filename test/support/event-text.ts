import type { Origin } from '../../agent/words/line.ts';

/**
 * One event of a stream, as the HTML standard has it: `type` is `message` for a line, `id` is its own, if it has one.
 */
export interface WireEvent {
  type: string;
  id: string | undefined;
  data: string;
}

export interface WireLine {
  id: number;
  text: string;
  origin: Origin;
}

/**
 * The events of a whole response body; comments and `retry` are passed over. A plain reading of the standard, for
 * tests.
 */
export function parseEvents(body: string): WireEvent[] {
  const events: WireEvent[] = [];
  let type = '';
  let id: string | undefined;
  let data: string[] = [];
  for (const line of body.split('\n')) {
    if (line === '') {
      if (data.length > 0) events.push({ type: type || 'message', id, data: data.join('\n') });
      type = '';
      id = undefined;
      data = [];
    } else if (line.startsWith('data: ')) data.push(line.slice('data: '.length));
    else if (line.startsWith('id: ')) id = line.slice('id: '.length);
    else if (line.startsWith('event: ')) type = line.slice('event: '.length);
  }
  return events;
}

/** The lines of a response body under their origins. */
export function parseLines(body: string): WireLine[] {
  const lines: WireLine[] = [];
  let origin: Origin | undefined;
  for (const event of parseEvents(body)) {
    if (event.type === 'origin') origin = JSON.parse(event.data);
    if (event.type !== 'message') continue;
    if (origin === undefined) throw new Error(`line ${event.id} stands before any origin`);
    lines.push({ id: Number(event.id), text: event.data, origin });
  }
  return lines;
}
