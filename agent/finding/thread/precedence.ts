import { setTimeout as sleep } from 'node:timers/promises';
import { createDeferred, type Deferred } from '../../system/deferred.ts';
import type { Way } from '../survey/giving-way.ts';

/** Lets the searches that readers wait for go before the first look at a log, which takes 30 times as long. */
export interface Precedence {
  /** Whoever begins has to end. */
  begin(): void;
  end(): void;
  /**
   * Resolves when nothing that goes before is at work, or after a while, as what waits is waited for, too.
   *
   * @param mostMs what is left of that while to who has waited already
   */
  giveWay(mostMs?: number): Promise<Way>;
}

/** @param listen called before it is said whether anything has begun: what has been asked meanwhile begins here */
export function createPrecedence(mostWayMs: number, listen: () => void = () => {}): Precedence {
  let atWork = 0;
  let begun = 0;
  let free: Deferred<void> | undefined;

  return {
    begin() {
      atWork++;
      begun++;
    },
    end() {
      if (--atWork > 0) return;
      free?.resolve();
      free = undefined;
    },
    async giveWay(mostMs = mostWayMs) {
      let leftMs = mostMs;
      if (atWork > 0) {
        const since = performance.now();
        const timer = new AbortController();
        const wasLongEnough = sleep(mostMs, undefined, { signal: timer.signal }).then(
          () => {
            leftMs = 0;
          },
          () => {},
        );
        while (atWork > 0 && leftMs > 0) {
          free ??= createDeferred();
          await Promise.race([free.promise, wasLongEnough]);
        }
        timer.abort();
        leftMs = Math.max(0, Math.min(leftMs, mostMs - (performance.now() - since)));
      }
      const before = begun;
      return {
        leftMs,
        isTaken() {
          listen();
          return begun > before;
        },
      };
    },
  };
}
