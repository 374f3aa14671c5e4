import { lineAround } from '../frame/scan.ts';
import { BoundedMap } from '../system/bounded-map.ts';
import { isProblem } from '../text/level.ts';
import { createRecordTracker, type RecordTracker } from '../text/record.ts';
import type { Origin } from '../words/line.ts';
import { visibleLine } from './visible/visible.ts';

/** Says of lines that are passed in order which record each is of, and which records are wanted. */
export interface RecordMembers {
  /** The same object for all lines of a record; `bytes[start, end)` is the line's event. */
  read(line: { id: number; bytes: Buffer; start: number; end: number; origin: Origin }): object;
  /** The record of this line, the last one of its speaker, is wanted as a whole. */
  want(line: { id: number; record: object | undefined; origin: Origin }): void;
  isWanted(record: object): boolean;
  /** Whether lines from `nextId` on may be of a record that is wanted. */
  isAmid(nextId: number): boolean;
}

interface Speaker {
  tracker: RecordTracker;
  record: object;
  isContinued: boolean;
}

const mostSpeakers = 1000;
/** A speaker that says no more ends its record as well: nobody waits for it longer than for so many lines. */
const mostLines = 1000;

export function createRecordMembers(): RecordMembers {
  const speakers = new BoundedMap<string, Speaker>(mostSpeakers);
  const wanted = new WeakSet<object>();
  /** By speaker: the wanted record that may go on, and the line that it was wanted for. */
  const open = new Map<string, { record: object; id: number }>();

  function speakerOf(name: string): Speaker {
    const speaker = speakers.get(name) ?? { tracker: createRecordTracker(isProblem), record: {}, isContinued: false };
    speakers.set(name, speaker);
    return speaker;
  }

  return {
    read({ bytes, start, end, origin }) {
      const name = nameOf(origin);
      const speaker = speakerOf(name);
      const { textStart = start, textEnd = end } = lineAround(bytes, end - 3) ?? {};
      // The next piece of a long line is not a line.
      const continues =
        speaker.isContinued || speaker.tracker.continues(visibleLine(bytes.toString('utf8', textStart, textEnd)));
      speaker.isContinued = origin.continued === true;
      if (!continues) {
        speaker.record = {};
        open.delete(name);
      }
      return speaker.record;
    },
    want({ id, record, origin }) {
      if (record === undefined) return;
      wanted.add(record);
      open.set(nameOf(origin), { record, id });
    },
    isWanted: (record) => wanted.has(record),
    isAmid(nextId) {
      for (const [name, { id }] of open) if (nextId - id > mostLines) open.delete(name);
      return open.size > 0;
    },
  };
}

function nameOf({ kind, stream, source }: Origin): string {
  return `${kind ?? ''}:${stream ?? ''}:${source ?? ''}`;
}
