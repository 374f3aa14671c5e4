/** The time in which lines gather, between two batches that are sent to clients. */
export interface GatheringPause {
  /**
   * Calls `onEnd` at the end of this turn of the event loop when quiet: chunks that are there already share a batch.
   * One at a time.
   */
  begin(isFull: boolean, onEnd: () => void): void;
  /**
   * Something has come. Where nothing more is likely to before the pause is over, it is over now: waiting would gather
   * nothing, and only make the lines late. To be called before `begin`.
   */
  came(): void;
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
/** What comes says so much of how soon something comes: of that and what came before it. */
const newestWeight = 1 / 8;

/**
 * @param share so many times as long as sending took
 * @param longestMs at most
 */
export function createGatheringPause(share = usualShare, longestMs = longestGatherMs): GatheringPause {
  let lastSendMs = 0;
  /** The shorter of the last two: a collection of garbage, or a wait for a processor, says nothing of the next one. */
  let sendMs = 0;
  let sentAt = Number.NEGATIVE_INFINITY;
  let cameAt = Number.NEGATIVE_INFINITY;
  /** Between what comes, on average. */
  let intervalMs = 0;
  /** What the last pause was short of: the next one is longer by that, so that the share is kept. */
  let owedMs = 0;
  let waiting: { timer: NodeJS.Timeout; endsAt: number; onEnd: () => void } | undefined;

  function stopWaiting(): (() => void) | undefined {
    const onEnd = waiting?.onEnd;
    clearTimeout(waiting?.timer);
    waiting = undefined;
    return onEnd;
  }

  function end(): void {
    const onEnd = stopWaiting();
    // Whoever says that it is enough is amid something.
    if (onEnd !== undefined) queueMicrotask(onEnd);
  }

  /** More than half of it would be spent waiting for nothing, where things come regularly. */
  function gathersNothing(restMs: number): boolean {
    return restMs < Math.min(intervalMs, longestMs) / 2;
  }

  return {
    begin(isFull, onEnd) {
      const now = performance.now();
      const restMs = Math.min(longestMs, share * sendMs) + owedMs - (now - sentAt);
      const isOver = restMs < 1 || isFull;
      owedMs = !isOver && gathersNothing(restMs) ? restMs : 0;
      if (isOver || owedMs > 0) setImmediate(onEnd);
      else waiting = { timer: setTimeout(end, restMs), endsAt: now + restMs, onEnd };
    },
    came() {
      const now = performance.now();
      // Longer than it may last says no more than that.
      intervalMs += (Math.min(now - cameAt, longestMs) - intervalMs) * newestWeight;
      cameAt = now;
      if (waiting === undefined || !gathersNothing(waiting.endsAt - now)) return;
      owedMs = Math.max(0, waiting.endsAt - now);
      setImmediate(stopWaiting() as () => void);
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
