import { isUtf8 } from 'node:buffer';
import { keptPrefix } from '../escapes/hidden.ts';
import { type Pen, PenBox } from '../escapes/pen.ts';
import { completeEnd, nextEscape, penAfterLine } from '../escapes/sequences.ts';
import { visibleText } from '../escapes/strip.ts';
import { maxColumns, Row } from '../row/row.ts';
import { characterLength } from './utf8.ts';

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

/** `bytes[start, end)`; `origin` is the position of `bytes[0]` in the text. */
export interface ByteSpan {
  bytes: Buffer;
  start: number;
  end: number;
  origin: number;
}

/** Where a line ends. */
export interface LineEnd {
  /** The position in the text of what follows the line. */
  after: number;
  /** The text ends here, without a line end: what can't be seen, such as a color reset, is no line then. */
  endsText: boolean;
}

/**
 * Gives a receiver the lines of a text, each of which stands alone: mended where it is no UTF-8, folded where it
 * rewrites itself, with the color and link in force in front.
 */
export class LineWriter {
  /** How many bytes of the text are in lines; set before each is given. */
  done = 0;
  /** In force where the unfinished line begins. */
  pen: Pen;
  /** What an unfinished line that has to be folded and is longer than the limit shows so far. */
  row: Row | undefined;
  private readonly receiver: LineReceiver;
  private readonly maxLineBytes: number;
  private readonly columns: number;
  private readonly pens: PenBox;
  /** Here a carried color and its line are put together. */
  private joint: Buffer = Buffer.allocUnsafe(4096);

  constructor(receiver: LineReceiver, maxLineBytes: number) {
    this.receiver = receiver;
    this.maxLineBytes = maxLineBytes;
    this.pens = new PenBox(maxLineBytes >> 3);
    this.pen = this.pens.plain;
    // Every column can hold a character of four bytes.
    this.columns = Math.min(maxColumns, (maxLineBytes - 64) >> 2);
  }

  /** Bytes that a line can have beside the color and link in force. */
  get room(): number {
    return this.maxLineBytes - this.pen.prefix.length;
  }

  /** Bytes that fit into a row whatever they are. */
  get rowRoom(): number {
    return this.columns;
  }

  /** Forgets color, link and row. */
  clear(): void {
    this.pen = this.pens.plain;
    this.row = undefined;
  }

  /** Takes up the color and link in force at the end of a line that was given. */
  resume(line: Buffer): void {
    this.pen = penAfterLine(line, { next: nextEscape(line, 0) }, line.length, this.pens.plain) ?? this.pens.plain;
  }

  /** The unfinished line's row; from now on it has one. */
  rowSoFar(): Row {
    this.row ??= this.newRow(this.pen);
    return this.row;
  }

  newRow({ style, link }: Pick<Pen, 'style' | 'link'>): Row {
    return new Row(style, this.columns, link);
  }

  /** The pen after a text, or undefined where it has to be folded. */
  penAfter(text: Buffer): Pen | undefined {
    if (this.row !== undefined || text.includes(cr) || text.includes(backspace)) return undefined;
    return penAfterLine(text, { next: nextEscape(text, 0) }, text.length, this.pen);
  }

  /**
   * Makes a line of a span that need not be folded, after which `pen` is in force; without `lineEnd` a piece that goes
   * on. Returns how many bytes were used: less than all where the rest has to be another piece.
   */
  write({ bytes, start, end, origin }: ByteSpan, lineEnd: LineEnd | undefined, pen: Pen): number {
    let line = bytes.subarray(start, end);
    if (!isUtf8(line)) {
      const fitting = fittingEnd(bytes, start, end, this.room);
      if (fitting < end) {
        const cut = completeCut(bytes, start, fitting);
        const cutPen = this.penAfter(bytes.subarray(start, cut)) ?? this.pen;
        return this.write({ bytes, start, end: cut, origin }, undefined, cutPen);
      }
      line = Buffer.from(line.toString());
    }
    this.done = lineEnd?.after ?? origin + end;
    if (!lineEnd?.endsText || visibleText(line.toString()) !== '' || hasMarker(line)) {
      this.give(line, 0, line.length, lineEnd === undefined);
    }
    this.pen = pen;
    return end - start;
  }

  /**
   * Makes a line of what the row shows once a span is written to it; without `lineEnd` only where the row is full.
   * Returns how many bytes were used.
   */
  writeFolded({ bytes, start, end, origin }: ByteSpan, lineEnd?: LineEnd): number {
    const row = this.rowSoFar();
    const text = bytes.toString('utf8', start, end);
    const written = row.write(text);
    const isFull = written < text.length;
    if (!isFull && lineEnd === undefined) return end - start;
    const used = isFull ? lengthOf(bytes, start, end, written) : end - start;
    const line = row.text(this.maxLineBytes);
    this.row = undefined;
    // The row's text sets its own colors.
    this.pen = this.pens.plain;
    this.done = isFull || lineEnd === undefined ? origin + start + used : lineEnd.after;
    if (isFull || !lineEnd?.endsText || /[^ ]/.test(visibleText(line)) || hasMarker(line)) {
      const folded = Buffer.from(line);
      this.give(folded, 0, folded.length, isFull);
    }
    this.pen = this.pens.penFor(row.style, row.link);
    return used;
  }

  /** Whether lines can be given together, as they stand. */
  get canGiveTogether(): boolean {
    return this.receiver.lines !== undefined && this.pen.prefix.length === 0 && this.row === undefined;
  }

  giveLines(bytes: Buffer, start: number, end: number): void {
    this.receiver.lines?.(bytes, start, end);
  }

  /** A line as it stands, behind the color and link in force. */
  give(bytes: Buffer, start: number, end: number, continued: boolean): void {
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

const cr = 0x0d;
const backspace = 0x08;

function hasMarker(line: string | Buffer): boolean {
  return line.includes(`\x1b_${keptPrefix}`);
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
