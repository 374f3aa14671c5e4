import type { Bucket, Histogram } from '../../agent/words/finding.ts';
import type { EmbeddedLine } from './embedded-log.ts';

type Spread = Pick<EmbeddedLine, 'id' | 'time' | 'level'>;

/**
 * How lines are spread over time, as the agent's `histogram` has it. Pauses are not among what the page shows.
 *
 * @param known which lines they were found among
 */
export function histogramOf(lines: readonly Spread[], most: number, known: Histogram['known']): Histogram {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { time } of lines) {
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  const totals = { lines: 0, errors: 0, warnings: 0 };
  if (last < first) return { buckets: [], pauses: [], ...totals, known };
  const width = Math.max(1, Math.ceil((last - first + 1) / most));
  const buckets: Bucket[] = [];
  for (let from = first; from <= last; from += width) {
    buckets.push({ from, to: from + width, first: null, lines: 0, errors: 0, warnings: 0 });
  }
  for (const { id, time, level } of lines) {
    const bucket = buckets[Math.floor((time - first) / width)] as Bucket;
    bucket.first = Math.min(bucket.first ?? id, id);
    for (const counts of [bucket, totals]) {
      counts.lines++;
      if (level === 'error') counts.errors++;
      if (level === 'warn') counts.warnings++;
    }
  }
  return { buckets, pauses: [], ...totals, known };
}
