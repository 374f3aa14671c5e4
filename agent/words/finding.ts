import type { LogSummary } from './log.ts';

/** One row of `GET /logs` where lines are looked for. */
export interface FoundLog extends LogSummary {
  /** How many lines were found, and the first few of them. */
  hits: number;
  lines: FoundLine[];
  /** Why it could not be searched, or not as a whole. */
  error?: string;
}

export interface FoundLine {
  id: number;
  /** When the agent read it, in milliseconds since the epoch. */
  time: number;
  source?: string;
  stream?: 'stderr';
  level?: 'error' | 'warn' | 'info' | 'debug';
  /** Without escape sequences. */
  text: string;
}

/** Data of `GET /outline`: what a log consists of. */
export interface Outline {
  /** In the order in which they begin; those inside another one follow it. */
  groups: OutlineGroup[];
  /** Errors and warnings in their order; of very many not all. */
  problems: Problem[];
  /** Where some are not listed, in order. */
  omitted: OmittedProblems[];
  /** How many there are. */
  errors: number;
  warnings: number;
  firstError: Problem | null;
  /**
   * Ids of the first and the last line that were looked at; it grows backwards until it holds the whole log. `[1, 0]`:
   * none yet.
   */
  known: [from: number, to: number];
}

/** Lines that their writer has put together: a step of a build, a test suite, a command in a shell, a run. */
export interface OutlineGroup {
  title: string;
  /** Ids of its first and last line; so far, where it is `running`. */
  from: number;
  to: number;
  /** The first and the last id of each of its parts, where lines of others stand between them. */
  parts?: [from: number, to: number][];
  /** How long it took, in milliseconds; null where that is not known. */
  ms: number | null;
  /** How many groups it is inside of. */
  depth: number;
  /** The worst of its lines. */
  level: 'error' | 'warn' | null;
  /** `failed`: its writer says so (an exit code, a failed test). */
  state: 'running' | 'done' | 'failed';
  /** The exit code of a command, where its shell says it. */
  code?: number;
  /** Its writer wants it to be folded. */
  collapsed?: true;
}

/** How many problems of the lines from one id to another are not listed. */
export interface OmittedProblems {
  from: number;
  to: number;
  errors: number;
  warnings: number;
}

export interface Problem {
  /** Of the first line of its record. */
  id: number;
  level: 'error' | 'warn';
  text: string;
  /** What it is about, as the line names it. */
  file?: string;
  line?: number;
}

/** Data of `GET /histogram`: how lines are spread over time. */
export interface Histogram {
  /** They follow each other without a gap and are equally long; none where there is no line. */
  buckets: Bucket[];
  /** The longest times without a line, the longest first. */
  pauses: Pause[];
  /** How many lines there are in all buckets. */
  lines: number;
  errors: number;
  warnings: number;
  known: [from: number, to: number];
}

export interface Bucket {
  /** Milliseconds since the epoch: from, and up to, which is the next one's from. */
  from: number;
  to: number;
  /** Id of its first line, null where it has none. */
  first: number | null;
  lines: number;
  errors: number;
  warnings: number;
}

export interface Pause {
  /** Ids of the lines before and after it. */
  after: number;
  before: number;
  /** When it began, and how long it was, in milliseconds. */
  from: number;
  ms: number;
}
