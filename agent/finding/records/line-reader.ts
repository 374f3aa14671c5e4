import { type Level, levelOf, problemOf } from '../../text/level.ts';
import { createRecordTracker, type RecordTracker } from '../../text/record.ts';
import { timestampOf } from '../../text/time/timestamp.ts';
import type { Origin } from '../../words/line.ts';
import { speakerOf } from './speaker.ts';
import { createStoppedCommands } from './stopped-commands.ts';

/** Lines that belong together. What they say is known when all of them were read. */
export interface LineRecord {
  level: Level | undefined;
}

/** What a line says about itself. */
export interface LineFacts {
  /** The same object for all lines of a record. */
  record: LineRecord;
  /**
   * When it is from: by its own time stamp, else by that of a line before and what has passed since, else by its
   * arrival.
   */
  time: number;
  /** It belongs to a line of its speaker before it. */
  continues: boolean;
}

/** A time that a line says it is from, and when that line arrived: both in milliseconds since the epoch. */
export interface Stamp {
  time: number;
  arrived: number;
}

/** A stamp, and the speaker of its line. */
export interface SpeakersStamp extends Stamp {
  speaker: string;
}

export interface LineReaderOptions {
  /** Without them a third of the time is saved. */
  looksForLevels?: boolean;
  /** The last stamp of a speaker before the line that is read, where none was read since the reading began. */
  stampBefore?: (speaker: string) => Stamp | undefined;
  /** A line that says no time was read, of a speaker that has said none since `mark`. Called once for each. */
  needsStamp?: (speaker: string, stamp: Stamp | undefined) => void;
}

/** When a line is from that arrived then and says no time. */
export function timeAfter(stamp: Stamp | undefined, arrived: number): number {
  return stamp === undefined ? arrived : stamp.time + Math.max(0, arrived - stamp.arrived);
}

/** Reads lines in order; lines of several speakers may be mixed. */
export interface LineReader {
  /**
   * @param line as it is; `visible` without escape sequences
   * @param passed the first line of its speaker's last record, where that was passed
   */
  read(line: string, visible: string, origin: Origin, passed?: string): LineFacts;
  /** Whether the next line may belong to one of its speaker before it, though it is no frame of a stack trace. */
  isAmid(origin: Origin): boolean;
  /** Whether what a record is may be said by a line that is still to come; `origin` is of one of its lines. */
  isOpen(record: LineRecord, origin: Origin): boolean;
  /** As `isOpen`, also where only a frame of a stack trace may say it. */
  mayGoOn(record: LineRecord, origin: Origin): boolean;
  /**
   * Takes a line that stands for itself. @param stamp the time that it says it is from
   */
  pass(level: Level | undefined, stamp: number | undefined, origin: Origin): LineFacts;
  /** When lines of this origin are from that don't say so, up to the next one that does. */
  timeFor(origin: Origin): number;
  /** Whether the speaker has said no time since `mark`, and no line that would have needed one either. */
  isNew(origin: Origin): boolean;
  /** What was read before does not count for `needsStamp` and `takeStamps`. */
  mark(): void;
  /** The last stamps of speakers that have said one since it was asked last. */
  takeStamps(): SpeakersStamp[];
}

interface Speaker {
  name: string;
  records: RecordTracker<LineRecord>;
  isContinued: boolean;
  /** The last time stamp, and when its line arrived. */
  stamp: Stamp | undefined;
  /** It was read, and not asked for. */
  isOwn: boolean;
  isStampKnown: boolean;
  isStopped: ReturnType<typeof createStoppedCommands>;
  /** Since the mark. */
  isNew: boolean;
  isTaken: boolean;
}

/** Of a log with a source for each of ten thousand containers, those that came up last. */
const mostSpeakers = 1000;

