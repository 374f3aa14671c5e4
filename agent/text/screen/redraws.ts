import type { ScreenRow } from './screen-row.ts';

/** A program that erases the scrollback draws everything anew at once: what comes so soon is part of the next frame. */
const repaintMs = 100;

/** A frame is written in one go, and its next pieces come this soon. */
const frameMs = 30;
/** Frames that follow each other at once are told apart after this long. */
const mostPassMs = 100;

/** One go through rows that were drawn before. */
interface Pass {
  startedAt: number;
  at: number;
  /** Those that were there, from the topmost one that the cursor returned to, and those that came below. */
  before: ScreenRow[];
  fresh: ScreenRow[];
  /** All of these. */
  known: Set<ScreenRow>;
  touched: Set<ScreenRow>;
  /** What was there had been erased before: this may be another block in its place. */
  isAfterErasing: boolean;
}

/** Rows that a growing block may have been given above it, and the row that is its first one then. */
interface Inserted {
  rows: ScreenRow[];
  blockTop: ScreenRow | undefined;
  isAfterErasing: boolean;
}

const nothingInserted: Inserted = { rows: [], blockTop: undefined, isAfterErasing: false };

/** Finds out which rows of a screen are drawn again, and which of them no longer. */
export class Redraws {
  /** The last time that the cursor came back to a row from below. */
  returnedAt = Number.NEGATIVE_INFINITY;
  private returnMs = 0;
  /** When the scrollback was erased last, and how long after the time before. */
  private repaint = { at: Number.NEGATIVE_INFINITY, afterMs: undefined as number | undefined };
  private pass: Pass | undefined;
  private inserted = nothingInserted;

  /** Row `index` is about to be written; `used` rows from the top on were before. */
  touch(rows: readonly ScreenRow[], index: number, used: number, now: number): void {
    const row = rows[index] as ScreenRow;
    this.endPass(now);
    // A row that was ended can only be written again when the cursor comes back to it.
    const isAgain = index === used - 1 && (row.isEnded || row.returnMs !== undefined);
    if (index < used - 1 || isAgain) {
      if (row.returnMs === undefined) this.noteBeside(rows.slice(0, index), row);
      this.returnTo(rows.slice(index, used), now);
    } else if (index >= used) {
      row.returnMs = now - this.returnedAt <= frameMs ? this.returnMs : undefined;
      row.isBeside = false;
    }
    if (now - this.repaint.at <= repaintMs) {
      row.drawing = 'painted';
      row.returnMs ??= this.repaint.afterMs;
    }
    this.notePass(row, index >= used, now);
  }

  /** A row has left the screen at the top. Once a block's first row can't be reached, what came below it is text. */
  left(row: ScreenRow): void {
    const { pass } = this;
    if (pass?.before[0] !== row) return;
    for (const fresh of pass.fresh) fresh.returnMs = undefined;
    this.pass = undefined;
    this.returnedAt = Number.NEGATIVE_INFINITY;
  }

  scrollbackErased(now: number): void {
    const ms = now - this.repaint.at;
    this.repaint = { at: now, afterMs: Number.isFinite(ms) ? ms : undefined };
  }

  /**
   * Tells what a frame that has ended says about rows: those that were printed above a block are told from it by the
   * next frame, which begins below them.
   */
  endPass(now: number): void {
    const { pass } = this;
    if (pass === undefined || (now - pass.at <= frameMs && now - pass.startedAt <= mostPassMs)) return;
    this.pass = undefined;
    const { before, fresh, touched, isAfterErasing } = pass;
    const isWhole = [...before, ...fresh].every((row) => touched.has(row) || row.isBlank);
    const { rows, blockTop } = this.inserted;
    const earlier = new Set(before);
    if (rows.some((row) => earlier.has(row))) {
      this.inserted = nothingInserted;
    } else if (isWhole && before[0] === blockTop && (before.length > 1 || !rows[0]?.isBeside)) {
      for (const row of rows) {
        row.release();
        // They may as well be bars that have not begun, of a block that took the place of another one.
        row.isBeside = this.inserted.isAfterErasing;
      }
    }
    const grown = fresh.filter((row) => row.isUsed).length;
    const block = [...before, ...fresh];
    if (isWhole && grown > 0 && grown < block.length) {
      this.inserted = { rows: block.slice(0, grown), blockTop: block[grown], isAfterErasing };
    }
  }

  /**
   * What is rewritten in a row above others will be rewritten in those, too. What is written below them in the same go
   * belongs to the same block: a status line moves down when a program prints above it.
   */
  private returnTo(rows: ScreenRow[], now: number): void {
    for (const row of rows) {
      row.returnMs = Math.max(row.returnMs ?? 0, now - row.touchedAt);
      row.touchedAt = now;
    }
    this.returnedAt = now;
    this.returnMs = rows[0]?.returnMs ?? 0;
    const isAfterErasing = rows.every(({ isBlank }) => isBlank);
    this.pass ??= {
      startedAt: now,
      at: now,
      before: [],
      fresh: [],
      known: new Set(),
      touched: new Set(),
      isAfterErasing,
    };
    const { pass } = this;
    const known = rows.findIndex((row) => pass.known.has(row));
    const unknown = rows.slice(0, known === -1 ? rows.length : known);
    pass.before.unshift(...unknown);
    for (const row of unknown) pass.known.add(row);
  }

  /** The first time that a row is drawn again: what was printed with it, above it, may be next. */
  private noteBeside(above: readonly ScreenRow[], row: ScreenRow): void {
    const isWith = (one: ScreenRow) => one.returnMs === undefined && row.writtenAt - one.writtenAt <= frameMs;
    const beside = above.slice(above.findLastIndex((one) => !isWith(one)) + 1);
    for (const one of beside) one.isBeside = true;
    if (beside.length > 0) this.inserted = { rows: beside, blockTop: row, isAfterErasing: false };
  }

  private notePass(row: ScreenRow, isFresh: boolean, now: number): void {
    const { pass } = this;
    if (pass === undefined) return;
    pass.at = now;
    pass.touched.add(row);
    if (!isFresh || pass.known.has(row)) return;
    pass.fresh.push(row);
    pass.known.add(row);
  }
}
