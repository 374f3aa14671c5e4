import { setTimeout as sleep } from 'node:timers/promises';
import { createDeferred, type Deferred } from '../../system/deferred.ts';
import type { Way } from '../survey/giving-way.ts';

/** Lets the searches that readers wait for go before the first look at a log, which takes 30 times as long. */
export interface Precedence {
  /** Whoever begins has to end. */
  begin(): void;
  end(): void;
  /** Resolves when nothing that goes before is at work, or after `mostMs`, as what waits is waited for, too. */
  giveWay(): Promise<Way>;
}

/** @param listen called before it is said whether anything has begun: what has been asked meanwhile begins here */
export function createPrecedence(mostMs: number, listen: () => void = () => {}): Precedence {
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
      let isFree = true;
      if (atWork > 0) {
        const timer = new AbortController();
        const wasLongEnough = sleep(mostMs, undefined, { signal: timer.signal }).then(
          () => {
            isFree = false;
          },
          () => {},
        );
        while (atWork > 0 && isFree) {
          free ??= createDeferred();
          await Promise.race([free.promise, wasLongEnough]);
        }
        timer.abort();
      }
      const before = begun;
      return {
        isFree,
        isTaken() {
          listen();
          return begun > before;
        },
      };
    },
  };
}
