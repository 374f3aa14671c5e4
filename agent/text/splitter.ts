import { isAscii, isUtf8 } from 'node:buffer';
import { maxLineBytes as defaultMaxLineBytes } from '../words/line.ts';
import { characterEnd, type Decode, decoderOf } from './encoding.ts';
import { hasHidden, keepHidden, keptPrefix } from './escapes/hidden.ts';
import { type Pen, PenBox } from './escapes/pen.ts';
import { startsControlString } from './escapes/scan.ts';
import { completeEnd, type EscapeCursor, nextEscape, penAfterLine, startsImage } from './escapes/sequences.ts';
import type { Style } from './escapes/sgr.ts';
import { visibleText } from './escapes/strip.ts';
import { LongString } from './long-string.ts';
import { maxColumns, Row } from './row/row.ts';
import { characterLength, characterStart, wholeCharactersEnd } from './utf8.ts';

export interface LineReceiver {
  /**
   * One line: `bytes[start, end)` is valid UTF-8 without LF or CR, at most `maxLineBytes` long, and stands alone. Only
   * valid during the call. `continued`: it goes on in the next one.
   */
  line(bytes: Buffer, start: number, end: number, continued: boolean): void;
  /**
   * Several such lines, each with its LF behind it and none of them continued: `bytes[start, end)` ends with an LF.
   * Without it each line is given by itself.
   */
  lines?(bytes: Buffer, start: number, end: number): void;
}

/** Makes lines of bytes. Everything is synchronous. Which lines come out does not depend on how the bytes are cut. */
export interface Splitter {
  /**
   * The bytes are copied as far as they are needed later. `encoding` is what they are in where it is not that of the
   * options; it may only change where a line begins.
   */
  write(chunk: Buffer, encoding?: 'utf-8'): void;
  /**
   * The text ends: an unfinished last line becomes a line (unless nothing of it can be seen, such as a color reset),
   * and the state is cleared. The next bytes begin a new text.
   */
  end(): void;
  /** Drops an unfinished line and clears the state. */
  discard(): void;
  /**
   * Bytes taken that are in no line yet; exact also while `line` is being called. Reading again from that many bytes
   * back, in a splitter that `resume`d the last line, gives the same lines. So all of a line that rewrites itself is
   * pending, even gigabytes, though no more than a few `maxLineBytes` of it are kept in memory.
   */
  readonly pending: number;
  /** In force after the last line. */
  readonly style: Style;
  /** What stands after `OSC 8 ;` of the link that is open after the last line; '' for none. */
  readonly link: string;
  /**
   * The unfinished line as it looks now, folded, with color and link carried over; '' where there is nothing to see. Of
   * a long one as many columns as are worth sending, or as asked for.
   */
  partial(columns?: number): string;
  /**
   * Takes the unfinished line back, of any length, to be drawn in the style and link in force, and clears the state.
   * Pieces of it that are lines already stay so, and what comes next continues them.
   */
  takeBack(): string;
  /**
   * Takes up the color and link in force at the end of a line that came out of a splitter. What follows is not a text's
   * start.
   */
  resume(lastLine: Buffer): void;
}

export interface SplitterOptions {
  /** At least 256: a carried color alone can take 60. */
  maxLineBytes?: number;
  /** What the bytes are written in (`encodingNamed`), where it isn't UTF-8. Lines are UTF-8 in any case. */
  encoding?: string;
  /** Called for each line, or piece of one, of so many bytes that is no UTF-8 where it should be. */
  onMended?: (bytes: number) => void;
}

export function createSplitter(receiver: LineReceiver, options: SplitterOptions = {}): Splitter {
  const maxLineBytes = Math.max(options.maxLineBytes ?? defaultMaxLineBytes, 256);
  return new ByteSplitter(receiver, maxLineBytes, options);
}

/** Columns of an unfinished line that are worth sending ten times a second. */
const partialColumns = 4096;

/** Stands for an image in lines that is larger than what is kept, and broke off. */
const lostImage = '[image without an end]';

/** Lines without anything that needs care are given together from so many bytes on. */
const worthwhile = 1024;

