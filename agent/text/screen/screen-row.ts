import { defaultStyle, type Style } from '../escapes/sgr.ts';
import { Cells } from '../row/cells.ts';

/** How a row was drawn: as text, by a program that hides the cursor, or by one that paints the screen as a whole. */
export type Drawing = 'plain' | 'hidden' | 'painted';

/** One row of a screen, and what tells whether it will change again. Times are the screen's milliseconds. */
export class ScreenRow {
  /** Undefined as long as nothing was done to it but to erase it: a few bytes can erase all of a screen. */
  private written: Cells | undefined;
  private erased: { columns: number; style: Style } | undefined;
  /** It was full, and its text goes on in the next row. */
  continues = false;
  /** The cursor has written or ended it. */
  isUsed = false;
  /** A line feed has ended it: those that follow only pass by. */
  isEnded = false;
  /** When it was last written, erased or ended: what its line's time is. */
  writtenAt = 0;
  /** When it was last written, or something above it was: what it has stood still for is counted from then. */
  touchedAt = 0;
  drawing: Drawing = 'plain';
  /** The cursor has come back to it from below, at the latest after this many milliseconds. */
  returnMs: number | undefined;
  /** It was written in one go with rows below it that are drawn again. */
  isBeside = false;
  /** Its text when it became (part of) a line. */
  given: string | undefined;

  get cells(): Cells {
    if (this.written === undefined) {
      this.written = new Cells();
      if (this.erased !== undefined) this.written.erase(0, this.erased.columns, this.erased.style);
    }
    return this.written;
  }

  /** True when nothing can be seen in it, save for colors behind blanks. */
  get isBlank(): boolean {
    return this.written?.isBlank ?? true;
  }

  /** All of it, to blanks with the background that is in force. */
  erase(columns: number, style: Style): void {
    this.written = undefined;
    this.erased = style.background === 'default' ? undefined : { columns, style };
  }

  /** Stands alone: its SGR begins and ends at the default style. */
  text(): string {
    return this.cells.draw(defaultStyle, Number.POSITIVE_INFINITY);
  }

  /** What it shows is in a line already. */
  get isGiven(): boolean {
    return this.given !== undefined && this.given === this.text();
  }

  /** Nothing hints any more at its being drawn again. */
  release(): void {
    this.drawing = 'plain';
    this.returnMs = undefined;
    this.isBeside = false;
  }
}
