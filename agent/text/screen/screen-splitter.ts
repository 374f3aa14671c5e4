import { type Decode, decoderOf } from '../encoding.ts';
import { findScreenSequence } from '../escapes/screen-sequences.ts';
import { completeEnd } from '../escapes/sequences.ts';
import { sgrText } from '../escapes/sgr.ts';
import { visibleText } from '../escapes/strip.ts';
import { foldLine, Row } from '../row/row.ts';
import type { Splitter } from '../splitter.ts';
import { wholeCharactersEnd } from '../utf8.ts';
import type { ScreenSize } from './grid.ts';
import { Screen } from './screen.ts';
import type { ScreenRow } from './screen-row.ts';

/**
 * Makes lines of what a program prints to a terminal. A row becomes a line once, in its final form: when it has left
 * the screen at the top, when it has stood still for long enough that nobody will come back to it, or at the end.
 * What the alternate screen shows never becomes a line.
 */
export interface ScreenSplitter {
  write(chunk: Buffer): void;
  /** The text ends: all rows become lines. */
  end(): void;
  discard(): void;
  /** There are rows that are no lines yet. */
  readonly isUnfinished: boolean;
  /** Those rows as they look now, each standing alone; of the alternate screen all. */
  rows(): string[];
  /**
   * Makes lines of what has stood still long enough. Returns after how many milliseconds to call it again, if at all.
   */
  settle(): number | undefined;
}

export interface ScreenSplitterOptions {
  /** How large the screen is now. */
  size: () => ScreenSize;
  /** Milliseconds, from any moment. */
  now?: () => number;
  /** What the program writes in, where it isn't UTF-8. */
  encoding?: string;
}

/** @param lines gets the text of rows that have become lines, and makes lines of it */
export function createScreenSplitter(lines: Splitter, options: ScreenSplitterOptions): ScreenSplitter {
  return new TerminalText(lines, options);
}

/** Text that nothing hints at being drawn again: a spinner's second frame comes after a tenth of a second. */
const plainHoldMs = 300;
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

/** More bytes of rows than any screen shows. */
const maxHeldBytes = 256 * 1024;
const maxUnfinishedBytes = 64 * 1024;
/** A longer sequence is taken as text. */
const maxSequenceBytes = 256 * 1024;
/** Rows of one line that are kept until its last one has left. */
const maxLeavingRows = 256;

const lf = 0x0a;
const cr = 0x0d;

/** A line that could still be reached by moving the cursor up. */
interface HeldLine {
  /** Offset in `held` of what follows it. */
  end: number;
  at: number;
}

/**
 * Nearly all that programs print is text. That is passed on as bytes, save for the lines that the cursor could still
 * reach: a flood costs no more than without a terminal. Only when a sequence comes that moves between rows are those
 * lines drawn on a screen, which takes the text from then on until it behaves as text again.
 */
class TerminalText implements ScreenSplitter {
  private readonly lines: Splitter;
  private readonly size: () => ScreenSize;
  private readonly now: () => number;
  private readonly decode: Decode | undefined;

  /** The last lines, and behind them the unfinished one. The first `given` of them are lines already. */
  private held = Buffer.allocUnsafe(4096);
  private heldLength = 0;
  private heldLines: HeldLine[] = [];
  private given = 0;
  /** The unfinished line is longer than what is held, and its beginning was passed on. */
  private isPassedOn = false;

  private screen: Screen | undefined;
  /** When what is drawn on it now was printed, unless that is now. */
  private drawnAt: number | undefined;
  private isDrawingGiven = false;
  /** Rows of a long line whose last row has not left yet. */
  private leaving: ScreenRow[] = [];
  /** A sequence whose end has not come yet. */
  private cut: Buffer = Buffer.alloc(0);

  constructor(lines: Splitter, { size, encoding, now = () => performance.now() }: ScreenSplitterOptions) {
    this.decode = decoderOf(encoding);
    this.lines = lines;
    this.size = size;
    this.now = now;
  }

