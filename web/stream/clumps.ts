/** Notices that something on the way gathers events and passes them on in clumps. */
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
/** Of events that come together, the first was held back by so much. */
const heldMs = 2000;
/** A machine that slept, or a network that was away, makes one clump. */
const inARow = 3;

/** Only differences of the agent's times and of the page's are looked at: the two clocks need not agree. */
export function createClumps(): Clumps {
  let clumps = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  let first = 0;
  let last = 0;
  return {
    take(saidAt, now) {
      if (now - lastAt > togetherMs) {
        clumps = last - first >= heldMs ? clumps + 1 : 0;
        first = saidAt;
      }
      lastAt = now;
      last = saidAt;
      return clumps >= inARow;
    },
  };
}
