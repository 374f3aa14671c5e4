import { sameSpeaker } from '../../agent/text/drawing/row-html.ts';
import { visibleText } from '../../agent/text/escapes/strip.ts';
import { createRecordTracker } from '../../agent/text/record.ts';
import { withoutTime } from '../../agent/text/time/time-prefix.ts';
import type { Line } from '../lines/line-store.ts';

interface LineInRecord {
  /** It stands after a line of the same speaker. */
  isNext: boolean;
  continues: boolean;
  /** The same object for all lines of a record. */
  record: object;
  /** Without its time and escape sequences; undefined where the line is not there. */
  visible: string | undefined;
}

/** To know it takes 10 KB of script: here a trace also belongs to a line of another level that was passed on. */
const mayBeProblem = () => true;

/** Says of lines, read in order, which record each is of, and whether it goes on with one before. */
export function createRecordReader() {
  let tracker = createRecordTracker(mayBeProblem);
  let before: Line | undefined;
  let beforeId = 0;

  return (id: number, line: Line | undefined): LineInRecord => {
    const isNext =
      line !== undefined && beforeId === id - 1 && before !== undefined && sameSpeaker(line.origin, before.origin);
    if (!isNext) tracker = createRecordTracker(mayBeProblem);
    before = line;
    beforeId = id;
    const visible = line && withoutTime(visibleText(line.text));
    const continues = visible !== undefined && tracker.continues(visible) && isNext;
    return { isNext, continues, record: tracker.record, visible };
  };
}
