import type { Bucket, Histogram, Pause } from '../../words/finding.ts';
import { type Chunk, levelCodeAt, visitNotable } from '../chunks/chunk.ts';
import type { LineSet } from '../chunks/line-set.ts';
import { levelCodes } from '../lines/levels.ts';

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
    count(totals, run);
    pauses.take(run);
    addTo(made, run);
  });
  return { buckets: made.buckets, pauses: pauses.found, ...totals, known };
}

function addTo(made: Buckets, run: Run): void {
  const bucket = made.at(run.least);
  if (run.parts !== undefined && bucket !== made.at(run.most)) {
    for (const part of run.parts()) addTo(made, part);
    return;
  }
  if (bucket.first === null || run.from < bucket.first) bucket.first = run.from;
  count(bucket, run);
}

/** Lines of the same time, or several such runs: a long log has more of them than any picture of it has columns. */
interface Run extends Counts {
  from: number;
  to: number;
  /** When the first and the last of its lines are from. */
  time: number;
  lastTime: number;
  /** The extremes of its times. */
  least: number;
  most: number;
  /** From one run to the next of its parts; 0 where it has none. */
  longestPauseMs: number;
  /** Made when they are asked for: all of a long log's are 20 MB. */
  parts: (() => readonly Run[]) | undefined;
}

function runOf(from: number, to: number, time: number, counts: Counts): Run {
  const { lines, errors, warnings } = counts;
  const times = { time, lastTime: time, least: time, most: time };
  return { from, to, ...times, longestPauseMs: 0, parts: undefined, lines, errors, warnings };
}

type Counts = Pick<Bucket, 'lines' | 'errors' | 'warnings'>;
const none: Counts = { lines: 0, errors: 0, warnings: 0 };
type VisitRuns = (visit: (run: Run) => void) => void;

function count(into: Counts, { lines, errors, warnings }: Counts): void {
  into.lines += lines;
  into.errors += errors;
  into.warnings += warnings;
}

/** The runs of a chunk, all together; remembered, as a chunk that is full does not change any more. */
const remembered = new WeakMap<Chunk, { lastId: number; times: Chunk['times']; runs: readonly Run[] }>();
const runsAtOnce = 16;

/** A full chunk is counted when it is looked at: the first histogram of a long log would take as long as all others. */
export function countLines(chunk: Chunk): void {
  remembered.delete(chunk);
  runsOf(chunk);
}

function runsOf(chunk: Chunk): readonly Run[] {
  const { lastId, times } = chunk;
  const known = remembered.get(chunk);
  if (known?.lastId === lastId && known.times === times) return known.runs;
  const counts = countsOf(chunk);
  const parts: Run[] = [];
  for (let start = 0; start < times.starts.length; start += runsAtOnce) {
    const part = together(chunk, counts, start, Math.min(start + runsAtOnce, times.starts.length));
    if (part !== undefined) parts.push(part);
  }
  const runs = parts.length > 1 ? [around(parts)] : parts;
  remembered.set(chunk, { lastId, times, runs });
  return runs;
}

/** All of a chunk: most are in one of the picture's columns. */
function around(parts: readonly Run[]): Run {
  const [first] = parts as [Run];
  const whole: Run = { ...first, ...none, lastTime: first.time, longestPauseMs: 0, parts: () => parts };
  for (const part of parts) {
    count(whole, part);
    whole.longestPauseMs = Math.max(whole.longestPauseMs, part.longestPauseMs, part.time - whole.lastTime);
    whole.least = Math.min(whole.least, part.least);
    whole.most = Math.max(whole.most, part.most);
    whole.to = part.to;
    whole.lastTime = part.lastTime;
  }
  return whole;
}

/** Three numbers for each of a chunk's times: lines, errors, warnings. */
function countsOf(chunk: Chunk): Uint16Array {
  const length = chunk.times.starts.length;
  const counts = new Uint16Array(3 * length);
  for (let i = 0; i < length; i++) counts[3 * i] = runStart(chunk, i + 1) - runStart(chunk, i);
  let i = 0;
  visitNotable(chunk, (id, code) => {
    // Lines that can't be read, before the first one that can.
    if (id < runStart(chunk, 0)) return;
    while (runStart(chunk, i + 1) <= id) i++;
    const at = 3 * i + (code === levelCodes.error ? 1 : code === levelCodes.warn ? 2 : 0);
    counts[at] = (counts[at] as number) + (code === levelCodes.unread ? -1 : 1);
  });
  return counts;
}

