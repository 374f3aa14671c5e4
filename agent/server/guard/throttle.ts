import { BoundedMap } from '../../system/bounded-map.ts';
import { networkOf } from '../net/address.ts';

/**
 * Counts wrong tokens by address and slows them down. It never decides over a right one: else anybody who shares the
 * owner's address (behind a proxy all do) could lock the owner out. So guessing is prevented by the token's length;
 * this keeps guesses from costing anything and reports them to the owner.
 */
export interface Throttle {
  /** A wrong token came: how long to wait with the answer, and whether it is one too many. */
  failed(address: string): { delayMs: number; isTooMany: boolean };
}

/** From this one on the answer is 429. */
export const failuresAllowed = 10;
const firstDelayMs = 50;
const longestDelayMs = 2000;
/** Without a failure for so long, an address begins anew. */
export const forgetMs = 5 * 60_000;
/** So that an attacker with a million addresses takes no memory. */
const mostAddresses = 10_000;

/**
 * @param onTooMany called once for an address, until it is forgotten
 * @param now milliseconds of a clock that never goes back
 */
export function createThrottle(
  onTooMany: (address: string) => void,
  now: () => number = () => performance.now(),
): Throttle {
  // The one that failed longest ago is forgotten first.
  const failures = new BoundedMap<string, { count: number; at: number }>(mostAddresses);
  return {
    failed(address) {
      const key = networkOf(address);
      const at = now();
      const before = failures.get(key);
      const count = before !== undefined && at - before.at < forgetMs ? before.count + 1 : 1;
      failures.set(key, { count, at });
      if (count === failuresAllowed) onTooMany(address);
      const delayMs = Math.min(firstDelayMs * 2 ** (count - 1), longestDelayMs);
      return { delayMs, isTooMany: count >= failuresAllowed };
    },
  };
}
