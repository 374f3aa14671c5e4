import { defaultStyle, type Style } from '../escapes/sgr.ts';
import { Cells } from '../row/cells.ts';
import { type Drawing, ScreenRow } from './screen-row.ts';

export interface ScreenSize {
  columns: number;
  rows: number;
}

export interface GridOptions {
  /** Milliseconds, from any moment. */
  now: () => number;
  /** A used row has left at the top, or was cleared away with the whole screen, and can't change any more. */
  left: (row: ScreenRow) => void;
  /** What has left is erased as well, as far as that is still possible. */
  scrollbackErased?: () => void;
}

/** A program that erases the scrollback draws everything anew at once: what comes so soon is part of the next frame. */
const repaintMs = 100;

/** A frame is written in one go. */
const frameMs = 30;

/** Rows, a cursor that writes and erases in them, and the part of them that scrolls. Rows and columns count from 0. */
export class Grid {
  rows: ScreenRow[];
  row = 0;
  /** As many as there are columns when the last one is written and the next character wraps. */
  column = 0;
  /** In force for what is written, and behind what is erased. */
  style: Style = defaultStyle;
  drawing: Drawing = 'plain';
  /** First and last row of the part that scrolls. */
  top = 0;
  bottom: number;
  /** When the scrollback was erased last. */
  private repaintedAt = Number.NEGATIVE_INFINITY;
  /** The last time that the cursor came back to a row from below. */
  private frame: { at: number; returnMs: number } | undefined;
  private size: ScreenSize;
  private readonly options: GridOptions;

  constructor(size: ScreenSize, options: GridOptions) {
    this.size = size;
    this.options = options;
    this.rows = Array.from({ length: size.rows }, () => new ScreenRow());
    this.bottom = size.rows - 1;
  }

  /** How many rows from the top on were touched. */
  get used(): number {
    return this.rows.findLastIndex(({ isUsed }) => isUsed) + 1;
  }

  /** The column that the cursor stands in: never behind the last one. */
  get cursorColumn(): number {
    return Math.min(this.column, this.size.columns - 1);
  }

  get scrollsAsAWhole(): boolean {
    return this.top === 0 && this.bottom === this.size.rows - 1;
  }

  /** The cursor's row, which changes now. */
  touch(index: number = this.row): ScreenRow {
    const row = this.rows[index] as ScreenRow;
    const now = this.options.now();
    this.returnTo(index, now);
    if (now - this.repaintedAt <= repaintMs) row.drawing = 'painted';
    else if (this.drawing !== 'plain') row.drawing = this.drawing;
    else if (!row.isUsed) row.drawing = 'plain';
    row.isUsed = true;
    row.touchedAt = now;
    return row;
  }

  /** Within the screen; margins don't count. */
  moveTo(row: number, column: number): void {
    this.row = Math.max(0, Math.min(row, this.size.rows - 1));
    this.column = Math.max(0, Math.min(column, this.size.columns - 1));
  }

  /** Up or down, not over the edge of the part that scrolls. */
  moveRows(count: number): void {
    const least = this.row >= this.top ? this.top : 0;
    const most = this.row <= this.bottom ? this.bottom : this.size.rows - 1;
    this.moveTo(Math.max(least, Math.min(this.row + count, most)), this.cursorColumn);
  }

  lineFeed(): void {
    this.touch().continues = false;
    this.nextRow();
  }

  /** The row is full: its text goes on in the next one. */
  wrap(): ScreenRow {
    const row = this.touch();
    row.continues = true;
    row.cells.erase(this.column, this.size.columns, defaultStyle);
    this.column = 0;
    this.nextRow();
    return this.touch();
  }

  reverseLineFeed(): void {
    this.column = this.cursorColumn;
    if (this.row === this.top) this.scrollDown();
    else if (this.row > 0) this.row--;
  }

  scrollUp(): void {
    const [row] = this.rows.splice(this.top, 1);
    this.rows.splice(this.bottom, 0, this.blank());
    if (row) this.leave(row);
  }

  scrollDown(): void {
    this.touch(this.top);
    this.rows.splice(this.bottom, 1);
    this.rows.splice(this.top, 0, this.blank());
  }

  insertRows(count: number): void {
    this.replaceRows(count, this.bottom, this.row);
  }

  deleteRows(count: number): void {
    this.replaceRows(count, this.row, this.bottom);
  }

