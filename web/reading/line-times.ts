import { sameSpeaker } from '../../agent/text/drawing/row-html.ts';
import { visibleText } from '../../agent/text/escapes/strip.ts';
import { type LocalTime, timestampOf } from '../../agent/text/time/timestamp.ts';
import type { Line, LineStore } from '../lines/line-store.ts';

/** Lines before one that does not say when it is from which are asked for that, at one go. */
const farthest = 5000;

/** What is known of a line: when it is from, or the line before it up to which nobody said so. */
type Known = { stamp: number; arrived: number } | { unsaidFrom: number };

/**
 * When lines are from, as the agent has it (agent/finding/line-reader.ts): by what they say; by what the last line of
 * their speaker before them said, and what has passed since; where none did, by their arrival.
 *
 * @param local what time it is where the log is written; undefined where that is here
 */
export function ownTimes(
  { get, previous }: Pick<LineStore, 'get' | 'previous'>,
  local: () => LocalTime | undefined,
): (line: Line, id: number) => number {
  const known = new WeakMap<Line, Known>();

  function look(line: Line, id: number): Known {
    const { text, origin } = line;
    const stamp = origin.kind === 'notice' ? undefined : timestampOf(visibleText(text), origin.time, text, local());
    return stamp === undefined ? { unsaidFrom: previous(id) } : { stamp, arrived: origin.time };
  }

  /** The last that was said up to this line. */
  function lastSaid(line: Line, id: number): Known {
    let found = known.get(line) ?? look(line, id);
    for (let left = farthest; left > 0 && 'unsaidFrom' in found; left--) {
      const at = found.unsaidFrom;
      const before = get(at);
      if (!before) break;
      found = sameSpeaker(before.origin, line.origin)
        ? (known.get(before) ?? look(before, at))
        : { unsaidFrom: previous(at) };
    }
    known.set(line, found);
    return found;
  }

  return (line, id) => {
    const { time } = line.origin;
    const said = lastSaid(line, id);
    return 'stamp' in said ? said.stamp + Math.max(0, time - said.arrived) : time;
  };
}