const lf = 0x0a;
const cr = 0x0d;
const backspace = 0x08;
const nowhere = Number.POSITIVE_INFINITY;

/** `bytes[start, end)`; `origin` is the position of `bytes[0]` in the text. */
interface ByteSpan {
  bytes: Buffer;
  start: number;
  end: number;
  origin: number;
}

class ByteSplitter implements Splitter {
  private readonly receiver: LineReceiver;
  private readonly onMended: SplitterOptions['onMended'];
  private readonly maxLineBytes: number;
  private readonly columns: number;
  /** For bytes that are no UTF-8. */
  private readonly standardDecode: Decode | undefined;
  private decode: Decode | undefined;

  /** Bytes written so far, and how many of them are in lines. */
  private taken = 0;
  private done = 0;
  /** In force where the unfinished line begins. */
  private readonly pens: PenBox;
  private pen: Pen;
  private atTextStart = true;
  /** While `end` makes a line of what is left. */
  private isEnding = false;
  /** The unfinished line, or what of it `row` has not got. */
  private held: Buffer = Buffer.allocUnsafe(4096);
  private heldLength = 0;
  /** What an unfinished line that has to be folded and is longer than the limit shows so far. */
  private row: Row | undefined;
  /** The unfinished line is in the middle of it, and `row` is what came before. */
  private longString: LongString | undefined;
  /** The unfinished line up to `held[at]`, for `partial`. */
  private preview: { row: Row; at: number } | undefined;
  /** Here a carried color and its line are put together. */
  private joint: Buffer = Buffer.allocUnsafe(4096);

  constructor(receiver: LineReceiver, maxLineBytes: number, { encoding, onMended }: SplitterOptions) {
    this.receiver = receiver;
    this.onMended = onMended;
    this.standardDecode = decoderOf(encoding);
    this.decode = this.standardDecode;
    this.maxLineBytes = maxLineBytes;
    this.pens = new PenBox(maxLineBytes >> 3);
    this.pen = this.pens.plain;
    // Every column can hold a character of four bytes.
    this.columns = Math.min(maxColumns, (maxLineBytes - 64) >> 2);
  }

  get pending(): number {
    return this.taken - this.done;
  }

  get style(): Style {
    return this.pen.style;
  }

  get link(): string {
    return this.pen.link;
  }

  write(chunk: Buffer, encoding?: 'utf-8'): void {
    if (chunk.length > 0) this.decode = encoding === undefined ? this.standardDecode : undefined;
    this.taken += chunk.length;
    let bytes = chunk;
    let at = 0;
    if (this.atTextStart) {
      if (this.heldLength > 0) bytes = Buffer.concat([this.held.subarray(0, this.heldLength), chunk]);
      this.heldLength = 0;
      const mark = byteOrderMarkLength(bytes);
      if (mark < 3 && mark === bytes.length) {
        this.hold(bytes, 0, bytes.length);
        return;
      }
      this.atTextStart = false;
      if (mark === 3) at = 3;
    }
    if (this.longString) {
      bytes = this.afterLongString(bytes, at);
      at = 0;
    }
    this.takeAll(bytes, at);
  }

  private takeAll(bytes: Buffer, from: number): void {
    let at = this.heldLength > 0 || this.row ? this.finishHeld(bytes, from) : from;
    at = this.takeLines(bytes, at);
    const origin = this.taken - bytes.length;
    while (bytes.length - at >= this.room) {
      at += this.takePiece({ bytes, start: at, end: bytes.length, origin });
      // An image may have line ends in it.
      at = this.takeLines(bytes, at);
    }
    this.hold(bytes, at, bytes.length);
  }

  end(): void {
    if (this.longString) this.takeAll(this.endLongString(this.longString), 0);
    this.isEnding = true;
    if (this.heldLength > 0 || this.row) {
      const origin = this.taken - this.heldLength;
      this.takeLine({ bytes: this.held, start: 0, end: this.heldLength, origin }, this.taken);
    }
    this.isEnding = false;
    this.discard();
  }

