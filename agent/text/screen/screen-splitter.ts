import { isUtf8 } from 'node:buffer';
import { startsControlString } from '../escapes/scan.ts';
import { findScreenSequence } from '../escapes/screen-sequences.ts';
import { completeEnd } from '../escapes/sequences.ts';
import { visibleText } from '../escapes/strip.ts';
import { type Decode, decoderOf } from '../lines/encoding.ts';
import { LongString } from '../lines/long-string.ts';
import type { Splitter } from '../lines/splitter.ts';
import { wholeCharactersEnd } from '../lines/utf8.ts';
import { DrawnText } from './drawn-text.ts';
import type { ScreenSize } from './grid.ts';
import { HeldText } from './held-text.ts';
import { Patience, plainHoldMs } from './patience.ts';
import { TimedLines } from './timed-lines.ts';
import { findWrap } from './wrap.ts';

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
  /** Called for each piece of so many bytes that is no UTF-8 where it should be, while rows are drawn. */
  onMended?: (bytes: number) => void;
  /** Gets, before lines are made, how many milliseconds ago they were last written. */
  tellAge?: (ms: number) => void;
}

/** @param lines gets the text of rows that have become lines, and makes lines of it */
export function createScreenSplitter(lines: Splitter, options: ScreenSplitterOptions): ScreenSplitter {
  return new TerminalText(lines, options);
}

/** Of a longer control string nothing is kept. */
const maxStringBytes = 256 * 1024;
/** Of an image in lines, until its end comes. */
const maxImageBytes = 16 * maxStringBytes;
/** Any other sequence that is longer is taken as text. */
const maxSequenceBytes = 4096;

const lf = 0x0a;
const esc = 0x1b;
/** What can end a control string, or break it off: BEL, CAN, SUB and ESC. */
const stringEnds = [0x07, 0x18, 0x1a, esc];

/**
 * Nearly all that programs print is text. That is passed on as bytes, save for the lines that the cursor could still
 * reach: a flood costs no more than without a terminal. Only when a sequence comes that moves between rows are those
 * lines drawn on a screen, which takes the text from then on until it behaves as text again.
 */
class TerminalText implements ScreenSplitter {
  private readonly lines: TimedLines;
  private readonly size: () => ScreenSize;
  private readonly now: () => number;
  private readonly decode: Decode | undefined;
  private readonly onMended: ScreenSplitterOptions['onMended'];
  private readonly patience = new Patience();
  private readonly held: HeldText;
  /** While there is more than text; `held` is empty then. */
  private drawn: DrawnText | undefined;
  /** A sequence whose end has not come yet. */
  private cut: Buffer = Buffer.alloc(0);
  /** What followed `cut`, a control string, and can't end it: so much need not be looked through again. */
  private inString: Buffer[] = [];
  private inStringLength = 0;
  /** What is drawn is in the middle of it. */
  private longString: LongString | undefined;

  constructor(
    lines: Splitter,
    { size, encoding, onMended, now = () => performance.now(), tellAge = () => {} }: ScreenSplitterOptions,
  ) {
    this.onMended = onMended;
    this.decode = decoderOf(encoding);
    this.lines = new TimedLines(lines, now, tellAge);
    this.size = size;
    this.now = now;
    this.held = new HeldText(this.lines, this.patience, size, now);
  }

  write(given: Buffer): void {
    const chunk = this.decode === undefined ? given : Buffer.from(this.decode(given, { stream: true }));
    const now = this.now();
    const { restsSince = now } = this.drawn ?? this.held;
    if (!this.goesOnInString(chunk)) this.feed(this.takeCut(chunk));
    const returnedAt = this.drawn?.returnedAt ?? Number.NEGATIVE_INFINITY;
    if (now - restsSince >= plainHoldMs) {
      if (returnedAt >= now) this.patience.paused('back');
      else if (chunk.includes(lf) || visibleText(chunk.toString('latin1')) !== '') this.patience.paused('below');
    }
    this.undraw();
  }

