/** Milliseconds, however busy the machine is. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How long is looked for a moment in which nothing else slows the work. */
const patienceMs = 10_000;

/** The first rounds are slow whatever is asked, as nothing is compiled yet: a bound that they meet says nothing. */
const leastRounds = 3;

/**
 * The least time that each of several pieces of work takes, in milliseconds; they are done in turn, until the times
 * are as they should be, or for `ms` milliseconds. A neighbor on the same core or memory slows the processor too, for
 * as long as it likes: a bound that is missed once says nothing, one that is never met does.
 *
 * @param works each returns the milliseconds that count of it, as by `processorTime`
 */
export function leastTimes(
  works: readonly (() => number)[],
  areAsTheyShouldBe: (times: number[]) => boolean,
  ms = patienceMs,
): number[] {
  const times = works.map(() => Number.POSITIVE_INFINITY);
  const endsAt = performance.now() + ms;
  for (let round = 1; ; round++) {
    for (const [at, work] of works.entries()) times[at] = Math.min(times[at] ?? 0, work());
    if (round < leastRounds) continue;
    if (areAsTheyShouldBe(times) || performance.now() > endsAt) return times;
  }
}

/** The least time of one piece of work, which should take no more than `mostMs`: in milliseconds. */
export function leastTime(work: () => void, mostMs: number): number {
  const begunAt = performance.now();
  let least = processorTime(work);
  while (least > mostMs && performance.now() - begunAt < patienceMs) least = Math.min(least, processorTime(work));
  return least;
}

/**
 * How much more processor time `work` takes for eight times the size: about 8 where time is linear, 64 where it is
 * quadratic.
 */
export function growthOf(work: (size: number) => void, size: number, ms = patienceMs): number {
  const growth = ([small = 0, large = 0]: number[]) => large / Math.max(small, shortestMs);
  const works = [size, 8 * size].map((each) => () => processorTime(() => work(each)));
  return growth(leastTimes(works, (times) => growth(times) < linear, ms));
}

/** What takes less is lost among what else a process does. */
const shortestMs = 1;

/** Between linear and quadratic growth, with room for caches that the larger size no longer fits into. */
export const linear = 24;
