/** What feeds a log. */
export type LogKind = 'file' | 'command' | 'stdin';

/**
 * How a log stands.
 * - `running`: a command runs, or standard input is open.
 * - `following` / `waiting`: its files are followed / none of them exists right now.
 * - `exited`: it has its last line; `code` or `signal` as the command ended (stdin: code 0). Times in milliseconds
 *   since the epoch.
 * - `stopped`: nobody writes it any more and nobody could say how it ended (the agent was stopped or killed).
 */
export type LogStatus =
  | { state: 'running'; startedAt: number }
  | { state: 'following' }
  | { state: 'waiting' }
  | { state: 'exited'; code: number | null; signal: string | null; startedAt: number; endedAt: number }
  | { state: 'stopped' };

/** True when the log will not get another line from the agent that wrote it. */
export function isFinished(status: LogStatus): boolean {
  return status.state === 'exited' || status.state === 'stopped';
}

/** What a log is: fixed when it is created. Kept in its `log.json`. */
export interface LogInfo {
  /** Safe in a path and in a URL: `[A-Za-z0-9._-]`, e.g. `build.log-1f3a`. */
  id: string;
  kind: LogKind;
  /** What people call it: the file's base name, the command line, or `--name`. */
  name: string;
  /** `--title`, where given. */
  title?: string;
  /** True for a `--name` log, which every run continues. */
  lasting?: true;
  /** For files: the arguments as absolute paths or globs. */
  paths?: string[];
  /** For files: the same as they were given. */
  operands?: string[];
  /** For files: where it was begun, as `-n` has it (`10000`, `all`, `+5`). */
  start?: string;
  /** For commands: argv as it was given. */
  argv?: string[];
  /** Working directory in which the agent was started. */
  cwd: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** One row of `GET /logs`. */
export interface LogSummary extends LogInfo {
  status: LogStatus;
  /** Bytes kept on disk. */
  size: number;
  /** Ids of the first and the last kept line; `last` is `first - 1` when none is kept. */
  first: number;
  last: number;
  /** Time of the last change of the journal, milliseconds since the epoch. */
  updatedAt: number;
  /**
   * What can't be read of it, and why, one sentence: its newest lines, which `last` does not count then; or what is
   * known about it, which is what it was before then, or made up from its id.
   */
  unread?: string;
}

const logIdPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

/** Whether a string from a URL or a directory name may be used as a log id (so it can't leave the state dir). */
export function isLogId(text: string): boolean {
  return logIdPattern.test(text);
}

/** Of a name in a log id: an id is read, typed and stands in URLs. */
const longestNameInId = 35;

/**
 * A log id for a name: what is unsafe becomes `-`, a long name is cut after a word, and `suffix` (hex digits) keeps it
 * apart from its namesakes.
 */
export function logIdFor(name: string, suffix: string): string {
  const safe = name.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^[-.]+|-+$/g, '');
  return `${cutBehindWord(safe, longestNameInId) || 'log'}-${suffix}`;
}

function cutBehindWord(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const cut = name.slice(0, longest + 1);
  const end = Math.max(cut.lastIndexOf('-'), cut.lastIndexOf('_'), cut.lastIndexOf('.'));
  // A word that takes up more than half of it is cut itself: what is left would tell less.
  return cut.slice(0, end > longest / 2 ? end : longest).replace(/[-_.]+$/, '');
}
