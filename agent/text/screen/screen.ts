import { inSpecialGraphics } from '../escapes/charset.ts';
import { type Csi, readCsi } from '../escapes/csi.ts';
import { readToken, type Token } from '../escapes/escapes.ts';
import { linkTo } from '../escapes/link.ts';
import { applySgr, defaultStyle, type Style } from '../escapes/sgr.ts';
import { variationSelector, widthOf } from '../row/width.ts';
import { Grid, type GridOptions, type ScreenSize } from './grid.ts';
import type { ScreenRow } from './screen-row.ts';
import { TabStops } from './tab-stops.ts';

/**
 * What a terminal shows: rows, a cursor, margins and the alternate screen, by xterm's ctlseqs and DEC STD 070. It takes
 * text in any number of pieces, cut between tokens. What only concerns the window, the keyboard or the mouse is left
 * out.
 */
export class Screen {
  private size: ScreenSize;
  private readonly options: GridOptions;
  private readonly main: Grid;
  /** The one that shows: `main` or the alternate one. */
  private grid: Grid;
  private saved = new Map<Grid, SavedCursor>();
  private originIsTop = false;
  private wraps = true;
  private inserts = false;
  /** A line feed also returns to the first column (LNM). */
  private returns = false;
  private readonly tabStops = new TabStops();
  private isCursorHidden = false;
  private charsets: [Charset, Charset] = ['text', 'text'];
  private shift: 0 | 1 = 0;
  /** What stands after `OSC 8 ;` of the link that is open; '' for none. */
  link = '';
  /** What REP repeats: the character right before it. */
  private last = '';
  /** The cursor was just put to the screen's first place, so that erasing what follows clears the screen. */
  private isHome = false;

  constructor(size: ScreenSize, options: GridOptions) {
    this.size = { ...size };
    this.options = options;
    this.main = new Grid(this.size, options);
    this.grid = this.main;
  }

  /** Rows of what shows now, from the top on. */
  get rows(): readonly ScreenRow[] {
    return this.grid.rows;
  }

  /** How many rows from the top on were touched. */
  get used(): number {
    return this.grid.used;
  }

  get cursor(): { row: number; column: number } {
    return { row: this.grid.row, column: this.grid.cursorColumn };
  }

  get columns(): number {
    return this.size.columns;
  }

  /** What SGR has set so far. */
  get style(): Style {
    return this.grid.style;
  }

  set style(style: Style) {
    this.grid.style = style;
  }

  /** Where it was saved on the main screen. */
  get savedCursor(): SavedCursor | undefined {
    return this.saved.get(this.main);
  }

  set savedCursor(saved: SavedCursor | undefined) {
    if (saved !== undefined) this.saved.set(this.main, saved);
  }

  /** When the cursor came back to a row from below the last time. */
  get returnedAt(): number {
    return this.grid.redraws.returnedAt;
  }

  /** What a frame has told about its rows, once it has ended. */
  endPass(): void {
    this.grid.redraws.endPass(this.options.now());
  }

  get isAlternate(): boolean {
    return this.grid !== this.main;
  }

  /** Nothing is set that text alone would not set. */
  get isPlain(): boolean {
    return (
      !this.isAlternate &&
      !this.isCursorHidden &&
      this.wraps &&
      !this.inserts &&
      !this.returns &&
      this.tabStops.areDefault &&
      !this.originIsTop &&
      this.shift === 0 &&
      this.charsets[0] === 'text' &&
      this.link === '' &&
      this.grid.scrollsAsAWhole
    );
  }

  write(text: string): void {
    for (let at = 0; at < text.length; ) {
      const token = readToken(text, at);
      if (token.type === 'text') this.print(token.text);
      else this.obey(token);
      at = token.end;
    }
  }

  resize(size: ScreenSize): void {
    if (size.columns === this.size.columns && size.rows === this.size.rows) return;
    this.size = { ...size };
    for (const grid of new Set([this.main, this.grid])) grid.resize(this.size);
  }

