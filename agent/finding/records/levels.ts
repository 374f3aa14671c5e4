import { BoundedMap } from '../../system/bounded-map.ts';
import { type Level, levelOf, problemOf } from '../../text/level.ts';
import { createRecordTracker, type RecordTracker } from '../../text/record.ts';
import type { Origin } from '../../words/line.ts';
import { speakerOf } from './speaker.ts';
import { createStoppedCommands } from './stopped-commands.ts';

/** What a line is of; a line of it that is still to come may say its level. */
export interface LeveledRecord {
  level: Level | undefined;
}

/** Says of lines that are passed in order which record each is of, and its level. */
export interface RecordLevels {
  /**
   * The same object for all lines of a record.
   *
   * @param visible a line as a reader sees it
   */
  read(visible: string, origin: Origin): LeveledRecord;
  /** The next line is from elsewhere in the log. */
  reset(): void;
}

interface Speaker {
  records: RecordTracker<LeveledRecord>;
  isContinued: boolean;
  isStopped: ReturnType<typeof createStoppedCommands>;
}

const mostSpeakers = 1000;

export function createRecordLevels(): RecordLevels {
  let speakers = new BoundedMap<string, Speaker>(mostSpeakers);
  let last: { origin: Origin; speaker: Speaker } | undefined;

  function speakerWith(origin: Origin): Speaker {
    if (origin === last?.origin) return last.speaker;
    const name = speakerOf(origin);
    const speaker = speakers.get(name) ?? newSpeaker();
    speakers.set(name, speaker);
    last = { origin, speaker };
    return speaker;
  }

  return {
    read(visible, origin) {
      const speaker = speakerWith(origin);
      const isStopped = speaker.isStopped(visible);
      // The next piece of a long line is not a line.
      if (!speaker.isContinued) speaker.records.continues(visible);
      speaker.isContinued = origin.continued === true;
      const { record } = speaker.records;
      if (!isStopped) record.level ??= levelOf(visible);
      return record;
    },
    reset() {
      speakers = new BoundedMap(mostSpeakers);
      last = undefined;
    },
  };
}

function newSpeaker(): Speaker {
  const records = createRecordTracker<LeveledRecord>(problemOf, () => ({ level: undefined }));
  return { records, isContinued: false, isStopped: createStoppedCommands() };
}