export function createLineReader({
  looksForLevels = true,
  stampBefore = () => undefined,
  needsStamp = () => {},
}: LineReaderOptions = {}): LineReader {
  const levelIn = looksForLevels ? levelOf : () => undefined;
  const speakers = new Map<string, Speaker>();
  let lastOrigin: Origin | undefined;
  let lastSpeaker: Speaker | undefined;

  function entryOf(origin: Origin): Speaker {
    if (origin === lastOrigin && lastSpeaker !== undefined) return lastSpeaker;
    const name = speakerOf(origin);
    let speaker = speakers.get(name);
    if (speaker === undefined) {
      if (speakers.size >= mostSpeakers) speakers.delete(speakers.keys().next().value as string);
      speaker = newSpeaker(name);
      speakers.set(name, speaker);
    }
    lastOrigin = origin;
    lastSpeaker = speaker;
    return speaker;
  }

  function stampOf(speaker: Speaker): Stamp | undefined {
    if (!speaker.isStampKnown) {
      speaker.stamp = stampBefore(speaker.name);
      speaker.isStampKnown = true;
    }
    return speaker.stamp;
  }

  /** When its next line is from. */
  function timeOf(speaker: Speaker, said: number | undefined, { time: arrived }: Origin): number {
    if (said === undefined) {
      const stamp = stampOf(speaker);
      if (speaker.isNew) {
        speaker.isNew = false;
        needsStamp(speaker.name, stamp);
      }
      return timeAfter(stamp, arrived);
    }
    const { stamp } = speaker;
    if (stamp === undefined || !speaker.isOwn) speaker.stamp = { time: said, arrived };
    else {
      stamp.time = said;
      stamp.arrived = arrived;
    }
    speaker.isOwn = true;
    speaker.isStampKnown = true;
    speaker.isNew = false;
    speaker.isTaken = false;
    return said;
  }

  return {
    read(line, visible, origin, passed) {
      const speaker = entryOf(origin);
      const isStopped = speaker.isStopped(visible);
      // The next piece of a long line is not a line.
      const continues = speaker.isContinued || speaker.records.continues(visible, passed);
      speaker.isContinued = origin.continued === true;
      const { record } = speaker.records;
      if (!isStopped) record.level ??= levelIn(visible);
      const stamp = continues ? undefined : timestampOf(visible, origin.time, line);
      return { record, time: timeOf(speaker, stamp, origin), continues };
    },
    isAmid(origin) {
      const { isContinued, records } = entryOf(origin);
      return isContinued || records.isAmid;
    },
    isOpen(record, origin) {
      const { isContinued, records } = entryOf(origin);
      return records.isOpen(record) || (isContinued && records.record === record);
    },
    mayGoOn(record, origin) {
      // One that is not remembered goes on with nothing; to ask is no reason to forget another one.
      const records = speakers.get(speakerOf(origin))?.records;
      return records !== undefined && (records.record === record || records.isOpen(record));
    },
    timeFor: (origin) => timeAfter(stampOf(entryOf(origin)), origin.time),
    isNew: (origin) => entryOf(origin).isNew,
    mark() {
      for (const speaker of speakers.values()) {
        speaker.isNew = true;
        speaker.isTaken = true;
        // What was asked for may be known by now.
        if (!speaker.isOwn) speaker.isStampKnown = false;
      }
    },
    takeStamps() {
      const taken: SpeakersStamp[] = [];
      for (const speaker of speakers.values()) {
        if (speaker.isTaken || speaker.stamp === undefined) continue;
        speaker.isTaken = true;
        taken.push({ speaker: speaker.name, ...speaker.stamp });
      }
      return taken;
    },
    pass(level, stamp, origin) {
      const speaker = entryOf(origin);
      speaker.records.pass();
      speaker.isContinued = origin.continued === true;
      const { record } = speaker.records;
      record.level = level;
      return { record, time: timeOf(speaker, stamp, origin), continues: false };
    },
  };
}

function newRecord(): LineRecord {
  return { level: undefined };
}

function newSpeaker(name: string): Speaker {
  return {
    name,
    records: createRecordTracker(problemOf, newRecord),
    isContinued: false,
    stamp: undefined,
    isOwn: false,
    isStampKnown: false,
    isStopped: createStoppedCommands(),
    isNew: true,
    isTaken: true,
  };
}
