import { createLineReader, type LineRecord } from '../finding/line-reader.ts';
import { visibleLine } from '../finding/visible.ts';
import { visitEvents } from '../frame/scan.ts';
import type { Origin } from '../words/line.ts';

/** What the page of an exported log can't find out by itself, of consecutive lines. */
export interface LineFacts {
  /** A letter for each line: `e`, `w`, `i`, `d`, or `-`. */
  levels: string;
  /** Milliseconds since the epoch of the first line; of the others what has passed since the line before. */
  times: number[];
}

export interface LineFactsReader {
  /** Reads the lines of whole events, which are passed in order. */
  read(events: Buffer): void;
  /** What was read since it was asked last. */
  take(): LineFacts;
}

const letters = { error: 'e', warn: 'w', info: 'i', debug: 'd' } as const;

export function createLineFactsReader(): LineFactsReader {
  const reader = createLineReader();
  let origin: Origin = { time: 0 };
  let records: LineRecord[] = [];
  let times: number[] = [];
  let last = 0;

  return {
    read(events) {
      visitEvents(events, {
        origin(next) {
          origin = next;
        },
        line(start, end) {
          const text = events.toString('utf8', start, end);
          const { record, time } = reader.read(text, visibleLine(text), origin);
          records.push(record);
          times.push(time - last);
          last = time;
        },
      });
    },
    take() {
      // A record may say its level only in its later lines.
      const levels = records.map(({ level }) => (level === undefined ? '-' : letters[level])).join('');
      const facts = { levels, times };
      records = [];
      times = [];
      last = 0;
      return facts;
    },
  };
}
