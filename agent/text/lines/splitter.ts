import { isAscii, isUtf8 } from 'node:buffer';
import { maxLineBytes as defaultMaxLineBytes } from '../../words/line.ts';
import { endsWithMarker, hasHidden, keepHidden } from '../escapes/hidden.ts';
import type { Pen } from '../escapes/pen.ts';
import { startsControlString } from '../escapes/scan.ts';
import { completeEnd, type EscapeCursor, nextEscape, penAfterLine, startsImage } from '../escapes/sequences.ts';
import type { Style } from '../escapes/sgr.ts';
import type { Row } from '../row/row.ts';
import { characterEnd, type Decode, decoderOf } from './encoding.ts';
import { type ByteSpan, type LineEnd, type LineReceiver, LineWriter } from './line-writer.ts';
import { LongString } from './long-string.ts';
import { characterStart, wholeCharactersEnd } from './utf8.ts';

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

class ByteSplitter implements Splitter {
  private readonly onMended: SplitterOptions['onMended'];
  private readonly writer: LineWriter;
  private readonly maxLineBytes: number;
  /** For bytes that are no UTF-8. */
  private readonly standardDecode: Decode | undefined;
  private decode: Decode | undefined;

  /** Bytes written so far. */
  private taken = 0;
  private atTextStart = true;
  /** The unfinished line, or what of it the writer's row has not got. */
  private held: Buffer = Buffer.allocUnsafe(4096);
  private heldLength = 0;
  /** The unfinished line is in the middle of it, and the writer's row is what came before. */
  private longString: LongString | undefined;
  /** The unfinished line up to `held[at]`, for `partial`. */
  private preview: { row: Row; at: number } | undefined;

  constructor(receiver: LineReceiver, maxLineBytes: number, { encoding, onMended }: SplitterOptions) {
    this.onMended = onMended;
    this.standardDecode = decoderOf(encoding);
    this.decode = this.standardDecode;
    this.maxLineBytes = maxLineBytes;
    this.writer = new LineWriter(receiver, maxLineBytes);
  }

  get pending(): number {
    return this.taken - this.writer.done;
  }

  get style(): Style {
    return this.writer.pen.style;
  }

  get link(): string {
    return this.writer.pen.link;
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
    let at = this.heldLength > 0 || this.writer.row ? this.finishHeld(bytes, from) : from;
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
    if (this.heldLength > 0 || this.writer.row) {
      const origin = this.taken - this.heldLength;
      const line = { bytes: this.held, start: 0, end: this.heldLength, origin };
      this.takeLine(line, { after: this.taken, endsText: true });
    }
    this.discard();
  }

  discard(): void {
    this.writer.done = this.taken;
    this.writer.clear();
    this.longString = undefined;
    this.atTextStart = true;
    this.heldLength = 0;
    this.preview = undefined;
  }

  partial(columns = partialColumns): string {
    const { writer } = this;
    if (this.heldLength === 0 && !writer.row) return '';
    this.preview ??= { row: writer.row?.copy() ?? writer.newRow(writer.pen), at: 0 };
    const { row, at } = this.preview;
    const whole = this.decode
      ? characterEnd(this.held, at, this.heldLength, this.decode)
      : wholeCharactersEnd(this.held, at, this.heldLength);
    const end = completeEnd(this.held, at, whole);
    const text = this.decode?.(this.held.subarray(at, end)) ?? this.held.toString('utf8', at, end);
    let shown = row;
    for (let from = row.write(text); from < text.length; from = shown.write(text, from)) {
      shown = writer.newRow(shown);
    }
    // Where a character of another encoding ends is known at the line's end only.
    this.preview = this.decode === undefined ? { row: shown, at: end } : undefined;
    return shown.isBlank ? '' : shown.text(this.maxLineBytes, columns);
  }

  takeBack(): string {
    const image = this.longString?.giveUp().toString() ?? '';
    const text = (this.writer.row?.text() ?? '') + image + this.held.toString('utf8', 0, this.heldLength);
    this.discard();
    return text;
  }

  resume(lastLine: Buffer): void {
    this.discard();
    this.atTextStart = false;
    this.writer.resume(lastLine);
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
    return most - this.writer.pen.prefix.length;
  }

