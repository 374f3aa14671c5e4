const leastMs = 5000;
const mostMs = 60_000;
const shareOfAge = 0.1;

/**
 * How long an agent waits before it tells the list again how many lines its log has. Each entry goes to every gateway:
 * of 100,000 logs, told every five seconds, that is more than all their batches. What has run for long changes little
 * in its last minute; gateways ask the stream where it matters.
 *
 * @param ageMs since it began to publish
 */
export function countsIntervalMs(ageMs: number): number {
  return Math.min(mostMs, Math.max(leastMs, ageMs * shareOfAge));
}
