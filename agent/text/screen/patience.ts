import type { ScreenRow } from './screen-row.ts';

/** Text that nothing hints at being drawn again: a spinner's second frame comes after a tenth of a second. */
export const plainHoldMs = 300;
/**
 * The row right above an empty one that the cursor is in: a status line of one row is drawn again each second, and
 * nothing in its first frame hints at that.
 */
const lastHoldMs = 1200;
/** Programs that draw again mostly hide the cursor before they begin. */
const hiddenHoldMs = 1000;
/** Those that paint the whole screen (`top`) do so every few seconds. */
const paintedHoldMs = 10_000;
/** What was drawn again after some time is taken for final after five times as long, within these limits. */
const returnHold = { times: 5, leastMs: 5000, mostMs: 60_000 };
/** A bar that has not begun yet, above one that has. */
const besideHoldMs = 1200;
/** The same where the program has gone on below it. */
const passedHold = { times: 3, leastMs: plainHoldMs };
/** A program that has paused so often and gone on below prints text, not a status. */
const enoughPauses = 3;

/** How long rows have to stand still before they are lines, by what the program has done so far. */
export class Patience {
  private pauses = 0;

  /** The program paused and went on below what it had printed, or came back to it. */
  paused(then: 'below' | 'back'): void {
    this.pauses = then === 'below' ? this.pauses + 1 : 0;
  }

  /** @param isLast the row stands right above an empty one that the cursor is in */
  textMs(isLast: boolean): number {
    return isLast && !this.isText ? lastHoldMs : plainHoldMs;
  }

  /** When the row has stood still long enough. `passedAt`: when a program went on below it, if so. */
  dueAt(row: ScreenRow, isLast: boolean, passedAt: number | undefined): number {
    const { touchedAt, drawing, returnMs, isBeside } = row;
    if (drawing === 'painted') return touchedAt + Math.max(paintedHoldMs, returnHoldMs(returnMs ?? 0));
    if (returnMs !== undefined) {
      const dueAt = touchedAt + returnHoldMs(returnMs);
      if (passedAt === undefined) return dueAt;
      return Math.min(dueAt, passedAt + Math.max(returnMs * passedHold.times, passedHold.leastMs));
    }
    if (isBeside) return touchedAt + besideHoldMs;
    return touchedAt + (drawing === 'hidden' && !this.isText ? hiddenHoldMs : this.textMs(isLast));
  }

  private get isText(): boolean {
    return this.pauses >= enoughPauses;
  }
}

function returnHoldMs(returnMs: number): number {
  return Math.min(Math.max(returnMs * returnHold.times, returnHold.leastMs), returnHold.mostMs);
}
