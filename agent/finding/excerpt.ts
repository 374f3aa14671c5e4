import { eventText } from '../frame/events.ts';
import { idAt, visitEvents } from '../frame/scan.ts';
import type { Origin } from '../words/line.ts';

/** Puts lines of journal blocks together to events of their own, each line under its origin. */
export interface Excerpt {
  /** A line's event, `bytes[start, end)`. The bytes have to stay as they are until `take`. */
  add(bytes: Buffer, start: number, end: number, origin: Origin): void;
  /** Id-less: what was added since it was taken the last time. Begins with an origin; empty where nothing was added. */
  take(): Buffer;
}

export function createExcerpt(): Excerpt {
  const parts: Buffer[] = [];
  let open: { bytes: Buffer; start: number; end: number } | undefined;
  let inForce: Origin | undefined;

  function close(): void {
    if (open !== undefined) parts.push(open.bytes.subarray(open.start, open.end));
    open = undefined;
  }

  return {
    add(bytes, start, end, origin) {
      if (origin !== inForce) {
        close();
        parts.push(Buffer.from(eventText('origin', origin)));
        inForce = origin;
      }
      if (open?.bytes === bytes && open.end === start) {
        open.end = end;
        return;
      }
      close();
      open = { bytes, start, end };
    },

    take() {
      close();
      const taken = Buffer.concat(parts);
      parts.length = 0;
      inForce = undefined;
      return taken;
    },
  };
}

/** The ids of the lines among events. */
export function idsIn(events: Buffer): number[] {
  const ids: number[] = [];
  visitEvents(events, {
    origin: () => undefined,
    line: (_start, _end, frame) => ids.push(idAt(events, frame) ?? 0),
  });
  return ids;
}
