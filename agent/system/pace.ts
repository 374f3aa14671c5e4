/**
 * Whether a small read or write is answered from memory at once, as on any local disk that keeps up: then it is made in
 * the event loop itself, which takes microseconds where the way through the thread pool and back takes fifty. After one
 * that was slow (a disk that is behind, a file system of another machine) the next ones go through the pool for a
 * while, where they hold up nobody.
 */
export interface Pace {
  readonly isQuick: boolean;
  /** Makes the operation now and takes its time. */
  run<Result>(operation: () => Result): Result;
}

const slowMs = 5;
const cautiousMs = 1000;

export function createPace(now: () => number = () => performance.now()): Pace {
  let cautiousUntil = Number.NEGATIVE_INFINITY;
  return {
    get isQuick() {
      return now() >= cautiousUntil;
    },
    run(operation) {
      const startedAt = now();
      try {
        return operation();
      } finally {
        const endedAt = now();
        if (endedAt - startedAt >= slowMs) cautiousUntil = endedAt + cautiousMs;
      }
    },
  };
}
