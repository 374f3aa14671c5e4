/** Text of which the end is not a line yet. */
export interface UnfinishedText {
  readonly isUnfinished: boolean;
  /** What is not a line yet, as it looks now. */
  rows(): string[];
  /** Makes lines of rows that have stood still for long enough. Returns after how many milliseconds to call it again, if at all. */
  settle?(): number | undefined;
}

/** Shows what is not a line yet, at most ten times a second, and takes it away at once when it has become one. */
export interface PartialDisplay {
  /** The unfinished text has changed, or there is none any more. */
  changed(): void;
  /** What was unfinished is a line now (or void), though not yet in the journal. */
  becameLine(): void;
  /** Those lines are in the journal and announced. */
  written(): void;
  close(): void;
}

/** A partial is shown when it has stood still this long, so that a line read in two chunks doesn't flicker. */
const delayMs = 25;
const intervalMs = 100;

/**
 * @param show gets the rows; none when there is nothing to see
 * @param settled is called when `settle` may have made lines
 */
export function createPartialDisplay(
  text: UnfinishedText,
  show: (rows: string[]) => void,
  settled: () => void,
): PartialDisplay {
  let shown = '';
  /** Some of what is shown is a line now. */
  let isStale = false;
  let hasNewLines = false;
  /** Lines on their way to the journal were made by `update`, which has left its turn to `written`. */
  let followsLines = false;
  let linesAt = Number.NEGATIVE_INFINITY;
  let nextAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function set(rows: string[]): void {
    isStale = false;
    const joined = rows.join('\n');
    if (joined === shown) return;
    shown = joined;
    show(joined === '' ? [] : rows);
  }

  function schedule(waitMs = delayMs): void {
    timer ??= setTimeout(update, Math.max(waitMs, nextAt - performance.now()));
  }

  function update(): void {
    timer = undefined;
    const now = performance.now();
    nextAt = now + intervalMs;
    if (text.settle === undefined) {
      set(text.isUnfinished ? text.rows() : []);
      return;
    }
    hasNewLines = false;
    const waitMs = text.settle();
    settled();
    if (waitMs !== undefined) schedule(waitMs);
    if (hasNewLines) followsLines = true;
    else if (now - linesAt >= delayMs) set(text.rows());
    else if (text.isUnfinished) schedule();
  }

  return {
    changed() {
      if (text.isUnfinished) schedule();
    },
    becameLine() {
      hasNewLines = true;
      isStale = shown !== '';
    },
    written() {
      const now = performance.now();
      // Rows between floods of lines nobody could read.
      const isFlood = now - linesAt < delayMs;
      linesAt = now;
      // Rows that are left go out with the lines, so that they don't blink.
      if (followsLines || (isStale && text.isUnfinished && now >= nextAt && !isFlood)) {
        followsLines = false;
        nextAt = now + intervalMs;
        set(text.rows());
      } else if (isStale) {
        // Taking it away can't wait, so the next one waits twice as long: ten a second all the same.
        nextAt += intervalMs;
        set([]);
        if (text.isUnfinished) schedule();
      }
    },
    close() {
      clearTimeout(timer);
    },
  };
}
