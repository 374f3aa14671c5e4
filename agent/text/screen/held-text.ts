import { completeEnd } from '../escapes/sequences.ts';
import { foldLine } from '../row/row.ts';
import type { ScreenSize } from './grid.ts';
import type { Patience } from './patience.ts';
import type { SavedCursor } from './screen.ts';
import type { TimedLines } from './timed-lines.ts';

/** More bytes of rows than any screen shows. */
const maxHeldBytes = 256 * 1024;
const maxUnfinishedBytes = 64 * 1024;

const lf = 0x0a;

/** A line that could still be reached by moving the cursor up. */
interface HeldLine {
  /** Offset in `held` of what follows it. */
  end: number;
  /** When it was written. */
  at: number;
}

/** A piece of what is held, and when it was written. */
interface HeldPart {
  text: string;
  at: number;
}

/** Text that has not moved between rows: bytes, of which only those are held that the cursor could still reach. */
export class HeldText {
  private readonly lines: TimedLines;
  private readonly patience: Patience;
  private readonly size: () => ScreenSize;
  private readonly now: () => number;

  /** The last lines, and behind them the unfinished one. The first `given` of them are lines already. */
  private held = Buffer.allocUnsafe(4096);
  private heldLength = 0;
  private heldLines: HeldLine[] = [];
  private given = 0;
  /** When the unfinished line was last written. */
  private unfinishedAt = 0;
  /** Where the cursor was saved on the screen that this was drawn on before. */
  savedCursor: SavedCursor | undefined;
  /** The unfinished line is longer than what is held, and its beginning was passed on. */
  private isPassedOn = false;

  constructor(lines: TimedLines, patience: Patience, size: () => ScreenSize, now: () => number) {
    this.lines = lines;
    this.patience = patience;
    this.size = size;
    this.now = now;
  }

  get isUnfinished(): boolean {
    return this.isPassedOn || this.heldLength > this.givenEnd;
  }

  /** The line that has no end yet; undefined where its beginning was passed on. */
  get unfinished(): string | undefined {
    return this.isPassedOn ? undefined : this.held.toString('utf8', this.unfinishedStart, this.heldLength);
  }

  /** Since when the cursor stands in an empty row, right below a line. */
  get restsSince(): number | undefined {
    return this.isPassedOn || this.heldLength > this.unfinishedStart ? undefined : this.heldLines.at(-1)?.at;
  }

  /** Text that does not leave the last row. */
  take(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const now = this.now();
    let from = 0;
    if (this.isPassedOn) {
      from = bytes.indexOf(lf) + 1 || bytes.length;
      this.lines.write(bytes.subarray(0, from), now);
      this.isPassedOn = bytes[from - 1] !== lf;
    }
    const most = Math.max(1, this.size().rows - 1);
    const start = startOfLastLines(bytes, from, most);
    if (start > from || bytes.length - from > maxHeldBytes) {
      const cut = start > from ? start : bytes.lastIndexOf(lf) + 1 || from;
      this.passOn(this.heldLength);
      this.lines.write(bytes.subarray(from, cut), now);
      from = cut;
    }
    this.hold(bytes, from, now);
    while (this.heldLines.length > most || this.heldLength > maxHeldBytes) {
      const excess = Math.max(this.heldLines.length - most, 1);
      const end = this.heldLines[excess - 1]?.end;
      if (end === undefined) break;
      this.passOn(end);
    }
    if (this.heldLength - this.unfinishedStart > maxUnfinishedBytes) {
      this.passOn(this.heldLength);
      this.isPassedOn = true;
    }
  }

  /** A whole line that is on the screen and was a line (`isGiven`) or not when it was drawn. */
  restore(line: Buffer, at: number, isGiven: boolean): void {
    this.hold(line, 0, at);
    if (isGiven) this.given = this.heldLines.length;
  }

  /** The unfinished line, as it was drawn. */
  restoreUnfinished(line: Buffer, at: number): void {
    this.hold(line, 0, at);
  }

