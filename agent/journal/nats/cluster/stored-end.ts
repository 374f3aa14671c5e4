import type { StreamState } from './log-subject.ts';

/** Where a log ends in its stream. */
export interface StoredEnd {
  /** When the stream was made: another one has other sequences. */
  created: string;
  seq: number;
  /** The last line, and the bytes up to its end. */
  lastId: number;
  offset: number;
}

/** Whether a stream has had these lines, and no longer has them because of its own limits. */
export function isTaken(end: StoredEnd, { created, isLimited, firstSeq }: StreamState): boolean {
  return created === end.created && isLimited && firstSeq > end.seq;
}
