import { BoundedMap } from '../../system/bounded-map.ts';
import type { Headline } from '../../text/headline.ts';
import type { Problem } from '../../words/finding.ts';
import type { Origin } from '../../words/line.ts';
import type { LineRecord } from '../records/line-reader.ts';
import { levelCodes } from './levels.ts';

/** What is remembered of a speaker's record until its next one begins. */
export interface RecordNotes {
  record: LineRecord | undefined;
  /** Of one of its lines. */
  origin: Origin;
  /** Its first line, and all others that came before it said a level. */
  ids: number[];
  /** Of its level so far. */
  code: number;
  /** Of its first line. Most are never wanted. */
  text: string | (() => string);
  problem: Problem | undefined;
  /** Where the first line does not say what the problem is. */
  headline: Headline | undefined;
  /** The problem's place is in its user's own code: others give way to it. */
  isOwnPlace: boolean;
}

/** The records of lines that are passed in order; lines of several speakers may be mixed. */
export interface SpeakersRecords {
  /** That of the speaker whose line is passed next: the record of its last line. */
  readonly current: RecordNotes;
  /** Lines of this origin follow. To be called while the text of the last line can be had. */
  enter(origin: Origin): void;
  /**
   * The next line is of this record.
   *
   * @param isOpen whether the current one may go on after it
   * @returns its notes: of a record that begins, those of the one before
   */
  turnTo(record: LineRecord, isOpen: boolean): RecordNotes;
  /** The text of the current record's first line; from then on it needs no block to be had. */
  text(): string;
  /** Those that may be turned to yet. */
  all(): Iterable<RecordNotes>;
}

const mostSpeakers = 1000;
/** A longer text says no place, and no more of it is shown. */
const longestKept = 2001;

export function createSpeakersRecords(): SpeakersRecords {
  const speakers = new BoundedMap<string, RecordNotes>(mostSpeakers);
  /** Of records that may go on after lines of others. */
  const waiting = new BoundedMap<LineRecord, RecordNotes>(mostSpeakers);
  let name = '';
  let current = emptyNotes();

  function text(): string {
    if (typeof current.text === 'function') current.text = current.text();
    return current.text;
  }

  return {
    get current() {
      return current;
    },
    enter({ kind, stream, source }) {
      const next = `${kind ?? ''}:${stream ?? ''}:${source ?? ''}`;
      if (next === name) return;
      current.text = shortened(text());
      name = next;
      current = speakers.get(name) ?? emptyNotes();
      speakers.set(name, current);
    },
    turnTo(record, isOpen) {
      const { record: before } = current;
      if (before === undefined || before === record) return current;
      const known = waiting.get(record);
      if (known === undefined && !isOpen) return current;
      if (isOpen) {
        current.text = shortened(text());
        waiting.set(before, current);
      }
      waiting.delete(record);
      current = known ?? emptyNotes();
      speakers.set(name, current);
      return current;
    },
    text,
    *all() {
      yield* speakers.values();
      yield* waiting.values();
    },
  };
}

function emptyNotes(): RecordNotes {
  return {
    record: undefined,
    origin: { time: 0 },
    ids: [0],
    code: levelCodes.none,
    text: '',
    problem: undefined,
    headline: undefined,
    isOwnPlace: false,
  };
}

/** Of a thousand speakers each may have said a line of 256 KiB; a part of a string keeps all of it in memory. */
function shortened(text: string): string {
  return text.length <= longestKept ? text : Buffer.from(text.slice(0, longestKept)).toString();
}
