import { visibleText } from '../../agent/text/escapes/strip.ts';
import { type LocalTime, timestampOf } from '../../agent/text/time/timestamp.ts';
import type { Line } from '../lines/line-store.ts';

/**
 * The time that lines say they are from; of those that don't say, when they arrived.
 * @param local what time it is where the log is written; undefined where that is here
 */
export function ownTimes(local: () => LocalTime | undefined): (line: Line) => number {
  const known = new WeakMap<Line, number>();
  return (line) => {
    let time = known.get(line);
    if (time === undefined) {
      const { text, origin } = line;
      time = origin.kind === 'notice' ? undefined : timestampOf(visibleText(text), origin.time, text, local());
      time ??= origin.time;
      known.set(line, time);
    }
    return time;
  };
}
