import type { Line } from '../lines/line-store.ts';
import type { Highlighter } from '../text/pattern.ts';

/**
 * What a script that is loaded after the first lines adds to rows. Another object is another look: all rows are drawn
 * anew with it.
 */
export interface Dressing {
  /** Whether rows can be higher than their text. */
  readonly isUneven: boolean;
  /** Lines of text by which a row is higher, as far as that is known before it is drawn. */
  extraRows(id: number): number;
  /** What is added to a line's row, in any words: the row is left alone as long as they are the same. */
  stateOf(id: number, line: Line): string;
  /** Adds to a row's text, which was drawn anew. */
  dressText(text: HTMLElement): void;
  /** Adds to a row, and takes away what was added before. */
  dressRow(row: DressedRow): void;
}

export interface DressedRow {
  id: number;
  element: HTMLElement;
  text: HTMLElement;
  line: Line;
  highlighter: Highlighter | undefined;
  /** Index of the place that the search is at, where that is in this line. */
  currentMark: number | undefined;
}