  settle(): number | undefined {
    const now = this.now();
    const last = this.heldLength > this.unfinishedStart ? undefined : this.heldLines.length - 1;
    const holdMsOf = (index: number) => this.patience.textMs(index === last);
    let due = this.given;
    while (due < this.heldLines.length && now - (this.heldLines[due] as HeldLine).at >= holdMsOf(due)) due++;
    if (due > this.given) {
      this.give(this.heldLines[due - 1]?.end as number);
      this.given = due;
    }
    const next = this.heldLines[due];
    return next && next.at + holdMsOf(due) - now;
  }

  /** What is no line yet, as it looks. */
  rows(): string[] {
    const rows: string[] = [];
    let { style, link } = this.lines.splitter;
    let from = this.givenEnd;
    if (this.isPassedOn) rows.push(this.lines.splitter.partial());
    const ends = [...this.heldLines.slice(this.given).map(({ end }) => end), this.heldLength];
    for (const end of ends) {
      const line = this.held.toString('utf8', from, completeEnd(this.held, from, end)).replace(/\r*\n$/, '');
      const folded = foldLine(line, style, link);
      ({ style, link } = folded);
      rows.push(folded.text);
      from = end;
    }
    return rows;
  }

  /**
   * Everything that is held, and what was passed on of a line without an end, to be drawn: what is in lines already,
   * and what is not. Nothing is held any more.
   */
  release(): { given: string; open: HeldPart[]; savedCursor: SavedCursor | undefined } {
    const passedOn = this.lines.splitter.takeBack();
    const given = this.held.toString('utf8', 0, this.givenEnd);
    const open: HeldPart[] = [{ text: passedOn, at: this.unfinishedAt }];
    let from = this.givenEnd;
    for (const { end, at } of this.heldLines.slice(this.given)) {
      open.push({ text: this.held.toString('utf8', from, end), at });
      from = end;
    }
    open.push({ text: this.held.toString('utf8', from, this.heldLength), at: this.unfinishedAt });
    const { savedCursor } = this;
    this.clear();
    return { given, open, savedCursor };
  }

  /** The text ends: everything that is held becomes lines. */
  end(): void {
    this.give(this.heldLength);
    this.lines.end(this.unfinishedAt);
    this.savedCursor = undefined;
    this.clear();
  }

  clear(): void {
    this.heldLength = 0;
    this.heldLines = [];
    this.given = 0;
    this.isPassedOn = false;
  }

  private get givenEnd(): number {
    return this.heldLines[this.given - 1]?.end ?? 0;
  }

  private get unfinishedStart(): number {
    return this.heldLines.at(-1)?.end ?? 0;
  }

  private hold(bytes: Buffer, from: number, at: number): void {
    const length = this.heldLength + bytes.length - from;
    if (length > this.held.length) {
      const larger = Buffer.allocUnsafe(length * 2);
      this.held.copy(larger, 0, 0, this.heldLength);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldLength, from);
    for (let next = bytes.indexOf(lf, from); next !== -1; next = bytes.indexOf(lf, next + 1)) {
      this.heldLines.push({ end: this.heldLength + next + 1 - from, at });
    }
    if (bytes.length > from) this.unfinishedAt = at;
    this.heldLength = length;
  }

  /** `held` up to `end` is held no longer; what of it is no line yet becomes lines. */
  private passOn(end: number): void {
    this.give(end);
    if (end === this.heldLength) {
      this.clear();
      return;
    }
    this.held.copyWithin(0, end, this.heldLength);
    this.heldLength -= end;
    const gone = this.heldLines.findLastIndex((line) => line.end <= end) + 1;
    this.heldLines = this.heldLines.slice(gone).map((line) => ({ ...line, end: line.end - end }));
    this.given = Math.max(0, this.given - gone);
  }

  /** Makes lines of what is held up to `end`, each with its own time. */
  private give(end: number): void {
    let from = Math.min(this.givenEnd, end);
    for (let index = this.given; index < this.heldLines.length; index++) {
      const line = this.heldLines[index] as HeldLine;
      const next = this.heldLines[index + 1];
      if (line.end > end) break;
      if (next !== undefined && next.end <= end && next.at === line.at) continue;
      this.lines.write(this.held.subarray(from, line.end), line.at);
      from = line.end;
    }
    if (from < end) this.lines.write(this.held.subarray(from, end), this.unfinishedAt);
  }
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
