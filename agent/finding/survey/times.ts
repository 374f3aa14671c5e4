/** From line `firstId + starts[i]` on lines are from `times[i]`. */
export interface Times {
  starts: ArrayLike<number>;
  times: ArrayLike<number>;
}

/** Consecutive lines of which that is known. */
interface Timed {
  readonly firstId: number;
  times: Times;
}

/** Notes when lines are from, in order. */
export interface TimeNotes {
  note(id: number, time: number): void;
  /** What was noted last, from which another time has to be so far. */
  readonly last: number;
  readonly precisionMs: number;
  /** So many more may be noted before it becomes less precise. */
  readonly room: number;
}

/** @param most where there would be more, times that are near each other become one */
export function createTimes(chunk: Timed, most: number): TimeNotes {
  let starts: number[] = [];
  let times: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let precisionMs = 1;

  return {
    note(id, time) {
      if (Math.abs(time - last) < precisionMs) return;
      starts.push(id - chunk.firstId);
      times.push(time);
      if (times.length > most) {
        precisionMs *= 2;
        ({ starts, times } = thinned(starts, times, precisionMs));
      }
      last = times.at(-1) as number;
      chunk.times = { starts, times };
    },
    get last() {
      return last;
    },
    get precisionMs() {
      return precisionMs;
    },
    get room() {
      return Math.max(1, most + 1 - times.length);
    },
  };
}

/** Those that are so far from each other. */
function thinned(
  starts: ArrayLike<number>,
  times: ArrayLike<number>,
  precisionMs: number,
): { starts: number[]; times: number[] } {
  const kept: { starts: number[]; times: number[] } = { starts: [], times: [] };
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    if (Math.abs(time - last) < precisionMs) continue;
    last = time;
    kept.starts.push(starts[i] as number);
    kept.times.push(time);
  }
  return kept;
}

/** Leaves a packed chunk at most so many times: some that are near each other become one. Whether it had more. */
export function thinTimes(chunk: Timed, most: number): boolean {
  let { starts, times } = chunk.times;
  if (times.length <= most) return false;
  // Not by their span: one line without a time of its own may be a year away from all others.
  for (let precisionMs = 1; times.length > most; precisionMs *= 1.5) {
    if (precisionMs > leastGapMs(times)) ({ starts, times } = thinned(starts, times, precisionMs));
  }
  chunk.times = { starts: Uint16Array.from(starts), times: Float64Array.from(times) };
  return true;
}

function leastGapMs(times: ArrayLike<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < times.length; i++) {
    const gap = Math.abs((times[i] as number) - (times[i - 1] as number));
    if (gap < least) least = gap;
  }
  return least;
}

/** When line `id` is from. */
export function timeAt({ firstId, times: { starts, times } }: Timed, id: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (firstId + (starts[middle] as number) <= id) low = middle + 1;
    else high = middle;
  }
  return times[Math.max(0, low - 1)] ?? 0;
}
