import { Cells } from './cells.ts';
import { inSpecialGraphics } from './charset.ts';
import { readToken, type Token } from './escapes.ts';
import { applySgr, defaultStyle, type Style } from './sgr.ts';
import { linkTo } from './terminal.ts';
import { widthOf } from './width.ts';

export interface ScreenSize {
  columns: number;
  rows: number;
}

/** One row of a screen, and what tells whether it will change again. */
export class ScreenRow {
  cells = new Cells();
  /** It was full, and its text goes on in the next row. */
  continues = false;
  /** The cursor has written, erased or ended it. */
  isUsed = false;
  /** When that was last, in the screen's milliseconds. */
  touchedAt = 0;
  /** How it was drawn: `plain` text, by a program that hides the cursor, or by one that paints the screen as a whole. */
  drawing: 'plain' | 'hidden' | 'painted' = 'plain';
  /** The cursor came back to it from below, after it had not been touched for at most this many milliseconds. */
  returnMs: number | undefined;
  /** Its text when it became (part of) a line. */
  given: string | undefined;

  /** Stands alone: its SGR begins and ends at the default style. */
  text(columns = Number.POSITIVE_INFINITY): string {
    return this.cells.draw(defaultStyle, columns);
  }

  /** What it shows is a line already, or nothing. */
  get isGiven(): boolean {
    return this.given !== undefined && this.given === this.text();
  }
}

export interface ScreenOptions {
  /** Milliseconds, from any moment. */
  now: () => number;
  /** A used row has left the screen at its top, or was cleared away with the whole screen, and can't change any more. */
  left: (row: ScreenRow) => void;
}

interface Saved {
  row: number;
  column: number;
  style: Style;
  charset: Charset;
}

type Charset = 'text' | 'graphics';

/** Rows of the normal or the alternate screen. */
interface Grid {
  rows: ScreenRow[];
  row: number;
  /** `columns` when the last column is written and the next character wraps. */
  column: number;
  saved: Saved | undefined;
}

/**
 * What a terminal shows: rows, a cursor, margins and the alternate screen, by xterm's ctlseqs and DEC STD 070. It takes
 * text in any number of pieces, cut between tokens. What only concerns the window, the keyboard or the mouse is left out.
 */
export class Screen {
  /** What SGR has set so far. */
  style: Style = defaultStyle;
  size: ScreenSize;
  private readonly options: ScreenOptions;
  private main: Grid;
  private alternate: Grid | undefined;
  private grid: Grid;
  /** First and last row of the part that scrolls. */
  private top = 0;
  private bottom: number;
  private originIsTop = false;
  private wraps = true;
  private inserts = false;
  private isCursorHidden = false;
  /** The cursor was put to an absolute position, or all was cleared, while it was hidden. */
  private paints = false;
  private charsets: [Charset, Charset] = ['text', 'text'];
  private shift: 0 | 1 = 0;
  private link = '';
  private last = '';

  constructor(size: ScreenSize, options: ScreenOptions) {
    this.size = size;
    this.options = options;
    this.main = newGrid(size.rows);
    this.grid = this.main;
    this.bottom = size.rows - 1;
  }

  /** Rows of what shows now, the alternate screen included, from the top on; `used` of them from there were touched. */
  get rows(): readonly ScreenRow[] {
    return this.grid.rows;
  }

  get used(): number {
    return this.grid.rows.findLastIndex(({ isUsed }) => isUsed) + 1;
  }

  get cursor(): { row: number; column: number } {
    return { row: this.grid.row, column: Math.min(this.grid.column, this.size.columns - 1) };
  }

  get isAlternate(): boolean {
    return this.alternate !== undefined;
  }

  /** Nothing is set that text alone would not set: it behaves as a new one whose cursor stands in its last row. */
  get isPlain(): boolean {
    return (
      !this.isAlternate &&
      !this.isCursorHidden &&
      this.wraps &&
      !this.inserts &&
      !this.originIsTop &&
      this.shift === 0 &&
      this.charsets[0] === 'text' &&
      this.link === '' &&
      this.top === 0 &&
      this.bottom === this.size.rows - 1
    );
  }

