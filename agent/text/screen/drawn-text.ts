import { sgrText } from '../escapes/sgr.ts';
import type { ScreenSize } from './grid.ts';
import type { HeldText } from './held-text.ts';
import type { Patience } from './patience.ts';
import { Screen } from './screen.ts';
import type { ScreenRow } from './screen-row.ts';
import type { TimedLines } from './timed-lines.ts';

/** Rows of one line that are kept until its last one has left. */
const maxOpenRows = 256;
/** Rows that have left and are kept because a program may erase them and draw them anew. */
const maxLeftRows = 1000;
/** So many of those, the last ones, are shown as unfinished. */
const maxShownLeftRows = 100;

/** Text that moves between rows: drawn on a screen, whose rows become lines. */
export class DrawnText {
  private readonly screen: Screen;
  private readonly lines: TimedLines;
  private readonly patience: Patience;
  private readonly now: () => number;
  /** When what is drawn on it now was printed, unless that is now. */
  private drawnAt: number | undefined;
  /** What becomes of rows that leave: they are lines already, become some when it is time, or all at once. */
  private phase: 'drawing what is given' | 'drawing' | 'ending' = 'drawing';
  /** Rows that have left the screen and are no lines yet. */
  private left: ScreenRow[] = [];

  /** Draws what was held, on a screen of that size. */
  constructor(held: HeldText, lines: TimedLines, patience: Patience, size: ScreenSize, now: () => number) {
    this.lines = lines;
    this.patience = patience;
    this.now = now;
    this.screen = new Screen(size, {
      now: () => this.drawnAt ?? now(),
      left: (row) => this.leave(row),
      scrollbackErased: () => this.eraseLeft(),
    });
    this.draw(held);
  }

  /** Whole tokens. */
  write(text: string, size: ScreenSize): void {
    this.screen.resize(size);
    this.screen.write(text);
  }

  /** Since when the cursor stands in an empty row, right below another one. */
  get restsSince(): number | undefined {
    const { rows, cursor, isAlternate } = this.screen;
    if (isAlternate || rows[cursor.row]?.isBlank === false) return undefined;
    return rows[cursor.row - 1]?.touchedAt;
  }

  get returnedAt(): number {
    return this.screen.returnedAt;
  }

  /** Makes lines of rows that have stood still long enough. */
  settle(): number | undefined {
    const { screen } = this;
    screen.endPass();
    const now = this.now();
    const onScreen = screen.isAlternate ? [] : screen.rows.slice(0, screen.cursor.row);
    const lines = linesOf([...this.left, ...onScreen]);
    const isResting = !screen.isAlternate && screen.rows[screen.cursor.row]?.isBlank !== false;
    const passedAt = this.passedAt(onScreen);
    const left = new Set(this.left);
    for (const line of lines) {
      if (line.every(({ isGiven, isUsed }) => isGiven || !isUsed)) continue;
      const isLast = isResting && line === lines.at(-1);
      const dueAt = Math.max(
        ...line.map((row) => (left.has(row) ? this.leftDueAt(row) : this.patience.dueAt(row, isLast, passedAt))),
      );
      if (dueAt > now) return dueAt - now;
      this.give(line, '\n');
      if (this.left.length > 0) this.left = this.left.filter((row) => !line.includes(row));
    }
    return undefined;
  }

  /** What is no line yet, as it looks; of the alternate screen all. */
  rows(): string[] {
    const { screen } = this;
    const used = screen.rows.slice(0, screen.used);
    if (screen.isAlternate) return used.map((row) => row.text());
    const shown = [...this.lastLeft(), ...used];
    const lines = linesOf(shown);
    return [...lines, shown.slice(lines.flat().length)].flatMap((line) => {
      const texts = line.map((row) => row.text());
      return line.some((row, at) => row.isUsed && row.given !== texts[at]) ? [texts.join('')] : [];
    });
  }

  /** The text ends: all rows become lines, the last one without a line end if it had none. */
  end(): void {
    this.phase = 'ending';
    this.screen.finish();
    const last = unendedLine(this.left);
    this.giveLeft(this.left.length - last.length);
    if (!last.every(({ isGiven }) => isGiven)) this.give(last, '');
    this.lines.end(last.length > 0 ? writtenAt(last) : this.now());
  }

  /**
   * Puts everything into `held` once the screen behaves as if there had never been anything but text, and returns
   * whether that is so.
   */
  undraw(held: HeldText): boolean {
    const { screen } = this;
    if (!screen.isPlain || this.left.length > 0 || screen.used > screen.cursor.row + 1) return false;
    const lines = linesOf(screen.rows.slice(0, screen.cursor.row)).filter(([first]) => first?.isUsed);
    const last = unfinishedLine(screen);
    const firstOpen = lines.findIndex((line) => !line.every(({ isGiven }) => isGiven));
    const given = firstOpen === -1 ? lines.length : firstOpen;
    const open = [...lines.slice(given).flat(), ...last];
    if (!open.every((row) => row.drawing === 'plain' && row.returnMs === undefined && row.given === undefined)) {
      return false;
    }
    const end = last.at(-1)?.cells.length ?? 0;
    if (screen.cursor.column !== Math.min(end, screen.columns - 1)) return false;
    held.savedCursor = screen.savedCursor;
    for (const [index, line] of lines.entries()) {
      held.restore(Buffer.from(`${textOf(line)}\r\n`), writtenAt(line), index < given);
    }
    held.restoreUnfinished(Buffer.from(textOf(last) + sgrText(screen.style)), writtenAt(last));
    return true;
  }

