import { type Csi, readCsi } from '../escapes/csi.ts';
import { readToken, type Token } from '../escapes/escapes.ts';
import { isKept } from '../escapes/hidden.ts';
import { linkSequence, linkTo } from '../escapes/link.ts';
import { applySgr, defaultStyle, type Style } from '../escapes/sgr.ts';
import { Cells } from './cells.ts';
import { variationSelector, widthOf } from './width.ts';

/**
 * What a terminal would show of one line at its end: CR, backspace, TAB, erasing, inserting and moving within the row
 * are carried out; moving between rows and everything that does not change the row is left out.
 * `style` and `link` are what is in force before the line, and in the result after it. The result holds text, SGR and
 * OSC 8 links only, stands alone, and ends with the resulting style and link in force.
 */
export function foldLine(text: string, style: Style = defaultStyle, link = ''): Folded {
  let folded = '';
  let row = new Row(style, maxColumns, link);
  for (let at = row.write(text); at < text.length; at = row.write(text, at)) {
    folded += row.text();
    row = new Row(row.style, maxColumns, row.link);
  }
  return { text: folded + row.text(), style: row.style, link: row.link };
}

export interface Folded {
  text: string;
  style: Style;
  link: string;
}

/** A longer row is full and the text goes on in another one. */
export const maxColumns = 16_384;

/** Where moving right past everything written comes to a stop, as at a terminal's right edge. */
const rightEdge = 120; // what a command is told of its terminal's width

/** Marks of one line that are kept: a program that prints no line end must not fill the memory with them. */
const mostMarkers = 16;

/** One row of a terminal that is `columns` wide. It takes its text in any number of pieces, cut between tokens. */
export class Row {
  /** What SGR has set so far. */
  style: Style;
  private readonly columns: number;
  private cells = new Cells();
  private column = 0;
  /** What stands after `OSC 8 ;` of the link that is open; '' for none. */
  link: string;
  /** Control strings that belong to the line whatever is drawn over it (`isKept`). */
  private markers: string[] = [];
  /** Whether a character and then BS was printed right before: what follows is struck over it. */
  private strikes: 'nothing' | 'printed' | 'over' = 'nothing';
  private saved: { column: number; style: Style } | undefined;
  /** The row itself, while the cursor is on another one: it was saved here, moved, and will be restored. */
  private home: { cells: Cells; column: number } | undefined;

  constructor(style: Style = defaultStyle, columns: number = maxColumns, link = '') {
    this.style = style;
    this.link = link;
    this.columns = columns;
  }

  /**
   * Takes text from index `at` on. Returns the index at which the row was full; the text's length when it never was.
   */
  write(text: string, at = 0): number {
    for (let start = at; start < text.length; ) {
      const token = readToken(text, start);
      if (token.type === 'text') {
        const taken = this.print(token.text);
        if (taken < token.text.length) return start + taken;
      } else {
        this.obey(token);
      }
      start = token.end;
    }
    return text.length;
  }

  /** Columns up to the cursor. */
  get end(): number {
    return this.column;
  }

  /** True when nothing can be seen in it. */
  get isBlank(): boolean {
    return this.cells.isBlank && (this.home?.cells.isBlank ?? true);
  }

  /**
   * What the row shows, at most `maxBytes` of UTF-8 (at least 4 a column): links, then colors, then marks are given up
   * for that. Nothing right of `columns`.
   */
  text(maxBytes = Number.POSITIVE_INFINITY, columns: number = this.columns): string {
    const markers = this.markers.join('');
    const link = this.link === '' ? '' : linkSequence(this.link);
    const most = maxBytes - Buffer.byteLength(markers + link);
    const drawn = this.drawn(most < columns * 4 ? maxBytes : most, columns);
    return most < columns * 4 ? drawn : markers + drawn + link;
  }

  private drawn(maxBytes: number, columns: number): string {
    const cells = this.home ? this.home.cells.copy().append(this.cells) : this.cells;
    const full = cells.draw(this.style, columns);
    // A UTF-16 unit is at most three bytes.
    if (full.length * 3 <= maxBytes || Buffer.byteLength(full) <= maxBytes) return full;
    const unlinked = cells.draw(this.style, columns, { links: true });
    if (Buffer.byteLength(unlinked) <= maxBytes) return unlinked;
    const plain = cells.draw(this.style, columns, { links: true, styles: true });
    if (Buffer.byteLength(plain) <= maxBytes) return plain;
    return cells.draw(this.style, columns, { links: true, styles: true, marks: true });
  }

  /** A row that goes on from the same state. */
  copy(): Row {
    const copy = new Row(this.style, this.columns, this.link);
    copy.markers = [...this.markers];
    copy.strikes = this.strikes;
    copy.cells = this.cells.copy();
    copy.column = this.column;
    copy.saved = this.saved;
    copy.home = this.home && { ...this.home, cells: this.home.cells.copy() };
    return copy;
  }

  private print(text: string): number {
    for (let at = 0; at < text.length; ) {
      const unit = text.charCodeAt(at);
      if (unit === 0x09) {
        this.column = Math.min(this.column - (this.column % 8) + 8, this.columns);
        this.strikes = 'nothing';
        at++;
        continue;
      }
      if (unit < 0x300) {
        if (!this.put(text.charAt(at), 1)) return at;
        at++;
        continue;
      }
      const codePoint = text.codePointAt(at) ?? unit;
      const character = String.fromCodePoint(codePoint);
      const width = widthOf(codePoint);
      if (!this.cells.join(this.column, character, codePoint)) {
        // A mark without a character stands on a blank.
        const isPut = width === 0 ? this.put(` ${character}`, 1) : this.put(character, width);
        if (!isPut) return at;
      } else if (codePoint === variationSelector && this.column < this.columns && this.cells.widen(this.column)) {
        this.column++;
      }
      at += character.length;
    }
    return text.length;
  }

