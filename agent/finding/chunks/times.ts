import type { TimeSpan } from '../known-lines.ts';
import type { LineScanner } from '../lines/line-scanner.ts';

/** From line `firstId + starts[i]` on lines are from `times[i]`. */
export interface Times {
  starts: ArrayLike<number>;
  times: ArrayLike<number>;
}

/** Consecutive lines of which that is known. */
interface Timed {
  readonly firstId: number;
  times: Times;
  span: TimeSpan;
}

/** Notes when lines are from, in order. */
export interface TimeNotes {
  note(id: number, time: number): void;
  /** As many, of lines from `id` on, as a scanner has noted by `last` and `precisionMs`; not more than `room`. */
  noteAll(id: number, noted: Pick<LineScanner, 'times' | 'timeOf' | 'lineOf'>): void;
  /** What was noted last, from which another time has to be so far. */
  readonly last: number;
  readonly precisionMs: number;
  /** So many more may be noted before it becomes less precise. */
  readonly room: number;
  /** The chunk has what was noted until now, in memory that changes with the next note. */
  publish(): void;
}

const leastRoom = 64;

/**
 * In memory that is used again: what JavaScript's own arrays and numbers leave as garbage takes as long as looking at
 * the lines.
 *
 * @param most where there would be more, times that are near each other become one
 */
export function createTimes(chunk: Timed, most: number): TimeNotes {
  let starts = new Uint16Array(leastRoom);
  let times = new Float64Array(leastRoom);
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  let precisionMs = 1;
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  let isPublished = true;

  function makeRoom(length: number): void {
    if (length <= times.length) return;
    const moreStarts = new Uint16Array(2 * length);
    const moreTimes = new Float64Array(2 * length);
    moreStarts.set(starts);
    moreTimes.set(times);
    starts = moreStarts;
    times = moreTimes;
  }

  function widen(time: number): void {
    if (time < earliest) earliest = time;
    if (time > latest) latest = time;
  }

  function thinIfTooMany(): void {
    if (count > most) {
      precisionMs *= 2;
      count = thin(starts, times, count, precisionMs);
    }
    last = times[count - 1] as number;
    isPublished = false;
  }

  return {
    note(id, time) {
      if (Math.abs(time - last) < precisionMs) return;
      makeRoom(count + 1);
      starts[count] = id - chunk.firstId;
      times[count++] = time;
      widen(time);
      thinIfTooMany();
    },
    noteAll(id, noted) {
      const length = noted.times;
      if (length === 0) return;
      makeRoom(count + length);
      const first = id - chunk.firstId;
      for (let i = 0; i < length; i++) {
        starts[count + i] = first + noted.lineOf(i);
        times[count + i] = noted.timeOf(i);
        widen(times[count + i] as number);
      }
      count += length;
      thinIfTooMany();
    },
    get last() {
      return last;
    },
    get precisionMs() {
      return precisionMs;
    },
    get room() {
      return Math.max(1, most + 1 - count);
    },
    publish() {
      if (isPublished) return;
      isPublished = true;
      chunk.times = { starts: starts.subarray(0, count), times: times.subarray(0, count) };
      // What was not noted is nearer than that to what was.
      chunk.span = { earliest: earliest - precisionMs, latest: latest + precisionMs };
    },
  };
}

/** Moves those that are so far from each other to the front. Returns how many they are. */
function thin(starts: Uint16Array, times: Float64Array, length: number, precisionMs: number): number {
  let kept = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const time = times[i] as number;
    if (Math.abs(time - last) < precisionMs) continue;
    last = time;
    starts[kept] = starts[i] as number;
    times[kept++] = time;
  }
  return kept;
}

/** Leaves a chunk at most so many times: some that are near each other become one. Whether it had more. */
export function thinTimes(chunk: Timed, most: number): boolean {
  if (chunk.times.times.length <= most) return false;
  const starts = Uint16Array.from(chunk.times.starts);
  const times = Float64Array.from(chunk.times.times);
  let length = times.length;
  // Not by their span: one line without a time of its own may be a year away from all others.
  for (let precisionMs = 1; length > most; precisionMs *= 1.5) {
    if (precisionMs > leastGapMs(times.subarray(0, length))) length = thin(starts, times, length, precisionMs);
  }
  chunk.times = { starts: starts.slice(0, length), times: times.slice(0, length) };
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