  discard(): void {
    this.done = this.taken;
    this.pen = this.pens.plain;
    this.longString = undefined;
    this.atTextStart = true;
    this.heldLength = 0;
    this.row = undefined;
    this.preview = undefined;
  }

  partial(columns = partialColumns): string {
    if (this.heldLength === 0 && !this.row) return '';
    this.preview ??= { row: this.row?.copy() ?? new Row(this.pen.style, this.columns, this.pen.link), at: 0 };
    const { row, at } = this.preview;
    const whole = this.decode
      ? characterEnd(this.held, at, this.heldLength, this.decode)
      : wholeCharactersEnd(this.held, at, this.heldLength);
    const end = completeEnd(this.held, at, whole);
    const text = this.decode?.(this.held.subarray(at, end)) ?? this.held.toString('utf8', at, end);
    let shown = row;
    for (let from = row.write(text); from < text.length; from = shown.write(text, from)) {
      shown = new Row(shown.style, this.columns, shown.link);
    }
    // Where a character of another encoding ends is known at the line's end only.
    this.preview = this.decode === undefined ? { row: shown, at: end } : undefined;
    return shown.isBlank ? '' : shown.text(this.maxLineBytes, columns);
  }

  takeBack(): string {
    const image = this.longString?.giveUp().toString() ?? '';
    const text = (this.row?.text() ?? '') + image + this.held.toString('utf8', 0, this.heldLength);
    this.discard();
    return text;
  }

  resume(lastLine: Buffer): void {
    this.discard();
    this.atTextStart = false;
    const { plain } = this.pens;
    this.pen = penAfterLine(lastLine, { next: nextEscape(lastLine, 0) }, lastLine.length, plain) ?? plain;
  }

  /**
   * Bytes without LF that are certainly more than one piece: the limit and a CRLF that could follow it. The limit
   * leaves room for the carried color.
   */
  private get room(): number {
    return this.limit + 2;
  }

  private get limit(): number {
    // A byte of another encoding can be three of UTF-8.
    const most = this.decode === undefined ? this.maxLineBytes : Math.floor(this.maxLineBytes / 3);
    return most - this.pen.prefix.length;
  }

  /** All lines of `bytes` that end in it, from `at` on. Returns where the unfinished one begins. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop that every byte passes
  private takeLines(bytes: Buffer, at: number): number {
    const end = bytes.lastIndexOf(lf) + 1;
    if (end <= at) return at;
    const origin = this.taken - bytes.length;
    const isValid = this.isPlainText(bytes.subarray(at, end));
    const escapes: EscapeCursor = { next: nextEscape(bytes, at) };
    let nextReturn = indexFrom(bytes, cr, at);
    let nextBackspace = indexFrom(bytes, backspace, at);
    const areShort = isValid && end - at <= this.limit;
    let start = at;
    while (start < end) {
      if (areShort && this.receiver.lines !== undefined && this.pen.prefix.length === 0 && !this.row) {
        const plainEnd = Math.min(nextReturn, nextBackspace, escapes.next, end);
        const plainLinesEnd = plainEnd - start < worthwhile ? start : bytes.lastIndexOf(lf, plainEnd - 1) + 1;
        if (plainLinesEnd > start) {
          this.done = origin + plainLinesEnd;
          this.receiver.lines(bytes, start, plainLinesEnd);
          start = plainLinesEnd;
          continue;
        }
      }
      const lineFeed = bytes.indexOf(lf, start);
      const lineEnd = lineFeed > start && bytes[lineFeed - 1] === cr ? lineFeed - 1 : lineFeed;
      if (nextReturn < start) nextReturn = indexFrom(bytes, cr, start);
      if (nextBackspace < start) nextBackspace = indexFrom(bytes, backspace, start);
      if (escapes.next < start) escapes.next = nextEscape(bytes, start);
      let pen: Pen | undefined = this.pen;
      if (this.row || nextReturn < lineEnd || nextBackspace < lineEnd || lineEnd - start > this.limit) pen = undefined;
      else if (escapes.next < lineEnd) pen = penAfterLine(bytes, escapes, lineEnd, pen);
      if (pen && (isValid || this.isPlainText(bytes.subarray(start, lineEnd)))) {
        this.done = origin + lineFeed + 1;
        this.emit(bytes, start, lineEnd, false);
        this.pen = pen;
      } else {
        this.takeLine({ bytes, start, end: lineFeed, origin }, origin + lineFeed + 1);
      }
      start = this.afterLineFeed(bytes, lineFeed);
    }
    return start;
  }

  /** Where the next line begins: a line end may be in the middle of an image, and ends every other control string. */
  private afterLineFeed(bytes: Buffer, at: number): number {
    const string = this.longString;
    if (string === undefined) return at + 1;
    const next = this.skipLongString(bytes, at);
    if (next > at || !string.isImage) return Math.max(at + 1, next);
    // It was none, and the line ends here.
    const { rest } = string;
    const position = this.taken - bytes.length + at;
    this.takeLine({ bytes: rest, start: 0, end: rest.length, origin: position - rest.length }, position + 1);
    return at + 1;
  }

