import { pauseWords } from '../late-words.ts';
import type { Line, LineStore } from '../lines/line-store.ts';
import { label } from '../list/row.ts';
import { dateOf, duration, type TimeStyle } from '../text/times.ts';

/**
 * What is to be said before a line: how long nothing came, and that another day has begun. Undefined where neither is
 * worth a word, or known.
 */
export function pauseBefore(
  store: LineStore,
  id: number,
  { leastMs, timeStyle }: { leastMs: number; timeStyle: TimeStyle },
  timeOf: (line: Line, id: number) => number,
): string | undefined {
  // Where lines are left out, the line before is not the one that shows before it.
  if (store.isSelective || leastMs === 0) return undefined;
  const [line, before] = [store.get(id), store.get(id - 1)];
  if (!line || !before) return undefined;
  const [begun, ended] = [timeOf(before, id - 1), timeOf(line, id)];
  const ms = ended - begun;
  if (begun === 0 || ms <= 0) return undefined;
  const date = dateOf(timeStyle, ended);
  const parts = [ms >= leastMs && pauseWords.pause(duration(ms)), date !== dateOf(timeStyle, begun) && date];
  return parts.filter(Boolean).join(' · ') || undefined;
}

/** Says it before a row's line, on a line of its own: `.row[data-pause] > .pause`. */
export function showPause(row: HTMLElement, words: string | undefined): void {
  row.querySelector('.pause')?.remove();
  row.toggleAttribute('data-pause', words !== undefined);
  if (words !== undefined) row.append(label('pause', words));
}
