/** Whether lines come to the store later than they may. */
export interface Lateness {
  /** Asked now and then. @param acknowledgedId the last line that the store has, of those up to `lastId` */
  isLate(acknowledgedId: number, lastId: number): boolean;
}

/**
 * @param lateMs lines that wait for longer are late. That some line waits at every look says nothing: while lines come
 * all the time, there always is one.
 * @param now milliseconds of a clock that nobody sets
 */
export function createLateness(lateMs: number, now: () => number = () => performance.now()): Lateness {
  let waiting: { since: number; lastId: number } | undefined;
  return {
    isLate(acknowledgedId, lastId) {
      if (waiting !== undefined && acknowledgedId >= waiting.lastId) waiting = undefined;
      if (acknowledgedId >= lastId) return false;
      waiting ??= { since: now(), lastId };
      return now() - waiting.since >= lateMs;
    },
  };
}
