import type { Socket } from 'node:net';
import { compilePattern } from '../../finding/pattern/matcher.ts';
import type { TextPattern } from '../../finding/pattern/text-pattern.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { SseTailError } from '../../words/errors.ts';
import { clientAddress, networkOf } from '../net/address.ts';

/**
 * Refuses what can't be looked for.
 *
 * @throws SseTailError kind `usage` for an expression that is none (`facts.at`: where), kind `request`, status 429, for
 * too many that take long
 */
export type PatternCheck = (pattern: TextPattern) => void;

/** What clients look for is compiled on the thread that serves everybody. */
export interface PatternChecks {
  /** For the requests of a client. */
  of(socket: Socket): PatternCheck;
}

/** People write expressions of 50 characters; of so many the worst takes a quarter of a second. */
export const longestExpression = 1000;
/** What compiles within this is free. */
const freeMs = 5;
/** All the rest that a client may take at once. */
const burstMs = 500;
/** How much of the processor a client may take for it in the long run. */
const share = 0.02;
const retryAfterSeconds = 10;
/** So that an attacker with a million addresses takes no memory. */
const mostClients = 10_000;

/**
 * @param compile for its time
 * @param now milliseconds of a clock that never goes back
 */
export function createPatternChecks(
  compile: (pattern: TextPattern) => unknown = compilePattern,
  now: () => number = () => performance.now(),
): PatternChecks {
  /** What each has taken, and when that was so. */
  const debts = new BoundedMap<string, { ms: number; at: number }>(mostClients);

  return {
    of: (socket) => (pattern) => {
      if (!pattern.isRegex) {
        compile(pattern);
        return;
      }
      if (pattern.text.length > longestExpression) {
        throw new SseTailError('usage', `too long (at most ${longestExpression} characters)`, {});
      }
      const client = networkOf(clientAddress(socket));
      const startedAt = now();
      const debt = debts.get(client);
      const owedMs = debt === undefined ? 0 : Math.max(0, debt.ms - (startedAt - debt.at) * share);
      if (owedMs >= burstMs) throw tooMany();
      try {
        compile(pattern);
      } finally {
        const at = now();
        const ms = owedMs + Math.max(0, at - startedAt - freeMs);
        if (ms > 0) debts.set(client, { ms, at });
      }
    },
  };
}

function tooMany(): SseTailError {
  const message = `This client has sent too many complicated regular expressions. Try again in ${retryAfterSeconds} s.`;
  return new SseTailError('request', message, { status: 429, retryAfter: retryAfterSeconds });
}
