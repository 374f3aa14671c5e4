import type { Outline } from '../words/finding.ts';
import type { StreamProgress, WireEvents } from '../words/wire.ts';
import { dataField, eventField, idField } from './fields.ts';

/** A named event without id, as text. JSON has no line ends, so one `data` field is enough. */
export function eventText<Name extends keyof WireEvents>(name: Name, data: WireEvents[Name]): string {
  return `${eventField}${name}\n${dataField}${JSON.stringify(data)}\n\n`;
}

/** A line's frame. @param texts its text, in parts */
export function lineEvent(id: number, texts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(`${idField}${id}\n${dataField}`), ...texts, Buffer.from('\n\n')]);
}

/** A `progress` event: the only named one with an id. */
export function progressText(progress: StreamProgress): string {
  return `${idField}${progress.to}\n${eventText('progress', progress)}`;
}

/** The `end` event of a complete answer. */
export function endEvent(last: number, lines: number): Buffer {
  return Buffer.from(eventText('end', { last, lines }));
}

/** An `outline` event: of the stream that `GET outline` can be. Its id is the last line that it knows of. */
export function outlineText(outline: Outline): string {
  return `${idField}${outline.known[1]}\n${eventField}outline\n${dataField}${JSON.stringify(outline)}\n\n`;
}
