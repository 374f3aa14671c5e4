import { defaultStyle } from '../escapes/sgr.ts';
import { Cells } from '../row/cells.ts';

/** How a row was drawn: as text, by a program that hides the cursor, or by one that paints the screen as a whole. */
export type Drawing = 'plain' | 'hidden' | 'painted';

/** One row of a screen, and what tells whether it will change again. */
export class ScreenRow {
  cells = new Cells();
  /** It was full, and its text goes on in the next row. */
  continues = false;
  /** The cursor has written, erased or ended it. */
  isUsed = false;
  /** When that was last, in the screen's milliseconds. */
  touchedAt = 0;
  drawing: Drawing = 'plain';
  /** The cursor has come back to it from below, at the latest after this many milliseconds. */
  returnMs: number | undefined;
  /** Its text when it became (part of) a line. */
  given: string | undefined;

  /** Stands alone: its SGR begins and ends at the default style. */
  text(): string {
    return this.cells.draw(defaultStyle, Number.POSITIVE_INFINITY);
  }

  /** What it shows is in a line already. */
  get isGiven(): boolean {
    return this.given !== undefined && this.given === this.text();
  }
}