  /** All lines of `bytes` that end in it, from `at` on. Returns where the unfinished one begins. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop that every byte passes
  private takeLines(bytes: Buffer, at: number): number {
    const end = bytes.lastIndexOf(lf) + 1;
    if (end <= at) return at;
    const { writer } = this;
    const origin = this.taken - bytes.length;
    const isValid = this.isPlainText(bytes.subarray(at, end));
    const escapes: EscapeCursor = { next: nextEscape(bytes, at) };
    let nextReturn = indexFrom(bytes, cr, at);
    let nextBackspace = indexFrom(bytes, backspace, at);
    const areShort = isValid && end - at <= this.limit;
    let start = at;
    while (start < end) {
      if (areShort && writer.canGiveTogether) {
        const plainEnd = Math.min(nextReturn, nextBackspace, escapes.next, end);
        const plainLinesEnd = plainEnd - start < worthwhile ? start : bytes.lastIndexOf(lf, plainEnd - 1) + 1;
        if (plainLinesEnd > start) {
          writer.done = origin + plainLinesEnd;
          writer.giveLines(bytes, start, plainLinesEnd);
          start = plainLinesEnd;
          continue;
        }
      }
      const lineFeed = bytes.indexOf(lf, start);
      const lineEnd = lineFeed > start && bytes[lineFeed - 1] === cr ? lineFeed - 1 : lineFeed;
      if (nextReturn < start) nextReturn = indexFrom(bytes, cr, start);
      if (nextBackspace < start) nextBackspace = indexFrom(bytes, backspace, start);
      if (escapes.next < start) escapes.next = nextEscape(bytes, start);
      let pen: Pen | undefined = writer.pen;
      if (writer.row || nextReturn < lineEnd || nextBackspace < lineEnd || lineEnd - start > this.limit)
        pen = undefined;
      else if (lineEnd < lineFeed && endsWithMarker(bytes, start, lineEnd)) pen = undefined;
      else if (escapes.next < lineEnd) pen = penAfterLine(bytes, escapes, lineEnd, pen);
      if (pen && (isValid || this.isPlainText(bytes.subarray(start, lineEnd)))) {
        writer.done = origin + lineFeed + 1;
        writer.give(bytes, start, lineEnd, false);
        writer.pen = pen;
      } else {
        this.takeLine({ bytes, start, end: lineFeed, origin }, lineEndAt(origin + lineFeed));
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
    this.takeLine({ bytes: rest, start: 0, end: rest.length, origin: position - rest.length }, lineEndAt(position));
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
    if (string.isLost) this.writer.row?.write(lostImage);
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
        this.takeLine(held, lineEndAt(origin + this.heldLength));
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
   * comes without its LF.
   */
  private takeLine(line: ByteSpan, lineEnd: LineEnd): void {
    this.preview = undefined;
    for (let { start } = line; ; ) {
      let { end } = line;
      while (end > start && line.bytes[end - 1] === cr) end--;
      if (end < line.end && endsWithMarker(line.bytes, start, end)) end++;
      if (line.end - start >= this.room || end - start > this.limit) {
        start += this.takePiece({ ...line, start });
        // The line goes on behind its image.
        if (start === line.end && this.longString?.isImage && !lineEnd.endsText) return;
        continue;
      }
      const used = this.take({ ...line, start, end }, lineEnd);
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
    const isBeforeString =
      complete < cut && complete - start <= this.writer.rowRoom && startsControlString(bytes, complete);
    return isBeforeString ? this.writer.writeFolded(piece) : this.take(piece);
  }

  /**
   * Makes a line of a span; without `lineEnd` it is a piece that goes on. Returns how many bytes were used: less
   * than all where the rest has to be another piece.
   */
  private take(span: ByteSpan, lineEnd?: LineEnd): number {
    const { bytes, start, end, origin } = span;
    if (this.decode === undefined || isAscii(bytes.subarray(start, end))) return this.takeUtf8(span, lineEnd);
    const decoded = Buffer.from(this.decode(bytes.subarray(start, end)));
    // Its end is where the span ends.
    const text = { bytes: decoded, end: decoded.length, origin: origin + end - decoded.length };
    for (let at = 0; at < decoded.length; ) at += this.takeUtf8({ ...text, start: at }, lineEnd);
    return end - start;
  }

  private isPlainText(bytes: Buffer): boolean {
    return this.decode === undefined ? isUtf8(bytes) : isAscii(bytes);
  }

  private takeUtf8(span: ByteSpan, lineEnd?: LineEnd): number {
    const { writer } = this;
    const { bytes, start, end } = span;
    if (this.onMended !== undefined && !isUtf8(bytes.subarray(start, end))) this.onMended(end - start);
    const pen = writer.penAfter(bytes.subarray(start, end));
    if (pen) return writer.write(span, lineEnd, pen);
    if (lineEnd === undefined) return writer.writeFolded(span);
    const image = lineEnd.endsText ? end : completeEnd(bytes, start, end);
    const taken = image < end && startsImage(bytes, image) ? this.takeImage(span, image) : undefined;
    return taken ?? this.takeHidden(span, lineEnd) ?? writer.writeFolded(span, lineEnd);
  }

  /** The line's end is in the middle of an image; undefined where what stands before it can't be one. */
  private takeImage({ bytes, start, end, origin }: ByteSpan, image: number): number | undefined {
    const string = new LongString(bytes, image, this.mostKept);
    string.skip(bytes.subarray(0, end), image + 2);
    if (string.isOver) return undefined;
    const used = image === start ? 0 : this.writer.writeFolded({ bytes, start, end: image, origin });
    if (start + used < image) return used;
    string.keep(bytes.subarray(image + 2, end));
    this.beginLongString(string);
    return end - start;
  }

  private beginLongString(string: LongString): void {
    this.writer.rowSoFar();
    this.longString = string;
  }

  /** Bytes of an image in lines. */
  private get mostKept(): number {
    return this.maxLineBytes * 16;
  }

  /**
   * A whole line with what other programs read from it, kept or dropped; undefined where there is nothing of the kind.
   */
  private takeHidden({ bytes, start, end, origin }: ByteSpan, lineEnd: LineEnd): number | undefined {
    const { writer } = this;
    const text = writer.row ? '' : bytes.toString('utf8', start, end);
    if (!hasHidden(text)) return undefined;
    const line = Buffer.from(keepHidden(text));
    const pen = writer.penAfter(line);
    if (line.length > this.limit || (!pen && line.length > writer.rowRoom)) return undefined;
    const span = { bytes: line, start: 0, end: line.length, origin };
    if (pen) writer.write(span, lineEnd, pen);
    else writer.writeFolded(span, lineEnd);
    return end - start;
  }
}

/** The end of a line whose LF is at this position in the text. */
function lineEndAt(position: number): LineEnd {
  return { after: position + 1, endsText: false };
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
