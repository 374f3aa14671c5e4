/** Notices that something on the way gathers events and passes them on in clumps, faster than the agent sent them. */
export interface Clumps {
  /**
   * @param saidAt the agent's time of an event
   * @param now when it came, by a clock of the page
   * @returns whether this goes on for long enough to be no accident
   */
  take(saidAt: number, now: number): boolean;
}

/** What comes within so short a time has come together. */
const togetherMs = 100;
/** Events that the agent sent over a time came in one that is shorter by so much: the first was held back. */
const heldMs = 2000;
/** A machine that slept, or a network that was away, makes one clump. */
const inARow = 3;

/** Only differences of the agent's times and of the page's are looked at: the two clocks need not agree. */
export function createClumps(): Clumps {
  let clumps = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  /** When the first of those that come together came. */
  let began = lastAt;
  let first = 0;
  let last = 0;
  return {
    take(saidAt, now) {
      if (now - lastAt > togetherMs) {
        clumps = last - first - (lastAt - began) >= heldMs ? clumps + 1 : 0;
        first = saidAt;
        began = now;
      }
      lastAt = now;
      last = saidAt;
      return clumps >= inARow;
    },
  };
}