  private draw(held: HeldText): void {
    const { screen } = this;
    const { style, link } = this.lines.splitter;
    const { given, open, savedCursor } = held.release();
    this.phase = 'drawing what is given';
    screen.write(given);
    for (const row of screen.rows.slice(0, screen.cursor.row)) row.given = row.text();
    this.phase = 'drawing';
    screen.style = style;
    screen.link = link;
    for (const { text, at } of open) {
      this.drawnAt = at;
      screen.write(text);
    }
    this.drawnAt = undefined;
    screen.savedCursor = savedCursor;
  }

  /** From the start of a line on. */
  private lastLeft(): ScreenRow[] {
    let from = Math.max(0, this.left.length - maxShownLeftRows);
    while (from > 0 && this.left[from - 1]?.continues) from--;
    return this.left.slice(from);
  }

  private leave(row: ScreenRow): void {
    if (this.phase === 'drawing what is given') return;
    this.left.push(row);
    if (this.phase === 'ending' || (row.continues && this.left.length < maxOpenRows)) return;
    const now = this.now();
    const isFull = this.left.length >= maxLeftRows;
    if (isFull) this.giveLeft(maxLeftRows / 4);
    else if (!this.left.some((one) => this.leftDueAt(one) > now)) this.giveLeft(this.left.length);
  }

  /**
   * What has left the screen can only be erased, which programs do before they paint everything anew, scrollback
   * included.
   */
  private leftDueAt(row: ScreenRow): number {
    return row.drawing === 'plain' ? row.touchedAt : this.patience.dueAt(row, false, undefined);
  }

  /** Text is not drawn anew: it only waited for a row above it. */
  private eraseLeft(): void {
    const now = this.now();
    const isText = (line: readonly ScreenRow[]) => line.every((row) => this.leftDueAt(row) <= now);
    this.left = linesOf(this.left).filter(isText).flat();
    this.giveLeft(this.left.length);
  }

  /** Makes lines of the first rows that have left, so many of them or a few more. */
  private giveLeft(rows: number): void {
    let from = 0;
    while (from < rows) {
      let to = from + 1;
      while (to < this.left.length && this.left[to - 1]?.continues) to++;
      const line = this.left.slice(from, to);
      if (!line.every(({ isGiven }) => isGiven)) this.give(line, line.at(-1)?.continues ? '' : '\n');
      from = to;
    }
    this.left = this.left.slice(from);
  }

  private give(line: readonly ScreenRow[], end: '\n' | ''): void {
    const texts = line.map((row) => row.text());
    this.lines.write(Buffer.from(texts.join('') + end), writtenAt(line));
    for (const [index, row] of line.entries()) row.given = texts[index];
  }

  /** When the program went on below what it had drawn again, if so. */
  private passedAt(rows: readonly ScreenRow[]): number | undefined {
    const below = rows.slice(rows.findLastIndex(({ returnMs }) => returnMs !== undefined) + 1);
    const times = below.filter((row) => row.isUsed && row.writtenAt > this.screen.returnedAt);
    return times.length === 0 ? undefined : Math.min(...times.map((row) => row.writtenAt));
  }
}

/** One array for each line; the last one may go on in rows that are not among these. */
function linesOf(rows: readonly ScreenRow[]): ScreenRow[][] {
  const lines: ScreenRow[][] = [];
  let line: ScreenRow[] = [];
  for (const row of rows) {
    line.push(row);
    if (row.continues) continue;
    lines.push(line);
    line = [];
  }
  return lines;
}

/** The cursor's row, with those above that go on in it. */
function unfinishedLine({ rows, cursor }: Screen): ScreenRow[] {
  let from = cursor.row;
  while (rows[from - 1]?.continues) from--;
  return rows.slice(from, cursor.row + 1);
}

/** The last line of rows that have left, where nothing has ended it. */
function unendedLine(left: readonly ScreenRow[]): readonly ScreenRow[] {
  if (left.at(-1)?.isEnded !== false) return [];
  return left.slice(left.findLastIndex(({ continues }, at) => !continues && at < left.length - 1) + 1);
}

function textOf(line: readonly ScreenRow[]): string {
  return line.map((row) => row.text()).join('');
}

function writtenAt(line: readonly ScreenRow[]): number {
  return Math.max(...line.map((row) => row.writtenAt));
}