  write(text: string): void {
    for (let at = 0; at < text.length; ) {
      const token = readToken(text, at);
      if (token.type === 'text') {
        this.print(token.text);
      } else {
        this.obey(token);
        if (token.type !== 'csi' || token.final !== 'b') this.last = '';
      }
      at = token.end;
    }
  }

  resize(size: ScreenSize): void {
    if (size.columns === this.size.columns && size.rows === this.size.rows) return;
    this.size = { ...size };
    for (const grid of new Set([this.main, this.grid])) this.fit(grid);
    this.top = 0;
    this.bottom = size.rows - 1;
  }

  /** The alternate screen is gone and every used row has left, except blank ones at the end. */
  finish(): void {
    this.leaveAlternate();
    const end = this.grid.rows.findLastIndex(({ cells }) => !cells.isBlank) + 1;
    for (const row of this.grid.rows.splice(0, end)) this.leave(row);
  }

  private fit(grid: Grid): void {
    const { rows } = this.size;
    while (grid.rows.length > rows) {
      const isBelowAll = grid.row < grid.rows.length - 1 && !grid.rows.at(-1)?.isUsed;
      if (isBelowAll) {
        grid.rows.pop();
        continue;
      }
      const row = grid.rows.shift();
      if (row && grid === this.main) this.leave(row);
      grid.row = Math.max(0, grid.row - 1);
    }
    while (grid.rows.length < rows) grid.rows.push(new ScreenRow());
    grid.column = Math.min(grid.column, this.size.columns - 1);
    grid.row = Math.min(grid.row, rows - 1);
  }

  /** A row changes now. */
  private touch(index: number = this.grid.row): ScreenRow {
    const { rows } = this.grid;
    const row = rows[index] as ScreenRow;
    const now = this.options.now();
    const used = this.isAlternate ? 0 : this.used;
    // What is rewritten here will be rewritten in the rows below it, too.
    for (let at = index; at < used - 1 || (at === index && row.returnMs !== undefined && at < used); at++) {
      const below = rows[at] as ScreenRow;
      below.returnMs = Math.max(below.returnMs ?? 0, now - below.touchedAt);
      below.touchedAt = now;
    }
    if (this.isCursorHidden) row.drawing = this.paints ? 'painted' : 'hidden';
    else if (!row.isUsed) row.drawing = 'plain';
    row.isUsed = true;
    row.touchedAt = now;
    return row;
  }

  private leave(row: ScreenRow): void {
    if (row.isUsed) this.options.left(row);
  }

  private blank(): ScreenRow {
    const row = new ScreenRow();
    if (this.style.background !== 'default') row.cells.erase(0, this.size.columns, this.style);
    return row;
  }

  private print(text: string): void {
    const shown = this.charsets[this.shift] === 'graphics' ? inSpecialGraphics(text) : text;
    let row = this.touch();
    for (let at = 0; at < shown.length; ) {
      const unit = shown.charCodeAt(at);
      if (unit === 0x09) {
        const { column } = this.grid;
        if (column < this.size.columns) {
          this.grid.column = Math.min(column - (column % 8) + 8, this.size.columns - 1);
        }
        this.last = '';
        at++;
        continue;
      }
      if (unit < 0x300) {
        let end = at + 1;
        while (end < shown.length && shown.charCodeAt(end) < 0x300 && shown.charCodeAt(end) !== 0x09) end++;
        row = this.putRun(row, shown, at, end);
        at = end;
        continue;
      }
      const codePoint = shown.codePointAt(at) ?? unit;
      const character = String.fromCodePoint(codePoint);
      if (!row.cells.join(this.grid.column, character, codePoint)) {
        const width = widthOf(codePoint);
        row = width === 0 ? this.put(row, ` ${character}`, 1) : this.put(row, character, width);
      }
      at += character.length;
    }
  }

  /** Characters of one column each. */
  private putRun(row: ScreenRow, text: string, from: number, to: number): ScreenRow {
    const { grid } = this;
    let target = row;
    for (let at = from; at < to; ) {
      const end = Math.min(to, at + this.size.columns - grid.column);
      if (this.inserts || end <= at) {
        target = this.put(target, text.charAt(at), 1);
        at++;
        continue;
      }
      target.cells.putRun(grid.column, text, at, end, this.style, this.link);
      grid.column += end - at;
      at = end;
    }
    this.last = text.charAt(to - 1);
    return target;
  }

