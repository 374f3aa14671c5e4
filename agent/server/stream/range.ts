import type { Selection } from '../../words/selection.ts';

/** Which lines are asked for; what is undefined was not given. */
export interface LinesQuery {
  /** First and last id, both included. */
  from?: number;
  to?: number;
  /** The last so many lines. */
  tail?: number;
  /** The response ends after so many lines. */
  limit?: number;
  /** Continue live at the newest line. */
  follow: boolean;
  /** Only lines that it selects. */
  selection?: Selection;
}

/** What a log holds at one moment. */
export interface Extent {
  /** Ids of the first and last line kept; `last` is `first - 1` when there is none. */
  first: number;
  last: number;
  /** True when no line will be added. */
  isFinished: boolean;
}

/** The lines of one response. */
export interface Range {
  /** Id of the first line; one that does not exist yet is waited for. */
  nextId: number;
  /** Id of the last line, or infinite. */
  endId: number;
  /** Most lines to send, or infinite. */
  lineLimit: number;
  /** The client asks for another log, or for what is past the end: it has to be told so and begins anew. */
  isReset: boolean;
}

/** The lines a query asks for. */
export function rangeOf(query: LinesQuery, extent: Extent): Range {
  const { first, last } = extent;
  const { to = Number.POSITIVE_INFINITY } = query;
  const { endId, lineLimit } = endOf(query, extent);
  return { nextId: firstIdOf(query, first, Math.min(to, last)), endId, lineLimit, isReset: false };
}

/** The same for a client that has everything up to an id; `complete` when nothing can come any more. */
export function rangeAfter(lastEventId: number, query: LinesQuery, extent: Extent): Range | 'complete' {
  const { first, last, isFinished } = extent;
  const { endId, lineLimit } = endOf(query, extent);
  if (lastEventId > last) return { nextId: first, endId, lineLimit, isReset: true };
  if (lastEventId >= endId || (isFinished && lastEventId === last)) return 'complete';
  return { nextId: lastEventId + 1, endId, lineLimit, isReset: false };
}

function endOf(
  { to = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY, follow }: LinesQuery,
  { last }: Extent,
) {
  return { endId: follow ? to : Math.min(to, last), lineLimit: limit };
}

function firstIdOf({ from, to, tail, selection }: LinesQuery, first: number, lastOfTail: number): number {
  // Where lines are selected, those have to be counted: the stream does that.
  const tailFrom = tail === undefined || selection !== undefined ? 1 : lastOfTail - tail + 1;
  if (from !== undefined) return Math.max(from, tailFrom);
  // Asked for what there is: what retention took before is no gap. Asked for lines that are all gone: it is one.
  return to !== undefined && to < first ? Math.max(1, tailFrom) : Math.max(first, tailFrom);
}