  write(given: Buffer): void {
    const chunk = this.decode === undefined ? given : Buffer.from(this.decode(given, { stream: true }));
    let bytes = this.cut.length > 0 ? Buffer.concat([this.cut, chunk]) : chunk;
    this.cut = Buffer.alloc(0);
    if (this.screen === undefined) {
      const { at: sequenceAt, complete } = findScreenSequence(bytes);
      const at = this.findWrap(bytes.subarray(0, sequenceAt ?? complete)) ?? sequenceAt;
      this.take(bytes.subarray(0, at ?? complete));
      if (at === undefined) {
        this.cut = Buffer.from(bytes.subarray(complete));
        return;
      }
      this.screen = this.draw();
      bytes = bytes.subarray(at);
    }
    this.screen.resize(this.size());
    this.feed(this.screen, bytes);
    this.undraw();
  }

  end(): void {
    this.take(this.cut);
    if (this.screen !== undefined) {
      this.screen.finish();
      this.passOnLeaving('');
    } else {
      this.lines.write(this.held.subarray(this.givenEnd, this.heldLength));
    }
    this.lines.end();
    this.clear();
  }

  discard(): void {
    this.lines.discard();
    this.clear();
  }

  get isUnfinished(): boolean {
    return this.screen !== undefined || this.isPassedOn || this.heldLength > this.givenEnd;
  }

  rows(): string[] {
    return this.screen === undefined ? this.heldRows() : screenRows(this.screen);
  }

  settle(): number | undefined {
    if (this.screen === undefined) return this.settleHeld();
    const waitMs = this.settleScreen(this.screen);
    this.undraw();
    return waitMs;
  }

  /**
   * Where a program wraps a line itself: line editors print one character past the right edge and then CR, which puts
   * the cursor at the next row's start. A single row can't show that. Other programs that return in a longer line take
   * it for one row.
   */
  private findWrap(bytes: Buffer): number | undefined {
    const { columns } = this.size();
    const unfinished = this.held.subarray(this.heldLines.at(-1)?.end ?? 0, this.heldLength);
    let lineStart = 0;
    for (let at = nextReturn(bytes, 0); at !== -1; at = nextReturn(bytes, at + 1)) {
      const lineFeed = at > 0 ? bytes.lastIndexOf(lf, at - 1) : -1;
      const isFirstLine = lineFeed === -1;
      if (!isFirstLine) lineStart = lineFeed + 1;
      const before = bytes.subarray(lineStart, at);
      if (before.includes(cr) || (isFirstLine && (this.isPassedOn || unfinished.includes(cr)))) continue;
      const row = new Row();
      row.write((isFirstLine ? unfinished : Buffer.alloc(0)).toString() + before.toString());
      if (row.end > columns && row.end % columns === 1) return at;
    }
    return undefined;
  }

  private clear(): void {
    this.clearHeld();
    this.screen = undefined;
    this.leaving = [];
    this.cut = Buffer.alloc(0);
  }

  private clearHeld(): void {
    this.heldLength = 0;
    this.heldLines = [];
    this.given = 0;
    this.isPassedOn = false;
  }

  private get givenEnd(): number {
    return this.heldLines[this.given - 1]?.end ?? 0;
  }

  /** Text that does not leave the last row. */
  private take(bytes: Buffer): void {
    if (bytes.length === 0) return;
    let from = 0;
    if (this.isPassedOn) {
      from = bytes.indexOf(lf) + 1 || bytes.length;
      this.lines.write(bytes.subarray(0, from));
      this.isPassedOn = bytes[from - 1] !== lf;
    }
    const most = Math.max(1, this.size().rows - 1);
    const start = startOfLastLines(bytes, from, most);
    if (start > from || bytes.length - from > maxHeldBytes) {
      const cut = start > from ? start : bytes.lastIndexOf(lf) + 1 || from;
      this.passOnHeld(this.heldLength);
      this.lines.write(bytes.subarray(from, cut));
      from = cut;
    }
    this.hold(bytes, from);
    while (this.heldLines.length > most || this.heldLength > maxHeldBytes) {
      const excess = Math.max(this.heldLines.length - most, 1);
      const end = this.heldLines[excess - 1]?.end;
      if (end === undefined) break;
      this.passOnHeld(end);
    }
    if (this.heldLength - (this.heldLines.at(-1)?.end ?? 0) > maxUnfinishedBytes) {
      this.passOnHeld(this.heldLength);
      this.isPassedOn = true;
    }
  }