  private skipLongString(bytes: Buffer, at: number): number {
    const next = this.longString?.skip(bytes, at) ?? at;
    if (this.longString?.isOver) this.endLongString(this.longString);
    return next;
  }

  /** The bytes that follow the control string which bytes are in the middle of, or are text after all. */
  private afterLongString(bytes: Buffer, at: number): Buffer {
    const string = this.longString;
    const after = bytes.subarray(this.skipLongString(bytes, at));
    return string !== undefined && string.rest.length > 0 ? Buffer.concat([string.rest, after]) : after;
  }

  /** Returns what of it is text where the text ends within it. */
  private endLongString(string: LongString): Buffer {
    const text = string.isOver ? string.rest : string.giveUp();
    this.longString = undefined;
    if (string.isLost) this.row?.write(lostImage);
    return text;
  }

  /** Continues the unfinished line. Returns how far `bytes` were used: to the line's end, or all of them. */
  private finishHeld(bytes: Buffer, from: number): number {
    for (let at = from; ; ) {
      if (this.longString) at = this.skipLongString(bytes, at);
      const lineFeed = bytes.indexOf(lf, at);
      const end = lineFeed === -1 ? bytes.length : lineFeed;
      const next = Math.max(at, Math.min(end, at + this.room - this.heldLength));
      this.hold(bytes, at, next);
      at = next;
      const origin = this.taken - bytes.length + at - this.heldLength;
      const held = { bytes: this.held, start: 0, end: this.heldLength, origin };
      if (this.heldLength >= this.room) {
        this.dropHeld(this.takePiece(held));
      } else if (at === end) {
        if (lineFeed === -1) return end;
        this.takeLine(held, origin + this.heldLength + 1);
        this.heldLength = 0;
        return this.afterLineFeed(bytes, end);
      }
    }
  }