  insertCells(count: number): void {
    const { columns } = this.size;
    const { cells } = this.touch();
    this.column = this.cursorColumn;
    cells.insert(this.column, Math.min(count, columns - this.column));
    cells.truncate(columns);
  }

  deleteCells(count: number): void {
    this.column = this.cursorColumn;
    this.touch().cells.remove(this.column, count);
  }

  eraseCells(count: number): void {
    this.column = this.cursorColumn;
    this.touch().cells.erase(this.column, Math.min(this.column + count, this.size.columns), this.style);
  }

  /** From the cursor to the row's end. Behind a full row there is nothing: grep and gcc erase it after each colour. */
  eraseRowEnd(): void {
    const row = this.touch();
    row.cells.erase(this.column, this.size.columns, this.style);
    row.continues = false;
  }

  eraseRowStart(): void {
    this.touch().cells.erase(0, this.cursorColumn + 1, this.style);
  }

  eraseRow(): void {
    const row = this.touch();
    row.cells.erase(0, this.size.columns, this.style);
    row.continues = false;
  }

  eraseBelow(): void {
    if (this.row < this.used || this.style.background !== 'default') this.eraseRowEnd();
    for (const row of this.rows.slice(this.row + 1)) this.wipe(row);
  }

  eraseAbove(): void {
    this.eraseRowStart();
    for (const row of this.rows.slice(0, this.row)) this.wipe(row);
  }

  /** What was painted will be painted again. Everything else would not be seen any more, so it leaves. */
  clear(): void {
    for (const row of this.rows.slice(0, this.endOfText())) if (row.drawing !== 'painted') this.leave(row);
    this.rows = this.rows.map(() => this.blank());
  }

  eraseScrollback(): void {
    this.options.scrollbackErased?.();
    this.repaintedAt = this.options.now();
  }

  /** Every used row leaves, except blank ones from the cursor on. */
  finish(): void {
    for (const row of this.rows.splice(0, Math.max(this.row, this.endOfText()))) this.leave(row);
  }

  resize(size: ScreenSize): void {
    this.size = size;
    while (this.rows.length > size.rows) {
      if (this.row < this.rows.length - 1 && !this.rows.at(-1)?.isUsed) {
        this.rows.pop();
        continue;
      }
      this.leave(this.rows.shift() as ScreenRow);
      this.row--;
    }
    while (this.rows.length < size.rows) this.rows.push(new ScreenRow());
    this.moveTo(this.row, this.column);
    this.top = 0;
    this.bottom = size.rows - 1;
  }

  /**
   * What is rewritten in a row above others will be rewritten in those, too. What is written below them in the same go
   * belongs to the same block: a status line moves down when a program prints above it.
   */
  private returnTo(index: number, now: number): void {
    const { used } = this;
    const isAgain = index === used - 1 && this.rows[index]?.returnMs !== undefined;
    if (index < used - 1 || isAgain) {
      for (const row of this.rows.slice(index, used)) {
        row.returnMs = Math.max(row.returnMs ?? 0, now - row.touchedAt);
        row.touchedAt = now;
        this.frame = { at: now, returnMs: row.returnMs };
      }
    } else if (index >= used && this.frame && now - this.frame.at <= frameMs) {
      const row = this.rows[index];
      if (row) row.returnMs = this.frame.returnMs;
    }
  }

  private nextRow(): void {
    if (this.row === this.bottom) this.scrollUp();
    else if (this.row < this.size.rows - 1) this.row++;
    this.column = this.cursorColumn;
  }

  private replaceRows(count: number, removedAt: number, insertedAt: number): void {
    if (this.row < this.top || this.row > this.bottom) return;
    this.touch();
    for (let left = Math.min(count, this.bottom - this.row + 1); left > 0; left--) {
      this.rows.splice(removedAt, 1);
      this.rows.splice(insertedAt, 0, this.blank());
    }
    this.column = 0;
  }

  private endOfText(): number {
    return this.rows.findLastIndex(({ cells }) => !cells.isBlank) + 1;
  }

  private leave(row: ScreenRow): void {
    if (row.isUsed) this.options.left(row);
  }

  private blank(): ScreenRow {
    const row = new ScreenRow();
    row.cells.erase(0, this.size.columns, this.style);
    return row;
  }

  /** Blank, but whether it will change again is still known. */
  private wipe(row: ScreenRow): void {
    row.cells = new Cells();
    row.cells.erase(0, this.size.columns, this.style);
    row.continues = false;
    row.isUsed = false;
  }
}
