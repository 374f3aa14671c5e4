/** The time in which lines gather, between two batches that are sent to clients. */
export interface GatheringPause {
  /** Until the end of this turn of the event loop when quiet: chunks that are there already share a batch. */
  wait(isFull: boolean): Promise<void>;
  /** Enough has gathered. */
  end(): void;
  /** A batch was sent; the next pause goes by how long that took. */
  follow(startedAt: number, endedAt: number): void;
}

/**
 * Lines that come while many clients are served are gathered for this many times as long as the last batch took to
 * write and send, at most for this long: most of the time is then left for everything else, and ten times the lines
 * cost no more writes.
 */
const usualShare = 2;
const longestGatherMs = 10;

/** @param share so many times as long as sending took */
export function createGatheringPause(share = usualShare): GatheringPause {
  let sendMs = 0;
  let sentAt = Number.NEGATIVE_INFINITY;
  let end = () => {};

  return {
    wait(isFull) {
      const restMs = Math.min(longestGatherMs, share * sendMs) - (performance.now() - sentAt);
      return new Promise((resolve) => {
        if (restMs < 1 || isFull) {
          setImmediate(resolve);
          return;
        }
        const timer = setTimeout(resolve, restMs);
        end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    end: () => end(),
    follow(startedAt, endedAt) {
      sendMs = endedAt - startedAt;
      sentAt = endedAt;
    },
  };
}