  private put(character: string, width: 1 | 2): boolean {
    if (this.column + width > this.columns) {
      // On another row than this one what does not fit is lost, as at a terminal's right edge.
      return this.home !== undefined;
    }
    if (this.strikes === 'over') this.strike(character, width);
    else this.cells.put(this.column, character, width, this.style, this.link);
    this.column += width;
    this.strikes = 'printed';
    return true;
  }

  /** Printers of old made bold and underlined text by printing twice in one place; man, nroff and less -r still do. */
  private strike(character: string, width: 1 | 2): void {
    const before = this.cells.at(this.column);
    const style = this.cells.styleAt(this.column);
    const isUnderline = before !== character && (before === '_' || character === '_');
    const shown = character === '_' && before !== '' ? before : character;
    if (before === character) this.cells.put(this.column, shown, width, { ...style, bold: true }, this.link);
    else if (isUnderline) this.cells.put(this.column, shown, width, { ...style, underline: 1 }, this.link);
    else this.cells.put(this.column, shown, width, this.style, this.link);
  }

  private obey(token: Token): void {
    const strikes = this.strikes;
    if (token.type !== 'sgr') this.strikes = 'nothing';
    switch (token.type) {
      case 'sgr':
        this.style = applySgr(this.style, token.params);
        break;
      case 'control':
        if (token.code === 0x0d) this.column = 0;
        else if (token.code === 0x08) this.backspace(strikes);
        break;
      case 'link':
        this.link = linkTo(token.params, token.uri);
        break;
      case 'string':
        if (token.kind === 'APC' && isKept(token.text) && this.markers.length < mostMarkers) {
          this.markers.push(`\x1b_${token.text}\x1b\\`);
        }
        break;
      case 'escape':
        if (token.code === '7') this.save();
        else if (token.code === '8') this.restore();
        else if (token.code === 'c') this.reset();
        break;
      case 'csi':
        if (token.params === '!' && token.final === 'p') this.reset();
        else this.obeyCsi(readCsi(token.final, token.params));
        break;
    }
  }

  private backspace(strikes: Row['strikes']): void {
    if (strikes === 'printed' && this.cells.at(this.column - 1) !== '') this.strikes = 'over';
    this.moveTo(this.column - 1);
  }

  private obeyCsi(csi: Csi | undefined): void {
    switch (csi?.action) {
      case 'right':
        this.moveTo(this.column + csi.count);
        break;
      case 'left':
        this.moveTo(this.column - csi.count);
        break;
      case 'column':
        this.moveTo(csi.count - 1);
        break;
      case 'tabs':
        this.moveTo((Math.floor(this.column / 8) + csi.count) * 8);
        break;
      case 'backTabs':
        this.moveTo((Math.ceil(this.column / 8) - csi.count) * 8);
        break;
      case 'nextRows':
      case 'previousRows':
        this.leave(0);
        break;
      case 'position':
        this.leave(Math.max(csi.second, 1) - 1);
        break;
      case 'eraseDisplay': // this row is all there is of it
      case 'eraseRow':
        this.eraseInLine(csi.first);
        break;
      case 'eraseCells':
        this.erase(this.column, this.column + csi.count);
        break;
      case 'deleteCells':
        this.cells.remove(this.column, csi.count);
        break;
      case 'insertCells':
        this.insert(csi.count);
        break;
      case 'repeat':
        this.repeat(csi.count);
        break;
      case 'save':
        this.save();
        break;
      case 'restore':
        this.restore();
        break;
    }
  }

  private moveTo(column: number): void {
    const edge = Math.min(Math.max(this.cells.length, rightEdge - 1), this.columns - 1);
    this.column = Math.max(0, Math.min(column, Math.max(edge, this.column)));
  }

  private reset(): void {
    this.style = defaultStyle;
    this.link = '';
  }

  private save(): void {
    if (!this.home) this.saved = { column: this.column, style: this.style };
  }

  private restore(): void {
    if (this.home) {
      this.cells = this.home.cells;
      this.home = undefined;
    }
    if (!this.saved) return;
    this.column = this.saved.column;
    this.style = this.saved.style;
  }

  /**
   * The cursor goes to some row of the screen. Where it was saved before, it will come back (apt paints its progress at
   * the screen's bottom like that), and what is written until then is no part of this row. Else what follows is taken
   * for this row, but must not overwrite what stands in it.
   */
  private leave(column: number): void {
    if (this.saved && !this.home) {
      this.home = { cells: this.cells, column: this.column };
      this.cells = new Cells();
    }
    if (this.cells.length === 0) {
      this.column = 0;
      this.moveTo(column);
    }
  }

  private eraseInLine(what: number): void {
    if (what === 0) this.cells.truncate(this.column);
    else if (what === 1) this.erase(0, this.column + 1);
    else if (what === 2) this.cells.truncate(0);
  }

  private erase(from: number, to: number): void {
    if (to >= this.cells.length) this.cells.truncate(from);
    else this.cells.erase(from, to, this.style);
  }

  private insert(count: number): void {
    this.cells.insert(this.column, Math.min(count, rightEdge, this.columns - this.cells.length));
  }

  private repeat(count: number): void {
    const character = this.cells.at(this.column - 1);
    if (character === '') return;
    this.strikes = 'nothing';
    for (let left = Math.min(count, rightEdge, this.columns - this.column); left > 0; left--) this.put(character, 1);
  }
}
