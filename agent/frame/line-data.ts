import { visibleText } from '../text/escapes/strip.ts';
import type { Level } from '../text/level.ts';
import { defined } from '../words/defined.ts';
import type { Origin, Stream } from '../words/line.ts';
import { idAt, visitEvents } from './scan.ts';

/** A line for programs: its text as a reader sees it, and what its origin says. */
export interface LineData {
  id: number;
  /** Milliseconds since the epoch. */
  time: number;
  source?: string;
  stream: Stream;
  level?: Level;
  kind?: 'notice';
  /** The line continues in the next one of its source. */
  continued?: true;
  /** Of a search: the line stands around one that was found. */
  context?: true;
  firstId?: number;
  part?: true;
  text: string;
}

/**
 * Reads the lines of blocks, or of slices of blocks, that follow each other: the origin in force stands in the first
 * slice only.
 *
 * @param source what lines are of whose origin names none
 * @param levelOfLine the level of a line as a reader sees it, which may depend on the lines before; called in order
 */
export function createLineReader(
  source: string | undefined,
  levelOfLine: (visible: string, origin: Origin) => Level | undefined,
): (events: Buffer) => LineData[] {
  let origin: Origin = { time: 0 };
  return (events) => {
    const lines: LineData[] = [];
    visitEvents(events, {
      origin(next) {
        origin = next;
      },
      line(start, end, frame) {
        const text = visibleText(events.toString('utf8', start, end));
        const { time, stream = 'stdout', kind, continued, context, firstId, part } = origin;
        lines.push({
          ...{ id: idAt(events, frame) ?? 0, time },
          ...defined({ source: origin.source ?? source }),
          stream,
          ...defined({ level: levelOfLine(text, origin), kind, continued, context, firstId, part }),
          text,
        });
      },
    });
    return lines;
  };
}
