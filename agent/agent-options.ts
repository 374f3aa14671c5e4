import type { ServingOptions } from './serve.ts';
import type { StartAt } from './sources/file/file.ts';
import type { WindowSize } from './sources/source.ts';
import type { Inherited } from './system/inherited.ts';

/** What to stream. */
export type AgentInput =
  /**
   * Files and globs, which need not exist yet, and directories, which stand for the files in them (`recursive`: at any
   * depth). `start` is where a new file begins (default: its last 10,000 lines).
   */
  | { kind: 'files'; paths: string[]; recursive?: boolean; start?: StartAt }
  /**
   * Program and arguments; with `shell` one text for `/bin/sh -c`. Runs once `start` is called. With `tty` it runs on a
   * pseudo-terminal (of `size`; default as large as this terminal), and this process's standard input is typed into
   * that. `inherited` is what a program gives its command as it had it from its own parent, and Node would not.
   */
  | { kind: 'command'; argv: string[]; shell?: boolean; tty?: boolean; size?: WindowSize; inherited?: Inherited }
  | { kind: 'stdin'; input?: NodeJS.ReadStream };

export interface AgentOptions extends ServingOptions {
  input: AgentInput;
  /** Where logs are kept (default `$XDG_STATE_HOME/sse-tail`). */
  dir?: string;
  /** False: the log is deleted when the agent is closed. */
  keep?: boolean;
  /** Most bytes to keep of a log (default 1 GiB). */
  retainBytes?: number;
  /** Each line is on the disk before anybody sees it, so that a power loss can't take it back. */
  fsync?: boolean;
  /** The NATS cluster to which the log is published as well: `nats://host:4222`, with `?replicas=3` and the like. */
  store?: string;
  /** Path of a NATS credentials file. */
  natsCreds?: string;
  /** False: no page is served here, and the log is read where it is published. */
  serve?: boolean;
  /** A persistent log of this name, which every run continues. */
  name?: string;
  /** Title of the page. */
  title?: string;
  /** Don't pass a command's output or standard input on to stdout and stderr. */
  quiet?: boolean;
  /** False: a command is asked to print no colors. */
  color?: boolean;
  /** Path of a file to which the bytes of a command or standard input are written as well. */
  save?: string;
  /**
   * Secrets are replaced with `***` before anything is kept: the values of environment variables named like one, and of
   * `names`; values announced by lines `::add-mask::value`; what `patterns` match, or only their first
   * group that took part (no lookaheads, no backreferences: they are matched in linear time). False: none are.
   */
  redact?: false | { names?: string[]; patterns?: (string | RegExp)[] };
  /**
   * Character encoding of the input, by its name in the Encoding standard (`gbk`, `windows-1252`); default UTF-8. Lines
   * are kept as UTF-8.
   */
  encoding?: string;
  /** Check followed files at this interval instead of waiting for change events, which some file systems don't have. */
  pollMs?: number;
  /** Takes what the person who runs the agent should know, one sentence at a time. */
  report?: (sentence: string) => void;
}