  private put(row: ScreenRow, character: string, width: 1 | 2): ScreenRow {
    const { grid } = this;
    const { columns } = this.size;
    let target = row;
    if (grid.column + width > columns) {
      if (this.wraps) {
        target.continues = true;
        target.cells.erase(grid.column, columns, defaultStyle);
        grid.column = 0;
        this.index();
        target = this.touch();
      } else {
        grid.column = Math.max(0, columns - width);
      }
    }
    if (this.inserts) this.insertCells(target, width);
    target.cells.put(grid.column, character, width, this.style, this.link);
    grid.column += width;
    this.last = character;
    return target;
  }

  private obey(token: Token): void {
    switch (token.type) {
      case 'sgr':
        this.style = applySgr(this.style, token.params);
        break;
      case 'control':
        this.obeyControl(token.code);
        break;
      case 'link':
        this.link = linkTo(token.params, token.uri);
        break;
      case 'escape':
        this.obeyEscape(token.code);
        break;
      case 'csi':
        this.obeyCsi(token.final, token.params);
        break;
    }
  }

  private obeyControl(code: number): void {
    switch (code) {
      case 0x08:
        this.moveTo(this.grid.row, this.cursor.column - 1);
        break;
      case 0x0a:
      case 0x0b:
      case 0x0c:
      case 0x84:
        this.lineFeed();
        break;
      case 0x85:
        this.grid.column = 0;
        this.lineFeed();
        break;
      case 0x0d:
        this.grid.column = 0;
        break;
      case 0x0e:
        this.shift = 1;
        break;
      case 0x0f:
        this.shift = 0;
        break;
      case 0x8d:
        this.reverseIndex();
        break;
    }
  }

  private obeyEscape(code: string): void {
    switch (code) {
      case '7':
        this.save();
        break;
      case '8':
        this.restore();
        break;
      case 'D':
        this.lineFeed();
        break;
      case 'E':
        this.grid.column = 0;
        this.lineFeed();
        break;
      case 'M':
        this.reverseIndex();
        break;
      case 'c':
        this.clear();
        this.leaveAlternate();
        this.reset();
        this.moveTo(0, 0);
        break;
      case '(0':
        this.charsets[0] = 'graphics';
        break;
      case ')0':
        this.charsets[1] = 'graphics';
        break;
      default:
        if (code.startsWith('(')) this.charsets[0] = 'text';
        else if (code.startsWith(')')) this.charsets[1] = 'text';
    }
  }

