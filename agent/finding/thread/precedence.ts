import { setTimeout as sleep } from 'node:timers/promises';
import { createDeferred, type Deferred } from '../../system/deferred.ts';

/** Lets the searches that readers wait for go before the first look at a log, which takes 30 times as long. */
export interface Precedence {
  /** Whoever begins has to end. */
  begin(): void;
  end(): void;
  /**
   * Resolves when nothing that goes before is at work, or after `mostMs`, as what waits is waited for, too. Returns
   * whether anything has begun since then.
   */
  giveWay(): Promise<() => boolean>;
}

export function createPrecedence(mostMs: number): Precedence {
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
    async giveWay() {
      if (atWork > 0) {
        free ??= createDeferred();
        const timer = new AbortController();
        await Promise.race([free.promise, sleep(mostMs, undefined, { signal: timer.signal }).catch(() => {})]);
        timer.abort();
      }
      const before = begun;
      return () => begun > before;
    },
  };
}