  private hold(bytes: Buffer, start: number, end: number): void {
    const length = this.heldLength + end - start;
    if (length > this.held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.held.length * 2));
      this.held.copy(larger, 0, 0, this.heldLength);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldLength, start, end);
    this.heldLength = length;
  }

  private dropHeld(length: number): void {
    this.held.copyWithin(0, length, this.heldLength);
    this.heldLength -= length;
  }

  /**
   * A whole line that is not as simple as most: too long, to be folded, broken UTF-8, or put together from chunks. It
   * comes without its LF; `after` is the position in the text of what follows the line.
   */
  private takeLine(line: ByteSpan, after: number): void {
    this.preview = undefined;
    for (let { start } = line; ; ) {
      let { end } = line;
      while (end > start && line.bytes[end - 1] === cr) end--;
      if (line.end - start >= this.room || end - start > this.limit) {
        start += this.takePiece({ ...line, start });
        // The line goes on behind its image.
        if (start === line.end && this.longString?.isImage && !this.isEnding) return;
        continue;
      }
      const used = this.take({ ...line, start, end }, after);
      if (used === end - start) return;
      start += used;
    }
  }

  /**
   * The beginning of a line that is longer than the limit: a piece, or more for `row`. Returns how many bytes were
   * used.
   */
  private takePiece({ bytes, start, end, origin }: ByteSpan): number {
    this.preview = undefined;
    const limit = start + this.limit;
    const cut = this.decode ? characterEnd(bytes, start, limit, this.decode) : characterStart(bytes, limit, start + 1);
    const complete = completeEnd(bytes, start, cut);
    if (complete === start && startsControlString(bytes, start)) {
      this.beginLongString(new LongString(bytes, start, this.mostKept));
      return this.skipLongString(bytes.subarray(0, end), start + 2) - start;
    }
    const piece = { bytes, start, end: complete > start ? complete : cut, origin };
    // What a long control string is in the middle of stays one line.
    const isBeforeString = complete < cut && complete - start <= this.columns && startsControlString(bytes, complete);
    return isBeforeString ? this.takeFolded(piece) : this.take(piece);
  }

  /**
   * Makes a line of a span; without `after` it is a piece that goes on. Returns how many bytes were used: less
   * than all where the rest has to be another piece.
   */
  private take(span: ByteSpan, after?: number): number {
    const { bytes, start, end, origin } = span;
    if (this.decode === undefined || isAscii(bytes.subarray(start, end))) return this.takeUtf8(span, after);
    const decoded = Buffer.from(this.decode(bytes.subarray(start, end)));
    // Its end is where the span ends.
    const text = { bytes: decoded, end: decoded.length, origin: origin + end - decoded.length };
    for (let at = 0; at < decoded.length; ) at += this.takeUtf8({ ...text, start: at }, after);
    return end - start;
  }

  private isPlainText(bytes: Buffer): boolean {
    return this.decode === undefined ? isUtf8(bytes) : isAscii(bytes);
  }

  private takeUtf8(span: ByteSpan, after?: number): number {
    const { bytes, start, end } = span;
    if (this.onMended !== undefined && !isUtf8(bytes.subarray(start, end))) this.onMended(end - start);
    const pen = this.row ? undefined : penAfterText(bytes.subarray(start, end), this.pen);
    if (pen) return this.takeText(span, after, pen);
    if (after === undefined) return this.takeFolded(span);
    const image = this.isEnding ? end : completeEnd(bytes, start, end);
    const taken = image < end && startsImage(bytes, image) ? this.takeImage(span, image) : undefined;
    return taken ?? this.takeHidden(span, after) ?? this.takeFolded(span, after);
  }

  /** The line's end is in the middle of an image; undefined where what stands before it can't be one. */
  private takeImage({ bytes, start, end, origin }: ByteSpan, image: number): number | undefined {
    const string = new LongString(bytes, image, this.mostKept);
    string.skip(bytes.subarray(0, end), image + 2);
    if (string.isOver) return undefined;
    const used = image === start ? 0 : this.takeFolded({ bytes, start, end: image, origin });
    if (start + used < image) return used;
    string.keep(bytes.subarray(image + 2, end));
    this.beginLongString(string);
    return end - start;
  }

  private beginLongString(string: LongString): void {
    this.row ??= new Row(this.pen.style, this.columns, this.pen.link);
    this.longString = string;
  }

  /** Bytes of an image in lines. */
  private get mostKept(): number {
    return this.maxLineBytes * 16;
  }

  /**
   * A whole line with what other programs read from it, kept or dropped; undefined where there is nothing of the kind.
   */
  private takeHidden({ bytes, start, end, origin }: ByteSpan, after: number): number | undefined {
    const text = this.row ? '' : bytes.toString('utf8', start, end);
    if (!hasHidden(text)) return undefined;
    const line = Buffer.from(keepHidden(text));
    const pen = penAfterText(line, this.pen);
    if (line.length > this.limit || (!pen && line.length > this.columns)) return undefined;
    const span = { bytes: line, start: 0, end: line.length, origin };
    if (pen) this.takeText(span, after, pen);
    else this.takeFolded(span, after);
    return end - start;
  }

  private takeText({ bytes, start, end, origin }: ByteSpan, after: number | undefined, pen: Pen): number {
    let line = bytes.subarray(start, end);
    if (!isUtf8(line)) {
      const fitting = fittingEnd(bytes, start, end, this.limit);
      if (fitting < end) {
        const cut = completeCut(bytes, start, fitting);
        const cutPen = penAfterText(bytes.subarray(start, cut), this.pen) ?? this.pen;
        return this.takeText({ bytes, start, end: cut, origin }, undefined, cutPen);
      }
      line = Buffer.from(line.toString());
    }
    this.done = after ?? origin + end;
    if (!this.endsText(after) || visibleText(line.toString()) !== '' || hasMarker(line))
      this.emit(line, 0, line.length, after === undefined);
    this.pen = pen;
    return end - start;
  }

  private takeFolded({ bytes, start, end, origin }: ByteSpan, after?: number): number {
    const row = this.row ?? new Row(this.pen.style, this.columns, this.pen.link);
    const text = bytes.toString('utf8', start, end);
    const written = row.write(text);
    this.row = row;
    if (written === text.length && after === undefined) return end - start;
    const isFull = written < text.length;
    const used = isFull ? lengthOf(bytes, start, end, written) : end - start;
    const line = row.text(this.maxLineBytes);
    this.row = undefined;
    // The row's text sets its own colors.
    this.pen = this.pens.plain;
    this.done = isFull || after === undefined ? origin + start + used : after;
    if (isFull || !this.endsText(after) || /[^ ]/.test(visibleText(line)) || hasMarker(line)) {
      const folded = Buffer.from(line);
      this.emit(folded, 0, folded.length, isFull);
    }
    this.pen = this.pens.penFor(row.style, row.link);
    return used;
  }

  private endsText(after: number | undefined): boolean {
    return this.isEnding && after !== undefined;
  }

  private emit(bytes: Buffer, start: number, end: number, continued: boolean): void {
    const { prefix } = this.pen;
    if (prefix.length === 0) {
      this.receiver.line(bytes, start, end, continued);
      return;
    }
    const length = prefix.length + end - start;
    if (length > this.joint.length) this.joint = Buffer.allocUnsafe(length * 2);
    prefix.copy(this.joint);
    bytes.copy(this.joint, prefix.length, start, end);
    this.receiver.line(this.joint, 0, length, continued);
  }
}

