/** Milliseconds, however busy the machine is. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How long is looked for a moment in which nothing else slows the work: milliseconds, of all of it. */
const patienceMs = 10_000;

/**
 * The least time that each of several pieces of work takes, in milliseconds; they are done in turn, until the times
 * are as they should be, or for ten seconds. A neighbor on the same core or memory also makes the processor slower, for
 * as long as it likes: a bound that is missed once says nothing, one that is never met does.
 *
 * @param works each returns the milliseconds that count of it, as by `processorTime`
 */
export function leastTimes(
  works: readonly (() => number)[],
  areAsTheyShouldBe: (times: number[]) => boolean,
): number[] {
  const times = works.map(() => Number.POSITIVE_INFINITY);
  const begunAt = performance.now();
  do {
    for (const [at, work] of works.entries()) times[at] = Math.min(times[at] ?? 0, work());
  } while (!areAsTheyShouldBe(times) && performance.now() - begunAt < patienceMs);
  return times;
}

/** The least time of one piece of work, which should take no more than `mostMs`. */
export function leastTime(work: () => void, mostMs: number): number {
  const [ms = 0] = leastTimes([() => processorTime(work)], ([least = 0]) => least <= mostMs);
  return ms;
}

/**
 * How much more processor time `work` takes for eight times the size: about 8 where time is linear, 64 where it is
 * quadratic.
 */
export function growthOf(work: (size: number) => void, size: number): number {
  const growth = ([small = 0, large = 0]: number[]) => large / Math.max(small, shortestMs);
  const works = [size, 8 * size].map((each) => () => processorTime(() => work(each)));
  return growth(leastTimes(works, (times) => growth(times) < linear));
}

/** What takes less is lost among what else a process does. */
const shortestMs = 1;

/** Between linear and quadratic growth, with room for caches that the larger size no longer fits into. */
export const linear = 24;
