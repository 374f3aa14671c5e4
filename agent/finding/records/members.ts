import { lineAround } from '../../frame/scan.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { problemOf } from '../../text/level.ts';
import { createRecordTracker, type RecordTracker } from '../../text/record.ts';
import type { Origin } from '../../words/line.ts';
import { visibleLine } from '../visible/visible.ts';
import { speakerOf } from './speaker.ts';

/** Says of lines that are passed in order which record each is of, and which records are wanted. */
export interface RecordMembers {
  /** The same object for all lines of a record; `bytes[start, end)` is the line's event. */
  read(line: { id: number; bytes: Buffer; start: number; end: number; origin: Origin }): object;
  /** The record of this line is wanted as a whole. */
  want(line: { id: number; record: object | undefined; origin: Origin }): void;
  isWanted(record: object): boolean;
  /** Whether lines from `nextId` on may be of a record that is wanted. */
  isAmid(nextId: number): boolean;
}

interface Speaker {
  records: RecordTracker<object>;
  isContinued: boolean;
}

const mostSpeakers = 1000;
/** A speaker that says no more ends its record as well: nobody waits for it longer than for so many lines. */
const mostLines = 1000;

export function createRecordMembers(): RecordMembers {
  const speakers = new BoundedMap<string, Speaker>(mostSpeakers);
  const wanted = new WeakSet<object>();
  /** The wanted records that may go on: whose they are, and the line that each was wanted for. */
  const open = new Map<object, { speaker: Speaker; id: number }>();

  function speakerWith(origin: Origin): Speaker {
    const name = speakerOf(origin);
    const speaker = speakers.get(name) ?? { records: createRecordTracker(problemOf), isContinued: false };
    speakers.set(name, speaker);
    return speaker;
  }

  return {
    read({ bytes, start, end, origin }) {
      const speaker = speakerWith(origin);
      const { textStart = start, textEnd = end } = lineAround(bytes, end - 3) ?? {};
      // The next piece of a long line is not a line.
      if (!speaker.isContinued) speaker.records.continues(visibleLine(bytes.toString('utf8', textStart, textEnd)));
      speaker.isContinued = origin.continued === true;
      return speaker.records.record;
    },
    want({ id, record, origin }) {
      if (record === undefined) return;
      wanted.add(record);
      open.set(record, { speaker: speakerWith(origin), id });
    },
    isWanted: (record) => wanted.has(record),
    isAmid(nextId) {
      for (const [record, { speaker, id }] of open) {
        const { records } = speaker;
        const mayGoOn = records.record === record || records.isOpen(record);
        if (!mayGoOn || nextId - id > mostLines) open.delete(record);
      }
      return open.size > 0;
    },
  };
}
