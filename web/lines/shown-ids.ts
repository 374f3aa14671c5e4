import { createIdRanges, type IdRanges } from './id-ranges.ts';
import type { LineStore } from './line-store.ts';

/** Which lines of the log have a row: all but those that a filter leaves out or a fold closes over. */
export interface ShownIds {
  /** Lines inside closed folds. A filter shows every line that matches, so folds do not count while there is one. */
  readonly folded: IdRanges;
  /** Whether every line has a row. */
  isWhole(): boolean;
  has(id: number): boolean;
  /** How many lines of a range have no row, as far as that is known. */
  hiddenIn(from: number, to: number): number;
  /** The first id after this one, and the last before it, that may have a row. */
  next(id: number): number;
  previous(id: number): number;
}

export function createShownIds(store: LineStore): ShownIds {
  const folded = createIdRanges();
  const areFolded = () => !store.isSelective && !folded.isEmpty;
  return {
    folded,
    isWhole: () => (store.isSelective ? store.hiddenIn(store.first, store.last) === 0 : folded.isEmpty),
    has: (id) => (areFolded() ? !folded.has(id) : !store.isHidden(id)),
    hiddenIn: (from, to) => (areFolded() ? folded.countIn(from, to) : store.hiddenIn(from, to)),
    next: (id) => (areFolded() ? folded.nextOutside(id) : store.next(id)),
    previous: (id) => (areFolded() ? folded.previousOutside(id) : store.previous(id)),
  };
}
