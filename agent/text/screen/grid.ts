import { defaultStyle, type Style } from '../escapes/sgr.ts';
import { Redraws } from './redraws.ts';
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
  readonly redraws = new Redraws();
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
    const row = this.pass(index);
    row.writtenAt = row.touchedAt;
    return row;
  }

  /** The cursor's row, which the cursor is in but does not change. */
  private pass(index: number): ScreenRow {
    const row = this.rows[index] as ScreenRow;
    const now = this.options.now();
    if (!row.isUsed) row.drawing = 'plain';
    if (this.drawing !== 'plain') row.drawing = this.drawing;
    this.redraws.touch(this.rows, index, this.used, now);
    row.isUsed = true;
    row.touchedAt = now;
    return row;
  }

  /** The cursor's row, of which something is erased; undefined where there is nothing and it stays as it is. */
  private touchToErase(): ScreenRow | undefined {
    const row = this.rows[this.row] as ScreenRow;
    return row.cells.length === 0 && this.style.background === 'default' && !row.isUsed ? undefined : this.touch();
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
    const row = this.pass(this.row);
    if (!row.isEnded) row.writtenAt = row.touchedAt;
    row.isEnded = true;
    row.continues = false;
    this.nextRow();
  }

  /** The row is full: its text goes on in the next one. */
  wrap(): ScreenRow {
    const row = this.touch();
    row.continues = true;
    row.isEnded = true;
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

  scrollUp(count = 1): void {
    for (const row of this.moveUp(this.top, count)) {
      this.redraws.left(row);
      this.leave(row);
    }
  }

  scrollDown(count = 1): void {
    this.touch(this.top);
    const inserted = this.moveDown(this.top, count);
    // One by one, each would touch what the one before it has inserted.
    this.useInserted(this.top + 1, inserted - 1);
  }

  insertRows(count: number): void {
    if (this.touchInMargins()) this.useInserted(this.row, this.moveDown(this.row, count));
  }

  deleteRows(count: number): void {
    if (this.touchInMargins()) this.moveUp(this.row, count);
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
    this.touchToErase()?.cells.erase(this.column, Math.min(this.column + count, this.size.columns), this.style);
  }

  /** From the cursor to the row's end. Behind a full row there is nothing: grep and gcc erase it after each color. */
  eraseRowEnd(): void {
    this.eraseInRow(this.column, this.size.columns);
  }

  eraseRowStart(): void {
    this.touchToErase()?.cells.erase(0, this.cursorColumn + 1, this.style);
  }

  eraseRow(): void {
    this.eraseInRow(0, this.size.columns);
  }

  private eraseInRow(from: number, to: number): void {
    const row = this.touchToErase();
    if (row === undefined) return;
    row.cells.erase(from, to, this.style);
    row.continues = false;
    if (row.cells.length > 0 || this.row < this.used - 1) return;
    row.isUsed = false;
    row.isEnded = false;
  }

  eraseBelow(): void {
    if (this.row < this.used || this.style.background !== 'default') this.eraseRowEnd();
    for (const row of this.rows.slice(this.row + 1)) this.wipe(row);
  }

  eraseAbove(): void {
    this.eraseRowStart();
    for (const row of this.rows.slice(0, this.row)) {
      const { isUsed } = row;
      this.wipe(row);
      row.isUsed = isUsed;
    }
  }

  /** What was painted will be painted again. Everything else would not be seen any more, so it leaves. */
  clear(): void {
    for (const row of this.rows.slice(0, this.endOfText())) if (row.drawing !== 'painted') this.leave(row);
    this.rows = this.rows.map(() => this.blank());
  }

  eraseScrollback(): void {
    this.options.scrollbackErased?.();
    this.redraws.scrollbackErased(this.options.now());
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

  private nextRow(): void {
    if (this.row === this.bottom) this.scrollUp();
    else if (this.row < this.size.rows - 1) this.row++;
    this.column = this.cursorColumn;
  }

  /**
   * False where the cursor is outside of the part that scrolls, and so no rows are inserted or deleted. It comes back
   * from behind a full row all the same, as in xterm.js.
   */
  private touchInMargins(): boolean {
    this.column = this.cursorColumn;
    if (this.row < this.top || this.row > this.bottom) return false;
    this.touch();
    this.column = 0;
    return true;
  }

  /** Rows from `from` on go, as far as rows scroll, and what stands below them moves up. Returns those that go. */
  private moveUp(from: number, count: number): ScreenRow[] {
    const gone = this.rows.splice(from, Math.min(count, this.bottom - from + 1));
    this.rows.splice(this.bottom + 1 - gone.length, 0, ...this.blanks(gone.length));
    return gone;
  }

  /** Rows from `from` on move down, as far as rows scroll. Returns how many blank ones were inserted above them. */
  private moveDown(from: number, count: number): number {
    const inserted = Math.min(count, this.bottom - from + 1);
    this.rows.splice(this.bottom + 1 - inserted, inserted);
    this.rows.splice(from, 0, ...this.blanks(inserted));
    return inserted;
  }

  /** Blank rows above others are lines, of now. */
  private useInserted(from: number, count: number): void {
    const now = this.options.now();
    for (const row of this.rows.slice(from, Math.min(from + count, this.used))) {
      row.isUsed = true;
      row.writtenAt = now;
      row.touchedAt = now;
    }
  }

  private endOfText(): number {
    return this.rows.findLastIndex(({ isBlank }) => !isBlank) + 1;
  }

  private leave(row: ScreenRow): void {
    if (row.isUsed) this.options.left(row);
  }

  private blanks(count: number): ScreenRow[] {
    return Array.from({ length: count }, () => this.blank());
  }

  private blank(): ScreenRow {
    const row = new ScreenRow();
    row.erase(this.size.columns, this.style);
    return row;
  }

  /** Blank, but whether it will change again is still known. */
  private wipe(row: ScreenRow): void {
    row.erase(this.size.columns, this.style);
    row.continues = false;
    row.isUsed = false;
    row.isEnded = false;
  }
}
