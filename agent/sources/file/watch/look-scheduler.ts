/** When one follower looks. Requests that come while it looks lead to one more look. */
export interface Looks {
  /** Something may have changed: looks at once when it is quiet, and gathers what comes in quick succession. */
  request(): void;
  /** When that was last (performance.now). */
  readonly requestedAt: number;
  /** Looks now, or waits for the look that is under way and the one after it. */
  now(): Promise<void>;
  /** No further look begins. */
  stop(): void;
  /** Resolves when the look under way is done. */
  idle(): Promise<void>;
}

/** So far apart are looks at a file that is written all the time: large reads instead of many. */
const defaultGatherMs = 2;

/**
 * Up to a thousand looks a second begin at once: a line waits for no timer. What is written more often than that is gathered.
 * So many may have been saved up.
 */
const looksPerMs = 1;
const defaultSavedLooks = 20;

/** What a look is made for: something told of a change, or it is time to check. */
export type LookCause = 'told' | 'check';

/** After the last event once more: the last one of a burst may be missing. */
const burstMs = 100;

/** @param look undefined when it was over at once */
export function createLooks(
  look: (cause: LookCause) => Promise<void> | undefined,
  { gatherMs = defaultGatherMs, savedLooks = defaultSavedLooks } = {},
): Looks {
  let running: Promise<void> | undefined;
  let isAsked = false;
  let isStopped = false;
  let requestedAt = Number.NEGATIVE_INFINITY;
  let startedAt = Number.NEGATIVE_INFINITY;
  let saved = savedLooks;
  let gathering: NodeJS.Timeout | undefined;
  let afterBurst: NodeJS.Timeout | undefined;

  function run(cause: LookCause): Promise<void> | undefined {
    const now = performance.now();
    saved = Math.max(0, Math.min(savedLooks, saved + (now - startedAt) * looksPerMs) - 1);
    startedAt = now;
    isAsked = false;
    running = look(cause)?.finally(() => {
      running = undefined;
      if (isAsked) schedule();
    });
    return running;
  }

  function schedule(): void {
    if (isStopped || running !== undefined || gathering !== undefined) return;
    const sinceMs = performance.now() - startedAt;
    const restMs = gatherMs - sinceMs;
    if (restMs <= 0 || Math.min(savedLooks, saved + sinceMs * looksPerMs) >= 1) {
      void run('told');
      return;
    }
    gathering = setTimeout(() => {
      gathering = undefined;
      if (running === undefined && !isStopped) void run('told');
    }, restMs);
  }

  return {
    request() {
      if (isStopped) return;
      isAsked = true;
      requestedAt = performance.now();
      schedule();
      // `refresh` costs a tenth of a new timer.
      if (afterBurst === undefined) afterBurst = setTimeout(onBurstEnd, burstMs);
      else afterBurst.refresh();
    },
    get requestedAt() {
      return requestedAt;
    },
    async now() {
      while (running !== undefined) await running;
      if (!isStopped) await run('check');
    },
    stop() {
      isStopped = true;
      clearTimeout(gathering);
      clearTimeout(afterBurst);
    },
    async idle() {
      await running;
    },
  };

  function onBurstEnd(): void {
    afterBurst = undefined;
    isAsked = true;
    schedule();
  }
}
