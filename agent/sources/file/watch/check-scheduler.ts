import type { CheckCause } from '../follow/follower.ts';

/** When one followed name is checked. Requests that come during a check lead to one more. */
export interface CheckScheduler {
  /**
   * Something may have changed, which is that the file was written, or (by default) anything: checks at once when it is
   * quiet, and gathers what comes in quick succession.
   */
  request(cause?: 'writing' | 'event'): void;
  /** When that was last (performance.now). */
  readonly requestedAt: number;
  /** Checks now; a check under way is waited for first. */
  now(): Promise<void>;
  /** No further check begins. */
  stop(): void;
  /** Resolves when the check under way is done. */
  idle(): Promise<void>;
}

/** Checks of a file that is written all the time are this far apart: large reads instead of many. */
const defaultGatherMs = 2;

/** A token bucket: a thousand checks a second begin at once, so a line waits for no timer; more often is gathered. */
const checksPerMs = 1;
const defaultSavedChecks = 20;

/** After the last event once more: the last one of a burst may be missing. */
const burstMs = 100;

/** @param check returns undefined when it was over at once */
export function createCheckScheduler(
  check: (cause: CheckCause) => Promise<void> | undefined,
  { gatherMs = defaultGatherMs, savedChecks = defaultSavedChecks } = {},
): CheckScheduler {
  let running: Promise<void> | undefined;
  let asked: 'no' | 'writing' | 'event' = 'no';
  let isStopped = false;
  let requestedAt = Number.NEGATIVE_INFINITY;
  let startedAt = Number.NEGATIVE_INFINITY;
  let saved = savedChecks;
  let gathering: NodeJS.Timeout | undefined;
  let afterBurst: NodeJS.Timeout | undefined;

  function run(cause: CheckCause): Promise<void> | undefined {
    const now = performance.now();
    saved = Math.max(0, Math.min(savedChecks, saved + (now - startedAt) * checksPerMs) - 1);
    startedAt = now;
    asked = 'no';
    running = check(cause)?.finally(() => {
      running = undefined;
      if (asked !== 'no') schedule();
    });
    return running;
  }

  function schedule(): void {
    if (isStopped || running !== undefined || gathering !== undefined) return;
    const sinceMs = performance.now() - startedAt;
    const restMs = gatherMs - sinceMs;
    if (restMs <= 0 || Math.min(savedChecks, saved + sinceMs * checksPerMs) >= 1) {
      runAsked();
      return;
    }
    gathering = setTimeout(() => {
      gathering = undefined;
      if (running === undefined && !isStopped) runAsked();
    }, restMs);
  }

  function runAsked(): void {
    void run(asked === 'writing' ? asked : 'event');
  }

  return {
    request(cause = 'event') {
      if (isStopped) return;
      if (asked !== 'event') asked = cause;
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
      if (!isStopped) await run('timer');
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
    asked = 'event';
    schedule();
  }
}
