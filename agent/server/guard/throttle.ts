import { isIPv6 } from 'node:net';

/**
 * Counts wrong tokens by address and slows them down. It never decides over a right one: else anybody who shares the
 * owner's address (behind a proxy all do) could lock the owner out. So guessing is prevented by the token's length; this
 * keeps guesses from costing anything, and tells the owner about them.
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
  const failures = new Map<string, { count: number; at: number }>();
  return {
    failed(address) {
      const key = networkOf(address);
      const at = now();
      const before = failures.get(key);
      const count = before !== undefined && at - before.at < forgetMs ? before.count + 1 : 1;
      // The one that has failed longest ago is first, and is forgotten first.
      failures.delete(key);
      failures.set(key, { count, at });
      if (failures.size > mostAddresses) failures.delete(failures.keys().next().value as string);
      if (count === failuresAllowed) onTooMany(address);
      const delayMs = Math.min(firstDelayMs * 2 ** (count - 1), longestDelayMs);
      return { delayMs, isTooMany: count >= failuresAllowed };
    },
  };
}

/** Whoever has an IPv6 address has at least the 2^64 of its network. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ? tail.split(':') : [])];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