  private hold(bytes: Buffer, from: number): void {
    const length = this.heldLength + bytes.length - from;
    if (length > this.held.length) {
      const larger = Buffer.allocUnsafe(length * 2);
      this.held.copy(larger, 0, 0, this.heldLength);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldLength, from);
    const at = this.drawnAt ?? this.now();
    for (let next = bytes.indexOf(lf, from); next !== -1; next = bytes.indexOf(lf, next + 1)) {
      this.heldLines.push({ end: this.heldLength + next + 1 - from, at });
    }
    this.heldLength = length;
  }

  /** `held` up to `end` is held no longer; what of it is no line yet becomes lines. */
  private passOnHeld(end: number): void {
    const from = Math.min(this.givenEnd, end);
    this.lines.write(this.held.subarray(from, end));
    this.held.copyWithin(0, end, this.heldLength);
    this.heldLength -= end;
    const gone = this.heldLines.findLastIndex((line) => line.end <= end) + 1;
    this.heldLines = this.heldLines.slice(gone).map((line) => ({ ...line, end: line.end - end }));
    this.given = Math.max(0, this.given - gone);
  }

  private settleHeld(): number | undefined {
    const now = this.now();
    const last = this.heldLength > (this.heldLines.at(-1)?.end ?? 0) ? undefined : this.heldLines.length - 1;
    const holdMsOf = (index: number) => (index === last ? lastHoldMs : plainHoldMs);
    let due = this.given;
    while (due < this.heldLines.length && now - (this.heldLines[due] as HeldLine).at >= holdMsOf(due)) due++;
    if (due > this.given) {
      this.lines.write(this.held.subarray(this.givenEnd, this.heldLines[due - 1]?.end));
      this.given = due;
    }
    const next = this.heldLines[due];
    return next && next.at + holdMsOf(due) - now;
  }

  private heldRows(): string[] {
    const rows: string[] = [];
    let { style, link } = this.lines;
    let from = this.givenEnd;
    if (this.isPassedOn) rows.push(this.lines.partial());
    const ends = [...this.heldLines.slice(this.given).map(({ end }) => end), this.heldLength];
    for (const end of ends) {
      const line = this.held.toString('utf8', from, completeEnd(this.held, from, end)).replace(/\r*\n$/, '');
      const folded = foldLine(line, style, link);
      ({ style, link } = folded);
      rows.push(folded.text);
      from = end;
    }
    return withoutBlankEnd(rows);
  }

  /** What is held, on a screen. */
  private draw(): Screen {
    const screen = new Screen(this.size(), {
      now: () => this.drawnAt ?? this.now(),
      left: (row) => this.left(row),
    });
    const unfinished = this.isPassedOn ? this.lines.partial() : '';
    const { style, link } = this.lines;
    this.lines.discard();
    this.isDrawingGiven = true;
    screen.write(this.held.toString('utf8', 0, this.givenEnd));
    for (const row of screen.rows.slice(0, screen.cursor.row)) row.given = row.text();
    this.isDrawingGiven = false;
    screen.style = style;
    screen.link = link;
    screen.write(unfinished);
    let from = this.givenEnd;
    for (const { end, at } of this.heldLines.slice(this.given)) {
      this.drawnAt = at;
      screen.write(this.held.toString('utf8', from, end));
      from = end;
    }
    this.drawnAt = undefined;
    screen.write(this.held.toString('utf8', from, this.heldLength));
    this.clearHeld();
    return screen;
  }

  private feed(screen: Screen, bytes: Buffer): void {
    let end = completeEnd(bytes, 0, wholeCharactersEnd(bytes, 0, bytes.length));
    if (bytes.length - end > maxSequenceBytes) end = bytes.length;
    else this.cut = Buffer.from(bytes.subarray(end));
    screen.write(bytes.toString('utf8', 0, end));
  }

  private left(row: ScreenRow): void {
    if (this.isDrawingGiven) return;
    this.leaving.push(row);
    if (!row.continues) this.passOnLeaving('\n');
    else if (this.leaving.length >= maxLeavingRows) this.passOnLeaving('');
  }

  private passOnLeaving(end: '\n' | ''): void {
    if (!this.leaving.every(({ isGiven }) => isGiven)) this.give(this.leaving, end);
    this.leaving = [];
  }