  /** The alternate screen is gone, and every used row has left. */
  finish(): void {
    this.leaveAlternate();
    this.main.finish();
  }

  private print(text: string): void {
    const shown = this.charsets[this.shift] === 'graphics' ? inSpecialGraphics(text) : text;
    let row = this.grid.touch();
    for (let at = 0; at < shown.length; ) {
      const unit = shown.charCodeAt(at);
      if (unit === 0x09) {
        this.tab();
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
      } else if (
        codePoint === variationSelector &&
        this.grid.column < this.size.columns &&
        row.cells.widen(this.grid.column)
      ) {
        this.grid.column++;
      }
      at += character.length;
    }
    this.isHome = false;
  }

  private tab(): void {
    this.moveByTabs(1);
    this.last = '';
  }

  /** Behind the last column, where the next character begins a new row, a tab moves nothing. */
  private moveByTabs(count: number): void {
    const { grid, tabStops } = this;
    const { columns } = this.size;
    if (grid.column >= columns) return;
    const column = count > 0 ? tabStops.after(grid.column, count, columns) : tabStops.before(grid.column, -count);
    grid.moveTo(grid.row, column);
  }

  /** Characters of one column each. */
  private putRun(row: ScreenRow, text: string, from: number, to: number): ScreenRow {
    const { grid } = this;
    let target = row;
    for (let at = from; at < to; ) {
      const end = Math.min(to, at + this.size.columns - grid.column);
      if (end <= at) {
        target = this.put(target, text.charAt(at), 1);
        at++;
        continue;
      }
      if (this.inserts) grid.insertCells(end - at);
      target.cells.putRun(grid.column, text, at, end, grid.style, this.link);
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
      if (this.wraps) target = grid.wrap();
      else grid.column = Math.max(0, columns - width);
    }
    if (this.inserts) grid.insertCells(width);
    target.cells.put(grid.column, character, width, grid.style, this.link);
    grid.column += width;
    this.last = character;
    return target;
  }