  private obeyCsi(final: string, params: string): void {
    if (params === '!' && final === 'p') this.reset();
    if (final === 'h' || final === 'l') {
      this.setModes(params, final === 'h');
      return;
    }
    if (!/^[\d;]*$/.test(params)) return;
    const [first = 0, second = 0] = params.split(';').map(Number);
    const count = Math.min(Math.max(first, 1), 0xffff);
    const { row, column } = this.cursor;
    switch (final) {
      case 'A':
      case 'k':
        this.moveTo(Math.max(row - count, row >= this.top ? this.top : 0), column);
        break;
      case 'B':
      case 'e':
        this.moveTo(Math.min(row + count, row <= this.bottom ? this.bottom : this.size.rows - 1), column);
        break;
      case 'C':
      case 'a':
        this.moveTo(row, column + count);
        break;
      case 'D':
      case 'j':
        this.moveTo(row, column - count);
        break;
      case 'E':
        this.moveTo(Math.min(row + count, row <= this.bottom ? this.bottom : this.size.rows - 1), 0);
        break;
      case 'F':
        this.moveTo(Math.max(row - count, row >= this.top ? this.top : 0), 0);
        break;
      case 'G':
      case '`':
        this.moveTo(row, count - 1);
        break;
      case 'd':
        this.goTo(count - 1, column);
        break;
      case 'H':
      case 'f':
        this.goTo(count - 1, Math.max(second, 1) - 1);
        break;
      case 'I':
        this.moveTo(row, (Math.floor(column / 8) + count) * 8);
        break;
      case 'Z':
        this.moveTo(row, (Math.ceil(column / 8) - count) * 8);
        break;
      case 'J':
        this.eraseInDisplay(first);
        break;
      case 'K':
        this.eraseInLine(first);
        break;
      case 'X':
        this.grid.column = column;
        this.touch().cells.erase(column, Math.min(column + count, this.size.columns), this.style);
        break;
      case 'P':
        this.grid.column = column;
        this.touch().cells.remove(column, count);
        break;
      case '@':
        this.grid.column = column;
        this.insertCells(this.touch(), count);
        break;
      case 'L':
        this.insertRows(count);
        break;
      case 'M':
        this.deleteRows(count);
        break;
      case 'S':
        for (let left = Math.min(count, this.size.rows); left > 0; left--) this.scrollUp();
        break;
      case 'T':
        if (!params.includes(';')) for (let left = Math.min(count, this.size.rows); left > 0; left--) this.scrollDown();
        break;
      case 'b':
        if (this.last !== '') this.print(this.last.repeat(Math.min(count, this.size.columns * this.size.rows)));
        break;
      case 'r':
        this.setMargins(Math.max(first, 1) - 1, (second || this.size.rows) - 1);
        break;
      case 's':
        if (params === '') this.save();
        break;
      case 'u':
        if (params === '') this.restore();
        break;
    }
  }

  private setModes(params: string, isSet: boolean): void {
    const isPrivate = params.startsWith('?');
    for (const mode of params.replace('?', '').split(';')) {
      switch (isPrivate ? `?${mode}` : mode) {
        case '4':
          this.inserts = isSet;
          break;
        case '?6':
          this.originIsTop = isSet;
          this.goTo(0, 0);
          break;
        case '?7':
          this.wraps = isSet;
          break;
        case '?25':
          this.isCursorHidden = !isSet;
          this.paints = false;
          break;
        case '?47':
        case '?1047':
          if (isSet) this.enterAlternate();
          else this.leaveAlternate();
          break;
        case '?1048':
          if (isSet) this.save();
          else this.restore();
          break;
        case '?1049':
          if (isSet) {
            if (!this.isAlternate) this.save();
            this.enterAlternate();
          } else if (this.isAlternate || this.grid.saved) {
            this.leaveAlternate();
            this.restore();
          }
          break;
      }
    }
  }

  /** Within the screen; margins don't count. */
  private moveTo(row: number, column: number): void {
    this.grid.row = Math.max(0, Math.min(row, this.size.rows - 1));
    this.grid.column = Math.max(0, Math.min(column, this.size.columns - 1));
  }

  /** To an absolute position. */
  private goTo(row: number, column: number): void {
    if (this.isCursorHidden) this.paints = true;
    if (this.originIsTop) this.moveTo(Math.min(this.top + row, this.bottom), column);
    else this.moveTo(row, column);
  }

  private lineFeed(): void {
    this.touch().continues = false;
    this.index();
  }

  private index(): void {
    if (this.grid.row === this.bottom) this.scrollUp();
    else if (this.grid.row < this.size.rows - 1) this.grid.row++;
    this.grid.column = Math.min(this.grid.column, this.size.columns - 1);
  }

  private reverseIndex(): void {
    this.grid.column = this.cursor.column;
    if (this.grid.row === this.top) this.scrollDown();
    else if (this.grid.row > 0) this.grid.row--;
  }

  private scrollUp(): void {
    const [row] = this.grid.rows.splice(this.top, 1);
    this.grid.rows.splice(this.bottom, 0, this.blank());
    if (row && !this.isAlternate) this.leave(row);
  }

  private scrollDown(): void {
    this.touch(this.top);
    this.grid.rows.splice(this.bottom, 1);
    this.grid.rows.splice(this.top, 0, this.blank());
  }

  private insertRows(count: number): void {
    if (this.grid.row < this.top || this.grid.row > this.bottom) return;
    this.touch();
    for (let left = Math.min(count, this.bottom - this.grid.row + 1); left > 0; left--) {
      this.grid.rows.splice(this.bottom, 1);
      this.grid.rows.splice(this.grid.row, 0, this.blank());
    }
    this.grid.column = 0;
  }