  private give(rows: readonly ScreenRow[], end: '\n' | ''): void {
    const texts = rows.map((row) => row.text());
    this.lines.write(Buffer.from(texts.join('') + end));
    for (const [index, row] of rows.entries()) row.given = texts[index];
  }

  private settleScreen(screen: Screen): number | undefined {
    if (screen.isAlternate) return undefined;
    const now = this.now();
    const lines = finishedLines(screen);
    for (const line of lines) {
      const rows = [...this.leaving, ...line];
      const isLast = line === lines.at(-1) && screen.rows[screen.cursor.row]?.cells.isBlank !== false;
      if (rows.every(({ isGiven, isUsed }) => isGiven || !isUsed)) continue;
      const dueAt = Math.max(...rows.map((row) => row.touchedAt + holdMs(row, isLast)));
      if (dueAt > now) return dueAt - now;
      this.give(rows, '\n');
      this.leaving = [];
    }
    return undefined;
  }

  /** Back to bytes, once the screen behaves as if there had never been anything but text. */
  private undraw(): void {
    const { screen } = this;
    if (!screen?.isPlain || this.leaving.length > 0 || screen.used > screen.cursor.row + 1) return;
    const lines = finishedLines(screen).filter(([first]) => first?.isUsed);
    const given = lines.findIndex((line) => !line.every(({ isGiven }) => isGiven));
    const open = given === -1 ? [] : lines.slice(given);
    const last = unfinishedLine(screen);
    const rows = [...open.flat(), ...last];
    if (!rows.every((row) => row.drawing === 'plain' && row.returnMs === undefined && row.given === undefined)) return;
    const end = last.at(-1)?.cells.length ?? 0;
    if (screen.cursor.column !== Math.min(end, screen.columns - 1)) return;

    this.screen = undefined;
    for (const line of lines) {
      this.drawnAt = line.at(-1)?.touchedAt;
      this.hold(Buffer.from(`${textOf(line)}\r\n`), 0);
    }
    this.drawnAt = undefined;
    this.given = given === -1 ? lines.length : given;
    this.hold(Buffer.from(textOf(last) + sgrText(screen.style)), 0);
  }
}

function holdMs({ drawing, returnMs }: ScreenRow, isLast: boolean): number {
  if (returnMs !== undefined) {
    return Math.min(Math.max(returnMs * returnHold.times, returnHold.leastMs), returnHold.mostMs);
  }
  return { plain: isLast ? lastHoldMs : plainHoldMs, hidden: hiddenHoldMs, painted: paintedHoldMs }[drawing];
}

/** Rows above the cursor, one array for each line they make. */
function finishedLines({ rows, cursor }: Screen): ScreenRow[][] {
  const lines: ScreenRow[][] = [];
  let line: ScreenRow[] = [];
  for (const row of rows.slice(0, cursor.row)) {
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

function textOf(line: readonly ScreenRow[]): string {
  return line.map((row) => row.text()).join('');
}

function screenRows(screen: Screen): string[] {
  const used = screen.rows.slice(0, screen.used);
  if (screen.isAlternate) return withoutBlankEnd(used.map((row) => row.text()));
  const texts: string[] = [];
  let isGoingOn = false;
  for (const row of used) {
    const text = row.text();
    if (isGoingOn) texts.push(texts.pop() + text);
    else if (row.isUsed && row.given !== text) texts.push(text);
    isGoingOn = row.continues;
  }
  return withoutBlankEnd(texts);
}

/** The next CR that ends no line; -1 where there is none. */
function nextReturn(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(cr, from);
  while (at !== -1) {
    let next = at + 1;
    while (bytes[next] === cr) next++;
    if (bytes[next] !== lf) return at;
    at = bytes.indexOf(cr, next);
  }
  return -1;
}

function withoutBlankEnd(rows: string[]): string[] {
  return rows.slice(0, rows.findLastIndex((row) => /[^ ]/.test(visibleText(row))) + 1);
}

/** Where the last `count` finished lines of the bytes begin; `from` where there are no more than that. */
function startOfLastLines(bytes: Buffer, from: number, count: number): number {
  let at = bytes.length;
  for (let found = 0; found <= count; found++) {
    at = at > from ? bytes.lastIndexOf(lf, at - 1) : -1;
    if (at < from) return from;
  }
  return at + 1;
}
