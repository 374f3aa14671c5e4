import type { Progress, WireEvents } from '../words/wire.ts';

/** A named event without id, as text. JSON has no line ends, so one `data` field is enough. */
export function eventText<Name extends keyof WireEvents>(name: Name, data: WireEvents[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A `progress` event: the only named one with an id. */
export function progressText(progress: Progress): string {
  return `id: ${progress.to}\n${eventText('progress', progress)}`;
}
