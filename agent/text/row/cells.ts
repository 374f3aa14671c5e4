import { defaultStyle, type Style, sameStyle, sgrChange } from '../escapes/sgr.ts';
import { joins, widthOf } from './width.ts';

/** The right half of a wide character. */
const rightHalf = '\0';

/** A base character with more marks than that is an attack on the reader's font. */
const maxCellLength = 64;

const emojiForm = /^\p{Emoji}\ufe0f$/u;

export interface Repeated {
  character: string;
  width: 1 | 2;
  style: Style;
  link: string;
}

/** The columns of a row: what each shows ('' where nothing was written), how, and the link it belongs to. */
export class Cells {
  private readonly text: string[] = [];
  private readonly styles: Style[] = [];
  private readonly links: string[] = [];

  /** Columns up to the last one that something was done to. */
  get length(): number {
    return this.text.length;
  }

  /** True when nothing can be seen in it, save for colors behind blanks. */
  get isBlank(): boolean {
    return this.text.every((cell) => cell === '' || cell === ' ');
  }

  /** Writes a character that takes one or two columns. Half a wide character that this leaves is a blank. */
  put(column: number, character: string, width: 1 | 2, style: Style, link: string): void {
    this.extend(column);
    this.breakWide(column);
    this.breakWide(column + width);
    this.set(column, character, style, link);
    if (width === 2) this.set(column + 1, rightHalf, style, link);
  }

  /** Writes `text[from, to)`, whose characters are one unit and one column each. */
  putRun(column: number, text: string, from: number, to: number, style: Style, link: string): void {
    this.extend(column);
    this.breakWide(column);
    this.breakWide(column + to - from);
    for (let at = from; at < to; at++) this.set(column + at - from, text.charAt(at), style, link);
  }

  /** Writes a character so many times. */
  putRepeated(column: number, count: number, { character, width, style, link }: Repeated): void {
    const end = column + count * width;
    this.extend(end);
    this.breakWide(column);
    this.breakWide(end);
    this.text.fill(width === 2 ? rightHalf : character, column, end);
    for (let at = column; width === 2 && at < end; at += 2) this.text[at] = character;
    this.styles.fill(style, column, end);
    this.links.fill(link, column, end);
  }

  /**
   * Adds a mark, or what a joiner joins, to the character left of `column`. False when the character is neither, or
   * there is nothing that it could be added to.
   */
  join(column: number, character: string, codePoint: number): boolean {
    const at = this.text[column - 1] === rightHalf ? column - 2 : column - 1;
    const before = this.text[at] ?? '';
    if (!(widthOf(codePoint) === 0 || joins(before, codePoint)) || (before === '' && column === 0)) return false;
    this.extend(column);
    if (before.length + character.length <= maxCellLength) this.text[at] = (before || ' ') + character;
    return true;
  }

  /**
   * The character left of `column` becomes two columns wide where a variation selector (U+FE0F) asks for its emoji
   * form, as programs count it. False where it is wide already or has no such form.
   */
  widen(column: number): boolean {
    const at = column - 1;
    if (!emojiForm.test(this.text[at] ?? '')) return false;
    this.breakWide(column + 1);
    this.set(column, rightHalf, this.styles[at] ?? defaultStyle, this.links[at] ?? '');
    return true;
  }

  /** What stands in a column: '' for nothing, or for half a wide character. */
  at(column: number): string {
    const cell = this.text[column] ?? '';
    return cell === rightHalf ? '' : cell;
  }

  styleAt(column: number): Style {
    return this.styles[column] ?? defaultStyle;
  }

  /** Blanks with the background that is in force. */
  erase(from: number, to: number, { background }: Style): void {
    const { text, styles, links } = this;
    if (background === 'default' && to >= text.length) {
      this.truncate(from);
      return;
    }
    this.extend(to);
    this.breakWide(from);
    this.breakWide(to);
    const isDefault = background === 'default';
    text.fill(isDefault ? '' : ' ', from, to);
    styles.fill(isDefault ? defaultStyle : { ...defaultStyle, background }, from, to);
    links.fill('', from, to);
  }

  truncate(length: number): void {
    const { text, styles, links } = this;
    if (length >= text.length) return;
    this.breakWide(length);
    text.length = length;
    styles.length = length;
    links.length = length;
  }

  /** What stands right of the removed columns moves left. */
  remove(column: number, count: number): void {
    const { text, styles, links } = this;
    if (column >= text.length) return;
    this.breakWide(column);
    this.breakWide(column + count);
    text.splice(column, count);
    styles.splice(column, count);
    links.splice(column, count);
  }

  /** What stands right of the column moves right. */
  insert(column: number, count: number): void {
    const { text, styles, links } = this;
    if (column >= text.length || count <= 0) return;
    this.breakWide(column);
    text.splice(column, 0, ...Array<string>(count).fill(''));
    styles.splice(column, 0, ...Array<Style>(count).fill(defaultStyle));
    links.splice(column, 0, ...Array<string>(count).fill(''));
  }

  copy(): Cells {
    return new Cells().append(this);
  }

  append({ text, styles, links }: Cells): this {
    for (let at = 0; at < text.length; at++) {
      this.text.push(text[at] as string);
      this.styles.push(styles[at] as Style);
      this.links.push(links[at] as string);
    }
    return this;
  }

  /** Text, SGR and OSC 8 links that show the first `columns` columns; `after` is in force at its end. */
  draw(after: Style, columns: number, leaveOut: { styles?: boolean; links?: boolean; marks?: boolean } = {}): string {
    let drawn = '';
    let style = defaultStyle;
    let link = '';
    const end = Math.min(this.text.findLastIndex((cell) => cell !== '') + 1, columns);
    for (let at = 0; at < end; at++) {
      const cell = this.text[at] ?? '';
      if (cell === rightHalf) continue;
      const cellLink = leaveOut.links ? '' : (this.links[at] ?? '');
      if (cellLink !== link) {
        drawn += `\x1b]8;${cellLink || ';'}\x1b\\`;
        link = cellLink;
      }
      const cellStyle = leaveOut.styles ? defaultStyle : (this.styles[at] ?? defaultStyle);
      if (cellStyle !== style && !sameStyle(cellStyle, style)) {
        drawn += sgrChange(style, cellStyle);
        style = cellStyle;
      }
      drawn += leaveOut.marks ? baseOf(cell) : cell || ' ';
    }
    if (link !== '') drawn += '\x1b]8;;\x1b\\';
    return drawn + sgrChange(style, after);
  }

  private set(column: number, cell: string, style: Style, link: string): void {
    this.text[column] = cell;
    this.styles[column] = style;
    this.links[column] = link;
  }

  /** Columns that were passed over without being written. */
  private extend(column: number): void {
    while (this.text.length < column) {
      this.text.push('');
      this.styles.push(defaultStyle);
      this.links.push('');
    }
  }

  private breakWide(column: number): void {
    if (this.text[column] !== rightHalf) return;
    this.text[column - 1] = ' ';
    this.text[column] = ' ';
  }
}

function baseOf(cell: string): string {
  return cell === '' ? ' ' : String.fromCodePoint(cell.codePointAt(0) ?? 0x20);
}
