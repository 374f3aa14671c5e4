import { type Level, levelOf } from '../text/level.ts';
import { createRecordTracker, type RecordTracker } from '../text/record.ts';
import { timestampOf } from '../text/time/timestamp.ts';
import type { Origin } from '../words/line.ts';

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
  /** It belongs to the line of its speaker before it. */
  continues: boolean;
}

/** Reads lines in order; lines of several speakers may be mixed. */
export interface LineReader {
  /** @param line as it is; `visible` without escape sequences */
  read(line: string, visible: string, origin: Origin): LineFacts;
  /** Whether the next line may belong to the one of its speaker before it, though it is no frame of a stack trace. */
  isAmid(origin: Origin): boolean;
  /** Whether what a record is may be said by a line that is still to come; `origin` is of one of its lines. */
  isOpen(record: LineRecord, origin: Origin): boolean;
  /**
   * Takes a line that stands for itself. @param stamp the time that it says it is from
   */
  pass(level: Level | undefined, stamp: number | undefined, origin: Origin): LineFacts;
  /** When lines of this origin are from that don't say so, up to the next one that does. */
  timeFor(origin: Origin): number;
}

interface Speaker {
  records: RecordTracker;
  record: LineRecord;
  isContinued: boolean;
  /** The last time stamp, and when its line arrived. */
  stamp: { time: number; arrived: number } | undefined;
}

/** Of a log with a source for each of ten thousand containers, those that spoke last. */
const mostSpeakers = 1000;

/** @param looksForLevels saves a third of the time where nobody asks for them */
export function createLineReader(looksForLevels = true): LineReader {
  const levelIn = looksForLevels ? levelOf : () => undefined;
  const speakers = new Map<string, Speaker>();
  let lastOrigin: Origin | undefined;
  let lastSpeaker: Speaker | undefined;

  function speakerOf(origin: Origin): Speaker {
    if (origin === lastOrigin && lastSpeaker !== undefined) return lastSpeaker;
    const name = `${origin.kind ?? ''}:${origin.stream ?? ''}:${origin.source ?? ''}`;
    let speaker = speakers.get(name);
    if (speaker === undefined) {
      if (speakers.size >= mostSpeakers) speakers.delete(speakers.keys().next().value as string);
      speaker = { records: createRecordTracker(), record: { level: undefined }, isContinued: false, stamp: undefined };
      speakers.set(name, speaker);
    }
    lastOrigin = origin;
    lastSpeaker = speaker;
    return speaker;
  }

  return {
    read(line, visible, origin) {
      const speaker = speakerOf(origin);
      // The next piece of a long line is not a line.
      const continues = speaker.isContinued || speaker.records.continues(visible);
      speaker.isContinued = origin.continued === true;
      if (!continues) speaker.record = { level: levelIn(visible) };
      else speaker.record.level ??= levelIn(visible);
      const stamp = continues ? undefined : timestampOf(visible, origin.time, line);
      return { record: speaker.record, time: timeOf(speaker, stamp, origin), continues };
    },
    isAmid(origin) {
      const { isContinued, records } = speakerOf(origin);
      return isContinued || records.isAmid;
    },
    isOpen(record, origin) {
      const { record: current, isContinued, records } = speakerOf(origin);
      return current === record && (isContinued || records.isAmid);
    },
    timeFor: (origin) => timeOf(speakerOf(origin), undefined, origin),
    pass(level, stamp, origin) {
      const speaker = speakerOf(origin);
      speaker.records.pass();
      speaker.isContinued = origin.continued === true;
      speaker.record = { level };
      return { record: speaker.record, time: timeOf(speaker, stamp, origin), continues: false };
    },
  };
}

function timeOf(speaker: Speaker, stamp: number | undefined, { time: arrived }: Origin): number {
  const { stamp: last } = speaker;
  if (stamp === undefined) return last === undefined ? arrived : last.time + Math.max(0, arrived - last.arrived);
  if (last === undefined) speaker.stamp = { time: stamp, arrived };
  else {
    last.time = stamp;
    last.arrived = arrived;
  }
  return stamp;
}
