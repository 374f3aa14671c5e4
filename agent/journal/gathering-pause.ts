/** The time in which lines gather, between two batches that are sent to clients. */
export interface GatheringPause {
  /**
   * Calls `onEnd` at the end of this turn of the event loop when quiet: chunks that are there already share a batch.
   * One at a time.
   */
  begin(isFull: boolean, onEnd: () => void): void;
  /** Enough has gathered. */
  end(): void;
  /** A batch was sent; the next pause goes by how long that took, and the one before it. */
  follow(startedAt: number, endedAt: number): void;
}

/**
 * Lines that come while many clients are served are gathered for this many times as long as the last batch took to
 * write and send, at most for this long: most of the time is then left for everything else, and ten times the lines
 * cost no more writes.
 */
const usualShare = 2;
const longestGatherMs = 10;

/**
 * @param share so many times as long as sending took
 * @param longestMs at most
 */
export function createGatheringPause(share = usualShare, longestMs = longestGatherMs): GatheringPause {
  let lastSendMs = 0;
  /** The shorter of the last two: a collection of garbage, or a wait for a processor, says nothing of the next one. */
  let sendMs = 0;
  let sentAt = Number.NEGATIVE_INFINITY;
  let waiting: { timer: NodeJS.Timeout; onEnd: () => void } | undefined;

  function end(): void {
    if (waiting === undefined) return;
    const { timer, onEnd } = waiting;
    waiting = undefined;
    clearTimeout(timer);
    // Whoever says that it is enough is amid something.
    queueMicrotask(onEnd);
  }

  return {
    begin(isFull, onEnd) {
      const restMs = Math.min(longestMs, share * sendMs) - (performance.now() - sentAt);
      if (restMs < 1 || isFull) setImmediate(onEnd);
      else waiting = { timer: setTimeout(end, restMs), onEnd };
    },
    end,
    follow(startedAt, endedAt) {
      const ms = endedAt - startedAt;
      sendMs = Math.min(lastSendMs, ms);
      lastSendMs = ms;
      sentAt = endedAt;
    },
  };
}
