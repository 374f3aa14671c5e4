import type { StampFinder } from '../finding/known-lines.ts';
import { createLineReader, type LineRecord } from '../finding/records/line-reader.ts';
import { visibleLine } from '../finding/visible/visible.ts';
import { idAt, visitEvents } from '../frame/scan.ts';
import type { Origin } from '../words/line.ts';

/** What the page of an exported log can't find out by itself, of the lines of a chunk. */
export interface LineFacts {
  /** A letter for each line: `e`, `w`, `i`, `d`, or `-`. */
  levels: string;
  /** Milliseconds since the epoch of the first line; of the others what has passed since the line before. */
  times: number[];
}

export interface LineFactsReader {
  /** Reads the lines of whole events, which are passed in order: also those that are left out say what others are. */
  read(events: Buffer): void;
  /** Of the lines that were read these come next, in order; those up to `passedTo` will not any more. */
  choose(ids: readonly number[], passedTo: number): void;
  /** Of the lines that were chosen since it was asked last. */
  take(): LineFacts;
}

interface ReadLine {
  id: number;
  record: LineRecord;
  time: number;
}

const letters = { error: 'e', warn: 'w', info: 'i', debug: 'd' } as const;

/** @param stampBefore what was said before the first line */
export function createLineFactsReader(stampBefore: StampFinder): LineFactsReader {
  let lineId = 0;
  const reader = createLineReader({ stampBefore: (speaker) => stampBefore(speaker, lineId) });
  let origin: Origin = { time: 0 };
  let read: ReadLine[] = [];
  let chosen: ReadLine[] = [];

  return {
    read(events) {
      visitEvents(events, {
        origin(next) {
          origin = next;
        },
        line(start, end, frame) {
          const text = events.toString('utf8', start, end);
          lineId = idAt(events, frame) ?? 0;
          read.push({ id: lineId, ...reader.read(text, visibleLine(text), origin) });
        },
      });
    },
    choose(ids, passedTo) {
      let next = 0;
      for (const line of read) {
        if (line.id !== ids[next]) continue;
        chosen.push(line);
        next++;
      }
      read = read.filter(({ id }) => id > passedTo);
    },
    take() {
      // A record may say its level only in its later lines.
      const levels = chosen.map(({ record: { level } }) => (level === undefined ? '-' : letters[level])).join('');
      const times = chosen.map(({ time }, at) => time - (chosen[at - 1]?.time ?? 0));
      chosen = [];
      return { levels, times };
    },
  };
}
