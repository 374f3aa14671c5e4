import type { Bench } from './bench.ts';

/** One question that the benchmark asks, to several programs in turn. */
export interface Row {
  /** As `--only` has it. */
  name: string;
  title(bench: Bench): string;
  /** What is measured, in the table's order, and how it is written. */
  measures: Record<string, Unit>;
  /** What sse-tail must reach. */
  checks: Check[];
  /** Makes what all rounds need and says who takes part. */
  prepare(bench: Bench): Promise<Entrant[]>;
}

export type Unit = 'count' | 'rate' | 'number';

/** Who takes part in a row: a program, or sse-tail under other circumstances. */
export interface Entrant {
  name: string;
  /** One run; what it gives is named as in the row's measures. */
  measure: () => Promise<Sample>;
  /** At most this many runs, where one takes long or nothing varies. */
  mostRuns?: number;
}

export type Sample = Record<string, number>;

/** A bound on a measure of sse-tail (or of the `entrant`), absolute or relative to another entrant. */
export interface Check {
  measure: string;
  entrant?: string;
  /** Relative: the median of the rounds' ratios. With `difference`: the difference of the medians. */
  to?: string;
  is?: 'ratio' | 'difference';
  atLeast?: number;
  atMost?: number;
  /** It shows under the full load only: not judged in the small version. */
  isForFullLoad?: boolean;
}

/** What came of it. */
export interface Result {
  row: Row;
  title: string;
  /** By entrant, in order: its runs, or why it has none. */
  entrants: { name: string; samples: Sample[]; failure?: string }[];
  verdicts: Verdict[];
}

export interface Verdict {
  check: Check;
  /** NaN where one of the two has no runs. */
  measured: number;
  state: 'met' | 'missed' | 'unknown';
}
