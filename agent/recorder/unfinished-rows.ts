/** Text of which the end is not a line yet. */
export interface UnfinishedText {
  readonly isUnfinished: boolean;
  /** What is not a line yet, as it looks now. */
  rows(): string[];
  /**
   * Makes lines of rows that have stood still for long enough. Returns after how many milliseconds to call it again, if
   * at all.
   */
  settle?(): number | undefined;
}

/** Shows what is not a line yet, at most ten times a second, and takes it away at once when it has become one. */
export interface UnfinishedRows {
  /** The unfinished text has changed, or there is none any more. */
  changed(): void;
  /** What was unfinished is a line now (or void), though not yet in the journal. */
  becameLine(): void;
  /** Those lines are in the journal and announced. */
  written(): void;
  close(): void;
}

/**
 * What viewers see: nothing, the rows as they were last, or rows of which some are lines now and will be seen twice as
 * soon as those are announced.
 */
type Display = { state: 'nothing' } | { state: 'current' | 'outdated'; text: string };

/** When rows are shown next: in their own time, or with the lines that a look at the text has just made. */
type Turn = 'timer' | 'with-lines';

/** Rows are shown when they have stood still this long, so that a line read in two chunks doesn't flicker. */
const delayMs = 25;
const intervalMs = 100;
const never = Number.POSITIVE_INFINITY;

/**
 * @param show takes the rows; none when there is nothing to see
 * @param settled is called when `settle` may have made lines
 */
export function createUnfinishedRows(
  text: UnfinishedText,
  show: (rows: string[]) => void,
  settled: () => void,
): UnfinishedRows {
  let display: Display = { state: 'nothing' };
  let turn: Turn = 'timer';
  let linesMade = 0;
  let linesAt = Number.NEGATIVE_INFINITY;
  /** Not before this moment are rows shown again. */
  let nextAt = 0;
  /** When rows are to be shown, and when some may have stood still long enough: each has a time of its own. */
  let showAt = never;
  let settleAt = never;
  let timer: { at: number; handle: NodeJS.Timeout } | undefined;

  function set(rows: string[]): void {
    const before = display.state === 'nothing' ? '' : display.text;
    const now = rows.join('\n');
    display = now === '' ? { state: 'nothing' } : { state: 'current', text: now };
    if (now !== before) show(now === '' ? [] : rows);
  }

  function schedule(): void {
    showAt = Math.min(showAt, Math.max(performance.now() + delayMs, nextAt));
    setTimer();
  }

  function setTimer(): void {
    const at = Math.min(showAt, settleAt);
    if (timer !== undefined && timer.at <= at) return;
    clearTimeout(timer?.handle);
    // On a busy machine the moment may have passed: Node 24 warns of a negative delay.
    const handle = at === never ? undefined : setTimeout(update, Math.max(0, at - performance.now()));
    timer = handle && { at, handle };
  }

  function update(): void {
    timer = undefined;
    const now = performance.now();
    if (settle(now)) turn = 'with-lines';
    // A timer may fire a moment early.
    else if (now + 1 >= showAt) showNow(now);
    setTimer();
  }

  /** Whether that made lines: rows are then shown with them. */
  function settle(now: number): boolean {
    if (text.settle === undefined) return false;
    const madeBefore = linesMade;
    const waitMs = text.settle();
    settled();
    settleAt = waitMs === undefined ? never : now + Math.max(waitMs, 1);
    if (linesMade === madeBefore) return false;
    nextAt = now + intervalMs;
    showAt = never;
    return true;
  }

  function showNow(now: number): void {
    nextAt = now + intervalMs;
    showAt = never;
    if (text.settle === undefined) set(text.isUnfinished ? text.rows() : []);
    else if (now - linesAt >= delayMs) set(text.rows());
    else if (text.isUnfinished) schedule();
  }

  /** Whether the rows that are left go out with the lines just written, so that they don't blink. */
  function showsWithLines(now: number, isFlood: boolean): boolean {
    if (turn === 'with-lines') return true;
    // Rows between floods of lines nobody could read.
    return display.state === 'outdated' && text.isUnfinished && now >= nextAt && !isFlood;
  }

  return {
    changed() {
      if (text.isUnfinished) schedule();
    },
    becameLine() {
      linesMade++;
      if (display.state === 'current') display = { state: 'outdated', text: display.text };
    },
    written() {
      const now = performance.now();
      const isFlood = now - linesAt < delayMs;
      linesAt = now;
      if (showsWithLines(now, isFlood)) {
        turn = 'timer';
        nextAt = now + intervalMs;
        set(text.rows());
      } else if (display.state === 'outdated') {
        // Taking it away can't wait, so the next one waits twice as long: ten a second all the same.
        nextAt += intervalMs;
        set([]);
        if (text.isUnfinished) schedule();
      }
    },
    close() {
      clearTimeout(timer?.handle);
    },
  };
}
