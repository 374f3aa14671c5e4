/** How many lines may go out to a client that wants no more than it can read: a token bucket. */
export interface Skim {
  /** Lines that may go out now. */
  allowance(): number;
  spend(lines: number): void;
  /** How long to wait, in milliseconds, before lines beyond the allowance are passed over. */
  waitMs(): number;
}

/** Long enough that a page is not updated more often than it can be read, short enough to feel live. */
const longestWaitMs = 100;

/**
 * @param linesPerSecond what the allowance grows by, and its ceiling
 * @param credit lines that were asked for by number and are not counted
 * @param now milliseconds of a clock that never goes back
 */
export function createSkim(linesPerSecond: number, credit = 0, now: () => number = () => performance.now()): Skim {
  let tokens = linesPerSecond + credit;
  let countedAt = now();

  function refill(): void {
    const at = now();
    const grown = ((at - countedAt) / 1000) * linesPerSecond;
    // Credit above the ceiling is not taken away by the time that passes.
    tokens = Math.max(tokens, Math.min(tokens + grown, linesPerSecond));
    countedAt = at;
  }

  return {
    allowance() {
      refill();
      return Math.floor(tokens);
    },
    spend(lines) {
      tokens -= lines;
    },
    waitMs() {
      refill();
      const untilOneMs = ((1 - tokens) / linesPerSecond) * 1000;
      return Math.ceil(Math.max(longestWaitMs, untilOneMs));
    },
  };
}
