import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** Milliseconds from the call on. */
export interface Moment {
  /** Not before. */
  afterMs: number;
  /** Then at the latest, however busy the event loop is. */
  atLatestMs: number;
}

const lookMs = 50;
/** The event loop's share of time in which it does something; what comes now and then takes less. */
const busyShare = 0.25;

/**
 * Calls `act` once the event loop has hardly done anything for 50 ms: what takes long, and can wait, is in the way of
 * nothing then. Keeps no process alive.
 *
 * @returns calls it off
 */
export function inQuietMoment({ afterMs, atLatestMs }: Moment, act: () => void): () => void {
  const beginMs = Math.max(0, afterMs - lookMs);
  let timer = setTimeout(begin, beginMs).unref();

  function begin(): void {
    look(performance.eventLoopUtilization(), performance.now() + atLatestMs - beginMs);
  }

  function look(before: EventLoopUtilization, endsAt: number): void {
    timer = setTimeout(() => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      if (utilization < busyShare || performance.now() >= endsAt) act();
      else look(now, endsAt);
    }, lookMs).unref();
  }

  return () => clearTimeout(timer);
}
