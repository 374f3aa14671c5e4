/**
 * How much more processor time `work` takes for eight times the size: about 8 where time is linear, 64 where it is
 * quadratic. Processor time and the least of three runs, since a test may have to share its machine.
 */
export function growthOf(work: (size: number) => void, size: number): number {
  const times = [size, 8 * size].map((each) => Math.min(...[1, 2, 3].map(() => processorTime(() => work(each)))));
  const [small = 0, large = 0] = times;
  return large / Math.max(small, shortestMs);
}

/** What takes less is lost among what else a process does. */
const shortestMs = 1;

/** Milliseconds, however busy the machine is. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Between linear and quadratic growth, with room for caches that the larger size no longer fits into. */
export const linear = 24;
