import type { Level } from '../text/level.ts';
import type { Origin } from '../words/line.ts';
import { type Selection, selects } from '../words/selection.ts';
import type { TimeSpan } from './known-lines.ts';
import type { TextPattern } from './pattern/text-pattern.ts';

/** Which lines are looked for: those that fulfill all of it. Plain data, as it crosses threads. */
export interface LineQuery {
  pattern?: TextPattern;
  /** What it has to hold beside the pattern: all of these. */
  also?: readonly TextPattern[];
  /** Lines that hold one of these are left out; case counts as it does for the pattern. */
  not: readonly TextPattern[];
  level?: readonly Level[];
  selection?: Selection;
  /** Milliseconds since the epoch, both included. */
  since?: number;
  until?: number;
  /** So many lines around each line that is found come with it, marked as context. */
  before: number;
  after: number;
  /** The rest of its record, such as a stack trace, comes with each line that is found, marked as context. */
  hasRecords?: boolean;
  /** The origins of what is found say levels: a line's is that of its record. */
  hasLevels?: boolean;
  /** Each piece of a long line is looked at by itself: a match counts for the piece in which it ends. */
  isByPiece?: boolean;
}

/** Of more lines around a line hardly anybody would see where it is. */
export const mostContext = 10_000;
export const contextExpected = `a number of lines (0 to ${mostContext})`;

/** Whether it may leave out lines. */
export function isFiltering({ pattern, also, not, level, selection, since, until }: LineQuery): boolean {
  return not.length > 0 || [pattern, also, level, selection, since, until].some((part) => part !== undefined);
}

/** So many lines around a line are looked at for what they say about it: records are rarely longer. */
export const recordLines = 200;

/**
 * How many lines before the first one have to be looked at to know what it is part of.
 *
 * @param isResumed lines after a match before the first line are still owed
 */
export function primingOf(query: LineQuery, isResumed: boolean): number {
  return Math.max(isResumed ? query.after : 0, recordReach(query));
}

/** How far lines are whose text has a say in whether one is found. */
export function recordReach(query: LineQuery): number {
  const { since, until, hasRecords } = query;
  const isPartOfSomething = asksForLevels(query) || since !== undefined || until !== undefined || hasRecords === true;
  return isPartOfSomething ? recordLines : 0;
}

/** Whether what records say is part of the answer. */
export function asksForLevels({ level, hasLevels }: Pick<LineQuery, 'level' | 'hasLevels'>): boolean {
  return level !== undefined || hasLevels === true;
}

/** How many lines before one that may be found have to be looked at, where the levels of all lines are known. */
export function reachBeforeKnown(query: LineQuery): number {
  // What says no time is of that of the lines before it.
  return Math.max(reachBefore(query), isTimed(query) ? recordLines : 0);
}

export function isTimed({ since, until }: LineQuery): boolean {
  return since !== undefined || until !== undefined;
}

/** Whether lines of these times may be found. */
export function mayBeOfTime({ earliest, latest }: TimeSpan, { since, until }: LineQuery): boolean {
  return latest >= (since ?? Number.NEGATIVE_INFINITY) && earliest <= (until ?? Number.POSITIVE_INFINITY);
}

/** Whether lines of these times are found, as far as times decide. */
export function areOfTime({ earliest, latest }: TimeSpan, { since, until }: LineQuery): boolean {
  return earliest >= (since ?? Number.NEGATIVE_INFINITY) && latest <= (until ?? Number.POSITIVE_INFINITY);
}

/** How many lines before one that is found may come with it. */
export function reachBefore({ before, hasRecords }: LineQuery): number {
  return hasRecords ? Math.max(before, recordLines) : before;
}

/** Whether looking at a line takes so little that whoever appends it can wait for it. */
export function isCheap({ pattern, also = [], not }: LineQuery): boolean {
  return !pattern?.isRegex && ![...also, ...not].some(({ isRegex }) => isRegex);
}

/** @param firstSource name of the source of lines whose origin names none */
export function selectedBy({ selection }: LineQuery, firstSource: string | undefined): (origin: Origin) => boolean {
  const isSelected = selects(selection ?? {});
  return (origin) => isSelected(origin, firstSource);
}
