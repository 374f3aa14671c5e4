/** Which of a command's two outputs a line came from. Files and stdin are `stdout`. */
export type Stream = 'stdout' | 'stderr';

/**
 * Where and when lines come from: what consecutive lines have in common. On the wire it is the `origin` event, which
 * holds until the next one; fields at their default are left out.
 */
export interface Origin {
  /** When the agent read the lines, in milliseconds since the epoch. */
  time: number;
  /** The source's name. Left out in a log that can only ever have one source. */
  source?: string;
  /** Left out for stdout. */
  stream?: 'stderr';
  /** Said by sse-tail itself (rotated, truncated, run started …), not by the source. */
  kind?: 'notice';
  /** Each of these lines continues in the next one of its source: it was longer than the limit. */
  continued?: true;
  /** Of a search: these lines were not found, they stand around one that was. Never in a journal. */
  context?: true;
  /** Of a search that sends a line in pieces as one: the id of its first piece. Never in a journal. */
  firstId?: number;
  /** Of a search: a part of a line that is too long to be looked at as one; it goes on. Never in a journal. */
  part?: true;
  /** Of a search that is asked to say it: the level of these lines' records. Never in a journal. */
  level?: 'error' | 'warn' | 'info' | 'debug';
}

/** A longer line is cut into pieces of at most this many bytes, never inside a character. */
export const maxLineBytes = 256 * 1024;