  private obey(token: Exclude<Token, { type: 'text' }>): void {
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
        if (token.final === 'h' || token.final === 'l') this.setModes(token.params, token.final === 'h');
        else if (token.params === '!' && token.final === 'p') this.reset();
        else this.obeyCsi(readCsi(token.final, token.params));
        break;
    }
    if (token.type !== 'csi' || token.final !== 'b') this.last = '';
    if (token.type !== 'csi' || token.final !== 'H') this.isHome &&= token.type === 'sgr';
  }

  private obeyControl(code: number): void {
    const { grid } = this;
    switch (code) {
      case 0x08:
        grid.moveTo(grid.row, grid.cursorColumn - 1);
        break;
      case 0x0a:
      case 0x0b:
      case 0x0c:
        grid.lineFeed();
        if (this.returns) grid.column = 0;
        break;
      case 0x84:
        grid.lineFeed();
        break;
      case 0x0d:
        grid.column = 0;
        break;
      case 0x0e:
        this.shift = 1;
        break;
      case 0x0f:
        this.shift = 0;
        break;
      case 0x85:
        grid.column = 0;
        grid.lineFeed();
        break;
      case 0x8d:
        grid.reverseLineFeed();
        break;
    }
  }

  private obeyEscape(code: string): void {
    const { grid } = this;
    switch (code) {
      case '7':
        this.save();
        break;
      case '8':
        this.restore();
        break;
      case 'D':
        grid.lineFeed();
        break;
      case 'E':
        grid.column = 0;
        grid.lineFeed();
        break;
      case 'H':
        this.tabStops.set(grid.cursorColumn, this.size.columns);
        break;
      case 'M':
        grid.reverseLineFeed();
        break;
      case 'c':
        this.leaveAlternate();
        this.reset();
        this.clear();
        this.returns = false;
        this.tabStops.reset();
        this.grid.moveTo(0, 0);
        break;
      default:
        if (code.startsWith('(')) this.charsets[0] = code === '(0' ? 'graphics' : 'text';
        else if (code.startsWith(')')) this.charsets[1] = code === ')0' ? 'graphics' : 'text';
    }
  }

  private obeyCsi(csi: Csi | undefined): void {
    if (csi && !this.move(csi) && !this.erase(csi)) this.scrollOrRepeat(csi);
  }

  /** Moves the cursor. False where it is something else. */
  private move({ action, count, second }: Csi): boolean {
    const { grid } = this;
    const { row, cursorColumn: column } = grid;
    switch (action) {
      case 'up':
        grid.moveRows(-count);
        return true;
      case 'down':
        grid.moveRows(count);
        return true;
      case 'right':
        grid.moveTo(row, column + count);
        return true;
      case 'left':
        grid.moveTo(row, column - count);
        return true;
      case 'nextRows':
        grid.moveRows(count);
        grid.column = 0;
        return true;
      case 'previousRows':
        grid.moveRows(-count);
        grid.column = 0;
        return true;
      case 'column':
        grid.moveTo(row, count - 1);
        return true;
      case 'position':
        this.goTo(count - 1, Math.max(second, 1) - 1);
        this.isHome = grid.row === 0 && grid.column === 0;
        return true;
      case 'row':
        this.goTo(count - 1, column);
        return true;
      case 'tabs':
        this.moveByTabs(count);
        return true;
      case 'backTabs':
        this.moveByTabs(-count);
        return true;
      case 'save':
        this.save();
        return true;
      case 'restore':
        this.restore();
        return true;
      default:
        return false;
    }
  }

  /** Erases or moves cells and rows. False where it is something else. */
  private erase({ action, count, first }: Csi): boolean {
    const { grid } = this;
    switch (action) {
      case 'eraseDisplay':
        this.eraseInDisplay(first);
        return true;
      case 'eraseRow':
        if (first === 0) grid.eraseRowEnd();
        else if (first === 1) grid.eraseRowStart();
        else if (first === 2) grid.eraseRow();
        return true;
      case 'insertRows':
        grid.insertRows(count);
        return true;
      case 'deleteRows':
        grid.deleteRows(count);
        return true;
      case 'insertCells':
        grid.insertCells(count);
        return true;
      case 'deleteCells':
        grid.deleteCells(count);
        return true;
      case 'eraseCells':
        grid.eraseCells(count);
        return true;
      default:
        return false;
    }
  }

  private scrollOrRepeat({ action, count, first, second }: Csi): void {
    const { grid, size } = this;
    switch (action) {
      case 'scrollUp':
        grid.scrollUp(count);
        break;
      case 'scrollDown':
        grid.scrollDown(count);
        break;
      case 'repeat':
        this.repeat(count);
        break;
      case 'clearTabs':
        if (first === 0) this.tabStops.clear(grid.cursorColumn, size.columns);
        else if (first === 3) this.tabStops.clearAll();
        break;
      case 'margins':
        this.setMargins(Math.max(first, 1) - 1, (second || size.rows) - 1);
        break;
    }
  }

  /**
   * REP. Up to the screen's end, and a row at least: more would push out what it has just written. A row at a time, as
   * nine bytes can ask for all of the screen.
   */
  private repeat(count: number): void {
    const { grid, size, link } = this;
    const { columns } = size;
    const character = this.last;
    if (character === '') return;
    // A mark that stands alone has a blank before it.
    const width = widthOf(character.codePointAt(0) ?? 0) === 2 ? 2 : 1;
    const most = this.wraps ? Math.max(columns, (size.rows - grid.row) * columns - grid.column) : columns;
    let row = grid.touch();
    for (let left = Math.min(count, most); left > 0; ) {
      const fitting = Math.min(left, Math.floor((columns - grid.column) / width));
      if (fitting > 0) {
        // What stood there is pushed over the right edge otherwise.
        if (this.inserts && grid.column + fitting * width < columns) grid.insertCells(fitting * width);
        row.cells.putRepeated(grid.column, fitting, { character, width, style: grid.style, link });
        grid.column += fitting * width;
      } else {
        row = this.put(row, character, width);
      }
      left -= Math.max(fitting, 1);
    }
  }

  private setModes(params: string, isSet: boolean): void {
    if (params === '4') this.inserts = isSet;
    if (params === '20') this.returns = isSet;
    if (!params.startsWith('?')) return;
    for (const mode of params.slice(1).split(';')) this.setMode(mode, isSet);
  }

  /** DEC's private modes. */
  private setMode(mode: string, isSet: boolean): void {
    switch (mode) {
      case '6':
        this.originIsTop = isSet;
        this.goTo(0, 0);
        break;
      case '7':
        this.wraps = isSet;
        break;
      case '25':
        this.isCursorHidden = !isSet;
        this.grid.drawing = isSet ? 'plain' : 'hidden';
        break;
      case '47':
      case '1047':
        if (isSet) this.enterAlternate();
        else this.leaveAlternate();
        break;
      case '1048':
        if (isSet) this.save();
        else this.restore();
        break;
      case '1049':
        if (isSet) {
          if (!this.isAlternate) this.save();
          this.enterAlternate();
        } else if (this.isAlternate || this.saved.has(this.main)) {
          this.leaveAlternate();
          this.restore();
        }
        break;
    }
  }

  /** To an absolute position. A program that does so while it hides the cursor paints the whole screen. */
  private goTo(row: number, column: number): void {
    const { grid } = this;
    if (this.isCursorHidden) grid.drawing = 'painted';
    grid.moveTo(this.originIsTop ? Math.min(grid.top + row, grid.bottom) : row, column);
  }

  private setMargins(top: number, bottom: number): void {
    const last = Math.min(bottom, this.size.rows - 1);
    if (top >= last) return;
    this.grid.top = top;
    this.grid.bottom = last;
    this.goTo(0, 0);
  }

  private eraseInDisplay(what: number): void {
    if (what === 2 || (what === 0 && this.isHome)) this.clear();
    else if (what === 0) this.grid.eraseBelow();
    else if (what === 1) this.grid.eraseAbove();
    else if (what === 3) this.grid.eraseScrollback();
  }

  private clear(): void {
    this.grid.clear();
    if (this.isCursorHidden) this.grid.drawing = 'painted';
  }

  private save(): void {
    const { row, column, style } = this.grid;
    this.saved.set(this.grid, { row, column, style, charset: this.charsets[0] });
  }

  private restore(): void {
    const { row, column, style, charset } = this.saved.get(this.grid) ?? unsaved;
    this.grid.moveTo(row, column);
    if (column >= this.size.columns) this.grid.column = this.size.columns;
    this.style = style;
    this.charsets[0] = charset;
  }

  private enterAlternate(): void {
    if (this.isAlternate) return;
    const { row, column, style, drawing } = this.main;
    this.grid = new Grid(this.size, { now: this.options.now, left: () => {} });
    Object.assign(this.grid, { row, column, style, drawing });
  }

  private leaveAlternate(): void {
    if (!this.isAlternate) return;
    const { style } = this.grid;
    this.saved.delete(this.grid);
    this.grid = this.main;
    this.grid.style = style;
    this.grid.drawing = this.isCursorHidden ? 'hidden' : 'plain';
  }

  private reset(): void {
    this.style = defaultStyle;
    this.originIsTop = false;
    this.wraps = true;
    this.inserts = false;
    this.isCursorHidden = false;
    this.grid.drawing = 'plain';
    this.grid.top = 0;
    this.grid.bottom = this.size.rows - 1;
    this.charsets = ['text', 'text'];
    this.shift = 0;
    this.link = '';
    this.saved.delete(this.grid);
  }
}

type Charset = 'text' | 'graphics';

/** What saving the cursor saves. */
export interface SavedCursor {
  row: number;
  column: number;
  style: Style;
  charset: Charset;
}

const unsaved: SavedCursor = { row: 0, column: 0, style: defaultStyle, charset: 'text' };