function partsOf(chunk: Chunk, counts: Uint16Array, start: number, end: number): Run[] {
  const parts: Run[] = [];
  for (let i = start; i < end; i++) {
    const [lines = 0, errors = 0, warnings = 0] = counts.subarray(3 * i, 3 * i + 3);
    const time = chunk.times.times[i] as number;
    if (lines > 0) parts.push(runOf(runStart(chunk, i), runStart(chunk, i + 1) - 1, time, { lines, errors, warnings }));
  }
  return parts;
}

function together(chunk: Chunk, counts: Uint16Array, start: number, end: number): Run | undefined {
  const { times } = chunk.times;
  let whole: Run | undefined;
  for (let i = start; i < end; i++) {
    const lines = counts[3 * i] as number;
    if (lines === 0) continue;
    const time = times[i] as number;
    if (whole === undefined) {
      whole = runOf(runStart(chunk, i), 0, time, none);
      whole.parts = () => partsOf(chunk, counts, start, end);
    }
    whole.lines += lines;
    whole.errors += counts[3 * i + 1] as number;
    whole.warnings += counts[3 * i + 2] as number;
    whole.longestPauseMs = Math.max(whole.longestPauseMs, time - whole.lastTime);
    whole.least = Math.min(whole.least, time);
    whole.most = Math.max(whole.most, time);
    whole.to = runStart(chunk, i + 1) - 1;
    whole.lastTime = time;
  }
  return whole;
}

/** Of run `i` of a chunk: its first line; one after the chunk's last line for the run after its last one. */
function runStart({ firstId, lastId, times: { starts } }: Chunk, i: number): number {
  const start = starts[i];
  return start === undefined ? lastId + 1 : firstId + start;
}

function countedRun(chunk: Chunk, from: number, to: number, time: number): Run {
  const run = runOf(from, to, time, none);
  for (let id = from; id <= to; id++) countLine(run, levelCodeAt(chunk, id));
  return run;
}

function countLine(into: Counts, code: number): void {
  if (code !== levelCodes.unread) into.lines++;
  if (code === levelCodes.error) into.errors++;
  if (code === levelCodes.warn) into.warnings++;
}

function visitAll(chunks: readonly Chunk[], firstId: number, visit: (run: Run) => void): void {
  for (const chunk of chunks) for (const run of runsOf(chunk)) visitFrom(chunk, run, firstId, visit);
}

/** What comes before the first line that is kept is left out. */
function visitFrom(chunk: Chunk, run: Run, firstId: number, visit: (run: Run) => void): void {
  if (run.from >= firstId) visit(run);
  else if (run.parts !== undefined) for (const part of run.parts()) visitFrom(chunk, part, firstId, visit);
  else if (run.to >= firstId) {
    const rest = countedRun(chunk, firstId, run.to, run.time);
    if (rest.lines > 0) visit(rest);
  }
}

function visitIds(chunks: readonly Chunk[], ids: LineSet, visit: (run: Run) => void): void {
  for (const chunk of chunks) {
    let next = 0;
    let nextStart = chunk.firstId;
    let run: Run | undefined;
    ids.visit(chunk.firstId, chunk.lastId, (id) => {
      if (run === undefined || id >= nextStart) {
        if (run !== undefined) visit(run);
        while (nextStart <= id) nextStart = runStart(chunk, ++next);
        run = runOf(id, id, chunk.times.times[next - 1] ?? 0, none);
      }
      run.to = id;
      countLine(run, levelCodeAt(chunk, id));
    });
    if (run !== undefined && (run as Run).lines > 0) visit(run);
  }
}

interface Buckets {
  buckets: Bucket[];
  at(time: number): Bucket;
}

function bucketsFor(visitRuns: VisitRuns, most: number): Buckets {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  visitRuns((run) => {
    if (run.least < first) first = run.least;
    if (run.most > last) last = run.most;
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

  function isLong(ms: number): boolean {
    return ms >= shortestPauseMs && (found.length < mostPauses || ms > (found.at(-1)?.ms ?? 0));
  }

  function take(run: Run): void {
    if (run.parts !== undefined && isLong(run.longestPauseMs)) {
      for (const part of run.parts()) take(part);
      return;
    }
    const ms = last === undefined ? 0 : run.time - last.time;
    if (last !== undefined && isLong(ms)) {
      found.push({ after: last.to, before: run.from, from: last.time, ms });
      found.sort((a, b) => b.ms - a.ms);
      found.length = Math.min(found.length, mostPauses);
    }
    last = { to: run.to, time: run.lastTime };
  }

  return { found, take };
}
