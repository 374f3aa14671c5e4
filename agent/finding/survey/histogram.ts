import type { Bucket, Histogram, Pause } from '../../words/finding.ts';
import { levelCodes } from '../lines/levels.ts';
import { type Chunk, levelCodeAt } from './chunk.ts';
import type { LineSet } from './line-set.ts';

export interface HistogramOptions {
  /** How many buckets at most. */
  buckets: number;
  firstId: number;
  /** Only these lines; all where it is left out. */
  ids?: LineSet;
}

/** Shorter ones say nothing. */
const shortestPauseMs = 1000;
const mostPauses = 10;

/** @param chunks follow each other without a gap */
export function histogramOf(chunks: readonly Chunk[], { buckets, firstId, ids }: HistogramOptions): Histogram {
  const known: [number, number] =
    chunks.length === 0 ? [1, 0] : [Math.max(firstId, chunks[0]?.firstId ?? 1), chunks.at(-1)?.lastId ?? 0];
  const visitRuns: VisitRuns =
    ids === undefined ? (visit) => visitAll(chunks, firstId, visit) : (visit) => visitIds(chunks, ids, visit);
  const made = bucketsFor(visitRuns, buckets);
  const totals = { lines: 0, errors: 0, warnings: 0 };
  const pauses = createPauses();
  visitRuns((run) => {
    const bucket = made.at(run.time);
    if (bucket.first === null || run.from < bucket.first) bucket.first = run.from;
    count(bucket, run);
    count(totals, run);
    pauses.take(run);
  });
  return { buckets: made.buckets, pauses: pauses.found, ...totals, known };
}

/** Lines of the same time. */
interface Run extends Counts {
  from: number;
  to: number;
  time: number;
}

type Counts = Pick<Bucket, 'lines' | 'errors' | 'warnings'>;
/** The run that is passed is the same object each time. */
type VisitRuns = (visit: (run: Run) => void) => void;

function count(into: Counts, { lines, errors, warnings }: Counts): void {
  into.lines += lines;
  into.errors += errors;
  into.warnings += warnings;
}

/** Lines, errors and warnings of each run of a chunk; remembered, as a chunk that is full does not change any more. */
const remembered = new WeakMap<Chunk, { lastId: number; counts: Uint16Array }>();

/** A full chunk is counted when it is looked at: the first histogram of a long log would take as long as all others. */
export function countLines(chunk: Chunk): void {
  countsOf(chunk);
}

function countsOf(chunk: Chunk): Uint16Array {
  const known = remembered.get(chunk);
  const { length } = chunk.times.starts;
  if (known?.lastId === chunk.lastId && known.counts.length === 3 * length) return known.counts;
  const counts = new Uint16Array(3 * length);
  for (let i = 0; i < length; i++) {
    const run = countedRun(chunk, runStart(chunk, i), runStart(chunk, i + 1) - 1, 0);
    counts.set([run.lines, run.errors, run.warnings], 3 * i);
  }
  remembered.set(chunk, { lastId: chunk.lastId, counts });
  return counts;
}

/** Of run `i` of a chunk: its first line; one after the chunk's last line for the run after its last one. */
function runStart({ firstId, lastId, times: { starts } }: Chunk, i: number): number {
  const start = starts[i];
  return start === undefined ? lastId + 1 : firstId + start;
}

function countedRun(chunk: Chunk, from: number, to: number, time: number): Run {
  const run: Run = { from, to, time, lines: 0, errors: 0, warnings: 0 };
  for (let id = from; id <= to; id++) countLine(run, levelCodeAt(chunk, id));
  return run;
}

function countLine(into: Counts, code: number): void {
  if (code !== levelCodes.unread) into.lines++;
  if (code === levelCodes.error) into.errors++;
  if (code === levelCodes.warn) into.warnings++;
}

function visitAll(chunks: readonly Chunk[], firstId: number, visit: (run: Run) => void): void {
  const run: Run = { from: 0, to: 0, time: 0, lines: 0, errors: 0, warnings: 0 };
  for (const chunk of chunks) {
    const { starts, times } = chunk.times;
    const counts = countsOf(chunk);
    for (let i = 0; i < starts.length; i++) {
      run.from = runStart(chunk, i);
      run.to = runStart(chunk, i + 1) - 1;
      run.time = times[i] as number;
      if (run.to < firstId) continue;
      if (run.from < firstId) Object.assign(run, countedRun(chunk, firstId, run.to, run.time));
      else {
        run.lines = counts[3 * i] as number;
        run.errors = counts[3 * i + 1] as number;
        run.warnings = counts[3 * i + 2] as number;
      }
      if (run.lines > 0) visit(run);
    }
  }
}

function visitIds(chunks: readonly Chunk[], ids: LineSet, visit: (run: Run) => void): void {
  for (const chunk of chunks) {
    let next = 0;
    let nextStart = chunk.firstId;
    const run: Run = { from: 0, to: 0, time: 0, lines: 0, errors: 0, warnings: 0 };
    ids.visit(chunk.firstId, chunk.lastId, (id) => {
      if (id >= nextStart) {
        if (run.lines > 0) visit(run);
        while (nextStart <= id) nextStart = runStart(chunk, ++next);
        const time = chunk.times.times[next - 1] ?? 0;
        Object.assign(run, { from: id, time, lines: 0, errors: 0, warnings: 0 });
      }
      run.to = id;
      countLine(run, levelCodeAt(chunk, id));
    });
    if (run.lines > 0) visit(run);
  }
}

function bucketsFor(visitRuns: VisitRuns, most: number): { buckets: Bucket[]; at(time: number): Bucket } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  visitRuns(({ time }) => {
    if (time < first) first = time;
    if (time > last) last = time;
  });
  if (last < first) return { buckets: [], at: () => emptyBucket(0, 0) };
  // Whole milliseconds, so that no bucket is without a time.
  const width = Math.max(1, Math.ceil((last - first + 1) / most));
  const length = Math.ceil((last - first + 1) / width);
  const buckets = Array.from({ length }, (_, i) => emptyBucket(first + i * width, first + (i + 1) * width));
  return { buckets, at: (time) => buckets[Math.floor((time - first) / width)] as Bucket };
}

function emptyBucket(from: number, to: number): Bucket {
  return { from, to, first: null, lines: 0, errors: 0, warnings: 0 };
}

/** The longest first. */
function createPauses(): { found: Pause[]; take(run: Run): void } {
  const found: Pause[] = [];
  let last: { to: number; time: number } | undefined;
  return {
    found,
    take({ from, to, time }) {
      const ms = last === undefined ? 0 : time - last.time;
      if (last !== undefined && ms >= shortestPauseMs && (found.length < mostPauses || ms > (found.at(-1)?.ms ?? 0))) {
        found.push({ after: last.to, before: from, from: last.time, ms });
        found.sort((a, b) => b.ms - a.ms);
        found.length = Math.min(found.length, mostPauses);
      }
      last = { to, time };
    },
  };
}