/** How much of U+FEFF (EF BB BF) the bytes begin with. */
function byteOrderMarkLength(bytes: Buffer): number {
  const length = [0xef, 0xbb, 0xbf].findIndex((byte, index) => bytes[index] !== byte);
  return length === -1 ? 3 : length;
}

function indexFrom(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? nowhere : at;
}

function hasMarker(line: string | Buffer): boolean {
  return line.includes(`\x1b_${keptPrefix}`);
}

/** The pen after a text, or undefined when it has to be folded. */
function penAfterText(text: Buffer, pen: Pen): Pen | undefined {
  if (text.includes(cr) || text.includes(backspace)) return undefined;
  return penAfterLine(text, { next: nextEscape(text, 0) }, text.length, pen);
}

/** `cut`, or the start of the escape sequence it would break, unless that is where the text begins. */
function completeCut(bytes: Buffer, at: number, cut: number): number {
  const end = completeEnd(bytes, at, cut);
  return end > at ? end : cut;
}

/** Up to where broken UTF-8 takes no more than `limit` bytes once it is mended. */
function fittingEnd(bytes: Buffer, from: number, end: number, limit: number): number {
  let at = from;
  for (let left = limit; at < end; ) {
    const length = characterLength(bytes, at, end);
    left -= length > 0 ? length : replacementLength;
    if (left < 0) break;
    at += Math.abs(length);
  }
  return at;
}

/** Bytes of U+FFFD. */
const replacementLength = 3;

/** How many bytes make the first `units` UTF-16 units of the text. */
function lengthOf(bytes: Buffer, from: number, end: number, units: number): number {
  let at = from;
  for (let left = units; left > 0 && at < end; ) {
    const length = characterLength(bytes, at, end);
    left -= length === 4 ? 2 : 1;
    at += Math.abs(length);
  }
  return at - from;
}
