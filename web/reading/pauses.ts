import { pauseWords } from '../late-words.ts';
import type { Line, LineStore } from '../lines/line-store.ts';
import { label } from '../list/row.ts';
import { duration } from '../text/times.ts';

/** How long nothing came before a line, in milliseconds; undefined where that is not known or not worth a word. */
export function pauseBefore(
  store: LineStore,
  id: number,
  leastMs: number,
  timeOf: (line: Line) => number,
): number | undefined {
  // Where lines are left out, the line before is not the one that shows before it.
  if (store.isSelective || leastMs === 0) return undefined;
  const [line, before] = [store.get(id), store.get(id - 1)];
  const ms = line && before ? timeOf(line) - timeOf(before) : 0;
  return ms >= leastMs ? ms : undefined;
}

/** Says before a row's line that nothing came, on a line of its own: `.row[data-pause] > .pause`. */
export function showPause(row: HTMLElement, ms: number | undefined): void {
  row.querySelector('.pause')?.remove();
  row.toggleAttribute('data-pause', ms !== undefined);
  if (ms === undefined) return;
  row.append(label('pause', pauseWords.pause(duration(ms))));
}