  private deleteRows(count: number): void {
    if (this.grid.row < this.top || this.grid.row > this.bottom) return;
    this.touch();
    for (let left = Math.min(count, this.bottom - this.grid.row + 1); left > 0; left--) {
      this.grid.rows.splice(this.grid.row, 1);
      this.grid.rows.splice(this.bottom, 0, this.blank());
    }
    this.grid.column = 0;
  }

  private insertCells(row: ScreenRow, count: number): void {
    const { columns } = this.size;
    const { column } = this.cursor;
    row.cells.insert(column, Math.min(count, columns - column));
    row.cells.truncate(columns);
  }

  private setMargins(top: number, bottom: number): void {
    const last = Math.min(bottom, this.size.rows - 1);
    if (top >= last) return;
    this.top = top;
    this.bottom = last;
    this.goTo(0, 0);
  }

  private eraseInLine(what: number): void {
    const { columns } = this.size;
    const { column } = this.cursor;
    const row = this.touch();
    // Behind a full row there is nothing to erase: grep and gcc do so after each colour.
    if (what === 0) row.cells.erase(this.grid.column, columns, this.style);
    else if (what === 1) row.cells.erase(0, column + 1, this.style);
    else if (what === 2) row.cells.erase(0, columns, this.style);
    if (what !== 1) row.continues = false;
  }

  private eraseInDisplay(what: number): void {
    const { row, column } = this.cursor;
    if (what === 2 || (what === 0 && row === 0 && column === 0)) this.clear();
    else if (what === 0) {
      if (row < this.used || this.style.background !== 'default') this.eraseInLine(0);
      for (const below of this.grid.rows.slice(row + 1)) this.wipe(below);
    } else if (what === 1) {
      this.eraseInLine(1);
      for (const above of this.grid.rows.slice(0, row)) this.wipe(above);
    }
  }

  /** What was painted will be painted again. Everything else could not be seen any more, so it leaves. */
  private clear(): void {
    const { rows } = this.grid;
    if (!this.isAlternate) {
      const end = rows.findLastIndex(({ cells }) => !cells.isBlank) + 1;
      for (const row of rows.slice(0, end)) if (row.drawing !== 'painted') this.leave(row);
    }
    if (this.isCursorHidden) this.paints = true;
    this.grid.rows = rows.map(() => this.blank());
  }

  private wipe(row: ScreenRow): void {
    row.cells = new Cells();
    if (this.style.background !== 'default') row.cells.erase(0, this.size.columns, this.style);
    row.continues = false;
    row.isUsed = false;
  }

  private save(): void {
    const { row, column } = this.grid;
    this.grid.saved = { row, column, style: this.style, charset: this.charsets[0] };
  }

  private restore(): void {
    const { row, column, style, charset } = this.grid.saved ?? {
      row: 0,
      column: 0,
      style: defaultStyle,
      charset: 'text',
    };
    this.grid.row = Math.min(row, this.size.rows - 1);
    this.grid.column = Math.min(column, this.size.columns);
    this.style = style;
    this.charsets[0] = charset;
  }

  private enterAlternate(): void {
    if (this.isAlternate) return;
    const { row, column } = this.grid;
    this.alternate = { ...newGrid(this.size.rows), row, column };
    this.grid = this.alternate;
  }

  private leaveAlternate(): void {
    if (!this.isAlternate) return;
    this.alternate = undefined;
    this.grid = this.main;
  }

  private reset(): void {
    this.style = defaultStyle;
    this.top = 0;
    this.bottom = this.size.rows - 1;
    this.originIsTop = false;
    this.wraps = true;
    this.inserts = false;
    this.isCursorHidden = false;
    this.paints = false;
    this.charsets = ['text', 'text'];
    this.shift = 0;
    this.link = '';
    this.grid.saved = undefined;
  }
}

function newGrid(rows: number): Grid {
  return { rows: Array.from({ length: rows }, () => new ScreenRow()), row: 0, column: 0, saved: undefined };
}