  end(): void {
    if (this.drawn === undefined) {
      this.held.take(this.cut);
      this.held.end();
    } else {
      const string = this.longString;
      this.longString = undefined;
      if (string !== undefined) this.draw(this.drawn, string.giveUp());
      // What has no end is text.
      this.drawn.write(this.takeCut().toString(), this.size());
      this.drawn.end();
    }
    this.clear();
  }

  discard(): void {
    this.lines.splitter.discard();
    this.clear();
  }

  get isUnfinished(): boolean {
    return this.drawn !== undefined || this.held.isUnfinished;
  }

  rows(): string[] {
    const rows = (this.drawn ?? this.held).rows();
    return rows.slice(0, rows.findLastIndex((row) => /[^ ]/.test(visibleText(row))) + 1);
  }

  settle(): number | undefined {
    const waitMs = (this.drawn ?? this.held).settle();
    this.undraw();
    return waitMs;
  }

  private goesOnInString(chunk: Buffer): boolean {
    const { cut } = this;
    if (this.drawn === undefined || cut.length === 0 || cut.at(-1) === esc || !startsControlString(cut, 0))
      return false;
    if (cut.length + this.inStringLength + chunk.length > maxStringBytes) return false;
    if (stringEnds.some((byte) => chunk.includes(byte))) return false;
    this.inString.push(Buffer.from(chunk));
    this.inStringLength += chunk.length;
    return true;
  }

  /** What was cut off, with what follows it. */
  private takeCut(chunk: Buffer = Buffer.alloc(0)): Buffer {
    const bytes = this.cut.length > 0 ? Buffer.concat([this.cut, ...this.inString, chunk]) : chunk;
    this.cut = Buffer.alloc(0);
    this.inString = [];
    this.inStringLength = 0;
    return bytes;
  }

  private feed(bytes: Buffer): void {
    if (this.drawn !== undefined) {
      this.draw(this.drawn, bytes);
      return;
    }
    const { at: sequenceAt, complete } = findScreenSequence(bytes);
    const at = findWrap(bytes.subarray(0, sequenceAt ?? complete), this.held.unfinished, this.size().columns);
    const textEnd = at ?? sequenceAt ?? complete;
    this.held.take(bytes.subarray(0, textEnd));
    if (at === undefined && sequenceAt === undefined) {
      const rest = bytes.subarray(complete);
      if (rest.length <= maxSequenceBytes) this.cut = Buffer.from(rest);
      else this.held.take(rest);
      return;
    }
    this.drawn = new DrawnText(this.held, this.lines, this.patience, this.size(), this.now);
    this.draw(this.drawn, bytes.subarray(textEnd));
  }

  private draw(drawn: DrawnText, given: Buffer): void {
    const bytes = this.skipLongString(given);
    const end = completeEnd(bytes, 0, wholeCharactersEnd(bytes, 0, bytes.length));
    const rest = bytes.subarray(end);
    if (this.onMended !== undefined && !isUtf8(bytes.subarray(0, end))) this.onMended(end);
    drawn.write(bytes.toString('utf8', 0, end), this.size());
    const isString = startsControlString(rest, 0);
    if (rest.length <= (isString ? maxStringBytes : maxSequenceBytes)) {
      this.cut = Buffer.from(rest);
    } else if (isString) {
      this.longString = new LongString(rest, 0, maxImageBytes);
      this.draw(drawn, rest.subarray(2));
    } else {
      drawn.write(rest.toString(), this.size());
    }
  }

  private skipLongString(bytes: Buffer): Buffer {
    if (this.longString === undefined) return bytes;
    const string = this.longString;
    const after = bytes.subarray(string.skip(bytes, 0));
    if (string.isOver) this.longString = undefined;
    return string.rest.length > 0 ? Buffer.concat([string.rest, after]) : after;
  }

  private undraw(): void {
    if (this.longString === undefined && this.drawn?.undraw(this.held)) this.drawn = undefined;
  }

  private clear(): void {
    this.held.clear();
    this.drawn = undefined;
    this.takeCut();
    this.longString = undefined;
  }
}
