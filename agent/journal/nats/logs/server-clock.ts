import type { JetStreamManager } from '@nats-io/jetstream';

/**
 * The time by the clock of the servers, which is on all that they store: by a gateway's own, which may be minutes off,
 * every log that runs could seem to be silent.
 */
export interface ServerClock {
  /** Milliseconds since the epoch; -Infinity until anything is known. */
  now(): number;
  /** A server says what time it is. */
  set(now: number): void;
  /** A server has stored something at this moment, so it is later than that. */
  heard(moment: number): void;
}

/** @param elapsed milliseconds of a clock that nobody sets */
export function createServerClock(elapsed = () => performance.now()): ServerClock {
  let ahead = Number.NEGATIVE_INFINITY;
  return {
    now: () => elapsed() + ahead,
    set(now) {
      ahead = now - elapsed();
    },
    heard(moment) {
      ahead = Math.max(ahead, moment - elapsed());
    },
  };
}

const nanosecondsPerMs = 1_000_000;
const consumerMs = 1000;

/**
 * What time it is at the servers. Those before 2.10 say it only of what they make at this moment.
 *
 * @param stream any that is there
 * @returns milliseconds since the epoch
 * @throws what the server says
 */
export async function serverTime(manager: JetStreamManager, stream: string): Promise<number> {
  const { ts } = await manager.streams.info(stream);
  if (ts !== undefined) return Date.parse(ts);
  const { created, name } = await manager.consumers.add(stream, {
    ack_policy: 'none',
    deliver_policy: 'new',
    mem_storage: true,
    inactive_threshold: consumerMs * nanosecondsPerMs,
  });
  await manager.consumers.delete(stream, name).catch(() => undefined);
  return Date.parse(created);
}
